"""A session rebuilt from the audit log equals what the driver did."""

import asyncio
import json
from pathlib import Path

from env.bootstrap import typed
from envoy.jwt import Issuer

from .driver import Driver, Server
from .log import AuditedEnvoy
from .rebuild import rebuild
from .test_secrets import SCHEMA

CALLS = 10_000
POLICY = {
    "format": 1,
    "policy": {
        "server": "github",
        "allow": {"read": {"tools": ["search_code", "get_issue", "delete_branch"]}},
    },
}
BANNED = typed(
    "envoy.filters.http.rbac",
    "filters.http.rbac.v3.RBAC",
    {
        "rules": {
            "action": "DENY",
            "policies": {
                "banned": {
                    "permissions": [{"header": {"name": "x-banned", "present_match": True}}],
                    "principals": [{"any": True}],
                }
            },
        }
    },
)


def test_the_log_tells_all_that_happened_and_nothing_else(version: str, tmp_path: Path) -> None:
    ledger, lines, log = asyncio.run(drive(version))
    told = rebuild(lines)
    assert told - ledger == ledger - told == {}, (told - ledger, ledger - told)
    assert sum(told.values()) == CALLS
    assert rebuild(lines[1:]) != ledger
    shapes = {json.dumps(shape(json.loads(line))): line for line in lines}
    for line in shapes.values():
        SCHEMA.validate(json.loads(line))
    assert "wasm" not in log, log


def shape(value: object) -> object:
    """What distinguishes lines before the schema: members and kinds, not texts."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    return type(value).__name__


async def drive(version: str) -> tuple:
    """What was done, the log of it, and Envoy's own log."""
    server = Server()
    listener = await server.start()
    before = [*Issuer().filters(("https://idp.example.com",)), BANNED]
    settings = {"version": version, "extra_filters_before": before, "concurrency": 2}
    with AuditedEnvoy(server.port, POLICY, **settings) as envoy:
        driver = Driver(envoy.port, server, CALLS, seed=1)
        await asyncio.wait_for(driver.run(), 120)
        lines = envoy.lines(CALLS)
        listener.close()
        return driver.ledger, lines, envoy.log_text()
