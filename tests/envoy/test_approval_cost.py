"""What approvals cost calls that need none: nothing. Counted in Envoy's own trace of its Wasm host."""

import json
import re
import time
from collections import Counter

from env.paths import WASM, must_exist

from .approvals import Desk
from .guards import Guard
from .mcp import answered, call
from .messages import Request
from .stage import Stage
from .upstream import Script

HOST_CALL = re.compile(r"\[vm->host\] env\.(proxy_\w+)\(")
# Counts are written once a second, whenever that is.
TICKING = {"proxy_increment_metric"}
QUIET = 0.5
LARGEST_MODULE = 600 * 1024
DESK = Desk()
PLAIN = {"server": "s", "allow": {"all": {"tools": ["delete_repository", "search_code"]}}}
APPROVALS = {"issuers": {DESK.issuer: {"keys": [DESK.jwk()]}}}
WITHOUT = Guard(json.dumps({"format": 1, "policy": PLAIN}))
WITH = Guard(json.dumps({"format": 2, "policy": {**PLAIN, "approvals": APPROVALS}}))


def test_only_calls_that_wait_for_a_human_ask_the_host_for_more(version: str, tmp_path) -> None:
    with Stage(version, {WITH, WITHOUT}, tmp_path, concurrency=1, component_log_level="wasm:trace") as stage:
        free = call("search_code", query="x")
        usual = host_calls(stage, WITHOUT, free)
        assert usual and host_calls(stage, WITH, free) == usual
        assert "proxy_get_shared_data" not in usual
        held = host_calls(stage, WITH, call("delete_repository", name="x"))
        assert held["proxy_get_shared_data"] == 1 and held["proxy_set_shared_data"] == 0


def test_the_module_is_below_its_bound() -> None:
    """Every worker compiles all of it at its start."""
    assert must_exist(WASM, "make build").stat().st_size < LARGEST_MODULE


def host_calls(stage: Stage, guard: Guard, request: Request) -> Counter:
    """What the module asks of Envoy for one such request; an earlier one has defined its metrics."""
    script = Script(answered({"content": []}))
    stage.exchange(guard, request, script)
    before = settled(stage)
    stage.exchange(guard, request, script)
    calls = Counter(HOST_CALL.findall(stage.envoy.log_text()[before : settled(stage)]))
    return Counter({name: number for name, number in calls.items() if name not in TICKING})


def settled(stage: Stage) -> int:
    """The log's length once the exchange's last calls are in it."""
    time.sleep(QUIET)
    return len(stage.envoy.log_text())
