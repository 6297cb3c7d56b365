"""Event streams that stay open: the server's side sends when it is told to, the client's is read as it comes."""

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator

from env.waiting import until
from h2.events import DataReceived, StreamEnded
from h2.exceptions import ProtocolError

from . import http1
from .client import connect
from .http2 import Http2Client
from .mcp import encoded, event
from .messages import EXCHANGE, Framing, ReceivedRequest, Request
from .upstream import Script, Upstream

LISTEN = Request("GET", headers=(("accept", b"text/event-stream"),))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
NUMBER = re.compile(rb'"progress":(\d+)')


class Source:
    """What the server does with one exchange: nothing until it is told."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes] = queue.Queue()
        # Set when Envoy has closed the connection to the server.
        self.cut = threading.Event()

    def open(self) -> None:
        """Sends the head."""
        self._pieces.put(HEAD)

    def say(self, number: int) -> None:
        """Sends an event with this number in it."""
        params = {"progressToken": 1, "progress": number}
        message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
        self._pieces.put(http1.chunk(event(encoded(message))))

    def end(self) -> None:
        """Ends the stream as it should be ended."""
        self._pieces.put(b"0\r\n\r\n")

    def serve(self, sock: socket.socket, _: ReceivedRequest) -> None:
        """The server's side."""
        threading.Thread(target=self._watch, args=(sock,), daemon=True).start()
        while not self.cut.is_set():
            try:
                sock.sendall(self._pieces.get(timeout=0.05))
            except (queue.Empty, OSError):
                pass

    def _watch(self, sock: socket.socket) -> None:
        try:
            while sock.recv(65536):
                pass
        except OSError:
            pass
        self.cut.set()


class Opened:
    """A request whose answer is a stream, as its client sees it."""

    def __init__(
        self,
        upstream: Upstream,
        port: int,
        exchange: str,
        request: Request,
        *,
        http2: bool = False,
        tls: ssl.SSLContext | None = None,
        head: bool = True,
    ):
        self.exchange = exchange
        self.source = Source()
        self.heard: list[int] = []
        self.ended_at = 0.0
        # Whether it ended as it should.
        self.whole = False
        upstream.program(exchange, Script(act=self.source.serve))
        value = exchange.encode()
        self._request = request.with_headers((EXCHANGE, value), ("x-request-id", value))
        self._sock = connect(port, tls, timeout=60)
        threading.Thread(target=self._run, args=(http2,), daemon=True).start()
        until(lambda: upstream.request(exchange) or self.ended, lambda: f"{exchange} did not arrive")
        if head:
            self.source.open()
            self.expect(0)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return bool(self.ended_at)

    def expect(self, number: int) -> float:
        """The server sends an event; when the client has got it."""
        self.source.say(number)
        until(lambda: number in self.heard, lambda: f"{self.exchange}: no event {number}, ended: {self.ended}", 3)
        return time.monotonic()

    def close(self) -> None:
        """The client goes away."""
        self._sock.close()

    def _run(self, http2: bool) -> None:
        held = b""
        try:
            for piece in self._http2() if http2 else self._http1():
                *lines, held = (held + piece).split(b"\n")
                self.heard += [int(found[1]) for line in lines if (found := NUMBER.search(line))]
        except (OSError, ValueError, ProtocolError):
            pass
        self.ended_at = time.monotonic()

    def _http1(self) -> Iterator[bytes]:
        self._sock.sendall(http1.request_head(self._request, Framing()) + self._request.body)
        reader = http1.Reader(self._sock)
        response = http1.read_response(reader)
        yield from http1.body_pieces(reader, response, until_close=False)
        self.whole = True

    def _http2(self) -> Iterator[bytes]:
        client = Http2Client(self._sock)
        client.send(self._request)
        while not client.ended:
            for one in client.receive():
                if isinstance(one, DataReceived):
                    yield one.data
                self.whole |= isinstance(one, StreamEnded)
