"""Off within two seconds: a tool, a caller, a server (docs/operations.md); and what open streams do then."""

import http.client
import json
import threading
import time
from collections.abc import Iterator

import pytest

from tests.env.waiting import until

from .calls import ALLOWED, HEADERS, call, call_on, ran, refused_by_filter
from .evidence import Evidence
from .load import Load
from .mesh import GITHUB, Mesh
from .policy import Policy
from .pod import Pod
from .rollout import apply_stage, wait_for

LAYER = "kill switch"
DENY = ("egress:\n", "deny:\n  switched-off:\n    tools: [{tool}]\n    because: incident 4711\n\negress:\n")
SECOND_CALLER = ("allow:\n", "  bot:\n    service_accounts: [other/app]\n\nallow:\n")


@pytest.fixture
def policy(mesh: Mesh) -> Iterator[Policy]:
    """The first server's; it is enforced again afterwards."""
    result = mesh.policy("github-mcp-server")
    yield result
    apply_stage(mesh, result, "enforce", mesh.github)


def test_tool_off(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    objects = without_tool(policy, "search_code").objects("enforce")
    with Load(mesh) as load:
        until(lambda: len(load.answers) > 5, lambda: f"{load.other}")
        began = time.monotonic()
        mesh.control.apply(objects)
        applied = time.monotonic()
        until(lambda: load.last == "denied", lambda: f"still {load.last}")
        time.sleep(0.3)
    assert load.seen == {"allowed", "denied"}, load.other
    assert load.last_allowed - applied < 2
    seen = f"last call let through {load.last_allowed - began:.2f} s after `kubectl apply` began"
    evidence.add(LAYER, "a tool, by a deny rule", "filter update", seen)


def test_caller_off(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    with_bot = policy.changed(SECOND_CALLER)
    apply_stage(mesh, with_bot, "enforce", mesh.github)
    until(lambda: ran(call(mesh.other)), lambda: call(mesh.other).said)
    connection = mesh.other.connection(GITHUB, 8080)
    assert ran(call_on(connection))
    stream, kept = Stream(mesh.other, seconds=30), Stream(mesh.gateway, seconds=10)
    until(lambda: stream.events > 2 and kept.events > 2, lambda: f"{stream.events}, {kept.events} events")
    began = time.monotonic()
    mesh.control.apply(policy.objects("enforce"))
    applied = time.monotonic()
    until(lambda: not ran(call(mesh.other)), lambda: "the bot is still let in")
    off = time.monotonic()
    # The open connection, too: what layer 2 still lets through on it, the filter refuses.
    assert not ran(call_on(connection))
    assert ran(call(mesh.gateway))
    assert off - applied < 2
    until(lambda: bool(stream.ended), lambda: "the bot's stream lives on", 5)
    assert stream.last - applied < 2
    assert not kept.ended
    seen = f"refused {off - began:.2f} s after `kubectl apply` began; {stream.fate(began)}"
    evidence.add(LAYER, "a caller, taken out of `callers`", "filter and AuthorizationPolicy", seen)


def test_server_off_ends_open_streams(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    """What deleting the pod does: its processes end at once."""
    stream = Stream(mesh.gateway, seconds=20)
    until(lambda: stream.events > 2, lambda: f"{stream.events} events")
    began = time.monotonic()
    mesh.github.stop_sidecar()
    mesh.github.stop_container()
    until(lambda: stream.ended, lambda: "the stream lives on")
    seconds = stream.ended - began
    assert not ran(call(mesh.gateway))
    mesh.github.start_container()
    mesh.github.start_sidecar()
    until(lambda: ran(call(mesh.gateway)), lambda: call(mesh.gateway).said, 20)
    assert seconds < 2, seconds
    evidence.add(LAYER, "a server, by deleting its pod", "no process is left", f"open stream ended after {seconds:.2f} s")


def test_tool_off_ends_its_open_streams(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    """The answer that streams ends with its tool, and with no other."""
    stream = Stream(mesh.gateway, seconds=30)
    until(lambda: stream.events > 2, lambda: f"{stream.events} events")
    other = without_tool(policy, "search_code").objects("enforce")
    mesh.control.apply(other)
    wait_for(mesh, other, mesh.github)
    assert refused_by_filter(call(mesh.gateway))
    time.sleep(2)
    before = stream.events
    until(lambda: stream.events > before, lambda: "the stream has ended")
    began = time.monotonic()
    mesh.control.apply(without_tool(policy, "watch_build").objects("enforce"))
    applied = time.monotonic()
    until(lambda: bool(stream.ended), lambda: "the stream lives on", 5)
    assert stream.last - applied < 2
    assert ran(call(mesh.gateway))
    evidence.add(LAYER, "a stream that was open when its tool was denied", "filter update", stream.fate(began))


def without_tool(policy: Policy, tool: str) -> Policy:
    """The edit that the guide names: a deny rule, which beats every allow."""
    return policy.changed((DENY[0], DENY[1].format(tool=tool)))


class Stream:
    """A call whose answer is a stream of progress, read as it comes."""

    def __init__(self, pod: Pod, seconds: float):
        params = {"name": "watch_build", "arguments": {"seconds": seconds}, "_meta": {"progressToken": "progress"}}
        message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        self._connection = pod.connection(GITHUB, 8080)
        self._response = self._connection.begin("POST", "/mcp", HEADERS, message)
        self.events = 0
        # When the last event came, and when the client knew that none would follow.
        self.last = 0.0
        self.ended = 0.0
        threading.Thread(target=self._read, daemon=True).start()

    def fate(self, began: float) -> str:
        """When it ended."""
        return f"last event of its stream after {self.last - began:.2f} s, closed after {self.ended - began:.2f} s"

    def _read(self) -> None:
        try:
            while line := self._response.readline():
                if line.startswith(b"data:"):
                    self.events += 1
                    self.last = time.monotonic()
        except (OSError, http.client.HTTPException):
            pass
        self.ended = time.monotonic()


def test_calls_go_on_after_all_that(mesh: Mesh) -> None:
    until(lambda: ran(call(mesh.gateway, ALLOWED)), lambda: call(mesh.gateway).said)
