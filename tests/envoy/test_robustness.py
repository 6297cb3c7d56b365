"""Hostile and broken peers: no crash of the VM, nothing that should not pass, a clear answer."""

import json
import random
import time
from dataclasses import replace

import pytest

from .guards import Guard
from .hostile import (
    HIGH,
    LARGE,
    MIB,
    READ,
    SHADOW,
    deep,
    dies_after,
    dies_at_once,
    floods,
    keeps_open,
    large_text,
    long_call,
    stops_reading,
    strange_headers,
    vanishes,
)
from .mcp import EVENTS, JSON, answered, call, encoded, error_of, event, result, tool_page, tools_list
from .messages import Answer, Framing, Response
from .stage import Stage
from .upstream import Script

GUARD = Guard('{"tool_allowlist": ["search_code"]}')
WIDE = Guard('{"format": 1, "policy": {"allow": {"a": {"tools": ["search_code"]}}, "limits": {"request_bytes": 8388608}}}')
PAGE = tool_page("search_code", SHADOW, padding=2000)
DONE = Script(answered({"content": []}))
PARSE_ERROR, INVALID_REQUEST, INTERNAL_ERROR = -32700, -32600, -32603


@pytest.fixture(scope="module")
def stage(version: str, tmp_path_factory):
    with Stage(version, {GUARD, WIDE}, tmp_path_factory.mktemp("authority")) as stage:
        yield stage


@pytest.fixture(autouse=True)
def guard_lives(stage: Stage):
    """After each test the guard still permits and refuses, and no VM broke down meanwhile."""
    yield
    assert not stage.crashes()
    assert stage.exchange(GUARD, call("search_code"), DONE).response.status == 200
    denied = stage.exchange(GUARD, call(SHADOW), DONE).response
    assert error_of(denied.body), denied


# The server dies.


def test_server_that_dies_before_its_answer(stage: Stage) -> None:
    response = stage.exchange(GUARD, tools_list(), dies_at_once()).response
    assert (response.status, response.complete) == (503, True)


@pytest.mark.parametrize("kind", ["length", "chunked"])
@pytest.mark.parametrize("count", [0, 3000])
@pytest.mark.parametrize("form", ["json", "events"])
def test_server_that_dies_mid_answer(stage: Stage, form: str, count: int, kind: str) -> None:
    """The client learns that the answer is broken; what it got till then holds no shadow tool."""
    body, headers = (result(PAGE), JSON) if form == "json" else (event(result(PAGE)), EVENTS)
    script = dies_after(Answer(200, headers, body), kind, count)
    response = stage.exchange(GUARD, tools_list(), script).response
    assert not response.complete or response.status >= 500 or error_of(response.body), response
    assert SHADOW.encode() not in response.body


# The client disappears.


@pytest.mark.parametrize("kind", ["length", "chunked"])
@pytest.mark.parametrize("tool", ["search_code", SHADOW])
def test_client_that_disappears_mid_body(stage: Stage, tool: str, kind: str) -> None:
    request = long_call(5000, tool)
    for count in (0, 1, 60, 4000, len(request.body) - 1):
        exchange = stage.announce(DONE)
        vanishes(stage.envoy.ports[GUARD], exchange, request, kind, count)
        assert stage.envoy.log.find(exchange), "the exchange does not end"
        assert stage.upstream.request(exchange) is None


def test_client_that_stops_reading(stage: Stage) -> None:
    exchange = stage.announce(Script(large_text(10 * MIB)))
    stops_reading(stage.envoy.ports[GUARD], exchange, call("search_code"))


def test_client_that_leaves_an_open_stream(stage: Stage) -> None:
    """What was refused on a stream is recorded although the stream never comes to its end."""
    asks = {"jsonrpc": "2.0", "id": 5, "method": "roots/list"}
    exchange = stage.announce(keeps_open(Answer(200, EVENTS, event(encoded(asks)))))
    stops_reading(stage.envoy.ports[GUARD], exchange, call("search_code"))
    assert stage.record(exchange)["response"]["reason"] == "server_request_refused"


# Large requests.


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("kind", ["length", "chunked"])
@pytest.mark.parametrize("tool", ["search_code", SHADOW])
def test_request_of_two_mebibytes(stage: Stage, tool: str, kind: str, http2: bool) -> None:
    request = long_call(2 * MIB, tool)
    cuts = tuple(range(0, len(request.body), 100_000))
    seen = stage.exchange(GUARD, request, DONE, Framing(kind, cuts), http2=http2)
    assert seen.response.status == 413, seen.response
    assert error_of(seen.response.body), seen.response
    assert error_of(seen.response.body)["code"] == INVALID_REQUEST
    time.sleep(0.1)
    assert stage.forwarded(seen) is None


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("kind", ["length", "chunked"])
def test_denied_request_beyond_the_hosts_buffer_gets_the_guards_answer(stage: Stage, kind: str, http2: bool) -> None:
    """However the pieces come: what the host still buffers, it would answer in words of its own."""
    request = long_call(3 * MIB, SHADOW)
    for _ in range(6):
        seen = stage.exchange(WIDE, request, DONE, Framing(kind), http2=http2)
        assert seen.response.status == 200, seen.response
        assert error_of(seen.response.body)["message"] == f"Unknown tool: {SHADOW}", seen.response
        assert stage.forwarded(seen) is None


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("kind", ["length", "chunked"])
def test_request_of_almost_a_mebibyte_passes(stage: Stage, kind: str, http2: bool) -> None:
    request = long_call(MIB - 1000)
    cuts = tuple(range(0, len(request.body), 100_000))
    seen = stage.exchange(GUARD, request, DONE, Framing(kind, cuts), http2=http2)
    assert seen.response.status == 200
    assert stage.forwarded(seen).body == request.body


