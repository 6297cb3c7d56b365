"""A client that calls without a pause, and what became of each call."""

import threading
import time

from .calls import ALLOWED, Target, call_on, ran, refused_by_filter
from .mesh import Mesh


class Load:
    """A client that calls without a pause, on one connection; what became of each call."""

    def __init__(self, mesh: Mesh, target: Target = Target()):
        self._mesh = mesh
        self._target = target
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers: list[tuple[float, str]] = []
        self.other: list[str] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def last(self) -> str | None:
        """What became of the latest call."""
        return self.answers[-1][1] if self.answers else None

    @property
    def seen(self) -> set[str]:
        """All that became of calls."""
        return {what for _, what in self.answers}

    def _run(self) -> None:
        connection = self._mesh.gateway.connection(self._target.host, self._target.port)
        while not self._stop.is_set():
            reply = call_on(connection, ALLOWED, self._target)
            what = "allowed" if ran(reply) else "denied" if refused_by_filter(reply) else "other"
            if what == "other":
                self.other.append(reply.said)
                connection = self._mesh.gateway.connection(self._target.host, self._target.port)
            self.answers.append((time.monotonic(), what))
        connection.close()
