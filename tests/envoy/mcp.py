"""The few MCP messages that the tests send and read (JSON-RPC 2.0)."""

import json

from .messages import Answer, Request

JSON = (("content-type", b"application/json"),)
EVENTS = (("content-type", b"text/event-stream"),)


def call(tool: str, identifier: object = 1, **arguments: object) -> Request:
    """A `tools/call`."""
    return posted({"method": "tools/call", "params": {"name": tool, "arguments": arguments}}, identifier)


def tools_list(identifier: object = 1) -> Request:
    """A `tools/list`."""
    return posted({"method": "tools/list"}, identifier)


def posted(message: dict, identifier: object = 1) -> Request:
    """A request in a POST."""
    return Request(headers=JSON, body=encoded({"jsonrpc": "2.0", "id": identifier, **message}))


def result(value: object, identifier: object = 1) -> bytes:
    """A response as JSON text."""
    return encoded({"jsonrpc": "2.0", "id": identifier, "result": value})


def answered(value: object, identifier: object = 1) -> Answer:
    """A response as an HTTP answer."""
    return Answer(200, JSON, result(value, identifier))


def tool_page(*names: str, padding: int = 0) -> dict:
    """A page of `tools/list`; `padding` is the length of each description."""
    schema = {"type": "object"}
    return {"tools": [{"name": name, "description": "x" * padding, "inputSchema": schema} for name in names]}


def event(data: bytes, end: bytes = b"\n") -> bytes:
    """One event of an event stream."""
    return b"event: message" + end + b"data: " + data + end + end


def error_of(body: bytes) -> dict | None:
    """The JSON-RPC error in a body; None if it holds none."""
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message.get("error") if isinstance(message, dict) else None


def encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
