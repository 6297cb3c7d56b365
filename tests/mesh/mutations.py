"""Takes each emitted object, and each field that means something, away, and sees that a test fails.

    make mesh-mutations [MUTATIONS="Sidecar/ ServiceEntry/"]

One mesh for all of them, and one process: run as `mesh.mutations`, as pytest names this package. What nobody notices is printed at the end, and is the exit code.
"""

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator

import pytest

from tests.env.paths import ROOT

from . import mutation
from .mesh import Mesh
from .mutation import Mutation, name_of
from .rollout import remove_all

NAMESPACE = "ai-agents"
FIRST = {
    "WasmPlugin": "test_layer1_filter.py",
    "Telemetry": "test_layer1_filter.py",
    "PeerAuthentication": "test_layer2_callers.py",
    "AuthorizationPolicy": "test_layer2_callers.py",
    "Service": "test_layer2_callers.py",
}
ALL = ("test_layer1_filter.py", "test_layer2_callers.py", "test_layer4_egress.py")
# What is for readers, or makes no difference to one policy alone; what a policy says is tested by its cases.
# And what only says what is so anyway: `FAIL_CLOSE` is the default, the phase matters beside other plugins.
LEFT_OUT = {"failStrategy", "phase", "selector", "workloadSelector", "podSelector", "location", "name", "protocol", "imagePullPolicy", "pluginName", "pluginConfig"}
# What is so without them, too, and why they are written all the same.
REDUNDANT = {
    "AuthorizationPolicy/github-mcp-server-allow#spec.action": "the default, said since its twin says the contrary",
    "DestinationRule/github-mcp-server.api.github.com#spec.exportTo": "its selector binds it to the namespace, too",
    "NetworkPolicy/github-mcp-server#spec.policyTypes": "Kubernetes concludes it from what follows",
    "NetworkPolicy/github-mcp-server#spec.egress.0": "DNS, of which the harness has none: names stand in files",
}
# Of several objects of one kind, the fields of one are enough.
ALIKE = ("builds.example.com", "sts.eu-central-1.amazonaws.com")


def main() -> int:
    wanted = os.environ.get("MUTATIONS", "").split()
    with Mesh() as mesh:
        mutation.kept_mesh = mesh
        policy = mesh.policy("github-mcp-server")
        chosen = [what for what in mutations(policy.objects()) if not wanted or what.startswith(tuple(wanted))]
        found = [what for what in chosen if not is_redundant(what)]
        assert not noticed(mesh, ""), "the tests fail without any mutation"
        unnoticed = [what for what in found if not noticed(mesh, what)]
    print(f"{len(found)} mutations, {len(unnoticed)} unnoticed:", *unnoticed, sep="\n  ")
    return len(unnoticed)


def is_redundant(what: str) -> bool:
    """With all that is in it."""
    return any(what == known or what.startswith(f"{known}.") for known in REDUNDANT)


def mutations(objects: list[dict]) -> Iterator[str]:
    """Everything that can be taken away, objects first."""
    yield "Service/github-mcp-server"
    yield from map(name_of, objects)
    for value in objects:
        if "spec" in value and not value["metadata"]["name"].endswith(ALIKE):
            yield from (f"{name_of(value)}#{'.'.join(path)}" for path in fields(value["spec"], ("spec",)))


def fields(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of what may be taken away; where there is one entry only, that is the same as what holds it."""
    entries = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, part in entries:
        if key in LEFT_OUT:
            continue
        if len(entries) > 1:
            yield (*path, str(key))
        yield from fields(part, (*path, str(key)))


def noticed(mesh: Mesh, what: str) -> bool:
    """Whether a test fails without it."""
    began = time.monotonic()
    mutation.current = Mutation(what)
    remove_all(mesh, NAMESPACE)
    declare_nothing(mesh)
    first = FIRST.get(what.partition("/")[0], "test_layer4_egress.py")
    failures = Failures()
    for name in [first, *(name for name in ALL if name != first)]:
        options = ["-c", str(ROOT / "tests/pytest.ini"), "-x", "-q", "-p", "no:cacheprovider"]
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main([*options, str(ROOT / "tests/mesh" / name)], plugins=[failures])
        if failures.names:
            break
    seen = failures.names[0] if failures.names else "not noticed"
    print(f"{what or 'nothing'}: {seen} ({time.monotonic() - began:.0f} s)", flush=True)
    return bool(failures.names)


def declare_nothing(mesh: Mesh) -> None:
    """The Service as it was before its patch."""
    patch = '[{"op":"add","path":"/spec/ports/0/appProtocol","value":null}]'
    mesh.control.kubectl("patch", "service", "github-mcp-server", "-n", NAMESPACE, "--type=json", "-p", patch)


class Failures:
    """A plugin of pytest's that remembers what failed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            last = " ".join(report.longreprtext.strip().splitlines()[-1].split())
            self.names.append(f"{report.nodeid.rpartition('/')[2]}: {last[:120]}")


if __name__ == "__main__":
    sys.exit(main())
