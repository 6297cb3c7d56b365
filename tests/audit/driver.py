"""A client and a server that do ten thousand random things, and a ledger of what they did."""

import asyncio
import hashlib
import json
import random
from collections import Counter

from .rebuild import Call

CLIENTS = 24
HEAD_END = b"\r\n\r\n"
ALLOWED = ["search_code", "get_issue"]
HIDDEN = "system_exec"


class Server:
    """An MCP server that does what the header `x-do` says."""

    def __init__(self) -> None:
        self.port = 0
        self._seen: dict[str, asyncio.Event] = {}

    def seen(self, request_id: str) -> asyncio.Event:
        """Set when the server has what it waits for of that request."""
        return self._seen.setdefault(request_id, asyncio.Event())

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        headers = head_of(await reader.readuntil(HEAD_END))
        request_id, what = headers["x-request-id"], headers.get("x-do", "answer")
        if what == "see-head":
            self.seen(request_id).set()
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        if what == "wait":
            self.seen(request_id).set()
            await reader.read()
            return False
        if what == "die":
            return False
        whole = json.dumps(self._answer(body, what)).encode()
        length = len(whole) + (100 if what == "die-amid" else 0)
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        writer.write(head.encode() + whole)
        await writer.drain()
        return what != "die-amid"

    @staticmethod
    def _answer(body: dict, what: str) -> dict:
        envelope = {"jsonrpc": "2.0", "id": body["id"]}
        if what == "error":
            return {**envelope, "error": {"code": -32000, "message": "no"}}
        if what == "unreadable":
            return {**envelope, "result": {}, "error": {}}
        if body["method"] == "tools/list":
            tools = [{"name": name, "inputSchema": {"type": "object"}} for name in [*ALLOWED, HIDDEN]]
            return {**envelope, "result": {"tools": tools}}
        content = [{"type": "text", "text": "done"}]
        return {**envelope, "result": {"content": content, "isError": what == "tool-error"}}


class Driver:
    """Clients that make calls through the proxy; `ledger` says what happened to each."""

    def __init__(self, port: int, server: Server, calls: int, seed: int):
        self.ledger: Counter = Counter()
        self._port = port
        self._server = server
        self._numbers = iter(range(calls))
        self._random = random.Random(seed)

    async def run(self) -> None:
        """Makes all calls."""
        await asyncio.gather(*(self._client(f"session-{number}") for number in range(CLIENTS)))

    async def _client(self, session: str) -> None:
        connection = None
        for number in self._numbers:
            connection = connection or await asyncio.open_connection("127.0.0.1", self._port)
            kept = await self._call(*connection, f"call-{number}", session)
            if not kept:
                connection[1].close()
                connection = None

    async def _call(self, reader, writer, request_id: str, session: str) -> bool:
        what = self._random.choice(list(KINDS))
        method, name, headers, verdict, ending = KINDS[what]
        params = {"name": name, "arguments": {"q": request_id}} if name else {}
        body = json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode()
        headers = {**headers, "x-request-id": request_id, "mcp-session-id": session}
        known = verdict not in ("undecided", "refused_by_mesh")
        digest = hashlib.sha256(session.encode()).hexdigest()[:32]
        self.ledger[
            Call(
                request_id,
                None if verdict == "refused_by_mesh" else digest,
                method if known else None,
                (name or None) if known else None,
                verdict,
                ending,
            )
        ] += 1
        half = what == "hang-up-in-request"
        writer.write(request(headers, body, len(body) // 2 if half else len(body)))
        await writer.drain()
        if headers.get("x-do") in ("see-head", "wait"):
            await asyncio.wait_for(self._server.seen(request_id).wait(), 30)
            return False
        return await answered(reader) and what not in ("server-dies-amid-answer",)


# What is called, with which headers, what is decided, and how it ends.
KINDS: dict[str, tuple[str, str, dict, str, str]] = {
    "call": ("tools/call", "search_code", {}, "allow", "answered"),
    "call-another": ("tools/call", "get_issue", {}, "allow", "answered"),
    "list": ("tools/list", "", {}, "allow", f"removed: {HIDDEN}"),
    "tool-fails": ("tools/call", "search_code", {"x-do": "tool-error"}, "allow", "tool error"),
    "server-refuses": ("tools/call", "search_code", {"x-do": "error"}, "allow", "error -32000"),
    "unreadable": ("tools/call", "search_code", {"x-do": "unreadable"}, "allow", "withheld: response_unreadable"),
    "hidden-tool": ("tools/call", HIDDEN, {}, "deny: tool_not_allowed", ""),
    "needs-approval": ("tools/call", "delete_branch", {}, "deny: approval_required", ""),
    "unknown-method": ("shell/run", "", {}, "deny: unknown_method", ""),
    "banned": ("tools/call", "search_code", {"x-banned": "yes"}, "refused_by_mesh", ""),
    "bad-token": ("tools/call", "search_code", {"authorization": "Bearer no.t.oken"}, "refused_by_mesh", ""),
    "hang-up-in-request": ("tools/call", "search_code", {"x-do": "see-head"}, "undecided", ""),
    "hang-up-before-answer": ("tools/call", "search_code", {"x-do": "wait"}, "allow", "broken off"),
    "server-dies": ("tools/call", "search_code", {"x-do": "die"}, "allow", "no answer"),
    "server-dies-amid-answer": ("tools/call", "search_code", {"x-do": "die-amid"}, "allow", "broken off"),
}


def request(headers: dict, body: bytes, sent: int) -> bytes:
    """A POST, perhaps without the end of its body."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /mcp HTTP/1.1", "host: mcp.example", "content-type: application/json", *lines]
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body[:sent]


async def answered(reader: asyncio.StreamReader) -> bool:
    """Reads an answer; whether the connection lives on."""
    try:
        headers = head_of(await reader.readuntil(HEAD_END))
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        else:
            await chunks(reader)
    except (OSError, asyncio.IncompleteReadError):
        return False
    return headers.get("connection") != "close"


async def chunks(reader: asyncio.StreamReader) -> None:
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)


def head_of(head: bytes) -> dict[str, str]:
    """Headers by their names in lower case."""
    pairs = (line.partition(":") for line in head.decode().split("\r\n")[1:] if line)
    return {name.lower(): value.strip() for name, _, value in pairs}