# Large answers.


@pytest.mark.parametrize("kind", ["length", "chunked", "close", "HTTP/2", "HTTP/2 with trailers"])
@pytest.mark.parametrize("form", ["text", "list", "event"])
def test_answer_of_ten_mebibytes_passes(stage: Stage, form: str, kind: str) -> None:
    answer = LARGE[form](10 * MIB)
    http2 = kind.startswith("HTTP/2")
    trailers = (("x-trailer", b"last"),) if kind.endswith("trailers") else ()
    framing = Framing("length" if http2 else kind, trailers=trailers)
    response = stage.exchange(GUARD, tools_list(), Script(answer, framing), http2=http2).response
    assert (response.status, response.complete) == (200, True), response.failure
    assert SHADOW.encode() not in response.body
    if form == "list":
        kept = json.loads(response.body)["result"]["tools"]
        assert len(kept) == answer.body.count(b'"search_code"')
    else:
        assert response.body == answer.body


def test_plain_answer_of_ten_mebibytes_becomes_an_error(stage: Stage) -> None:
    response = stage.exchange(GUARD, call("search_code"), Script(LARGE["plain"](10 * MIB))).response
    assert refused(response)


@pytest.mark.parametrize("form", ["text", "event", "plain"])
def test_answer_of_a_hundred_mebibytes_becomes_an_error(stage: Stage, form: str) -> None:
    headers = {"text": JSON, "event": EVENTS, "plain": (("content-type", b"text/plain"),)}[form]
    text = result({"content": [{"type": "text", "text": "@"}]}).partition(b"@")[0]
    prefix = {"text": text, "event": b"data: " + text, "plain": b""}[form]
    before = stage.envoy.resident()
    script = floods(Answer(200, headers), prefix, 100)
    response = stage.exchange(GUARD, call("search_code"), script, timeout=60).response
    assert refused(response), (response.status, response.body[:300], response.failure)
    # The policy's limit for one answer is 16 MiB.
    assert stage.envoy.resident() - before < 64 * MIB


def refused(response: Response) -> bool:
    """Whether the client got an error for its request, and nothing else."""
    body = response.body
    data = body.partition(b"data: ")[2] if body.startswith((b"event:", b"data:", b"id:")) else body
    error = error_of(data)
    return response.complete and bool(error) and error["code"] == INTERNAL_ERROR and len(body) < 1000


# What nobody should send.


@pytest.mark.parametrize("inside", ["body", "params"])
@pytest.mark.parametrize("levels", [200, 10_000, 400_000])
def test_deep_body(stage: Stage, levels: int, inside: str) -> None:
    seen = stage.exchange(GUARD, deep(levels, inside), DONE)
    assert seen.response.status == 400
    assert error_of(seen.response.body)["code"] in (PARSE_ERROR, INVALID_REQUEST)
    assert stage.forwarded(seen) is None


@pytest.mark.parametrize("name", [*READ, "content-type", "content-encoding"])
@pytest.mark.parametrize("http2", [False, True])
def test_header_with_high_bytes(stage: Stage, name: str, http2: bool) -> None:
    for value in (HIGH, b"\x80", b"\xff", b"a\xe9b", b"\xf0\x9f\x92\xa9"):
        request = call(SHADOW)
        others = tuple(header for header in request.headers if header[0] != name)
        request = replace(request, headers=(*others, (name, value)))
        seen = stage.exchange(GUARD, request, DONE, http2=http2)
        assert 200 <= seen.response.status < 500 and seen.response.complete, seen.response
        assert stage.forwarded(seen) is None


def test_answer_with_high_bytes_in_its_headers(stage: Stage) -> None:
    for name in ("content-type", "location", "www-authenticate", "mcp-session-id", "x-any"):
        for status in (200, 307, 401):
            answer = Answer(status, (*JSON, (name, HIGH)), result(PAGE))
            response = stage.exchange(GUARD, tools_list(), Script(answer)).response
            assert response.complete and SHADOW.encode() not in response.body


def test_strange_headers_at_random(stage: Stage) -> None:
    chance = random.Random(1)
    for _ in range(200):
        seen = stage.exchange(GUARD, strange_headers(chance, SHADOW), DONE)
        assert seen.response.complete and stage.forwarded(seen) is None
