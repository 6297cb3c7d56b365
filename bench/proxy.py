"""One running Envoy: started on its own processor, watched through its admin page and /proc."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.env.bootstrap import Tls

from .variants import Variant, bootstrap

START_SECONDS = 60.0
POLL_SECONDS = 0.001


class StartFailed(RuntimeError):
    """Envoy ended or did not get ready; the message holds the end of its log."""


class Proxy:
    """A running Envoy with one worker; a context manager."""

    def __init__(self, binary: Path, variant: Variant, directory: Path):
        self.variant = variant
        self.ready_ms = 0.0
        self.port = 0
        self.pid = 0
        self.log = directory / "envoy.log"
        self._binary = binary
        self._directory = directory
        self._child: subprocess.Popen | None = None
        directory.mkdir(parents=True, exist_ok=True)

    def start(
        self, upstream_port: int, tls: Tls | None, cpu: int | None = None, options: Sequence[str] = ()
    ) -> "Proxy":
        """Starts it and waits until it is ready, which is timed."""
        config = self._directory / "bootstrap.json"
        config.write_text(json.dumps(bootstrap(self.variant, upstream_port, tls)))
        admin = self._directory / "admin-address"
        admin.unlink(missing_ok=True)
        command = [self._binary, "-c", config, "--concurrency", 1, "--disable-hot-restart", "--log-level", "warning"]
        argv = pinned([*command, "--admin-address-path", admin, *options], cpu)
        begin = time.monotonic()
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self._child.pid
        self._wait_until_ready(admin)
        self.ready_ms = (time.monotonic() - begin) * 1000
        listeners = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
        self.port = listeners[0]["local_address"]["socket_address"]["port_value"]
        return self

    def stop(self) -> None:
        """Ends it."""
        if self._child:
            self._child.terminate()
            self._child.wait(timeout=10)
            self._child = None

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def admin(self, path: str) -> str:
        """The body of an admin page."""
        address = (self._directory / "admin-address").read_text()
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as response:
            return response.read().decode()

    def resident_mib(self) -> float:
        """The memory that is in use now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def _wait_until_ready(self, admin: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._child is None or self._child.poll() is not None:
                break
            if admin.exists() and self._ready():
                return
            time.sleep(POLL_SECONDS)
        self.stop()
        raise StartFailed(f"{self.variant.name}: {self.log.read_text(errors='replace')[-3000:]}")

    def _ready(self) -> bool:
        try:
            return self.admin("/ready").strip() == "LIVE"
        except OSError:
            return False


def pinned(argv: list, cpu: int | None) -> list[str]:
    """The command, bound to one processor if one is given."""
    words = [str(word) for word in argv]
    return words if cpu is None else ["taskset", "-c", str(cpu), *words]
