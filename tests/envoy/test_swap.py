"""A hundred changes of policy under load, each policy denying what the other allows.

No request is lost; each is decided wholly by one policy, the one whose digest its record bears;
and nothing runs at the server that the record says was denied.
"""

import itertools
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from env.envoy import Envoy
from env.waiting import until

from .client import Http1Client
from .mcp import answered, call, error_of
from .messages import EXCHANGE, Request
from .upstream import Script, Upstream

SWAPS = 100
CLIENTS = 6
TOOLS = ("alpha", "beta")
DONE = answered({"content": []})
DISCOVERY = "extension_config_discovery.http_filter.mcp_guard."


def policy(tool: str) -> dict:
    """Allows one of the tools, denies the other."""
    other = TOOLS[1 - TOOLS.index(tool)]
    allow, deny = {f"only-{tool}": {"tools": [tool]}}, {f"no-{other}": {"tools": [other]}}
    return {"format": 1, "policy": {"server": tool, "allow": allow, "deny": deny}}


@dataclass
class Load:
    """Clients that call both tools without a pause until they are told to end."""

    port: int
    ended: threading.Event = field(default_factory=threading.Event)
    # What the client saw of each exchange: the tool, and whether it got a result.
    seen: dict[str, tuple[str, bool]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    _numbers: itertools.count = field(default_factory=itertools.count)

    def run(self) -> None:
        with Http1Client(self.port) as client:
            for tool in itertools.cycle(TOOLS):
                if self.ended.is_set():
                    return
                self._call(client, tool)

    def _call(self, client: Http1Client, tool: str) -> None:
        exchange = str(next(self._numbers))
        response = client.exchange(identified(call(tool, exchange), exchange))
        error = error_of(response.body)
        refused = bool(error) and error["message"] == f"Unknown tool: {tool}"
        answered_whole = response.complete and response.status == 200
        if answered_whole and (refused or response.body == DONE.body):
            self.seen[exchange] = (tool, not refused)
        else:
            self.lost.append(f"{exchange} {tool}: {response}")


def identified(request: Request, exchange: str) -> Request:
    value = exchange.encode()
    return request.with_headers((EXCHANGE, value), ("x-request-id", value))


def test_swapping_policies_under_load(version: str, tmp_path: Path) -> None:
    settings = {"version": version, "ecds_file": tmp_path / "ecds.json", "concurrency": 2}
    with Upstream(Script(DONE)) as upstream, Envoy(upstream.port, policy("alpha"), **settings) as envoy:
        load = Load(envoy.port)
        clients = [threading.Thread(target=load.run, daemon=True) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for number in range(SWAPS):
            swap(envoy, policy(TOOLS[(number + 1) % 2]), load)
        load.ended.set()
        for client in clients:
            client.join()
        total = len(load.seen) + len(load.lost)
        entries = envoy.access_log(count=total)
        log = envoy.log_text()
    assert not load.lost, load.lost[:5]
    judge(load, {entry["request_id"]: entry["guard"] for entry in entries}, upstream)
    assert "wasm" not in log, log


def swap(envoy: Envoy, config: dict, load: Load) -> None:
    """Delivers a policy, waits until Envoy has taken it up, and lets some requests meet it."""
    before = discovery(envoy)
    envoy.update(config)
    until(lambda: discovery(envoy)["config_reload"] > before["config_reload"], envoy.log_text)
    assert discovery(envoy)["update_rejected"] == 0
    met = len(load.seen) + 2 * CLIENTS
    until(lambda: load.lost or len(load.seen) >= met, envoy.log_text)


def discovery(envoy: Envoy) -> Counter:
    """Envoy's counters of the filter's deliveries."""
    named = {name.rpartition(DISCOVERY): value for name, value in envoy.stats().items()}
    return Counter({counter: value for (_, found, counter), value in named.items() if found})


def judge(load: Load, records: dict[str, dict], upstream: Upstream) -> None:
    executed = Counter({exchange: len(requests) for exchange, requests in upstream.whole.items()})
    decided: dict[str, set[tuple[str, str]]] = {}
    allowed_by: Counter = Counter()
    for exchange, (tool, got_result) in load.seen.items():
        record = records.get(exchange)
        assert record, f"no record of {exchange}"
        allowed = record["decision"] == "allow"
        assert record["request_id"] == exchange and record["gen_ai.tool.name"] == tool
        assert got_result == allowed, record
        # A forbidden execution is one under a record that denies.
        assert executed[exchange] == (1 if allowed else 0), record
        decided.setdefault(record["policy"], set()).add((tool, record["decision"]))
        allowed_by[record["policy"], record["server"]] += allowed
    # Two digests, each of which decided everything its own way, and never the other's.
    ways = {("alpha", "allow"), ("beta", "deny")}, {("alpha", "deny"), ("beta", "allow")}
    assert sorted(map(sorted, decided.values())) == sorted(map(sorted, ways)), json.dumps(
        {digest: sorted(way) for digest, way in decided.items()}
    )
    assert set(executed) <= set(load.seen)
    assert all(count > SWAPS for count in allowed_by.values()), allowed_by
