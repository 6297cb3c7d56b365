"""MCP calls as plain HTTP, and what became of them."""

import json
from dataclasses import dataclass

from .mesh import GITHUB
from .pod import Pod
from .web import Connection, Reply

HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
ALLOWED = ("search_code", {"query": "guard"})
DENIED = ("system_exec", {"command": "id"})


@dataclass(frozen=True)
class Target:
    """Where an MCP server is reached: by its Service, unless by address."""

    host: str = GITHUB
    port: int = 8080
    path: str = "/mcp"


def body(tool: str, arguments: dict) -> str:
    """A `tools/call`."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return json.dumps(call)


def call(pod: Pod, what: tuple[str, dict] = ALLOWED, target: Target = Target(), headers: dict | None = None) -> Reply:
    """A call on a connection of its own."""
    return pod.ask("POST", target.host, target.port, target.path, {**HEADERS, **(headers or {})}, body(*what))


def call_on(connection: Connection, what: tuple[str, dict] = ALLOWED, target: Target = Target()) -> Reply:
    """A call on a connection that may have carried others."""
    return connection.ask("POST", target.path, HEADERS, body(*what))


def ran(reply: Reply) -> bool:
    """Whether the tool ran, by its answer."""
    return reply.status == 200 and "result" in reply.json() and not reply.json()["result"].get("isError")


def refused_by_filter(reply: Reply) -> bool:
    """Whether it is the guard's own refusal, in the form that clients survive."""
    return reply.status == 200 and "Unknown tool" in reply.body


def refused_by_layer_2(reply: Reply) -> bool:
    """Whether the sidecar's RBAC said it, or the connection was ended before that: the caller's sidecar says 503 then."""
    if reply.status == 503:
        return "connection termination" in reply.body or "connection failure" in reply.body
    return reply.status == 0 or (reply.status == 403 and "RBAC: access denied" in reply.body)
