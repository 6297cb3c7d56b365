"""Plays cases through a real Envoy: each whole, then cut at random, then as HTTP/2 with trailers."""

import itertools
import json
import random
import ssl
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from env.certificates import Authority

from .access_log import AccessLog
from .cases import Case, judge, outcome
from .client import client_tls, exchange_once
from .guards import Guard, Guards
from .jwt import Issuer
from .messages import EXCHANGE, Framing, Request, Response, random_cuts
from .upstream import Script, Upstream

THREADS = 16
# Long enough for Envoy to read a piece before the next one comes.
PAUSE = 0.002
TRAILERS = (("x-trailer", b"last"),)
# What a request that was refused might still do at the upstream happens within this time.
SETTLE = 0.5


@dataclass(frozen=True)
class Play:
    """One way to play a case."""

    case: Case
    kind: str
    http2: bool
    request: Framing
    answer: Framing

    def __str__(self) -> str:
        cuts = f"request {self.request.kind} cut at {self.request.cuts}, answer {self.answer.kind} cut at {self.answer.cuts}"
        return f"{self.kind}: {cuts}"


@dataclass
class Seen:
    """What came of a play."""

    play: Play
    exchange: str
    response: Response
    record: object = None


def plays(case: Case) -> list[Play]:
    """The ways in which a case is played; the same ones in each run."""
    chance = random.Random(case.name)
    cut = lambda kind, body, trailers=(): Framing(kind, random_cuts(chance, len(body)), PAUSE, trailers)
    asked, answered = case.request.body, case.answer.body
    all_plays = [Play(case, "HTTP/1.1", False, Framing(), Framing())]
    all_plays.append(
        Play(
            case,
            "HTTP/1.1 cut",
            False,
            cut(chance.choice(["length", "chunked"]), asked),
            cut(chance.choice(["length", "chunked", "close"]), answered),
        )
    )
    if not case.http1_only:
        # Trailers after no body would make a body out of none.
        sent = TRAILERS if asked else ()
        framings = cut("length", asked, sent), cut("length", answered, TRAILERS if answered else ())
        all_plays.append(Play(case, "HTTP/2 with trailers", True, *framings))
    return all_plays


class Stage:
    """An Envoy with a listener for each configuration that the cases need, and an upstream."""

    def __init__(self, version: str, guards: set[Guard], directory: Path):
        self._authority = Authority(directory)
        self._issuer = Issuer()
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._issuing = threading.Lock()
        self._numbers = itertools.count()
        self.upstream = Upstream()
        self.envoy = Guards(
            self.upstream.port,
            guards,
            self._authority.server(),
            self._issuer,
            version=version,
            concurrency=2,
        )

    def __enter__(self) -> "Stage":
        self.upstream.__enter__()
        self.envoy.__enter__()
        self.log = AccessLog(self.envoy.directory / "access.log")
        return self

    def __exit__(self, *exception: object) -> None:
        self.envoy.__exit__(*exception)
        self.upstream.__exit__(*exception)

    def play(self, play: Play, guard: Guard | None = None) -> Seen:
        """Plays once; `guard` replaces the one that the case asks for."""
        case = play.case
        exchange = f"{next(self._numbers)}"
        self.upstream.program(exchange, Script(case.answer, play.answer))
        guard = guard or case.guard
        port = self.envoy.ports.get(guard)
        if port is None:
            failure = f"the filter rejects the configuration: {self.envoy.rejection(guard)}"
            return Seen(play, exchange, Response(failure=failure))
        request = self._identified(case, case.request.with_headers((EXCHANGE, exchange.encode())))
        tls = self._tls(case.spiffe, play.http2) if case.spiffe else None
        response = exchange_once(port, request, play.request, http2=play.http2, tls=tls)
        entry = self.log.find(exchange) or {}
        return Seen(play, exchange, response, entry.get("guard"))

    def play_all(self, chosen: list[Play], guard=lambda case: None) -> dict[str, list[str]]:
        """What is not as expected, by name of the case."""
        with ThreadPoolExecutor(THREADS) as pool:
            seen = list(pool.map(lambda play: self.play(play, guard(play.case)), chosen))
        time.sleep(SETTLE)
        return self._judged(seen)

    def _judged(self, seen: list[Seen]) -> dict[str, list[str]]:
        faults: dict[str, list[str]] = defaultdict(list)
        observed = [(one.play.case.name, self._outcome(one)) for one in seen]
        for one, mismatches in zip(seen, judge(observed)):
            faults[one.play.case.name] += [f"{one.play}\n  {fault}" for fault in mismatches]
            if one.response.failure or not one.response.complete:
                faults[one.play.case.name].append(f"{one.play}\n  no whole answer: {one.response.failure}")
        return faults

    def _outcome(self, seen: Seen) -> dict:
        return outcome(seen.response, self.upstream.request(seen.exchange), seen.record)

    def _identified(self, case: Case, request: Request) -> Request:
        if case.claims is None:
            return request
        token = self._issuer.token(json.loads(case.claims))
        return request.with_headers(("authorization", f"Bearer {token}".encode()))

    def _tls(self, spiffe: str, http2: bool) -> ssl.SSLContext:
        key = spiffe, http2
        with self._issuing:
            if key not in self._contexts:
                self._contexts[key] = client_tls(*self._authority.client(spiffe))
            return self._contexts[key]
