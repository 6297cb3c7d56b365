"""Layer 2: nobody but the callers reaches the MCP port, and nothing beside it is open."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.env.certificates import Authority
from tests.env.waiting import awaited, until

from .calls import ALLOWED, DENIED, HEADERS, Target, body, call, ran, refused_by_layer_2
from .evidence import Evidence
from .mesh import GITHUB, Mesh
from .pod import Pod, named
from .web import Connection, Reply, exchange, raw

LAYER = "2 callers"
OPEN_TO_ALL = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": named("open-to-all", "istio-system"),
    "spec": {"action": "ALLOW", "rules": [{}]},
}
# What the gateway may not do, although it is a caller.
BESIDE = {
    "another path": ("POST", 8080, "/admin"),
    "another path, encoded": ("POST", 8080, "/mcp/%2e%2e/admin"),
    "another method": ("PUT", 8080, "/mcp"),
    "another method, with a slash at the end": ("PUT", 8080, "/mcp/"),
    "a method for the open page alone": ("PATCH", 8080, "/mcp"),
    "another port of the pod": ("GET", 9091, "/metrics"),
    "the endpoint's path at another port": ("POST", 9091, "/mcp"),
    "the open page's path at another port": ("GET", 9091, "/healthz"),
}


def test_stranger_in_plain_text(mesh: Mesh, evidence: Evidence) -> None:
    reply = stranger_calls(mesh)
    # Refused by the handshake that it did not begin: an answer would mean that plain text is spoken.
    assert reply.status == 0, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "stranger without sidecar, plain text", "PeerAuthentication STRICT", reply.said)


def test_stranger_with_a_certificate_of_another_authority(mesh: Mesh, evidence: Evidence, tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).client("spiffe://cluster.local/ns/gateway/sa/ai-gateway")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["istio-peer-exchange", "istio", "istio-http/1.1"])
    reply = over_tls(mesh, context)
    assert reply.status == 0, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "stranger with the gateway's name from another authority", "mTLS", reply.said)


def test_stranger_with_tls_and_no_certificate(mesh: Mesh, evidence: Evidence) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reply = over_tls(mesh, context)
    assert reply.status == 0, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "stranger with TLS and no certificate", "mTLS", reply.said)


def test_pod_of_another_namespace(mesh: Mesh, evidence: Evidence) -> None:
    reply = call(mesh.other, headers={"x-request-id": "other-namespace"})
    assert reply.status == 403, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "pod of another namespace", "AuthorizationPolicy", details(mesh.github, "other-namespace"))


@pytest.mark.parametrize("what", BESIDE)
def test_caller_gets_nothing_beside_its_endpoint(mesh: Mesh, evidence: Evidence, what: str) -> None:
    reply = beside(mesh, what)
    assert refused_by_layer_2(reply), reply
    assert mesh.github.calls() == []
    seen = details(mesh.github, what) if reply.status == 403 else reply.said
    evidence.add(LAYER, f"{what}, by the gateway", "AuthorizationPolicy", seen)


def test_trailing_slash_is_the_same_endpoint(mesh: Mesh) -> None:
    # Starlette redirects one to the other; a client that follows is not to be cut.
    reply = call(mesh.gateway, target=Target(path="/mcp/"))
    assert reply.status in {200, 307}, reply
    assert mesh.gateway.ask("GET", GITHUB, 8080, "/healthz/").status != 403


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_methods_of_the_transport_pass(mesh: Mesh, method: str) -> None:
    """Streamable HTTP has three; what the server makes of them is its own affair."""
    connection = mesh.gateway.connection(GITHUB, 8080)
    assert connection.begin(method, "/mcp", {"accept": "text/event-stream"}).status != 403
    connection.close()


def test_open_page_is_open_to_callers_alone(mesh: Mesh, evidence: Evidence) -> None:
    assert mesh.gateway.ask("GET", GITHUB, 8080, "/healthz").status == 200
    reply = mesh.other.ask("GET", GITHUB, 8080, "/healthz", {"x-request-id": "open-page"})
    assert reply.status == 403, reply
    assert mesh.github.calls() == ["GET /healthz"]
    evidence.add(LAYER, "open page, asked for by another pod", "AuthorizationPolicy", details(mesh.github, "open-page"))


def test_another_port_is_open_to_its_own_callers(mesh: Mesh) -> None:
    """What is said of the MCP port, its paths and methods, is not said of others."""
    assert mesh.other.ask("GET", GITHUB, 9091, "/metrics").status == 200
    for method, path in (("POST", "/anything"), ("PUT", "/mcp")):
        assert mesh.other.ask(method, GITHUB, 9091, path).status not in {0, 403, 503}


def test_allow_of_the_root_namespace_opens_nothing(mesh: Mesh, evidence: Evidence) -> None:
    with applied(mesh, OPEN_TO_ALL):
        replies = {"another pod": call(mesh.other), **{what: beside(mesh, what) for what in BESIDE}}
        assert ran(call(mesh.gateway))
    assert [what for what, reply in replies.items() if not refused_by_layer_2(reply)] == []
    assert mesh.github.calls() == ["search_code"]
    evidence.add(LAYER, "ALLOW for everyone in the root namespace", "AuthorizationPolicy DENY", f"{len(replies)} attacks refused")


@pytest.mark.parametrize(("missing", "left"), [("deny", "ALLOW"), ("allow", "DENY")])
def test_either_policy_holds_without_the_other(mesh: Mesh, evidence: Evidence, missing: str, left: str) -> None:
    """Two, since an ALLOW of somebody else widens ours, and a workload without any ALLOW is open."""
    with without(mesh, f"github-mcp-server-{missing}"):
        replies = {"another pod": call(mesh.other), **{what: beside(mesh, what) for what in BESIDE}}
        replies["another pod at the open page"] = mesh.other.ask("GET", GITHUB, 8080, "/healthz")
        served = [call(mesh.gateway).status, mesh.gateway.ask("GET", GITHUB, 8080, "/healthz").status]
        served.append(mesh.other.ask("GET", GITHUB, 9091, "/metrics").status)
        ran_there = mesh.github.calls()
    assert [what for what, reply in replies.items() if not refused_by_layer_2(reply)] == []
    assert served == [200, 200, 200] and ran_there == ["search_code", "GET /healthz", "GET /metrics"]
    evidence.add(LAYER, f"no {missing.upper()} policy", f"AuthorizationPolicy {left}", f"{len(replies)} attacks refused")


def test_allow_for_others_cuts_no_caller(mesh: Mesh) -> None:
    """A workload that any ALLOW selects is closed but for what some ALLOW says: ours has to be there."""
    spec = {"action": "ALLOW", "rules": [{"to": [{"operation": {"paths": ["/nothing"]}}]}]}
    with applied(mesh, {**OPEN_TO_ALL, "spec": spec}):
        assert ran(call(mesh.gateway))


def test_pod_address_instead_of_the_service(mesh: Mesh, evidence: Evidence) -> None:
    for pod in (mesh.gateway, mesh.other):
        reply = call(pod, DENIED, Target(host=mesh.github.host.address))
        assert not ran(reply), reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "denied tool, by the pod's address", "mTLS or AuthorizationPolicy", reply.said)


@pytest.mark.parametrize("protocol", ["tcp", "https", "kgateway.dev/mcp", None])
def test_port_that_is_not_declared_http(mesh: Mesh, evidence: Evidence, protocol: str | None) -> None:
    """The filter may be out of the path then: layer 2 has to refuse what it cannot read."""
    with port_declared(mesh, protocol):
        replies = [call(mesh.gateway, DENIED), after_empty_line(mesh)]
    assert mesh.github.calls() == []
    name = f"`appProtocol: {protocol}`" if protocol else "a sniffed port"
    evidence.add(LAYER, f"denied tool, {name}", "filter or layer 2", " | ".join(reply.said for reply in replies))


def test_empty_line_before_the_request(mesh: Mesh, evidence: Evidence) -> None:
    reply = after_empty_line(mesh)
    assert mesh.github.calls() == []
    evidence.add(LAYER, "denied tool after a leading CRLF", "filter or layer 2", reply.said)


def stranger_calls(mesh: Mesh, what: tuple = ALLOWED) -> Reply:
    opened = mesh.stranger.connect(mesh.github.host.address, 8080)
    return exchange(opened, "POST", "/mcp", HEADERS, body(*what))


def over_tls(mesh: Mesh, context: ssl.SSLContext) -> Reply:
    try:
        opened = mesh.stranger.connect(mesh.github.host.address, 8080)
        connection = Connection(context.wrap_socket(opened))
    except OSError as fault:
        return Reply(0, fault=f"{type(fault).__name__}: {fault}")
    return connection.ask("POST", "/mcp", HEADERS, body(*ALLOWED))


def beside(mesh: Mesh, what: str) -> Reply:
    method, port, path = BESIDE[what]
    return mesh.gateway.ask(method, GITHUB, port, path, {**HEADERS, "x-request-id": what}, body(*ALLOWED))


def after_empty_line(mesh: Mesh) -> Reply:
    """RFC 9112, section 2.2: a server should ignore an empty line before the request line; inspectors do not."""
    text = body(*DENIED)
    head = f"POST /mcp HTTP/1.1\r\nhost: {GITHUB}:8080\r\nconnection: close\r\ncontent-length: {len(text)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    opened = mesh.gateway.host.connect(GITHUB, 8080, 5)
    answer = raw(opened, f"\r\n{head}\r\n{text}".encode())
    return Reply(int(answer.split()[1]) if answer.startswith("HTTP/") else 0, body=answer, fault=answer[:80].strip())


def details(pod: Pod, request: str) -> str:
    """Which policy its sidecar names for having refused a request."""

    def found() -> str | None:
        entries = [entry for entry in pod.access_log() if entry["request_id"] == request]
        return entries[-1]["response_code_details"] if entries else None

    return awaited(found, 3) or "no record"


@contextmanager
def applied(mesh: Mesh, value: dict) -> Iterator[None]:
    """A policy of somebody else's, for a while."""
    mesh.control.apply([value])
    # Not before it acts: otherwise nothing is shown.
    policy = f"policy[{value['metadata']['name']}]"
    until(lambda: policy in mesh.github.admin("/config_dump"), lambda: f"{policy} does not arrive", 30)
    try:
        yield
    finally:
        mesh.control.delete([value])
        mesh.control.wait_until_pushed()


