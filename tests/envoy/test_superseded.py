"""Streams that are open when another policy comes into force: those that it forbids end, the others go on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from env.certificates import Authority
from env.envoy import Envoy
from env.waiting import until

from .client import client_tls
from .mcp import call, posted
from .messages import Request
from .opened import LISTEN, Opened
from .stage import crashes
from .test_swap import discovery
from .upstream import Upstream

# What operators are promised, from the update on.
BOUND = 2.0
GATEWAY = "cluster.local/ns/gateway/sa/ai-gateway"
BOT = "cluster.local/ns/other/sa/bot"


def policy(*tools: str, **rest: object) -> dict:
    """Allows these tools."""
    return {"format": 1, "policy": {"server": "s", "allow": {"some": {"tools": list(tools)}}, **rest}}


BOTH = policy("deploy", "search")
SEARCH = policy("search")


@dataclass
class Scene:
    """An Envoy, the server behind it, and the streams through both."""

    envoy: Envoy
    upstream: Upstream
    authority: Authority
    http2: bool
    opened: list[Opened] = field(default_factory=list)

    def open(self, request: Request, caller: str | None = None, head: bool = True) -> Opened:
        tls = None
        if caller:
            tls = client_tls(*self.authority.client(f"spiffe://{caller}"), self.http2)
        exchange = f"stream-{len(self.opened)}"
        options = {"http2": self.http2, "tls": tls, "head": head}
        self.opened.append(Opened(self.upstream, self.envoy.port, exchange, request, **options))
        return self.opened[-1]

    def update(self, config: dict) -> float:
        """Delivers a configuration; when Envoy has taken it up."""
        before = discovery(self.envoy)["config_reload"]
        self.envoy.update(config)
        until(lambda: discovery(self.envoy)["config_reload"] > before, self.envoy.log_text)
        return time.monotonic()

    def record(self, opened: Opened) -> dict:
        """What was recorded of a stream that is over."""

        def found() -> list[dict]:
            return [entry for entry in self.envoy.log.entries() if entry["request_id"] == opened.exchange]

        until(lambda: bool(found()), lambda: f"no record of {opened.exchange}")
        return found()[0]["guard"]


@pytest.fixture
def scenes(version: str, tmp_path: Path):
    @contextmanager
    def begun(config: dict, http2: bool = False, mutual_tls: bool = False) -> Iterator[Scene]:
        authority = Authority(tmp_path)
        settings = {"version": version, "ecds_file": tmp_path / "ecds.json", "concurrency": 2}
        settings["tls"] = authority.server() if mutual_tls else None
        with Upstream() as upstream, Envoy(upstream.port, config, **settings) as envoy:
            scene = Scene(envoy, upstream, authority, http2)
            yield scene
            assert not crashes(envoy.log_text())
            for opened in scene.opened:
                opened.close()

    return begun


def ends(opened: Opened, since: float) -> None:
    """It ends in time, at both sides, and not as if it were whole."""
    until(lambda: opened.ended, lambda: f"{opened.exchange} lives on", BOUND + 1)
    assert opened.ended_at - since < BOUND, opened.ended_at - since
    assert not opened.whole
    until(opened.source.cut.is_set, lambda: f"the server still sends to {opened.exchange}", 1)


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_what_the_new_policy_forbids_ends(scenes, http2: bool) -> None:
    """All of them idle; the others go on, and end as if nothing had happened."""
    with scenes(BOTH, http2) as scene:
        forbidden = [scene.open(call("deploy")) for _ in range(3)]
        permitted = [scene.open(call("search")), scene.open(LISTEN)]
        since = scene.update(SEARCH)
        for opened in forbidden:
            ends(opened, since)
        time.sleep(BOUND)
        for opened in permitted:
            opened.expect(1)
            opened.source.end()
            until(lambda: opened.ended, lambda: "it does not end")
            assert opened.whole
        answers = [scene.record(opened)["response"] for opened in forbidden + permitted]
        record = scene.record(forbidden[0])
    broken = {"outcome": "broken_off", "reason": "policy_superseded"}
    assert answers == [broken] * 3 + [{"outcome": "passed"}] * 2
    assert record["decision"] == "allow"
    later = record["superseded"]
    assert (later["decision"], later["reason"]) == ("deny", "tool_not_allowed")
    assert later["policy"] != record["policy"]
