"""Waits for something that happens soon."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
POLL = 0.02


def awaited(probe: Callable[[], Value], seconds: float = 5.0, poll: float = POLL) -> Value:
    """What `probe` returns as soon as that is true, or else when the time is over."""
    deadline = time.monotonic() + seconds
    while not (value := probe()) and time.monotonic() < deadline:
        time.sleep(poll)
    return value


def until(happened: Callable[[], bool], explain: Callable[[], str], seconds: float = 10.0) -> None:
    """Returns when it has happened; fails with the explanation if it does not."""
    assert awaited(happened, seconds), explain()
