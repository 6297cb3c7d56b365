"""Real SDK clients talk to real SDK servers through Envoy with the guard.

Every client lists, calls an allowed tool, is refused denied ones, and calls the allowed one again on
the same connection. What was run is counted at the server.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from env.envoy import Envoy
from env.server import Server
from env.waiting import awaited

from sdk.programs import CLIENTS, MODERN, SERVERS, protocol, run_client, server_argv

POLICY = {
    "format": 1,
    "policy": {
        "server": "github",
        "allow": {
            "read-code": {
                "tools": ["search_code", "get_pull_request", "delete_branch"],
                "resources": ["repo://acme/**"],
                "prompts": ["review"],
            }
        },
    },
}

ALL_TOOLS = ["search_code", "get_pull_request", "system_exec", "delete_branch", "update_issue"]
ALL_CALLS = [
    "search_code",
    "system_exec",
    "delete_branch",
    "repo://acme/app/README.md",
    "file:///etc/shadow",
    "review",
    "secret_prompt",
    "search_code",
]
PERMITTED_CALLS = ["search_code", "repo://acme/app/README.md", "review", "search_code"]
# Every client and every server once.
UNGUARDED = [(client, "py2") for client in CLIENTS] + [("py2-auto", name) for name in SERVERS if name != "py2"]
TARGETS = ["gen_ai.tool.name", "gen_ai.prompt.name", "mcp.resource.uri"]
REFUSALS = {
    ("tools/call", "system_exec", "tool_not_allowed"),
    ("tools/call", "delete_branch", "approval_required"),
    ("resources/read", "file:///etc/shadow", "resource_not_allowed"),
    ("prompts/get", "secret_prompt", "prompt_not_allowed"),
}


class Guarded(NamedTuple):
    """A server behind an Envoy with the guard."""

    name: str
    server: Server
    envoy: Envoy


@pytest.fixture(scope="module", params=[f"{server}-{mode}" for server in SERVERS for mode in ("json", "sse")])
def guarded(request, tmp_path_factory) -> Iterator[Guarded]:
    name, _, mode = request.param.partition("-")
    with Server(server_argv(name, mode), tmp_path_factory.mktemp("server")) as server:
        with Envoy(server.port, POLICY) as envoy:
            yield Guarded(name, server, envoy)


@pytest.mark.parametrize("client", CLIENTS)
def test_guarded(guarded: Guarded, client: str) -> None:
    guarded.server.forget_calls()
    seen_before = len(guarded.envoy.access_log())
    line = run_client(client, mcp_url(guarded.envoy))

    version = protocol(client, guarded.name)
    assert line["protocol"] == version
    assert line["tools"] == ["search_code", "get_pull_request", "delete_branch"]
    assert line["annotations"]["delete_branch"].items() >= {"destructiveHint": True, "readOnlyHint": False}.items()
    assert line["resources"] == ["repo://acme/app/README.md"]
    assert line["prompts"] == ["review"]
    assert_steps(line["steps"], resource_not_found(client, version))
    assert guarded.server.calls() == PERMITTED_CALLS
    assert refusals(guarded.envoy, seen_before) == REFUSALS


def assert_steps(steps: dict, resource_not_found: int) -> None:
    assert steps["allowed_tool"] == {"ok": "found guard"}
    assert_refused(steps["denied_tool"], -32602, "Unknown tool: system_exec")
    assert "approval" in steps["flagged_tool"]["tool_error"]
    assert steps["allowed_resource"] == {"ok": "# app"}
    assert_refused(steps["denied_resource"], resource_not_found, "Resource not found")
    assert steps["allowed_prompt"] == {"ok": "Review this"}
    assert_refused(steps["denied_prompt"], -32602, "Unknown prompt: secret_prompt")
    assert steps["allowed_again"] == {"ok": "found again"}


def resource_not_found(client: str, version: str) -> int:
    """The code that the client reports; the TypeScript SDK 2.x turns the old one into the new one."""
    return -32602 if version == MODERN or client.startswith("ts2") else -32002


def assert_refused(outcome: dict, code: int, message: str) -> None:
    assert outcome["error"]["code"] == code
    # Some SDKs put the code in front of the message.
    assert outcome["error"]["message"].endswith(message)


def refusals(envoy: Envoy, seen_before: int) -> set[tuple]:
    """The distinct refusals in the access log; Envoy writes it a moment after it answers."""

    def denied() -> list[dict]:
        records = [entry["guard"] for entry in envoy.access_log()[seen_before:]]
        return [record for record in records if record["decision"] == "deny"]

    awaited(lambda: len(denied()) >= len(REFUSALS))
    return {(one["mcp.method.name"], target(one), one["reason"]) for one in denied()}


def target(record: dict) -> str:
    return next(record[key] for key in TARGETS if key in record)


@pytest.mark.parametrize("client, name", UNGUARDED)
def test_without_the_guard_everything_is_offered_and_runs(tmp_path, client: str, name: str) -> None:
    """The control: the refusals above are the guard's, not the server's or the client's."""
    with Server(server_argv(name, "sse"), tmp_path) as server, Envoy(server.port) as envoy:
        line = run_client(client, mcp_url(envoy))
        assert line["protocol"] == protocol(client, name)
        assert line["tools"] == ALL_TOOLS
        assert all("ok" in outcome for outcome in line["steps"].values())
        assert server.calls() == ALL_CALLS


def mcp_url(envoy: Envoy) -> str:
    return f"http://127.0.0.1:{envoy.port}/mcp"
