"""The servers and clients of the matrix: how to start each."""

import json
import subprocess
from pathlib import Path

from env.paths import TOOLS, must_exist, python

HERE = Path(__file__).parent
MODERN = "2026-07-28"
LEGACY = "2025-11-25"

SERVERS = ["py1", "py2", "ts1", "ts2"]
CLIENTS = ["py1", "py2-legacy", "py2-auto", "ts1", "ts2-legacy", "ts2-auto", "rmcp-legacy", "rmcp-auto"]


def server_argv(server: str, mode: str) -> list:
    """The command of a server that answers in `mode`: `json` or `sse`."""
    program = {
        "py1": lambda: [python("py1"), HERE / "python/server.py"],
        "py2": lambda: [python("py2"), HERE / "python/server.py"],
        "ts1": lambda: ["node", node("node-v1") / "server.mjs"],
        "ts2": lambda: ["node", node("node-v2") / "server.mjs"],
    }[server]()
    return [*program, "--mode", mode]


def run_client(client: str, url: str) -> dict:
    """Runs the script of `python/script.py`; the client's line, or an AssertionError with its output."""
    done = subprocess.run(client_argv(client, url), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{client} did not survive:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def client_argv(client: str, url: str) -> list[str]:
    sdk, _, mode = client.partition("-")
    argv = {
        "py1": lambda: [python("py1"), HERE / "python/client_v1.py", url],
        "py2": lambda: [python("py2"), HERE / "python/client_v2.py", url, mode],
        "ts1": lambda: ["node", node("node-v1") / "client.mjs", url],
        "ts2": lambda: ["node", node("node-v2") / "client.mjs", url, mode],
        "rmcp": lambda: [must_exist(TOOLS / "rust-client/debug/rmcp-client", "make tools"), url, mode],
    }[sdk]()
    return [str(word) for word in argv]


def node(project: str) -> Path:
    must_exist(HERE / project / "node_modules", "make tools")
    return HERE / project


def protocol(client: str, server: str) -> str:
    """The version that these two agree on."""
    modern = client.endswith("-auto") and server in ("py2", "ts2")
    return MODERN if modern else LEGACY
