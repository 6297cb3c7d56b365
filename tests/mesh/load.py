"""Clients that call without a pause, and what became of each call."""

import json
import threading
import time

from tests.env.paths import python
from tests.env.waiting import until

from .calls import ALLOWED, Target, call_on, ran, refused_by_filter
from .mesh import Mesh
from .pod import PROGRAMS


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

    @property
    def last_allowed(self) -> float:
        """When the last call was answered that was let through."""
        return max(at for at, what in self.answers if what == "allowed")

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


class SdkLoad:
    """The same on a real SDK, in the gateway's pod."""

    def __init__(self, mesh: Mesh, target: Target, what: tuple[str, dict] = ALLOWED, name: str = "load"):
        url = f"http://{target.host}:{target.port}{target.path}"
        self._argv = [python("py2"), PROGRAMS / "sdk_load.py", url, what[0], json.dumps(what[1])]
        self._mesh = mesh
        self._name = name

    def __enter__(self) -> "SdkLoad":
        self._process = self._mesh.gateway.host.start(self._name, self._argv)
        self._process.wait_for("first answer", lambda: self.outcomes() or None)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()

    def outcomes(self) -> list[tuple[float, str]]:
        """When each call was answered, and how."""
        lines = [line.split(" ", 1) for line in self._process.text().split("\n")[:-1]]
        return [(float(at), what) for at, what in lines if at.replace(".", "").isdigit()]

    def next(self, count: int = 10) -> set[str]:
        """What becomes of the next calls; the one that is under way does not count."""
        began = len(self.outcomes()) + 1
        until(lambda: len(self.outcomes()) >= began + count, lambda: f"no answers: {self.outcomes()[-3:]}", 30)
        return {what.split()[0] for _, what in self.outcomes()[began:]}

    def longest_pause(self) -> float:
        """The longest time between two answers."""
        moments = [at for at, _ in self.outcomes()]
        return max((later - at for at, later in zip(moments, moments[1:], strict=False)), default=0)

    def lost(self) -> list[str]:
        """What the client could not live with."""
        return [what for _, what in self.outcomes() if what.startswith("lost")]
