"""What a bad image, a wrong digest and a registry that is down do, at an edit and at a start.

Istio replaces a filter that it cannot fetch by one that denies everything, and tells nobody: these tests
say when that happens, that it is never open, what tells of it, and what keeps it from happening.
"""

from collections.abc import Iterator

import pytest

from tests.env.paths import WASM
from tests.env.waiting import awaited, until

from . import image
from .calls import DENIED, Target, call, ran, refused_by_filter
from .evidence import Evidence
from .mesh import RUNBOOKS, Mesh
from .policy import IMAGE, Policy
from .rollout import configurations, patch_deployment, patch_service, remove_all, wait_for

LAYER = "roll-out"
TARGET = Target(RUNBOOKS, 9000)
# A tool more, by which one sees which policy runs.
EDIT = ("[search_code, watch_build]", "[search_code, watch_build, get_pull_request]")
PULL_REQUEST = ("get_pull_request", {"number": 1})
SHORT_LIVED = {"WASM_MODULE_EXPIRY": "1s", "WASM_PURGE_INTERVAL": "1s"}
FROM_VOLUME = [
    (IMAGE, "file:///var/lib/mcp-guard/mcp_guard_filter.wasm"),
    ("  digest: {digest}\n", "  volume: { config_map: mcp-guard-filter }\n"),
]


@pytest.fixture
def policy(mesh: Mesh) -> Iterator[Policy]:
    """The second server's, enforced; afterwards everything is as before it."""
    result = mesh.policy("runbooks")
    enforce(mesh, result)
    yield result
    if "registry" not in mesh.control.running():
        mesh.control.start_registry()
        image.push_again(mesh.control)
    remove_all(mesh, "platform")
    mesh.runbooks.restart_sidecar(environment={}, volumes={})


