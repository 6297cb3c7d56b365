"""The steps of docs/rollout.md, and how one sees that a step has arrived."""

import re
from pathlib import Path

from tests.env.waiting import until

from .mesh import Mesh
from .mutation import Mutation
from .pod import Pod
from .policy import Policy

ATTACHMENTS = ("WasmPlugin", "TrafficExtension")
DIGEST = "mcp-guard.dev/policy-digest"
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
    if mutation.what == f"Service/{policy.server}":
        return
    folder = policy.compile(mesh.directory / "compiled" / policy.server, stage)
    patch = folder / "patches/service.yaml"
    namespace = mesh.pods[pod_of(policy)].spec.namespace
    mesh.control.kubectl("patch", "service", policy.server, "-n", namespace, "--patch-file", patch)


def pod_of(policy: Policy) -> str:
    """The pod of a server."""
    return {"github-mcp-server": "github", "runbooks": "runbooks"}[policy.server]


def wait_for(mesh: Mesh, objects: list[dict], pod: Pod, seconds: float = 30) -> None:
    """Waits until the pod's own filter says that it runs what was applied, and everything is pushed."""
    for value in objects:
        if value["kind"] in ATTACHMENTS:
            wanted = value["metadata"]["annotations"][DIGEST]
            until(lambda: wanted in running(pod), lambda: f"{pod.spec.name} runs {running(pod)}, not {wanted}", seconds)
    mesh.control.wait_until_pushed()


def running(pod: Pod) -> dict[str, str]:
    """The digest of each policy that a sidecar's workers run, with its stage."""
    found = {}
    for line in pod.metrics().splitlines():
        if "mcp_guard_policy" in line and not line.startswith("#") and not line.endswith(" 0"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            found[labels.get("digest", line)] = labels.get("stage", "")
    return found


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
