"""The steps of docs/rollout.md, and how one sees that a step has arrived."""

import base64
import json
import re
from pathlib import Path

import yaml

from tests.env.paths import ROOT
from tests.env.waiting import until

from .control_plane import ISTIO_KINDS
from .inspection import configurations
from .mesh import Mesh
from .mutation import Mutation
from .pod import Pod
from .policy import Policy

ATTACHMENTS = ("WasmPlugin", "TrafficExtension")
DIGEST = "mcp-guard.dev/policy-digest"
KINDS = f"{ISTIO_KINDS},networkpolicies"
NOTHING = Mutation("")


def apply_stage(mesh: Mesh, policy: Policy, stage: str, pod: Pod, mutation: Mutation = NOTHING) -> list[dict]:
    """Patches the Service, applies the objects of a stage, and waits until the pod enforces them."""
    objects = mutation.of(policy.objects(stage))
    patch_service(mesh, policy, stage, mutation)
    mesh.control.apply(objects)
    wait_for(mesh, objects, pod)
    return objects


def patch_service(mesh: Mesh, policy: Policy, stage: str, mutation: Mutation = NOTHING) -> None:
    """As the guide says: `kubectl patch service … --patch-file`."""
    if mutation.what != f"Service/{policy.server}":
        patch(mesh, policy, "service", stage)


def patch_deployment(mesh: Mesh, policy: Policy, stage: str = "observe") -> None:
    """As the guide says, with the restart that it causes: what the injector and the kubelet do is done here."""
    patch(mesh, policy, "deployment", stage)
    pod = mesh.pods[pod_of(policy)]
    template = mesh.control.get("deployment", policy.server, "-n", pod.spec.namespace)["spec"]["template"]
    annotations = template["metadata"].get("annotations", {})
    metadata = yaml.safe_load(annotations.get("proxy.istio.io/config", "{}")).get("proxyMetadata", {})
    pod.restart_sidecar(environment=metadata, volumes=volumes(mesh, pod, annotations))


def volumes(mesh: Mesh, pod: Pod, annotations: dict[str, str]) -> dict[str, Path]:
    """The ConfigMaps that the sidecar mounts, as folders."""
    found = {}
    sources = json.loads(annotations.get("sidecar.istio.io/userVolume", "{}"))
    for name, mount in json.loads(annotations.get("sidecar.istio.io/userVolumeMount", "{}")).items():
        content = mesh.control.get("configmap", sources[name]["configMap"]["name"], "-n", pod.spec.namespace)
        folder = pod.directory / f"volume-{name}"
        folder.mkdir(exist_ok=True)
        for file, data in content.get("binaryData", {}).items():
            (folder / file).write_bytes(base64.b64decode(data))
        found[mount["mountPath"]] = folder
    return found


def patch(mesh: Mesh, policy: Policy, kind: str, stage: str) -> None:
    folder = policy.compile(mesh.directory / "compiled" / policy.server, stage)
    namespace = mesh.pods[pod_of(policy)].spec.namespace
    mesh.control.kubectl("patch", kind, policy.server, "-n", namespace, "--patch-file", folder / f"patches/{kind}.yaml")


def pod_of(policy: Policy) -> str:
    """The pod of a server."""
    return {"github-mcp-server": "github", "runbooks": "runbooks"}[policy.server]


def wait_for(mesh: Mesh, objects: list[dict], pod: Pod, seconds: float = 30) -> None:
    """Waits until the pod's filter has the configuration that was applied, and everything is pushed."""
    for value in objects:
        if value["kind"] in ATTACHMENTS:
            wanted = value["spec"].get("wasm", value["spec"])["pluginConfig"]
            until(lambda: wanted in configurations(pod), lambda: f"{pod.spec.name} has {configurations(pod)}", seconds)
    mesh.control.wait_until_pushed()


def running(pod: Pod) -> set[tuple[str, str]]:
    """Digest and stage of each policy that a sidecar's workers run; for a while, those of draining listeners, too."""
    lines = [line for line in pod.metrics().splitlines() if line.startswith("mcp_guard_policy") and not line.endswith(" 0")]
    found = [dict(re.findall(r'(\w+)="([^"]*)"', line)) for line in lines]
    return {(labels["digest"], labels["stage"]) for labels in found}


def helm(mesh: Mesh, policy: Policy, stage: str, *options: str) -> None:
    """As the guide says: the compiled objects as values of the chart, as a release of its own."""
    values = mesh.directory / f"{policy.server}-{stage}.yaml"
    values.write_text(policy.emit("helm-values", stage))
    namespace = mesh.pods[pod_of(policy)].spec.namespace
    words = ["upgrade", "--install", policy.server, ROOT / "helm/mcp-guard", "-n", namespace, "-f", values, *options]
    done = mesh.control.run("helm", *words)
    if done.returncode != 0:
        raise RuntimeError(f"helm: {done.stdout}{done.stderr}")


def remove_all(mesh: Mesh, namespace: str) -> None:
    """A namespace as it was before anything was rolled out in it."""
    mesh.control.run("helm", "uninstall", "runbooks", "-n", namespace)
    mesh.control.kubectl("delete", KINDS, "--all", "-n", namespace, "--ignore-not-found")
    mesh.control.wait_until_pushed()
