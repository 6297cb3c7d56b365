"""Hosts on one switch, each a network namespace of this machine.

Nothing of it is seen outside: the switch is in a namespace of its own, so that addresses and ports
are fixed, and two meshes may run side by side. Namespaces are named `mcpg-<process>-<number>-<host>`; those
whose process is gone are what a crash left behind, and are removed by the next run.
"""

import ctypes
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.env.process import Process

Value = TypeVar("Value")
PREFIX = "mcpg"
NAMESPACES = Path("/run/netns")
ETC = Path("/etc/netns")
SWITCH = "switch"
COUNT = itertools.count(1)
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Network:
    """The switch and its hosts; a context manager."""

    def __init__(self, directory: Path):
        self.directory = directory
        # One process may have several.
        self.name = f"{PREFIX}-{os.getpid()}-{next(COUNT)}"
        self._names: dict[str, str] = {}
        self.hosts: dict[str, Host] = {}

    def __enter__(self) -> "Network":
        remove_abandoned()
        switch = f"{self.name}-{SWITCH}"
        ip("netns", "add", switch)
        ip("-n", switch, "link", "add", "switch", "type", "bridge")
        ip("-n", switch, "link", "set", "switch", "up")
        return self

    def __exit__(self, *_: object) -> None:
        remove(namespaces(self.name + "-"))

    def add(self, short: str, *addresses: str) -> "Host":
        """A host with these addresses, which reaches all others directly."""
        host = Host(self, short, addresses)
        switch = f"{self.name}-{SWITCH}"
        ip("netns", "add", host.namespace)
        ip("-n", switch, "link", "add", f"to-{short[:10]}", "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        ip("-n", switch, "link", "set", f"to-{short[:10]}", "master", "switch", "up")
        ip("-n", host.namespace, "link", "set", "lo", "up")
        for address in addresses:
            ip("-n", host.namespace, "address", "add", f"{address}/32", "dev", "eth0")
        ip("-n", host.namespace, "link", "set", "eth0", "up")
        ip("-n", host.namespace, "route", "add", "default", "dev", "eth0", "src", addresses[0])
        self.hosts[short] = host
        self._write_names(host)
        return host

    def remove(self, host: "Host") -> None:
        """Takes a host away, with all that runs there."""
        del self.hosts[host.short]
        remove([host.namespace])

    def call_it(self, address: str, *names: str) -> None:
        """Every host resolves these names to the address."""
        self._names |= dict.fromkeys(names, address)
        for host in self.hosts.values():
            self._write_names(host)

    def address_of(self, name: str) -> str:
        """What a name resolves to; an address is its own."""
        return self._names.get(name, name)

    def _write_names(self, host: "Host") -> None:
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in self._names.items())]
        file = ETC / host.namespace / "hosts"
        file.parent.mkdir(parents=True, exist_ok=True)
        # In place: running programs have this very file mounted.
        file.write_text("\n".join(lines) + "\n")
        # An address that nobody listens at, so that a name that is not in the list does not resolve.
        (file.parent / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")


class Host:
    """One network namespace: processes in it, and connections from it."""

    def __init__(self, network: Network, short: str, addresses: tuple[str, ...]):
        self.network = network
        self.short = short
        self.namespace = f"{network.name}-{short}"
        self.addresses = addresses

    @property
    def address(self) -> str:
        """Its first address."""
        return self.addresses[0]

    @property
    def directory(self) -> Path:
        """Where its programs keep files and logs."""
        folder = self.network.directory / self.short
        folder.mkdir(exist_ok=True)
        return folder

    def start(self, name: str, argv: list, env: dict[str, str] | None = None, cwd: Path | None = None) -> Process:
        """Starts a program here; its output goes to `name`.log."""
        command = ["ip", "netns", "exec", self.namespace, *argv]
        return Process(command, self.directory / f"{name}.log", env=environment(env), cwd=cwd)

    def run(self, argv: list, stdin: str = "", seconds: float = 120, env: dict | None = None, check: bool = False):
        """Runs a program here to its end."""
        command = ["ip", "netns", "exec", self.namespace, *map(str, argv)]
        return subprocess.run(
            command, input=stdin, env=environment(env), capture_output=True, text=True, timeout=seconds, check=check
        )

    def connect(self, host: str, port: int, seconds: float = 10) -> socket.socket:
        """A connection from here, as a program of the host would open it."""
        address = self.network.address_of(host)
        opened = self.within(lambda: socket.create_connection((address, port), timeout=seconds))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def within(self, action: Callable[[], Value]) -> Value:
        """What a function returns that runs in this namespace."""
        results: list[Value] = []
        faults: list[BaseException] = []

        def run() -> None:
            try:
                enter(NAMESPACES / self.namespace)
                results.append(action())
            except BaseException as fault:  # noqa: BLE001: raised again in the caller's thread
                faults.append(fault)

        # Namespaces belong to threads: this one is thrown away with its own.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if faults:
            raise faults[0]
        return results[0]


def enter(namespace: Path) -> None:
    with namespace.open() as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def environment(more: dict[str, str] | None) -> dict[str, str]:
    """What programs here know of the machine: nothing but where programs are."""
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}


def ip(*words: str) -> None:
    """Runs iproute2's `ip`."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def namespaces(prefix: str) -> list[str]:
    """The namespaces whose name begins so."""
    return sorted(path.name for path in NAMESPACES.glob(f"{prefix}*")) if NAMESPACES.exists() else []


def remove_abandoned() -> None:
    """Removes what runs left behind that ended without cleaning up."""
    for name in namespaces(PREFIX + "-"):
        if gone(name.removeprefix(PREFIX + "-")):
            remove([name])
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}-*"):
        if gone(folder.name.removeprefix(PREFIX + "-")):
            shutil.rmtree(folder, ignore_errors=True)


def gone(name: str) -> bool:
    """Whether the process is, whose id a name begins with."""
    owner = re.match(r"(\d+)-", name)
    return bool(owner) and not Path(f"/proc/{owner[1]}").exists()


def remove(names: list[str]) -> None:
    """Ends all processes of these namespaces, by their ids, and removes them."""
    deadline = time.monotonic() + 10
    while (found := [pid for name in names for pid in processes(name)]) and time.monotonic() < deadline:
        for pid in found:
            send(pid, signal.SIGKILL)
        time.sleep(0.05)
    for name in names:
        ip("netns", "delete", name)
        shutil.rmtree(ETC / name, ignore_errors=True)


def processes(namespace: str) -> list[int]:
    """The ids of those that run in a namespace."""
    done = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False)
    return [int(word) for word in done.stdout.split()]


def send(pid: int, sign: int) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        pass
