"""The harness leaves nothing behind, and says in one line when it cannot run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.env.paths import ROOT
from tests.env.waiting import until

from . import tools
from .network import Network, namespaces, processes

CRASH = """
import os, tempfile
from pathlib import Path
from tests.mesh.network import Network
folder = tempfile.mkdtemp(prefix=f"mcpg-{os.getpid()}-")
network = Network(Path(folder)).__enter__()
sleeper = network.add("sleeper", "10.10.9.9").start("sleep", ["sleep", "600"])
print(network.name, sleeper.pid, folder, flush=True)
os._exit(1)
"""


def test_next_run_removes_what_a_crash_left(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH], cwd=ROOT, capture_output=True, text=True, check=False)
    name, sleeper, folder = done.stdout.split()
    assert namespaces(name) == [f"{name}-sleeper", f"{name}-switch"]
    until(lambda: int(sleeper) in processes(f"{name}-sleeper"), lambda: "the program does not run")
    with Network(tmp_path):
        assert namespaces(name) == []
        assert not Path(folder).exists()
        assert not running(int(sleeper))


def test_end_removes_everything(tmp_path: Path) -> None:
    with Network(tmp_path) as network:
        sleeper = network.add("sleeper", "10.10.9.9").start("sleep", ["sleep", "600"])
        assert namespaces(network.name)
    assert namespaces(network.name + "-") == []
    assert not sleeper.running()


def test_one_line_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.obstacle() is None
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert tools.obstacle() == "the mesh needs root, for its network namespaces: run it as root"


def running(pid: int) -> bool:
    # Of one that has ended and waits for its parent there is no memory.
    try:
        return bool(Path(f"/proc/{pid}/statm").read_text().split()[0] != "0")
    except FileNotFoundError:
        return False