def test_wrong_digest_denies_everything_until_it_is_put_right(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    apply(mesh, Policy("runbooks", "sha256:" + "1" * 64, EDIT))
    denies_everything(mesh)
    assert 'result="remote_fetch_failure"' in mesh.runbooks.agent_metrics() or "checksum" in mesh.runbooks.agent_metrics()
    enforce(mesh, policy)
    assert ran(call(mesh.gateway, target=TARGET))
    evidence.add(LAYER, "image with a wrong digest", "FAIL_CLOSE: all calls 403", "ends when the former objects are applied")


def test_digest_of_an_index_denies_everything(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    digest = image.push_index(mesh.control, "index")
    apply(mesh, Policy("runbooks", digest, EDIT, (":1\n", ":index\n")))
    denies_everything(mesh)
    evidence.add(LAYER, "digest of an index, as docker buildx makes", "FAIL_CLOSE: all calls 403", "use the platform's manifest")


def test_module_that_is_no_filter_lets_nothing_through(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    digest = image.push(mesh.control, "broken", b"\0asm\x01\0\0\0")
    apply(mesh, Policy("runbooks", digest, EDIT, (":1\n", ":broken\n")))
    mesh.control.wait_until_pushed()
    for _ in range(20):
        assert not ran(call(mesh.gateway, DENIED, TARGET))
    evidence.add(LAYER, "image with a module that is no filter", "running pods keep the old policy", call(mesh.gateway, DENIED, TARGET).said)


def test_configuration_that_the_filter_refuses_keeps_the_old_policy(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    objects = policy.changed(EDIT).objects("enforce")
    for value in objects:
        if value["kind"] == "WasmPlugin":
            value["spec"]["pluginConfig"]["policy"]["no_such_key"] = True
    mesh.control.apply(objects)
    mesh.control.wait_until_pushed()
    assert ran(call(mesh.gateway, target=TARGET))
    assert refused_by_filter(call(mesh.gateway, DENIED, TARGET))
    assert not ran(call(mesh.gateway, PULL_REQUEST, TARGET))
    # But a pod that starts now has no old one.
    mesh.runbooks.restart_sidecar()
    reply = call(mesh.gateway, target=TARGET)
    assert not ran(reply), reply
    evidence.add(LAYER, "configuration that the filter refuses", "running pods keep the old policy", f"a restarted one answers {reply.said}")


def test_registry_down_at_an_edit(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    """The module is in the sidecar's cache."""
    mesh.control.stop("registry")
    enforce(mesh, policy.changed(EDIT))
    assert ran(call(mesh.gateway, PULL_REQUEST, TARGET))
    evidence.add(LAYER, "registry down at an edit", "the sidecar's cache", "the edit is live")


def test_registry_down_at_an_edit_after_the_module_expired(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    mesh.runbooks.restart_sidecar(environment=SHORT_LIVED)
    until(lambda: ran(call(mesh.gateway, target=TARGET)), lambda: mesh.runbooks.log()[-2000:])
    until(lambda: "istio_agent_wasm_cache_entries 0" in mesh.runbooks.agent_metrics(), mesh.runbooks.agent_metrics)
    mesh.control.stop("registry")
    apply(mesh, policy.changed(EDIT))
    denies_everything(mesh)
    evidence.add(LAYER, "registry down at an edit, module expired", "FAIL_CLOSE: all calls 403", "the compiled patch sets ten years")


def test_compiled_patch_keeps_the_module(mesh: Mesh, policy: Policy) -> None:
    """The same with the annotation of `patches/deployment.yaml`, as the guide says."""
    patch_deployment(mesh, policy)
    assert mesh.runbooks.spec.environment == {"WASM_MODULE_EXPIRY": "87600h"}
    mesh.runbooks.restart_sidecar(environment=SHORT_LIVED | mesh.runbooks.spec.environment)
    until(lambda: ran(call(mesh.gateway, target=TARGET)), lambda: mesh.runbooks.log()[-2000:])
    mesh.control.stop("registry")
    # Longer than it takes to purge what has expired.
    assert not awaited(lambda: "istio_agent_wasm_cache_entries 0" in mesh.runbooks.agent_metrics(), 3)
    enforce(mesh, policy.changed(EDIT))
    assert ran(call(mesh.gateway, PULL_REQUEST, TARGET))


def test_registry_down_at_a_scale_up(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    mesh.control.stop("registry")
    mesh.runbooks.restart_sidecar()
    assert mesh.runbooks.ready(), "it calls itself ready all the same"
    denies_everything(mesh)
    evidence.add(LAYER, "registry down when a pod starts", "FAIL_CLOSE: all calls 403", "the pod is ready: ask for the policy's metric")


def test_module_from_a_volume_needs_no_registry(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    words = ["create", "configmap", "mcp-guard-filter", "-n", "platform", f"--from-file={WASM}"]
    mesh.control.kubectl(*words)
    try:
        digest = mesh.image_digest
        from_volume = policy.changed(FROM_VOLUME[0], (FROM_VOLUME[1][0].format(digest=digest), FROM_VOLUME[1][1]))
        # First the volume, then the plugin that asks for it: the other way round is a failed fetch.
        patch_deployment(mesh, from_volume)
        enforce(mesh, from_volume)
        mesh.control.stop("registry")
        mesh.runbooks.restart_sidecar()
        until(lambda: ran(call(mesh.gateway, target=TARGET)), lambda: mesh.runbooks.log()[-2000:])
        enforce(mesh, from_volume.changed(EDIT))
        assert ran(call(mesh.gateway, PULL_REQUEST, TARGET))
        assert refused_by_filter(call(mesh.gateway, DENIED, TARGET))
    finally:
        mesh.control.kubectl("delete", "configmap", "mcp-guard-filter", "-n", "platform")
    evidence.add(LAYER, "registry down at a start and at an edit, module from a volume", "`file://`", "policy runs, the edit is live")


def enforce(mesh: Mesh, policy: Policy) -> None:
    apply(mesh, policy)
    wait_for(mesh, policy.objects("enforce"), mesh.runbooks)


def apply(mesh: Mesh, policy: Policy) -> None:
    patch_service(mesh, policy, "enforce")
    mesh.control.apply(policy.objects("enforce"))


def denies_everything(mesh: Mesh) -> None:
    """Neither what was allowed nor what was not."""
    until(lambda: call(mesh.gateway, target=TARGET).status == 403, lambda: call(mesh.gateway, target=TARGET).said)
    mesh.runbooks.forget_calls()
    for _ in range(5):
        assert call(mesh.gateway, DENIED, TARGET).status == 403
    assert mesh.runbooks.calls() == []
    assert configurations(mesh.runbooks) == []

