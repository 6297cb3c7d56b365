"""A test server of ours: prints `PORT <number>`, and logs what it ran to a file, one line each."""

import socket
from pathlib import Path

from .process import Process


class Server:
    """A server program that takes `--calls FILE` and prints its port. A context manager."""

    def __init__(self, argv: list, directory: Path, name: str = "server", cwd: Path | None = None):
        self._calls = directory / f"{name}.calls"
        self._calls.touch()
        self._argv = [*argv, "--calls", self._calls]
        self._log = directory / f"{name}.log"
        self._cwd = cwd
        self._process: Process | None = None
        self.port = 0

    def __enter__(self) -> "Server":
        self._process = Process(self._argv, self._log, cwd=self._cwd)
        try:
            self.port = self._process.wait_for("port", self._read_port, 60)
            self._process.wait_for("connection", self._connect)
        except BaseException:
            self._process.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.stop()

    def calls(self) -> list[str]:
        """What it ran so far, in order."""
        return self._calls.read_text().splitlines()

    def forget_calls(self) -> None:
        """Starts the list of calls anew."""
        self._calls.write_text("")

    def log_text(self) -> str:
        """Its own output."""
        return self._process.text() if self._process else ""

    def _read_port(self) -> int | None:
        for line in self.log_text().split("\n")[:-1]:
            word, _, number = line.partition(" ")
            if word == "PORT":
                return int(number)
        return None

    def _connect(self) -> bool:
        # It may print its port before it listens.
        socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        return True
