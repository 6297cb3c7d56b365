"""The run itself: all Envoys at once, measured one after the other, round by round."""

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.env.bootstrap import Tls

from . import crossings
from .load import Tools
from .messages import Exchange
from .probe import checked_answer
from .proxy import Proxy
from .results import Results, Start
from .variants import APPROVING, NOOP, OURS, Variant

PACED_RATE = 1000.0
"""Requests per second at which latencies are compared: every variant is far from its limit."""
PACED = ("call-0.13k", "call-32k-text")
PACED_SHARE = 0.6
"""Of the seconds of a cell."""


@dataclass(frozen=True)
class Plan:
    """What is to be measured, and how long."""

    envoy: Path
    compared: dict[str, Variant]
    sized: dict[str, Variant]
    exchanges: list[Exchange]
    rounds: int
    seconds: float
    mutual_tls: bool
    envoy_cpu: int | None


class Session:
    """One run of the benchmark; a context manager that stops whatever it started."""

    def __init__(self, plan: Plan, tools: Tools, results: Results):
        self._plan = plan
        self._tools = tools
        self._results = results
        self._stack = contextlib.ExitStack()
        self._upstream_port = 0
        self._proxies: dict[str, Proxy] = {}
        self._answers: dict[tuple[str, str], bytes] = {}

    def __enter__(self) -> "Session":
        upstream, self._upstream_port = self._tools.start_upstream()
        self._stack.callback(upstream.wait)
        self._stack.callback(upstream.kill)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def time_starts(self) -> None:
        """Starts every variant once per round, on all processors, with nothing else running."""
        for number in range(self._plan.rounds):
            say(f"starts, round {number + 1} of {self._plan.rounds}")
            for variant in rotated([*self._plan.compared.values(), *self._plan.sized.values()], number):
                with self._start(variant, "start", cpu=None) as proxy:
                    start = Start(proxy.ready_ms, proxy.resident_mib())
                self._results.starts.setdefault(variant.name, []).append(start)

    def start_all(self) -> None:
        """Starts the Envoys that are measured and keeps them."""
        for variant in {**self._plan.compared, **self._plan.sized}.values():
            proxy = self._start(variant, "run", self._plan.envoy_cpu)
            self._proxies[variant.name] = self._stack.enter_context(proxy)

    def check(self) -> None:
        """Asks every Envoy everything once; its right answers are what the load must see."""
        for name, proxy in self._proxies.items():
            for exchange in self._exchanges_of(name):
                answer = checked_answer(proxy, exchange, self._certificates)
                self._answers[name, exchange.name] = answer

    def measure(self) -> None:
        """All rounds at full load, one connection pool of clients against one Envoy at a time."""
        for number in range(self._plan.rounds):
            say(f"load, round {number + 1} of {self._plan.rounds}")
            for offset, exchange in enumerate(self._plan.exchanges):
                names = [name for name in self._proxies if exchange in self._exchanges_of(name)]
                for name in rotated(names, number + offset):
                    self._run(name, exchange, self._plan.seconds)

    def measure_paced(self) -> None:
        """All rounds at a fixed rate, for latencies that are not the queue's."""
        exchanges = [one for one in self._plan.exchanges if one.name in PACED]
        for number in range(self._plan.rounds):
            say(f"latency, round {number + 1} of {self._plan.rounds}")
            for exchange in exchanges:
                for name in rotated(list(self._plan.compared), number):
                    self._run(name, exchange, self._plan.seconds * PACED_SHARE, rate=PACED_RATE)

    def note_memory(self) -> None:
        """What every Envoy holds now, after all the load."""
        for name, proxy in self._proxies.items():
            self._results.resident_after[name] = proxy.resident_mib()

    def count_crossings(self, exchanges: list[Exchange]) -> None:
        """Counts calls across the module's border, in Envoys of their own, which trace."""
        for name in (NOOP, OURS, APPROVING):
            if name not in self._plan.compared:
                continue
            say(f"crossings of {name}")
            with self._start(self._plan.compared[name], "trace", None, crossings.TRACE) as proxy:
                for exchange in exchanges:
                    counted = crossings.count(proxy, exchange, self._certificates)
                    self._results.crossings[name, exchange.name] = counted

    @property
    def _certificates(self) -> Path | None:
        return self._tools.certificates if self._plan.mutual_tls else None

    def _exchanges_of(self, name: str) -> list[Exchange]:
        """Other sizes of policy are measured with the smallest call only."""
        return self._plan.exchanges if name in self._plan.compared else self._plan.exchanges[:1]

    def _start(self, variant: Variant, purpose: str, cpu: int | None, options: Sequence[str] = ()) -> Proxy:
        proxy = Proxy(self._plan.envoy, variant, self._tools.directory / purpose / variant.name)
        return proxy.start(self._upstream_port, self._tls(), cpu, options)

    def _tls(self) -> Tls | None:
        if not self._plan.mutual_tls:
            return None
        directory = self._tools.certificates
        return Tls(directory / "server.pem", directory / "server.key", directory / "authority.pem")

    def _run(self, name: str, exchange: Exchange, seconds: float, rate: float = 0) -> None:
        proxy, answer = self._proxies[name], self._answers[name, exchange.name]
        options = {"seconds": seconds, "rate": rate, "mutual_tls": self._plan.mutual_tls}
        measured = self._tools.run(proxy, exchange, answer, **options)
        cells = self._results.paced if rate else self._results.samples
        cells.setdefault((name, exchange.name), []).append(measured)


def rotated(items: list, by: int) -> list:
    """The items, beginning with another one each time, so that none is always first."""
    start = by % len(items)
    return items[start:] + items[:start]


def say(text: str) -> None:
    """Progress, for the person who waits; the report alone is on standard output."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
