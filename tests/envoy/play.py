"""Plays cases through a real Envoy: each whole, then cut at random, then as HTTP/2 with trailers."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .cases import Case, approvals, judge, outcome
from .guards import Guard
from .messages import Framing, Request, random_cuts
from .stage import Seen, Stage
from .upstream import Script

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
    # The case's request with a fresh approval.
    request_of_case: Request | None = None

    def __str__(self) -> str:
        request, answer = self.request, self.answer
        return (
            f"{self.kind}: request {request.kind} cut at {request.cuts}, "
            f"answer {answer.kind} cut at {answer.cuts}"
        )


def plays(case: Case) -> list[Play]:
    """The ways in which a case is played; the same ones in each run."""
    chance = random.Random(case.name)
    whole = Play(case, "HTTP/1.1", False, Framing(), Framing())
    cut = Play(
        case,
        "HTTP/1.1 cut",
        False,
        cut_framing(chance, chance.choice(["length", "chunked"]), case.request.body),
        cut_framing(chance, chance.choice(["length", "chunked", "close"]), case.answer.body),
    )
    if case.http1_only:
        return [whole, cut]
    framings = [
        # Trailers after no body would make a body out of none.
        cut_framing(chance, "length", body, TRAILERS if body else ())
        for body in (case.request.body, case.answer.body)
    ]
    return [whole, cut, Play(case, "HTTP/2 with trailers", True, *framings)]


def cut_framing(chance: random.Random, kind: str, body: bytes, trailers: tuple = ()) -> Framing:
    return Framing(kind, random_cuts(chance, len(body)), PAUSE, trailers)


def play_all(
    stage: Stage, chosen: list[Play], guard_of: Callable[[Case], Guard] = lambda case: case.guard
) -> dict[str, list[str]]:
    """Plays all at once; says what is not as expected, by name of the case."""
    chosen = freshly_approved(chosen)
    with ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(lambda one: play(stage, one, guard_of(one.case)), chosen))
    time.sleep(SETTLE)
    faults: dict[str, list[str]] = defaultdict(list)
    observed = [
        (one.case.name, outcome(one.case, came.response, stage.forwarded(came), came.record))
        for one, came in zip(chosen, seen)
    ]
    for one, came, mismatches in zip(chosen, seen, judge(observed)):
        if came.response.failure or not came.response.complete:
            mismatches = [*mismatches, f"no whole answer: {came.response.failure}"]
        faults[one.case.name] += [f"{one}\n  {mismatch}" for mismatch in mismatches]
    return faults


def freshly_approved(chosen: list[Play]) -> list[Play]:
    """The plays, each with an approval of its own from after the start of Envoy."""
    if not any(one.case.approval for one in chosen):
        return chosen
    tokens = approvals()
    return [
        replace(one, request_of_case=one.case.approved_with(tokens[one.case.name].pop()))
        if one.case.approval
        else one
        for one in chosen
    ]


def play(stage: Stage, one: Play, guard: Guard) -> Seen:
    case = one.case

    def exchange() -> Seen:
        return stage.exchange(
            guard,
            one.request_of_case or case.request,
            Script(case.answer, one.answer),
            one.request,
            http2=one.http2,
            spiffe=case.spiffe,
            claims=json.loads(case.claims) if case.claims else None,
        )

    if case.used:
        exchange()
    return exchange()
