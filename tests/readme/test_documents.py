"""Documents: what they say is typed prints what they show; the paths that they name exist."""

import os
import re
import subprocess

import pytest

from env.paths import CLI, ROOT

from .blocks import blocks, commands

# Each command is typed in the repository's root.
TYPED = [
    (name, command)
    for name in ["docs/policy-tests.md"]
    for block in blocks(ROOT / name)
    if block.info == "console"
    for command in commands(block)
]
NAMED = sorted(set(re.findall(r"`([a-z][\w.-]*/[\w./-]*)`", (ROOT / "ARCHITECTURE.md").read_text())))


@pytest.mark.parametrize(("document", "command"), TYPED, ids=lambda value: getattr(value, "line", value))
def test_command_prints_what_is_shown(document: str, command) -> None:
    env = {**os.environ, "PATH": f"{CLI.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-uc", command.line], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr + done.stdout == command.output, document


@pytest.mark.parametrize("path", NAMED)
def test_architecture_names_what_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_there_is_something_to_type() -> None:
    assert len(TYPED) >= 3
    assert len(NAMED) >= 30
