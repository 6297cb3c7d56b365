"""docs/operations.md, typed as it stands."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.env.paths import CLI, ROOT
from tests.env.waiting import until
from tests.readme.blocks import blocks

from .calls import ALLOWED, call, ran, refused_by_filter
from .doctor import daemon_set, install
from .evidence import Evidence
from .mesh import Mesh
from .pod import Pod, named
from .rollout import apply_stage, helm, patch_service, remove_all, running, wait_for
from .shell import commands

DOCUMENT = ROOT / "docs/operations.md"
LAYER = "operations"


@pytest.fixture
def folder(mesh: Mesh, tmp_path: Path) -> Iterator[Path]:
    """The author's folder; the policy is enforced as before afterwards."""
    policy = mesh.policy("github-mcp-server")
    for name, text in policy.texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    yield tmp_path
    remove_all(mesh, "ai-agents")
    apply_stage(mesh, policy, "enforce", mesh.github)


def test_verify(mesh: Mesh, folder: Path) -> None:
    [(digest, _)] = [one for one in running(mesh.github) if one[1] == "enforced"][:1]
    assert digest in typed(mesh, "verify", folder)


def test_doctor(mesh: Mesh, folder: Path) -> None:
    plugin = daemon_set("calico-node")
    mesh.control.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": named("kube-system")}])
    install(mesh, plugin)
    try:
        assert typed(mesh, "doctor", folder).endswith("\nenforced\n")
    finally:
        mesh.control.delete([plugin])


def test_verification_of_the_rollout_guide(mesh: Mesh, folder: Path) -> None:
    """docs/rollout.md, which leaves this section to a mesh."""
    metric, probe = [one.text for one in blocks(ROOT / "docs/rollout.md", "Verify")]
    assert "mcp_guard_policy" in run(mesh, metric, folder)
    done = mesh.gateway.host.run(["bash", "-euc", probe])
    assert "Unknown tool: mcp-guard-probe" in done.stdout, done.stderr


def test_alerts_read_the_metrics_that_a_sidecar_has(mesh: Mesh, tmp_path: Path) -> None:
    """Their names and labels are those of a mesh with the compiled mesh configuration."""
    call(mesh.gateway)
    values = tmp_path / "values.yaml"
    values.write_text(mesh.policy("github-mcp-server").emit("helm-values"))
    words = ["template", "rule", ROOT / "helm/mcp-guard", "-n", "ai-agents", "-f", values, "--set", "prometheusRule.enabled=true"]
    [rule] = [one for one in yaml.safe_load_all(mesh.control.run("helm", *words).stdout) if one and one["kind"] == "PrometheusRule"]
    recorded = {one["record"]: one["expr"] for group in rule["spec"]["groups"] for one in group["rules"] if "record" in one}
    names = {line.partition("{")[0] for line in mesh.github.metrics().splitlines() if line.startswith("mcp_guard")}
    for series in ("mcp_guard:policy", "mcp_guard:decisions"):
        pattern = re.search(r'__name__=~"([^"]+)"', recorded[series])[1]
        assert [name for name in names if re.fullmatch(pattern, name)], f"{pattern} fits none of {names}"


def test_tool_off(mesh: Mesh, folder: Path) -> None:
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text() + "\n" + block("deny"))
    typed(mesh, "tool-off", folder)
    until(lambda: refused_by_filter(call(mesh.gateway)), lambda: call(mesh.gateway).said, 2)


def test_tool_off_by_hand(mesh: Mesh, folder: Path) -> None:
    assert ran(call(mesh.gateway))
    typed(mesh, "tool-off-by-hand", folder)
    until(lambda: refused_by_filter(call(mesh.gateway)), lambda: call(mesh.gateway).said, 2)


def test_server_off(mesh: Mesh, folder: Path) -> None:
    typed(mesh, "server-off", folder)
    # What the controller does then.
    mesh.github.stop_sidecar()
    mesh.github.stop_container()
    reply = call(mesh.gateway)
    assert reply.status == 503, reply
    mesh.github.start_container()
    mesh.github.start_sidecar()


def test_roll_back(mesh: Mesh, folder: Path) -> None:
    policy = mesh.policy("runbooks")
    patch_service(mesh, policy, "observe")
    try:
        for stage in ("observe", "enforce"):
            helm(mesh, policy, stage)
        wait_for(mesh, policy.objects("enforce"), mesh.runbooks)
        typed(mesh, "roll-back", folder)
        wait_for(mesh, policy.objects("observe"), mesh.runbooks)
    finally:
        remove_all(mesh, "platform")


@pytest.fixture
def replica(mesh: Mesh) -> Iterator[Pod]:
    """A second pod of the server."""
    pod = mesh.add_replica("github", "github-1", "10.10.1.12")
    yield pod
    mesh.remove_replica("github", pod)


def test_failing_pod_is_left_out(mesh: Mesh, replica: Pod, folder: Path, evidence: Evidence) -> None:
    rule = yaml.safe_load(block("outlier"))
    mesh.control.apply([rule])
    mesh.control.wait_until_pushed()
    try:
        until(lambda: ran(call(mesh.gateway)) and bool(replica.calls()), lambda: "the replica gets no calls", 20)
        replica.broken_file.touch()
        # Until it is left out, some calls are answered by it.
        for _ in range(20):
            call(mesh.gateway)
        replica.forget_calls()
        replies = [call(mesh.gateway, ALLOWED) for _ in range(20)]
        assert all(map(ran, replies))
        assert replica.calls() == []
    finally:
        replica.broken_file.unlink(missing_ok=True)
        mesh.control.delete([rule])
    evidence.add(LAYER, "a pod that answers 503", "outlier detection of the callers", "20 of 20 calls answered by the other")


def typed(mesh: Mesh, name: str, folder: Path) -> str:
    """Runs a block of the document; what it printed."""
    return run(mesh, block(name), folder)


def run(mesh: Mesh, text: str, folder: Path) -> str:
    """Runs lines in a shell with the mesh's commands."""
    path = commands(mesh, folder / "commands")
    environment = {**os.environ, "KUBECONFIG": str(mesh.control.kubeconfig), "PATH": f"{path}:{CLI.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-euc", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def block(name: str) -> str:
    """The block with this name behind its language."""
    [found] = [one.text for one in blocks(DOCUMENT) if one.info.split()[-1] == name]
    return found


def test_every_block_is_typed() -> None:
    source = Path(__file__).read_text()
    names = {one.info.split()[-1] for one in blocks(DOCUMENT)}
    assert [name for name in names if f'"{name}"' not in source] == []
