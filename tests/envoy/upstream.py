"""The server behind Envoy: it does per exchange what the test says and keeps what it received."""

import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from . import http1
from .http2 import PREFACE, Http2Server
from .messages import EXCHANGE, Answer, Framing, ReceivedRequest


@dataclass
class Script:
    """What the upstream does with one exchange."""

    answer: Answer = Answer()
    framing: Framing = Framing()
    # Replaces the answer, HTTP/1.1 only: gets the socket and the request.
    act: Callable[[socket.socket, ReceivedRequest], None] | None = None


class Upstream:
    """Threads that serve HTTP/1.1 and HTTP/2 (prior knowledge) on one port."""

    def __init__(self, default: Script | None = None):
        self._default = default or Script(Answer(status=500))
        self._scripts: dict[str, Script] = {}
        self._lock = threading.Lock()
        # What arrived, by exchange: all requests, and those that arrived whole.
        self.heads: dict[str, list[ReceivedRequest]] = defaultdict(list)
        self.whole: dict[str, list[ReceivedRequest]] = defaultdict(list)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Upstream":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def program(self, exchange: str, script: Script) -> None:
        """What to do with the exchange of this id."""
        self._scripts[exchange] = script

    def request(self, exchange: str) -> ReceivedRequest | None:
        """The whole request that arrived under this id."""
        return next(iter(self.whole.get(exchange, [])), None)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = http1.Reader(sock)
            try:
                if reader.peek(len(PREFACE)) == PREFACE:
                    Http2Server(sock, reader.more()).serve(self._head, self._answer_http2)
                else:
                    self._serve_http1(sock, reader)
            except (OSError, ValueError):
                pass  # Envoy hung up

    def _serve_http1(self, sock: socket.socket, reader: http1.Reader) -> None:
        while reader.peek(1):
            request = http1.read_request(reader)
            self._head(request)
            http1.read_body(reader, request, until_close=False)
            if not request.complete:
                return
            script = self._whole(request)
            if script.act:
                script.act(sock, request)
                return
            sock.sendall(http1.answer_head(script.answer, script.framing))
            if request.method != "HEAD" and script.answer.status not in http1.NO_BODY:
                http1.send_body(sock, script.answer.body, script.framing)
            if script.framing.kind == "close":
                return

    def _answer_http2(self, request: ReceivedRequest, send: Callable) -> None:
        script = self._whole(request)
        send(script.answer, script.framing)

    def _head(self, request: ReceivedRequest) -> None:
        with self._lock:
            self.heads[exchange_of(request)].append(request)

    def _whole(self, request: ReceivedRequest) -> Script:
        exchange = exchange_of(request)
        with self._lock:
            self.whole[exchange].append(request)
        return self._scripts.get(exchange, self._default)


def exchange_of(request: ReceivedRequest) -> str:
    return (request.value(EXCHANGE) or b"").decode("latin-1")
