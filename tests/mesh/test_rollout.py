"""docs/rollout.md, step by step, in the namespace of the second server, while the first one stays enforced."""

from collections.abc import Iterator

import pytest

from tests.env.waiting import until

from .calls import ALLOWED, DENIED, HEADERS, Target, body, call, ran, refused_by_filter
from .evidence import Evidence
from .inspection import guards
from .load import SdkLoad
from .mesh import RUNBOOKS, Mesh
from .pod import named
from .policy import Policy
from .rollout import DIGEST, helm, patch_service, remove_all, running, wait_for
from .web import exchange

LAYER = "roll-out"
TARGET = Target(RUNBOOKS, 9000)


@pytest.fixture
def policy(mesh: Mesh) -> Iterator[Policy]:
    """The second server's policy; whatever was rolled out of it is gone afterwards."""
    yield mesh.policy("runbooks")
    remove_all(mesh, "platform")


def test_from_nothing_to_enforced_and_back_under_load(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    # Before: it changes the callers' listeners, which may end a call that is under way.
    patch_service(mesh, policy, "observe")
    mesh.control.wait_until_pushed()
    with SdkLoad(mesh, TARGET) as allowed, SdkLoad(mesh, TARGET, DENIED, "load-denied") as denied:
        helm(mesh, policy, "observe")
        wait_for(mesh, policy.objects("observe"), mesh.runbooks)
        # Recorded, and nothing changed.
        assert denied.next() == {"allowed"}
        assert candidate_refusals(mesh) > 0

        helm(mesh, policy, "enforce")
        wait_for(mesh, policy.objects("enforce"), mesh.runbooks)
        began = len(mesh.runbooks.calls())
        assert denied.next(30) == {"refused"}
        assert "system_exec" not in mesh.runbooks.calls()[began:]

        # Two namespaces in different stages at once.
        helm(mesh, policy, "observe")
        wait_for(mesh, policy.objects("observe"), mesh.runbooks)
        assert denied.next() == {"allowed"}
        assert refused_by_filter(call(mesh.gateway, DENIED))
        assert mesh.control.run("helm", "rollback", "runbooks", "2", "-n", "platform").returncode == 0
        wait_for(mesh, policy.objects("enforce"), mesh.runbooks)
        assert denied.next() == {"refused"}
        assert allowed.next() == {"allowed"}
    assert allowed.lost() == []
    assert denied.lost() == []
    counted = len(allowed.outcomes()) + len(denied.outcomes())
    evidence.add(LAYER, "nothing, observe, enforce, observe, enforce, under load", "-", f"{counted} calls of SDK clients, none lost; longest pause {allowed.longest_pause():.2f} s")


def test_observe_lets_no_stranger_in_under_a_strict_mesh(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    strict = {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": named("default", "istio-system"),
        "spec": {"mtls": {"mode": "STRICT"}},
    }
    assert stranger_runs(mesh), "without policy and STRICT, the stranger gets in"
    mesh.control.apply([strict])
    try:
        patch_service(mesh, policy, "observe")
        mesh.control.apply(policy.objects("observe"))
        wait_for(mesh, policy.objects("observe"), mesh.runbooks)
        assert not stranger_runs(mesh)
        assert ran(call(mesh.gateway, ALLOWED, TARGET))
    finally:
        mesh.control.delete([strict])
    evidence.add(LAYER, "stranger, while observe is applied under a STRICT mesh", "mesh-wide PeerAuthentication", "refused")


def test_observe_refuses_nobody(mesh: Mesh, policy: Policy) -> None:
    """Neither a stranger nor a pod that no policy knows, as long as the mesh itself lets them in."""
    patch_service(mesh, policy, "observe")
    mesh.control.apply(policy.objects("observe"))
    wait_for(mesh, policy.objects("observe"), mesh.runbooks)
    assert stranger_runs(mesh)
    for what in (ALLOWED, DENIED):
        assert ran(call(mesh.other, what, TARGET))


def test_would_be_refusals_of_layer_2_are_in_the_log(mesh: Mesh, policy: Policy) -> None:
    patch_service(mesh, policy, "observe")
    mesh.control.apply(policy.objects("observe"))
    wait_for(mesh, policy.objects("observe"), mesh.runbooks)
    call(mesh.other, ALLOWED, TARGET, {"x-request-id": "would-be"})

    def results() -> dict:
        entries = [entry for entry in mesh.runbooks.access_log() if entry["request_id"] == "would-be"]
        return {key: value for entry in entries for key, value in entry.items() if key.startswith("dry_run") and value}

    until(lambda: "denied" in str(results()), lambda: f"dry run: {results()}")


def test_first_attachment_reaches_open_connections(mesh: Mesh, policy: Policy) -> None:
    """An open connection may end on the old chain; a new one is policed as soon as the pod says so."""
    patch_service(mesh, policy, "enforce")
    mesh.control.apply(policy.objects("enforce"))
    wait_for(mesh, policy.objects("enforce"), mesh.runbooks)
    assert {port for port, _ in guards(mesh.runbooks)} == {9000}
    for _ in range(20):
        assert refused_by_filter(call(mesh.gateway, DENIED, TARGET))
    assert mesh.runbooks.calls() == []


def test_readiness_metric_names_stage_and_digest(mesh: Mesh, policy: Policy) -> None:
    patch_service(mesh, policy, "observe")
    mesh.control.apply(policy.objects("observe"))
    wait_for(mesh, policy.objects("observe"), mesh.runbooks)
    [plugin] = [one for one in policy.objects("observe") if one["kind"] == "WasmPlugin"]
    digest = plugin["metadata"]["annotations"][DIGEST]
    until(lambda: (digest, "candidate") in running(mesh.runbooks), lambda: f"{running(mesh.runbooks)}")
    mesh.control.apply(policy.objects("enforce"))
    until(lambda: (digest, "enforced") in running(mesh.runbooks), lambda: f"{running(mesh.runbooks)}")


def stranger_runs(mesh: Mesh) -> bool:
    opened = mesh.stranger.connect(mesh.runbooks.host.address, 9000)
    return ran(exchange(opened, "POST", "/mcp", HEADERS, body(*ALLOWED)))


def candidate_refusals(mesh: Mesh) -> float:
    lines = [line for line in mesh.runbooks.metrics().splitlines() if line.startswith("mcp_guard_candidate_decisions")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if 'decision="deny"' in line)
