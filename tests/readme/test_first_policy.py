"""The README's way from a running server to a refused call, typed as it stands.

The server is a stock one from the registry, which the repository knows nothing of.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from env.paths import CLI, ROOT, must_exist
from env.process import Process

from .blocks import Command, blocks, commands

SERVER = ROOT / "tests/readme/server/node_modules/@modelcontextprotocol/server-everything/dist/index.js"
HEADING = "From a running server to an enforced policy"
PORT_OF_SERVER = "3001"
PORT_OF_ENVOY = "41234"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    command = ["node", must_exist(SERVER, "make test-readme"), "streamableHttp"]
    process = Process(command, tmp_path / "server.log", env={**os.environ, "PORT": str(port)})
    try:
        process.wait_for("its port", lambda: re.search(r"listening on port", process.text()))
        yield port
    finally:
        process.stop()


def test_every_command_does_what_the_readme_says(server: int, tmp_path: Path) -> None:
    replaced = {PORT_OF_SERVER: str(server)}
    typed = 0
    with Session(tmp_path) as session:
        for block in blocks(ROOT / "README.md", HEADING):
            kind, _, path = block.info.partition(" ")
            if kind == "yaml":
                session.write(path, block.text)
            if kind != "console":
                continue
            for command in commands(block):
                command = Command(replace(command.line, replaced), replace(command.output, replaced))
                if command.line.startswith("make demo-proxy"):
                    replaced[PORT_OF_ENVOY] = session.proxy(command)
                    continue
                assert session.type(command.line) == command.output
                typed += 1
    assert typed >= 8
    assert "Unknown tool" in command.output, "the README ends with a refused call"


class Session:
    """A shell in a folder of its own."""

    def __init__(self, folder: Path):
        self._folder = folder / "work"
        self._folder.mkdir()
        self._proxy: Process | None = None
        self._env = {**os.environ, "PATH": f"{CLI.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        if self._proxy:
            self._proxy.stop()

    def write(self, path: str, text: str) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def type(self, line: str) -> str:
        """What a command prints on both channels; warnings are the reader's, and not compared."""
        done = subprocess.run(
            ["bash", "-euc", line], cwd=self._folder, env=self._env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        said = done.stderr if "warning" not in done.stderr else ""
        return said + done.stdout + ("\n" if done.stdout.endswith("}") else "")

    def proxy(self, command: Command) -> str:
        """Runs `make demo-proxy`'s program, without building again; the port that it printed."""
        config, upstream = re.search(r"CONFIG=(\S+) UPSTREAM=(\S+)", command.line).groups()
        program = [sys.executable, ROOT / "demo/proxy.py", config, upstream]
        self._proxy = Process(program, self._folder / "proxy.log", cwd=self._folder, env=self._env)
        port = self._proxy.wait_for("its address", self._address)
        shown = re.sub(r":\d+ →", f":{port} →", command.output)
        assert shown in self._proxy.text()
        return port

    def _address(self) -> str | None:
        found = re.search(r"http://127\.0\.0\.1:(\d+) →", self._proxy.text())
        return found and found[1]


def replace(text: str, replaced: dict[str, str]) -> str:
    for written, real in replaced.items():
        text = re.sub(rf"\b{written}\b", real, text)
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
