"""Calls that wait for a human: once approved they run once, and nothing else runs."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from .approvals import META, Desk, details, digest, with_approval
from .guards import Guard
from .mcp import EVENTS, answered, call, encoded, event
from .messages import Answer, Framing, Request
from .stage import Seen, Stage
from .upstream import Script

ALICE = "spiffe://cluster.local/ns/gateway/sa/ai-gateway"
MALLORY = "spiffe://cluster.local/ns/gateway/sa/other"
DESK = Desk()
SERVER = "github-mcp-server"


def config(**more: object) -> str:
    policy = {
        "server": SERVER,
        "callers": {
            "gateway": {
                "principals": [who.removeprefix("spiffe://") for who in (ALICE, MALLORY)],
                "user_header": "user-identity",
            }
        },
        "allow": {
            "all": {"tools": ["delete_repository", "search_code"], "server_requests": ["elicitation"]}
        },
        "approvals": {
            "issuers": {DESK.issuer: {"keys": [DESK.jwk()]}},
            "url": "https://approve.example.com/?request={request}",
        },
        **more,
    }
    return json.dumps({"format": 2, "policy": policy})


GUARD = Guard(config(), mutual_tls=True)
OTHER_POLICY = Guard(config(disclose_reason=True), mutual_tls=True)
DONE = Script(answered({"content": []}))
MODERN = "2026-07-28"
CAPABLE = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}, "form": {}}},
}


@pytest.fixture(scope="module")
def stage(version: str, tmp_path_factory):
    with Stage(version, {GUARD, OTHER_POLICY}, tmp_path_factory.mktemp("authority")) as stage:
        yield stage
        assert not stage.crashes()


def run(stage: Stage, request: Request, script: Script = DONE, guard: Guard = GUARD, spiffe: str = ALICE) -> Seen:
    return stage.exchange(guard, request, script, spiffe=spiffe)


def reason(seen: Seen) -> str:
    return seen.record["reason"]


def challenged(stage: Stage, request: Request, **where) -> dict:
    """What has to be approved, as the refusal says."""
    seen = run(stage, request, **where)
    assert reason(seen) == "approval_required" and stage.forwarded(seen) is None
    return details(seen.response.body)


def modern(name: str = "delete_repository", arguments: dict | None = None, **params: object) -> Request:
    given = {"name": name, "arguments": arguments or {"name": "website"}, "_meta": CAPABLE, **params}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": given}
    return Request(body=encoded(message)).with_headers(
        ("mcp-protocol-version", MODERN.encode()), ("mcp-method", b"tools/call"), ("mcp-name", name.encode())
    )


def test_an_approved_call_runs_once(stage: Stage) -> None:
    delete = call("delete_repository", name="website")
    asked = challenged(stage, delete)
    assert asked["arguments"] == digest({"name": "website"})
    assert asked["caller"] == ALICE.removeprefix("spiffe://")
    approved = with_approval(delete, DESK.approve(asked))
    ran = run(stage, approved)
    assert stage.forwarded(ran).body == delete.body
    assert stage.forwarded(ran).value("x-mcp-guard-approval") is None
    assert ran.record["approver"] == "approver@example.com" and ran.record["approval"] == "required"
    again = run(stage, approved)
    assert stage.forwarded(again) is None and reason(again) == "approval_replayed"


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("approval_wrong_arguments", {"request": call("delete_repository", name="docs")}),
        ("approval_wrong_caller", {"spiffe": MALLORY}),
        ("approval_wrong_policy", {"guard": OTHER_POLICY}),
        ("approval_expired", {"claims": {"iat": 0, "nbf": -50, "exp": -1}}),
        ("approval_wrong_user", {"user": b"bob@example.com"}),
        ("approval_before_start", {"claims": {"iat": -3600, "nbf": 0}}),
        ("approval_lifetime", {"claims": {"exp": 61}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_approval_is_for_one_call_alone(stage: Stage, why: str, change: dict) -> None:
    where = {key: change[key] for key in ("spiffe", "guard") if key in change}
    delete = call("delete_repository", name="website")
    token = DESK.approve(challenged(stage, delete), **change.get("claims", {}))
    request = with_approval(change.get("request", delete), token)
    if user := change.get("user"):
        request = request.with_headers(("user-identity", user))
    seen = run(stage, request, **where)
    assert reason(seen) == why and stage.forwarded(seen) is None
    assert details(seen.response.body)["reason"] == why


def test_workers_share_what_was_used(stage: Stage) -> None:
    """Each approval is tried at once on many connections, which Envoy spreads over its workers."""
    delete = call("delete_repository", name="website")
    asked = challenged(stage, delete)
    for _ in range(10):
        approved = with_approval(delete, DESK.approve(asked))
        start = threading.Barrier(12)

        def race(_: int) -> Seen:
            start.wait()
            return run(stage, approved)

        with ThreadPoolExecutor(12) as pool:
            reasons = Counter(map(reason, pool.map(race, range(12))))
        assert reasons == {"allowed": 1, "approval_replayed": 11}


def test_the_clients_protocol_decides_how_it_is_asked(stage: Stage) -> None:
    delete = call("delete_repository", name="website")
    legacy = run(stage, delete.with_headers(("mcp-protocol-version", b"2025-11-25")))
    error = json.loads(legacy.response.body)["error"]
    assert error["code"] == -32042
    assert error["data"]["elicitations"][0]["url"].startswith("https://approve.example.com/?request=")
    question = json.loads(run(stage, modern()).response.body)["result"]
    assert question["resultType"] == "input_required"
    asked = question["inputRequests"][META]
    assert asked["method"] == "elicitation/create" and asked["params"]["mode"] == "url"
    old = json.loads(run(stage, delete).response.body)["result"]
    assert old["isError"] is True and old["_meta"][META]["tool"] == "delete_repository"


def test_the_answer_to_the_question_comes_with_an_approval(stage: Stage) -> None:
    """The state of the question and its answer are the guard's: the server sees neither."""
    question = json.loads(run(stage, modern()).response.body)["result"]
    retry = {"requestState": question["requestState"], "inputResponses": {META: {"action": "accept"}}}
    bare = run(stage, modern(**retry))
    assert reason(bare) == "approval_required" and b"input_required" in bare.response.body
    approval = DESK.approve(question["_meta"][META])
    meta = {**CAPABLE, META: approval}
    ran = run(stage, modern(**{**retry, "_meta": meta}))
    assert json.loads(stage.forwarded(ran).body)["params"] == {
        "name": "delete_repository",
        "arguments": {"name": "website"},
        "_meta": CAPABLE,
    }
    declined = {**retry, "inputResponses": {META: {"action": "decline"}}}
    assert reason(run(stage, modern(**declined))) == "approval_declined"
    elsewhere = run(stage, modern(arguments={"name": "docs"}, **retry))
    assert reason(elsewhere) == "approval_state"


