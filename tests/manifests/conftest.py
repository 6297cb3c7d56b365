"""Parameters and fixtures that the judges share."""

from collections.abc import Iterator

import pytest

from .apiserver import ApiServer
from .objects import MINORS, object_sets


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `objects` runs for each set; one that asks for `minor`, for each Istio minor."""
    if "objects" in metafunc.fixturenames:
        metafunc.parametrize("objects", object_sets(), ids=str)
    elif "minor" in metafunc.fixturenames:
        metafunc.parametrize("minor", MINORS)


@pytest.fixture(scope="session")
def servers() -> Iterator["Servers"]:
    """API servers, one for each Istio minor, started when first asked for."""
    running = Servers()
    yield running
    running.stop()


class Servers:
    """They stay up until the end: starting one takes longer than a test."""

    def __init__(self) -> None:
        self._running: dict[str, ApiServer] = {}

    def __getitem__(self, minor: str) -> ApiServer:
        if minor not in self._running:
            self._running[minor] = ApiServer(minor).start()
        return self._running[minor]

    def stop(self) -> None:
        """Stops all of them."""
        for server in self._running.values():
            server.stop()
