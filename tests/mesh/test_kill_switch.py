"""Off within two seconds: a tool, a caller, a server (docs/operations.md); and what open streams do then."""

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
    began = time.monotonic()
    mesh.control.apply(policy.objects("enforce"))
    applied = time.monotonic()
    until(lambda: not ran(call(mesh.other)), lambda: "the bot is still let in")
    off = time.monotonic()
    # The open connection, too: what layer 2 still lets through on it, the filter refuses.
    assert not ran(call_on(connection))
    assert ran(call(mesh.gateway))
    assert off - applied < 2
    seen = f"refused {off - began:.2f} s after `kubectl apply` began"
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


def test_open_stream_outlives_a_filter_update(mesh: Mesh, policy: Policy, evidence: Evidence) -> None:
    """New calls are refused at once; a stream that is open ends by itself, or with its pod."""
    stream = Stream(mesh.gateway, seconds=5)
    until(lambda: stream.events > 2, lambda: f"{stream.events} events")
    off = without_tool(policy, "watch_build")
    mesh.control.apply(off.objects("enforce"))
    wait_for(mesh, off.objects("enforce"), mesh.github)
    assert refused_by_filter(call(mesh.gateway, ("watch_build", {"seconds": 1})))
    before = stream.events
    until(lambda: bool(stream.ended), lambda: "the stream has not ended", 15)
    assert stream.events > before
    evidence.add(LAYER, "a stream that was open when its tool was denied", "nothing: it is not ended", "delete the pod to end it")


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
        self.ended = 0.0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while line := self._response.readline():
                self.events += line.startswith(b"data:")
        except OSError:
            pass
        self.ended = time.monotonic()


def test_calls_go_on_after_all_that(mesh: Mesh) -> None:
    until(lambda: ran(call(mesh.gateway, ALLOWED)), lambda: call(mesh.gateway).said)