QUESTION = {"method": "elicitation/create", "params": {"mode": "form", "message": "Sure?", "requestedSchema": {}}}
ANSWERS = {"sure": {"action": "accept", "content": {}}}


def asks(state: str | None) -> Script:
    """The server asks something, with or without a state of its own."""
    result = {"resultType": "input_required", "inputRequests": {"sure": QUESTION}}
    return Script(answered({**result, "requestState": state} if state else result))


@pytest.mark.parametrize("state", ["theirs", "with \"quotes\" and é", None])
def test_the_rounds_of_an_approved_call_pass(stage: Stage, state: str | None) -> None:
    token = DESK.approve(challenged(stage, modern()))
    first = run(stage, with_approval(modern(), token), asks(state))
    assert reason(first) == "allowed"
    wrapped = json.loads(first.response.body)["result"]["requestState"]
    assert wrapped != state
    second = run(stage, modern(requestState=wrapped, inputResponses=ANSWERS), asks(state))
    assert reason(second) == "allowed" and second.record["approver"] == "approver@example.com"
    seen = json.loads(stage.forwarded(second).body)["params"]
    assert seen.get("requestState") == state and seen["inputResponses"] == ANSWERS
    assert len(stage.forwarded(second).body) == len(modern(requestState=wrapped, inputResponses=ANSWERS).body)
    third = json.loads(second.response.body)["result"]["requestState"]
    assert third != wrapped
    assert reason(run(stage, modern(requestState=third, inputResponses=ANSWERS))) == "allowed"


