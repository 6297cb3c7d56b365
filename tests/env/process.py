"""A child process with its output in a file, stopped by its own process id."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")
POLL_SECONDS = 0.02


class ProcessFailed(RuntimeError):
    """The process ended, or was not ready in time; the message holds its output."""


class Process:
    """A running program. Standard output and standard error go to `log`."""

    def __init__(self, argv: list, log: Path, env: dict | None = None, cwd: Path | None = None):
        self.argv = [str(word) for word in argv]
        self.log = log
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def running(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, what: str, probe: Callable[[], Value | None], seconds: float = 30.0) -> Value:
        """The first value of `probe` that is not None; the probe may raise OSError meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running():
                raise ProcessFailed(f"{self.argv[0]} ended with {self._child.returncode}:\n{self.text()}")
            value = attempt(probe)
            if value is not None:
                return value
            time.sleep(POLL_SECONDS)
        raise ProcessFailed(f"{self.argv[0]}: no {what} after {seconds} s:\n{self.text()}")

    def stop(self) -> None:
        """Ends it, kindly first."""
        if not self.running():
            return
        self._child.terminate()
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def attempt(probe: Callable[[], Value | None]) -> Value | None:
    """The probe's value; None while what it asks does not answer yet."""
    try:
        return probe()
    except OSError:
        return None
