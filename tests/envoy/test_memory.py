"""Ten thousand hostile exchanges: memory stays where it is, no VM is lost, nothing passes."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .guards import Guard
from .hostile import (
    LARGE,
    MIB,
    SHADOW,
    deep,
    dies_after,
    floods,
    long_call,
    stops_reading,
    strange_headers,
    vanishes,
)
from .mcp import EVENTS, JSON, answered, call, error_of, event, result, tool_page, tools_list
from .messages import Answer, Framing
from .stage import Stage
from .upstream import Script

GUARD = Guard('{"tool_allowlist": ["search_code"]}')
EXCHANGES = 10_000
# Wasm memory never shrinks: it must have reached its height by then.
WARM_UP = 2_500
THREADS = 24
GROWTH = 24 * MIB
DONE = Script(answered({"content": []}))
PAGE = tool_page("search_code", SHADOW, padding=500)
LARGE_ANSWERS = {form: Script(make(10 * MIB)) for form, make in LARGE.items()}


class Run:
    """The exchanges, each of which returns what is wrong with it, empty if nothing is."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._port = stage.envoy.ports[GUARD]

    def one(self, number: int) -> str:
        """The exchange of this number; the rare ones are the heavy ones."""
        chance = random.Random(number)
        if number % 2000 == 1999:
            return self.flood(chance)
        if number % 100 == 99:
            return self.large_answer(chance)
        if number % 50 == 49:
            return self.large_request(chance)
        kinds: list[Callable[[random.Random], str]] = [
            self.deep,
            self.strange,
            self.vanishing,
            self.dying,
            self.leaving,
            self.denied,
        ]
        return chance.choice(kinds)(chance)

    def flood(self, _: random.Random) -> str:
        script = floods(Answer(200, JSON), b'{"jsonrpc":"2.0","id":1,"result":{"a":"', 100)
        response = self._stage.exchange(GUARD, call("search_code"), script, timeout=60).response
        return "" if error_of(response.body) else f"flood: {response.status} {response.failure}"

    def large_answer(self, chance: random.Random) -> str:
        form = chance.choice(list(LARGE_ANSWERS))
        response = self._stage.exchange(GUARD, tools_list(), LARGE_ANSWERS[form], timeout=60).response
        clear = response.complete and response.status == 200
        return "" if clear and SHADOW.encode() not in response.body else f"large {form}"

    def large_request(self, chance: random.Random) -> str:
        request = long_call(2 * MIB, chance.choice(["search_code", SHADOW]))
        framing = Framing(chance.choice(["length", "chunked"]))
        return self._refused("large request", request, framing, status=413)

    def deep(self, chance: random.Random) -> str:
        return self._refused("deep", deep(10_000, chance.choice(["body", "params"])), status=400)

    def strange(self, chance: random.Random) -> str:
        return self._refused("strange headers", strange_headers(chance, SHADOW))

    def denied(self, _: random.Random) -> str:
        return self._refused("denied", call(SHADOW), status=200)

    def vanishing(self, chance: random.Random) -> str:
        request = long_call(3000, chance.choice(["search_code", SHADOW]))
        exchange = self._stage.announce(DONE)
        count = chance.randrange(len(request.body) - 1)
        vanishes(self._port, exchange, request, chance.choice(["length", "chunked"]), count)
        # What could still arrive at the server has arrived once the exchange has ended.
        if self._stage.envoy.log.find(exchange, seconds=30) is None:
            return "vanished, but not logged"
        return "vanished, but passed" if self._stage.upstream.request(exchange) else ""

    def leaving(self, _: random.Random) -> str:
        exchange = self._stage.announce(Script(answered(PAGE)))
        stops_reading(self._port, exchange, tools_list())
        return ""

    def dying(self, chance: random.Random) -> str:
        headers, body = chance.choice([(JSON, result(PAGE)), (EVENTS, event(result(PAGE)))])
        script = dies_after(Answer(200, headers, body), "length", chance.randrange(len(body)))
        # Envoy closes a broken answer after a second; the client does not wait for it.
        response = self._stage.exchange(GUARD, tools_list(), script, timeout=0.2).response
        return "dying: shadow tool" if SHADOW.encode() in response.body else ""

    def _refused(self, what: str, request, framing: Framing = Framing(), status: int = 0) -> str:
        seen = self._stage.exchange(GUARD, request, DONE, framing)
        if self._stage.forwarded(seen):
            return f"{what}: passed"
        expected = status in (0, seen.response.status) and seen.response.status not in (0, 503)
        return "" if expected else f"{what}: {seen.response.status} {seen.response.failure}"


def test_memory_does_not_grow(version: str, tmp_path) -> None:
    with Stage(version, {GUARD}, tmp_path) as stage, ThreadPoolExecutor(THREADS) as pool:
        run = Run(stage)
        vms = created(stage)
        faults = Counter(pool.map(run.one, range(WARM_UP)))
        warm = stage.envoy.resident()
        faults += Counter(pool.map(run.one, range(WARM_UP, EXCHANGES)))
        growth = stage.envoy.resident() - warm
        del faults[""]
        assert not faults
        assert not stage.crashes()
        assert created(stage) == vms
        assert growth < GROWTH, f"{growth / MIB:.1f} MiB over {EXCHANGES - WARM_UP} exchanges"


def created(stage: Stage) -> dict[str, int]:
    """How many VMs were ever made, and how many live."""
    return {name: value for name, value in stage.envoy.stats().items() if name.startswith("wasm.")}
