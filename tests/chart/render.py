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
    """Values as the compiler emits them, with an account and an attachment if nothing else is asked for."""
    policy = {"server": "github", "digest": DIGEST, "stage": stage, "namespace": NAMESPACE}
    return {"policy": policy, "objects": list(objects) or [service_account(), attachment(stage)], **more}


def service_account(name: str = "github-mcp-sa", namespace: str = NAMESPACE) -> dict:
    """The smallest object there is."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def attachment(stage: str = "enforce", kind: str = "WasmPlugin", digest: str = DIGEST) -> dict:
    """What carries the policy into the sidecar."""
    config = {"format": 1, {"enforce": "policy", "observe": "candidate"}[stage]: {"server": "github"}}
    metadata = {"name": "github", "namespace": NAMESPACE, "annotations": {"mcp-guard.dev/policy-digest": digest}}
    spec = {"pluginConfig": config}
    return {
        "apiVersion": "extensions.istio.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec if kind == "WasmPlugin" else {"wasm": spec},
    }


def render(given: dict, directory: Path, namespace: str = NAMESPACE, chart: Path = CHART) -> Rendered:
    """`helm template` of the chart."""
    file = directory / "values.yaml"
    file.write_text(json.dumps(given))
    outcome = helm("template", "github", chart, "--namespace", namespace, "--values", file)
    objects = [document for document in yaml.safe_load_all(outcome.stdout) if document]
    return Rendered(outcome.returncode == 0, objects, outcome.stderr)


def helm(*arguments: object) -> subprocess.CompletedProcess:
    """Runs Helm."""
    command = [str(HELM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
