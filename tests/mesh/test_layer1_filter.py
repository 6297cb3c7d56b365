"""Layer 1: the filter, as Istio delivers it. What it decides is told elsewhere, case by case; here, that
it really is in the path of a real mesh, and what a mesh alone can show."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.env.paths import ROOT, python
from tests.env.waiting import awaited, until

from .calls import ALLOWED, DENIED, call, call_on, ran, refused_by_filter, refused_by_layer_2
from .evidence import Evidence
from .inspection import guards
from .load import Load
from .mesh import GITHUB, Mesh
from .rollout import apply_stage, wait_for

URL = f"http://{GITHUB}:8080/mcp"
LAYER = "1 filter"
CLIENTS = {"py1": ["client_v1.py", URL], "py2-legacy": ["client_v2.py", URL, "legacy"], "py2-auto": ["client_v2.py", URL, "auto"]}


def test_module_comes_from_the_registry_by_digest(mesh: Mesh) -> None:
    # The layer comes after the manifest, whose digest was compared: see the roll-out tests for another one.
    assert "GET /v2/mcp-guard-filter/blobs/sha256:" in mesh.control.log("registry")
    [plugin] = mesh.control.get("wasmplugins", "-n", "ai-agents")["items"]
    assert plugin["spec"]["sha256"] == mesh.image_digest.removeprefix("sha256:")
    assert 'wasm_remote_fetch_count{result="success"} 1' in mesh.github.agent_metrics()


def test_filter_is_in_the_chains_of_the_mcp_port_alone(mesh: Mesh) -> None:
    places = guards(mesh.github)
    # One chain for mTLS, one for plain text where that is let in.
    assert {port for port, _ in places} == {8080}
    assert len({name for _, name in places}) == 1
    assert guards(mesh.gateway) == []


@pytest.mark.parametrize("client", CLIENTS)
def test_sdk_client_lists_and_calls_through_both_sidecars(mesh: Mesh, evidence: Evidence, client: str) -> None:
    script, *arguments = CLIENTS[client]
    argv = [python(client[:3]), ROOT / "tests/sdk/python" / script, *arguments]
    done = mesh.gateway.host.run(argv, seconds=60)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert "search_code" in report["tools"]
    assert "system_exec" not in report["tools"]
    assert report["steps"]["allowed_tool"] == {"ok": "found guard"}
    assert report["steps"]["denied_tool"]["error"]["code"] == -32602
    assert report["steps"]["denied_resource"].keys() == {"error"}
    assert report["steps"]["allowed_again"] == {"ok": "found again"}
    assert {"system_exec", "delete_branch", "file:///etc/shadow"}.isdisjoint(mesh.github.calls())
    evidence.add(LAYER, f"shadow tool in tools/list, read by {client}", "filter", f"tools seen: {' '.join(report['tools'])}")
    evidence.add(LAYER, f"shadow tool called by {client}", "filter", report["steps"]["denied_tool"]["error"])


def test_denied_tool_does_not_run(mesh: Mesh, evidence: Evidence) -> None:
    reply = call(mesh.gateway, DENIED)
    assert refused_by_filter(reply), reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "tools/call of a tool that is not granted", "filter", reply.said)


def test_destructive_tool_waits_for_approval(mesh: Mesh, evidence: Evidence) -> None:
    reply = call(mesh.gateway, ("delete_branch", {"name": "main"}))
    assert not ran(reply), reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "delete_branch without approval", "filter", reply.said)


def test_caller_in_the_record_is_the_mesh_identity(mesh: Mesh, evidence: Evidence) -> None:
    forged = {
        "x-forwarded-client-cert": "By=spiffe://cluster.local/ns/x/sa/x;URI=spiffe://cluster.local/ns/forged/sa/forged",
        "x-mcp-caller": "forged",
        "user-identity": "alice@example.com",
    }
    request = f"forged-{time.monotonic_ns()}"
    reply = call(mesh.gateway, ALLOWED, headers={**forged, "x-request-id": request})
    assert ran(reply), reply
    record = awaited(lambda: next((one for one in mesh.github.records() if one.get("request_id") == request), None))
    assert record and record["caller"] == "cluster.local/ns/gateway/sa/ai-gateway", record
    assert record["user"] == "alice@example.com"
    assert "forged/" not in json.dumps(record)
    evidence.add(LAYER, "forged x-forwarded-client-cert", "filter reads the peer's certificate", f"caller {record['caller']}")


def test_forged_identity_opens_nothing_for_another_pod(mesh: Mesh, evidence: Evidence) -> None:
    gateway = "spiffe://cluster.local/ns/gateway/sa/ai-gateway"
    headers = {"x-forwarded-client-cert": f"URI={gateway}", "user-identity": "alice@example.com"}
    reply = call(mesh.other, ALLOWED, headers=headers)
    assert refused_by_layer_2(reply), reply
    assert mesh.github.calls() == []
    evidence.add("2 callers", "another pod with the gateway's x-forwarded-client-cert", "AuthorizationPolicy", reply.said)


def test_every_request_has_a_record(mesh: Mesh) -> None:
    wanted = {f"audit-{time.monotonic_ns()}-{number}" for number in range(10)}
    for number, request in enumerate(sorted(wanted)):
        call(mesh.gateway, DENIED if number % 2 else ALLOWED, headers={"x-request-id": request})
    missing = lambda: wanted - {record.get("request_id") for record in mesh.github.records()}  # noqa: E731
    until(lambda: not missing(), lambda: f"no record of {missing()}")


def test_policy_change_is_live_within_two_seconds(mesh: Mesh, evidence: Evidence, restored: None) -> None:
    """Nothing lost and nothing unpoliced: under load, each call is answered, and by the old or the new policy."""
    changed = mesh.policy("github-mcp-server", ("search_code, get_pull_request", "get_pull_request"))
    objects = changed.objects("enforce")
    with Load(mesh) as load:
        time.sleep(0.5)
        began = time.monotonic()
        # What arrives first is the API server's acceptance; a filter that acts is what counts.
        mesh.control.apply([one for one in objects if one["kind"] == "WasmPlugin"])
        applied = time.monotonic()
        until(lambda: load.last == "denied", lambda: f"still {load.last}")
        time.sleep(0.5)
    assert {"allowed", "denied"} == set(load.seen), load.other
    assert load.last_allowed - applied < 2
    shown = f"last call let through {load.last_allowed - began:.2f} s after kubectl began; {len(load.answers)} calls, none lost"
    evidence.add(LAYER, "a tool withdrawn under load", "filter update", shown)


def test_attached_by_traffic_extension(mesh: Mesh, evidence: Evidence, restored: None) -> None:
    objects = mesh.policy("github-mcp-server").objects("enforce", "--attach", "traffic-extension")
    assert not any(one["kind"] == "WasmPlugin" for one in objects)
    # Never both: the new one first would run the filter twice, the old one first would leave a gap.
    mesh.control.delete([one for one in mesh.policy("github-mcp-server").objects() if one["kind"] == "WasmPlugin"])
    mesh.control.apply(objects)
    wait_for(mesh, objects, mesh.github)
    assert ran(call(mesh.gateway))
    reply = call(mesh.gateway, DENIED)
    assert refused_by_filter(reply), reply
    assert "system_exec" not in mesh.github.calls()
    assert {port for port, _ in guards(mesh.github)} == {8080}
    assert len({name for _, name in guards(mesh.github)}) == 1
    evidence.add(LAYER, "denied tool, filter attached by TrafficExtension", "filter", reply.said)


def test_one_connection_survives_refusals(mesh: Mesh) -> None:
    connection = mesh.gateway.connection(GITHUB, 8080)
    for what, expected in [(ALLOWED, ran), (DENIED, refused_by_filter), (ALLOWED, ran)]:
        reply = call_on(connection, what)
        assert expected(reply), reply
    connection.close()


@pytest.fixture
def restored(mesh: Mesh) -> Iterator[None]:
    """What a test replaced is as it was."""
    yield
    mesh.control.kubectl("delete", "trafficextensions", "--all", "-n", "ai-agents", "--ignore-not-found")
    apply_stage(mesh, mesh.policy("github-mcp-server"), "enforce", mesh.github)