def test_an_approved_call_has_eight_rounds(stage: Stage) -> None:
    """Each runs it once more: a server that goes on asking does not get what it asks for."""
    seen = run(stage, with_approval(modern(), DESK.approve(challenged(stage, modern()))), asks("theirs"))
    for _ in range(8):
        state = json.loads(seen.response.body)["result"]["requestState"]
        seen = run(stage, modern(requestState=state, inputResponses=ANSWERS), asks("theirs"))
        assert stage.forwarded(seen)
    assert b"theirs" not in seen.response.body and b"input_required" not in seen.response.body
    assert seen.record["response"] == {"outcome": "refused", "reason": "server_request_refused"}


def test_a_round_admits_nothing_else(stage: Stage) -> None:
    token = DESK.approve(challenged(stage, modern()))
    first = run(stage, with_approval(modern(), token), asks("theirs"))
    wrapped = json.loads(first.response.body)["result"]["requestState"]
    refused = {
        "cut": modern(requestState=wrapped[:-4]),
        "changed": modern(requestState=wrapped[:40] + ("A" if wrapped[40] != "A" else "B") + wrapped[41:]),
        "foreign": modern(requestState="theirs"),
        "other arguments": modern(arguments={"name": "docs"}, requestState=wrapped),
        "other tool": modern("search_code", requestState=wrapped),
    }
    for what, request in refused.items():
        seen = run(stage, request)
        assert reason(seen) == "approval_state" and stage.forwarded(seen) is None, what
    assert reason(run(stage, modern(requestState=wrapped), spiffe=MALLORY)) == "approval_state"
    assert reason(run(stage, modern(requestState=wrapped))) == "allowed"
    assert reason(run(stage, modern(requestState=wrapped))) == "approval_replayed"


def test_a_round_in_an_event_stream_is_wrapped(stage: Stage) -> None:
    token = DESK.approve(challenged(stage, modern()))
    result = {"resultType": "input_required", "inputRequests": {"sure": QUESTION}, "requestState": "theirs"}
    data = event(encoded({"jsonrpc": "2.0", "id": 1, "result": result}))
    seen = run(stage, with_approval(modern(), token), Script(Answer(200, EVENTS, data)))
    assert b"mcp-guard.1." in seen.response.body and b"theirs" not in seen.response.body


@pytest.mark.parametrize("size", [100, 700_000])
@pytest.mark.parametrize("kind", ["length", "chunked"])
def test_an_approval_leaves_a_body_of_any_size(stage: Stage, size: int, kind: str) -> None:
    """The head, with the body's length, has left before the body is read: what is taken out is filled up."""
    arguments = {"name": "x" * size}
    asked = challenged(stage, call("delete_repository", **arguments))
    params = {"name": "delete_repository", "arguments": arguments, "_meta": {META: DESK.approve(asked)}}
    body = encoded({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    framing = Framing(kind, (50, size // 2, len(body) - 20))
    seen = stage.exchange(GUARD, Request(body=body), DONE, framing, spiffe=ALICE)
    arrived = stage.forwarded(seen)
    assert reason(seen) == "allowed" and len(arrived.body) == len(body)
    assert json.loads(arrived.body)["params"] == {"name": "delete_repository", "arguments": arguments, "_meta": {}}
