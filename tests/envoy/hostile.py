"""Peers that misbehave: servers that die or flood, clients that vanish or send what nobody should."""

import random
import socket
import struct

from . import http1
from .client import connect
from .mcp import EVENTS, JSON, answered, call, encoded, event, result, tool_page
from .messages import EXCHANGE, Answer, Framing, ReceivedRequest, Request
from .upstream import Script

MIB = 1 << 20
SHADOW = "system_exec"


# Servers


def dies_after(answer: Answer, kind: str, count: int) -> Script:
    """Sends the head and `count` bytes of the body, then resets the connection."""

    def act(sock: socket.socket, _: ReceivedRequest) -> None:
        framing = Framing(kind)
        sock.sendall(http1.answer_head(answer, framing))
        part = answer.body[:count]
        sock.sendall(http1.chunk(part) if kind == "chunked" and part else part)
        reset(sock)

    return Script(act=act)


def dies_at_once() -> Script:
    """Resets the connection instead of an answer."""
    return Script(act=lambda sock, _: reset(sock))


def reset(sock: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def large_text(size: int) -> Answer:
    """A tool's result of one long line."""
    return answered({"content": [{"type": "text", "text": "x" * size}]})


def large_list(size: int) -> Answer:
    """A list of many tools, one in ten of which is permitted."""
    page = tool_page(*["search_code", *[SHADOW] * 9], padding=1000)
    page["tools"] *= size // len(encoded(page))
    return answered(page)


def large_event(size: int) -> Answer:
    """An event stream of one long event."""
    data = result({"content": [{"type": "text", "text": "x" * size}]})
    return Answer(200, EVENTS, event(data))


def large_plain(size: int) -> Answer:
    """No MCP at all."""
    return Answer(200, (("content-type", b"text/plain"),), b"x" * size)


LARGE = {"text": large_text, "list": large_list, "event": large_event, "plain": large_plain}


def floods(answer_head: Answer, prefix: bytes, count: int) -> Script:
    """An answer of `count` MiB that is never held in one piece here."""

    def act(sock: socket.socket, _: ReceivedRequest) -> None:
        sock.sendall(http1.answer_head(answer_head, Framing("close")))
        sock.sendall(prefix)
        block = b"x" * MIB
        for _ in range(count):
            sock.sendall(block)

    return Script(act=act)


def keeps_open(answer: Answer) -> Script:
    """Sends head and body, and does not end the answer until the other side does."""

    def act(sock: socket.socket, _: ReceivedRequest) -> None:
        sock.sendall(http1.answer_head(answer, Framing("close")) + answer.body)
        sock.recv(1)

    return Script(act=act)


# Clients


def vanishes(port: int, exchange: str, request: Request, kind: str, count: int) -> None:
    """Sends the head and `count` bytes of the body, then goes away."""
    request = request.with_headers((EXCHANGE, exchange.encode()))
    with connect(port, None) as sock:
        sock.sendall(http1.request_head(request, Framing(kind)))
        part = request.body[:count]
        sock.sendall(http1.chunk(part) if kind == "chunked" and part else part)
        reset(sock)


def stops_reading(port: int, exchange: str, request: Request) -> None:
    """Sends the whole request, reads the beginning of its answer, then goes away."""
    request = request.with_headers((EXCHANGE, exchange.encode()))
    with connect(port, None) as sock:
        sock.sendall(http1.request_head(request, Framing()))
        http1.send_body(sock, request.body, Framing())
        sock.recv(100)
        reset(sock)


def deep(levels: int, inside: str = "params") -> Request:
    """Arrays in arrays, as the whole body or in a call's arguments."""
    nested = b"[" * levels + b"]" * levels
    if inside == "body":
        return Request(headers=JSON, body=nested)
    body = call("search_code", q="@").body.replace(b'"@"', nested)
    return Request(headers=JSON, body=body)


def long_call(size: int, tool: str = "search_code") -> Request:
    """A call with one long argument."""
    return call(tool, q="x" * size)


# Headers in which the guard, or anything on its way, may look for text.
READ = (
    "origin",
    "user-agent",
    "accept",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-param-x",
    "mcp-session-id",
    "x-request-id",
    "user-identity",
    "x-mcp-guard-x",
    "x-any",
)
HIGH = bytes(range(0x80, 0x100))


def strange_headers(chance: random.Random, tool: str = "search_code") -> Request:
    """A call with bytes above 0x7F in one to three headers."""
    names = chance.sample(READ, chance.randint(1, 3))
    fields = [(name, bytes(chance.choices(HIGH, k=chance.randint(1, 40)))) for name in names]
    return call(tool).with_headers(*fields)
