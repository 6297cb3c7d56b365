"""`mcp-guard doctor` beside the mesh's API server, as an operator runs it."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.env.paths import CLI, must_exist

from .mesh import Mesh
from .pod import Pod, named
from .policy import Policy
from .shell import commands

BAD = {"not-enforced", "unknown"}


@dataclass(frozen=True)
class Finding:
    """A line that is not fine."""

    check: str
    code: str
    subject: str
    evidence: str


@dataclass(frozen=True)
class Diagnosis:
    """What it said, and how it ended."""

    status: int
    lines: list[dict]
    errors: str
    # What it said of each policy as a whole.
    verdicts: list[dict]

    @property
    def findings(self) -> list[Finding]:
        """The lines that are not fine."""
        return [Finding(line["check"], line["code"], line["subject"], line["evidence"]) for line in self.lines if line["state"] in BAD]

    @property
    def codes(self) -> set[str]:
        """Their codes, each with its check: `filter MCP0503`."""
        return {f"{finding.check} {finding.code}" for finding in self.findings}


class Doctor:
    """Asks about one policy of the mesh."""

    def __init__(self, mesh: Mesh, policy: Policy, *more: Pod, kubeconfig: Path | None = None):
        self._mesh = mesh
        self._folder = Path(tempfile.mkdtemp(prefix=f"doctor-{policy.server}-", dir=mesh.directory))
        for name, text in policy.texts.items():
            (self._folder / f"{name}.yaml").write_text(text)
        self._kubeconfig = kubeconfig or mesh.control.kubeconfig
        # The real one, but for `exec`, which needs a kubelet.
        self._kubectl = commands(mesh, self._folder / "commands", *more) / "kubectl"

    def run(self, *options: object):
        """Runs it with these options."""
        files = [self._folder / "policy.yaml", "--deploy", self._folder / "deploy.yaml"]
        argv = [must_exist(CLI, "make build"), "doctor", *files, *options]
        return self._mesh.control.host.run(argv, env={"HOME": str(self._folder)})

    def look(self, *options: object) -> Diagnosis:
        """What it says of the cluster."""
        login = ("--kubectl", self._kubectl, "--kubeconfig", self._kubeconfig)
        done = self.run("--format", "json", *login, *options)
        reports = json.loads(done.stdout) if done.stdout else []
        verdicts = [{key: report[key] for key in ("stage", "holds", "enforced")} for report in reports]
        return Diagnosis(done.returncode, [line for report in reports for line in report["lines"]], done.stderr, verdicts)


def install(mesh: Mesh, plugin: dict, ready: int = 1) -> None:
    """A network plugin, and how many of its pods its controller calls ready."""
    mesh.control.apply([plugin])
    counts = {key: ready for key in ("currentNumberScheduled", "desiredNumberScheduled", "numberReady")}
    status = {key: plugin[key] for key in ("apiVersion", "kind", "metadata")}
    mesh.control.apply_status([{**status, "status": {**counts, "numberMisscheduled": 0}}])


def daemon_set(name: str) -> dict:
    """The DaemonSet of a network plugin."""
    labels = {"k8s-app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": name}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": named(name, "kube-system"),
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
