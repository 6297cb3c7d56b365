"""What `mcp-guard compile` makes of a policy."""

import subprocess
from pathlib import Path

from env.paths import CLI, ROOT, must_exist

EXAMPLES = sorted(folder.parent for folder in (ROOT / "istio-manifests").glob("*/policy.yaml"))


def emit(artefact: str, policy: Path, *arguments: object) -> str:
    """One artefact, as text."""
    cli = must_exist(CLI, "make build")
    command = [cli, "compile", policy, "--emit", artefact, *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
