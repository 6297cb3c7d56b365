"""Renders the chart with Helm; nothing of it needs a cluster."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

CHART = Path(__file__).resolve().parents[2] / "helm/mcp-guard"
# Installed beside the interpreter, by the same lock file.
HELM = Path(sys.executable).parent / "helm"

NAMESPACE = "ai-agents"
DIGEST = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Rendered:
    """What Helm made of some values, or why it did not."""

    ok: bool
    objects: list[dict]
    error: str


def values(*objects: dict, stage: str = "enforce", **more: object) -> dict:
    """Values as the compiler emits them, with a service account if nothing else is asked for."""
    policy = {"server": "github", "digest": DIGEST, "stage": stage, "namespace": NAMESPACE}
    return {"policy": policy, "objects": list(objects) or [service_account()], **more}


def service_account(name: str = "github-mcp-sa", namespace: str = NAMESPACE) -> dict:
    """The smallest object there is."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def render(given: dict, directory: Path, namespace: str = NAMESPACE) -> Rendered:
    """`helm template` of the chart."""
    file = directory / "values.yaml"
    file.write_text(json.dumps(given))
    outcome = helm("template", "github", CHART, "--namespace", namespace, "--values", file)
    objects = [document for document in yaml.safe_load_all(outcome.stdout) if document]
    return Rendered(outcome.returncode == 0, objects, outcome.stderr)


def helm(*arguments: object) -> subprocess.CompletedProcess:
    """Runs Helm."""
    command = [str(HELM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
