"""What docs/rollout.md says is typed as it stands, against an API server with the team's own objects."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.env.paths import CLI, ROOT, TOOLS, must_exist
from tests.readme.blocks import Block, blocks

from .apiserver import ApiServer
from .objects import EXAMPLES, MINORS, parse

DOCUMENT = ROOT / "docs/rollout.md"
EXAMPLE = EXAMPLES / "github-mcp-server"
NAMESPACE = "ai-agents"
# The server as its team deploys it.
OWN = """\
apiVersion: apps/v1
kind: Deployment
metadata: { name: github-mcp-server, namespace: ai-agents }
spec:
  selector: { matchLabels: { app: github-mcp-server } }
  template:
    metadata: { labels: { app: github-mcp-server } }
    spec: { containers: [{ name: server, image: "registry.example.com/github-mcp-server:1" }] }
---
apiVersion: v1
kind: Service
metadata: { name: github-mcp-server, namespace: ai-agents }
spec:
  selector: { app: github-mcp-server }
  ports: [{ name: mcp, port: 8080 }]
"""
# What it takes pods and a caller to type.
NOT_TYPED = ("Verify",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The author's folder, with the chart where the document says."""
    for name in ("policy.yaml", "deploy.yaml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    (tmp_path / "helm").symlink_to(ROOT / "helm")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/own.yaml").write_text(OWN)
    (tmp_path / "app/kustomization.yaml").write_text("resources: [own.yaml]\n")
    return tmp_path


@pytest.fixture
def server(servers) -> ApiServer:
    """With the team's own objects, and without those of other tests."""
    server = servers[MINORS[-1]]
    server.create_namespace(NAMESPACE)
    server.kubectl("apply", "-f", "-", stdin=OWN).checked()
    yield server
    server.kubectl("delete", "-f", "-", stdin=OWN).checked()


def test_by_kubectl(server: ApiServer, folder: Path) -> None:
    for block in section("What is applied, and in which order"):
        typed(block, folder, server)
    try:
        service = server.kubectl("get", "service", "github-mcp-server", "-n", NAMESPACE, "-o", "yaml").checked()
        assert "appProtocol: http" in service.text
        enforced = server.kubectl("get", "-f", folder / "rollout/enforce/manifests", "-o", "name").checked()
        assert len(enforced.stdout.split()) == len(list((EXAMPLE / "manifests").iterdir()))
    finally:
        server.kubectl("delete", "-f", folder / "rollout/enforce/manifests").checked()


def test_by_helm(server: ApiServer, folder: Path) -> None:
    for block in section("With Helm"):
        typed(block, folder, server)
    history = server.helm("history", "github-mcp-server", "-n", NAMESPACE).checked().stdout
    server.helm("uninstall", "github-mcp-server", "-n", NAMESPACE).checked()
    assert "Rollback to 1" in history


def test_by_kustomize(folder: Path, server: ApiServer) -> None:
    typed(section("What is applied, and in which order")[0], folder, server)
    [overlay] = section("With Kustomize", "yaml")
    path = re.match(r"# (\S+)", overlay.text)[1]
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_text(overlay.text)
    built = parse(server.kubectl("kustomize", (folder / path).parent).checked().stdout)
    by_kind = {value["kind"]: value for value in built}
    assert by_kind["Service"]["spec"]["ports"][0]["appProtocol"] == "http"
    assert "WasmPlugin" in by_kind


def test_what_is_not_typed_is_a_shell_program() -> None:
    known = [block for heading in NOT_TYPED for block in section(heading)]
    assert known
    for block in known:
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def section(heading: str, info: str = "sh") -> list[Block]:
    """The blocks of a section that are in one language."""
    found = [block for block in blocks(DOCUMENT, heading) if block.info == info]
    assert found, heading
    return found


def typed(block: Block, folder: Path, server: ApiServer) -> None:
    """Runs a block as a whole."""
    tools = must_exist(TOOLS / "go/bin", "make tools-manifests")
    env = {
        "PATH": f"{must_exist(CLI, 'make build').parent}:{tools}:{os.environ['PATH']}",
        "HOME": str(server.directory),
        "KUBECONFIG": str(server.directory / "kubeconfig"),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{block.text}\n{done.stdout}{done.stderr}"
