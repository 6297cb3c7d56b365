"""How often Envoy and the module call each other for one request, read from Envoy's own trace of its Wasm host."""

import re
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .messages import Exchange
from .probe import ask
from .proxy import Proxy

TRACE = ["--component-log-level", "wasm:trace"]
# `[host->vm] proxy_on_request_headers(2, 9, 0)`, `[vm->host] env.proxy_get_buffer_bytes(…)`; returns have `<-`.
CALL = re.compile(r"\[(host->vm|vm->host)\] ([\w.]+)\(")
ALLOCATIONS = {"malloc", "proxy_on_memory_allocate"}
QUIET_SECONDS = 0.3


class NoTrace(RuntimeError):
    """Envoy's log shows no calls: its trace looks different from what is read here."""


@dataclass
class Crossings:
    """Calls for one request, and how often each function was called."""

    callbacks: int = 0
    """Envoy into the module, allocations apart."""
    allocations: int = 0
    """Envoy into the module for room to put an answer of a host call."""
    host_calls: int = 0
    """The module into Envoy."""
    functions: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return self.callbacks + self.allocations + self.host_calls

    def as_json(self) -> dict:
        """For the results file."""
        return asdict(self) | {"total": self.total}


def count(proxy: Proxy, exchange: Exchange, certificates: Path | None) -> Crossings:
    """Counts for one request to an Envoy that was started with `TRACE`; a first one warms it up."""
    ask(proxy.port, exchange, certificates)
    before = settled_size(proxy.log)
    ask(proxy.port, exchange, certificates)
    settled_size(proxy.log)
    with proxy.log.open("rb") as log:
        log.seek(before)
        crossings = parse(log.read().decode(errors="replace"))
    if crossings.callbacks == 0:
        raise NoTrace(f"no calls in {proxy.log}")
    return crossings


def parse(trace: str) -> Crossings:
    """Counts the calls in a trace."""
    calls = Counter(CALL.findall(trace))
    crossings = Crossings(functions={name: number for (_, name), number in calls.most_common()})
    for (direction, name), number in calls.items():
        if direction == "vm->host":
            crossings.host_calls += number
        elif name in ALLOCATIONS:
            crossings.allocations += number
        else:
            crossings.callbacks += number
    return crossings


def settled_size(log: Path) -> int:
    """The log's size once nothing more is written: the last callbacks come after the answer."""
    while True:
        size = log.stat().st_size
        time.sleep(QUIET_SECONDS)
        if log.stat().st_size == size:
            return size
