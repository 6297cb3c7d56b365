"""What `mcp-guard compile` makes of a policy. The one place that knows its options."""

import subprocess
from pathlib import Path

from .paths import CLI, ROOT, must_exist

EXAMPLES = sorted(policy.parent for policy in (ROOT / "istio-manifests").glob("*/policy.yaml"))


def emit(artefact: str, policy: Path, *options: object) -> str:
    """One artefact, as text."""
    argv = [must_exist(CLI, "make build"), "compile", policy, "--emit", artefact, *options]
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout
