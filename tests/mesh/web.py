"""HTTP/1.1 over a connection that is already open, with the bytes in the caller's hands.

A client library would hide what matters here: which connection carries a request, and what a peer
sends that closes it.
"""

import http.client
import json
import socket
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 if the connection ended without an answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    fault: str = ""

    def json(self) -> dict:
        """The body as JSON, or the one event of a stream."""
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            return events(self.body)[-1]
        return json.loads(self.body)

    @property
    def said(self) -> str:
        """The shortest text that tells what came back."""
        return self.fault or f"{self.status} {self.body.strip()[:160]}".strip()


def events(body: str) -> list[dict]:
    """The JSON of the events of a stream."""
    lines = [line.removeprefix("data:").strip() for line in body.splitlines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line]


class Connection:
    """One connection, for as many requests as its peer takes."""

    def __init__(self, opened: socket.socket, authority: str = "host"):
        self._http = http.client.HTTPConnection(authority)
        self._http.sock = opened
        self._http.auto_open = 0
        self.authority = authority

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: str | bytes | None = None) -> Reply:
        """Sends a request and reads the whole answer."""
        try:
            response = self.begin(method, path, headers, body)
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as fault:
            return Reply(0, fault=f"{type(fault).__name__}: {fault}")
        return Reply(response.status, lower(response.headers), text)

    def begin(self, method: str, path: str, headers: dict[str, str] | None = None, body: str | bytes | None = None):
        """Sends a request and reads the answer's head; the rest is the caller's to read."""
        self._http.request(method, path, body=body, headers={"host": self.authority, **(headers or {})})
        return self._http.getresponse()

    def close(self) -> None:
        """Closes it."""
        self._http.close()

    @property
    def open(self) -> bool:
        """Whether the peer has not ended it, as far as is known."""
        return self._http.sock is not None


def exchange(opened: socket.socket, method: str, path: str, headers: dict | None = None, body: str | None = None) -> Reply:
    """One request on a connection of its own."""
    connection = Connection(opened)
    try:
        return connection.ask(method, path, {"connection": "close", **(headers or {})}, body)
    finally:
        connection.close()


def raw(opened: socket.socket, data: bytes, limit: int = 65536) -> str:
    """What comes back to these bytes until the peer is silent or gone."""
    received = b""
    with opened:
        try:
            opened.sendall(data)
            while len(received) < limit and (piece := opened.recv(4096)):
                received += piece
        except OSError as fault:
            return f"{received.decode(errors='replace')}{type(fault).__name__}"
    return received.decode(errors="replace")


def lower(headers: http.client.HTTPMessage) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
