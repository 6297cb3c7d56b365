"""One request to an Envoy, and whether the answer is the right one for it."""

import http.client
import json
import ssl
from pathlib import Path

from . import messages
from .messages import Exchange
from .proxy import Proxy
from .variants import Variant

SERVER_NAME = "mcp.example"


class WrongAnswer(RuntimeError):
    """An Envoy answered something that it must not: measuring it would mean nothing."""


def checked_answer(proxy: Proxy, exchange: Exchange, certificates: Path | None) -> bytes:
    """The body of the right answer; every answer of the load must equal it byte for byte."""
    status, body = ask(proxy.port, exchange, certificates)
    problem = wrong(proxy.variant, exchange, status, body)
    if problem:
        start = body[:400].decode(errors="replace")
        raise WrongAnswer(f"{proxy.variant.name}, {exchange.title}: {problem}; status {status}: {start}")
    return body


def ask(port: int, exchange: Exchange, certificates: Path | None) -> tuple[int, bytes]:
    """Sends the request once."""
    connection = connect(port, certificates)
    headers = {
        "host": SERVER_NAME,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
        "user-identity": "alice@example.com",
    }
    try:
        connection.request("POST", exchange.path, exchange.request, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def connect(port: int, certificates: Path | None) -> http.client.HTTPConnection:
    if certificates is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    context = ssl.create_default_context(cafile=str(certificates / "authority.pem"))
    context.load_cert_chain(certificates / "client.pem", certificates / "client.key")
    context.check_hostname = False
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)


def wrong(variant: Variant, exchange: Exchange, status: int, body: bytes) -> str | None:
    """What is wrong with an answer."""
    if status != 200:
        return "not 200"
    if exchange.kind == "denied" and variant.decides:
        return wrong_denial(body)
    if exchange.kind == "list" and variant.filters_lists:
        return wrong_list(body)
    return None if body == messages.answers()[exchange.answer] else "not the upstream's answer"


def wrong_denial(body: bytes) -> str | None:
    answer = json.loads(body)
    error = answer.get("error", {})
    if answer.get("id") != messages.ID or error.get("code") != -32602 or messages.DENIED_TOOL not in error["message"]:
        return "not the refusal of an unknown tool"
    return None


def wrong_list(body: bytes) -> str | None:
    tools = json.loads(body)["result"]["tools"]
    if [tool["name"] for tool in tools] != messages.permitted_tools():
        return "not the permitted tools"
    unmarked = [tool["name"] for tool in tools if tool["name"] in messages.FLAGGED_TOOLS and "_meta" not in tool]
    return f"not marked for approval: {unmarked}" if unmarked else None
