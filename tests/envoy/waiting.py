"""Waits for something that happens soon."""

import time
from collections.abc import Callable

POLL = 0.02


def until(happened: Callable[[], bool], explain: Callable[[], str], seconds: float = 10.0) -> None:
    """Returns when it has happened; fails with the explanation if it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, explain()
        time.sleep(POLL)
