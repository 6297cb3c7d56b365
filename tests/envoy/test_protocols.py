"""A shadow tool never reaches the client, however its list travels, whatever the status."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from .guards import Guard
from .mcp import EVENTS, JSON, answered, call, event, result, tool_page, tools_list
from .messages import Answer, Framing, random_cuts
from .play import PAUSE, TRAILERS
from .stage import Seen, Stage
from .upstream import Script

GUARD = Guard('{"tool_allowlist": ["search_code", "get_pull_request"]}')
SHADOW = b"system_exec"
# Long enough to be cut into many pieces.
PAGE = tool_page("search_code", "system_exec", "get_pull_request", padding=200)
FILTERED = {"tools": [PAGE["tools"][0], PAGE["tools"][2]]}

BODIES = {
    "json": (JSON, result(PAGE)),
    "events": (EVENTS, event(result(PAGE))),
    "events with CRLF": (EVENTS, event(result(PAGE), b"\r\n")),
    "events with CR": (EVENTS, event(result(PAGE), b"\r")),
    "events without an end": (EVENTS, event(result(PAGE)).rstrip(b"\n")),
}
# How the request and its answer travel: HTTP/2 or not, framing, cut, trailers.
WAYS = {
    "content-length": (False, "length", False, ()),
    "content-length, cut": (False, "length", True, ()),
    "chunked": (False, "chunked", False, ()),
    "chunked, cut": (False, "chunked", True, ()),
    "until close, cut": (False, "close", True, ()),
    "HTTP/2": (True, "length", False, ()),
    "HTTP/2, cut": (True, "length", True, ()),
    "HTTP/2 with trailers": (True, "length", False, TRAILERS),
    "HTTP/2 with trailers, cut": (True, "length", True, TRAILERS),
}


@pytest.fixture(scope="module")
def stage(version: str, tmp_path_factory):
    with Stage(version, {GUARD}, tmp_path_factory.mktemp("authority")) as stage:
        yield stage
        assert not stage.crashes()


def framing(way: str, body: bytes, request: bool = False) -> Framing:
    _, kind, cut, trailers = WAYS[way]
    kind = "length" if request and kind == "close" else kind
    chance = random.Random(way)
    cuts = random_cuts(chance, len(body), 12) if cut else ()
    return Framing(kind, cuts, PAUSE if cut else 0.0, trailers)


def listed(stage: Stage, way: str, answer: Answer) -> Seen:
    request = tools_list()
    return stage.exchange(
        GUARD,
        request,
        Script(answer, framing(way, answer.body)),
        framing(way, request.body, request=True),
        http2=WAYS[way][0],
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", BODIES)
def test_list_loses_the_shadow_tool(stage: Stage, form: str, way: str) -> None:
    headers, body = BODIES[form]
    response = listed(stage, way, Answer(200, headers, body)).response
    assert (response.status, response.complete) == (200, True), response
    assert SHADOW not in response.body
    text = response.body.partition(b"data: ")[2] if headers is EVENTS else response.body
    assert json.loads(text) == json.loads(result(FILTERED))


@pytest.mark.parametrize("way", WAYS)
def test_denied_call_never_arrives(stage: Stage, way: str) -> None:
    request = call("system_exec", command="id", padding="x" * 400)
    seen = stage.exchange(
        GUARD,
        request,
        Script(answered({"content": []})),
        framing(way, request.body, request=True),
        http2=WAYS[way][0],
    )
    assert seen.response.status == 200
    assert json.loads(seen.response.body)["error"]["message"] == "Unknown tool: system_exec"
    time.sleep(0.1)
    assert stage.forwarded(seen) is None


@pytest.mark.parametrize("way", ["content-length", "chunked, cut", "HTTP/2 with trailers, cut"])
@pytest.mark.parametrize("form", ["json", "text", "events", "no type"])
def test_no_status_carries_the_shadow_tool(stage: Stage, form: str, way: str) -> None:
    headers, body = {
        "json": (JSON, result(PAGE)),
        "text": ((("content-type", b"text/plain"),), result(PAGE)),
        "events": (EVENTS, event(result(PAGE))),
        "no type": ((), result(PAGE)),
    }[form]
    statuses = [status for status in range(200, 600) if status not in (204, 304)]
    with ThreadPoolExecutor(8) as pool:
        answers = [Answer(status, headers, body) for status in statuses]
        responses = list(pool.map(lambda answer: listed(stage, way, answer).response, answers))
    carriers = [status for status, got in zip(statuses, responses) if SHADOW in got.body]
    silent = [status for status, got in zip(statuses, responses) if not got.complete]
    assert (carriers, silent) == ([], [])


KEPT = {
    401: ("www-authenticate", b'Bearer resource_metadata="https://mcp.example/x"'),
    404: ("mcp-session-id", b"gone"),
    405: ("allow", b"POST"),
    429: ("retry-after", b"7"),
    500: ("x-fault", b"a"),
    503: ("retry-after", b"9"),
}


@pytest.mark.parametrize("status, http2", list(product(KEPT, [False, True])))
def test_failures_of_the_server_arrive_intact(stage: Stage, status: int, http2: bool) -> None:
    name, value = KEPT[status]
    error = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}'
    answer = Answer(status, (*JSON, (name, value)), error)
    way = "HTTP/2 with trailers" if http2 else "chunked"
    response = listed(stage, way, answer).response
    assert (response.status, response.value(name), response.body) == (status, value, error)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_events_keep_their_timing(stage: Stage, method: str) -> None:
    """The second event comes a while after the first; it must not hold the first back."""
    pause = 0.4
    first, second = event(result(PAGE)), event(result(PAGE, 2))
    answer = Answer(200, EVENTS, first + second)
    request = tools_list()
    if method == "GET":
        request = type(request)("GET", headers=(("accept", b"text/event-stream"),))
    script = Script(answer, Framing("chunked", (len(first),), pause))
    response = stage.exchange(GUARD, request, script).response
    assert response.complete and response.body.count(b"search_code") == 2
    assert SHADOW not in response.body
    assert response.arrivals[-1] - response.arrivals[0] > pause / 2
