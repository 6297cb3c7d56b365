"""Runs the judges' programs."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.env.paths import TOOLS, must_exist

TIMEOUT_SECONDS = 120


def program(name: str) -> Path:
    """One of those that make built of Go modules."""
    return must_exist(TOOLS / "go" / "bin" / name, "make tools-manifests tools-prometheus")


@dataclass(frozen=True)
class Outcome:
    """How a program ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def accepted(self) -> bool:
        """Whether it found nothing wrong."""
        return self.code == 0

    @property
    def text(self) -> str:
        """All that it said."""
        return self.stdout + self.stderr

    def checked(self) -> "Outcome":
        """Itself, if it found nothing wrong."""
        assert self.accepted, self.text
        return self


def run(name: str, *options: object, home: Path, stdin: str = "") -> Outcome:
    """Runs a program that knows nothing of the user: `home` takes its caches and settings."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "KUBECONFIG": str(home / "kubeconfig")}
    result = subprocess.run(
        [str(program(name)), *map(str, options)],
        input=stdin,
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Outcome(result.returncode, result.stdout, result.stderr)