@contextmanager
def without(mesh: Mesh, name: str) -> Iterator[None]:
    """One of the policies taken away, for a while."""
    taken = mesh.control.get("authorizationpolicy", name, "-n", "ai-agents")
    mesh.control.delete([taken])
    until(lambda: f"policy[{name}]" not in dump_of_new_connections(mesh), lambda: f"{name} stays", 60)
    mesh.github.forget_calls()
    try:
        yield
    finally:
        metadata = {key: taken["metadata"][key] for key in ("name", "namespace", "annotations")}
        mesh.control.apply([{**taken, "metadata": metadata}])
        until(lambda: f"policy[{name}]" in dump_of_new_connections(mesh), lambda: f"{name} does not come back", 60)


def dump_of_new_connections(mesh: Mesh) -> str:
    """A connection keeps the filters that it began with; what is replaced ends it after one more answer."""
    for pod in (mesh.gateway, mesh.other):
        for port in (8080, 9091):
            pod.ask("GET", GITHUB, port, "/healthz")
    return mesh.github.admin("/config_dump")


@contextmanager
def port_declared(mesh: Mesh, protocol: str | None) -> Iterator[None]:
    """The Service's port with another protocol."""
    declare(mesh, protocol)
    try:
        yield
    finally:
        declare(mesh, "http")


def declare(mesh: Mesh, protocol: str | None) -> None:
    patch = [{"op": "add", "path": "/spec/ports/0/appProtocol", "value": protocol}]
    words = ["patch", "service", "github-mcp-server", "-n", "ai-agents", "--type=json", "-p", json.dumps(patch)]
    mesh.control.kubectl(*words)
    mesh.control.wait_until_pushed()
