"""HTTP/2 with trailers, client and server side, on the `h2` library's state machine."""

import socket
import ssl
import time

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from .messages import Answer, Framing, Headers, ReceivedRequest, Request, Response

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW = 1 << 24
# Headers that HTTP/2 forbids (RFC 9113, 8.2.2), and `host`, which travels as `:authority`.
FORBIDDEN = {"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "proxy-connection"}


class Stream:
    """The socket and the state machine under one HTTP/2 connection."""

    def __init__(self, sock: socket.socket, client: bool):
        self._sock = sock
        self.state = H2Connection(
            H2Configuration(
                client_side=client,
                header_encoding=None,
                validate_inbound_headers=False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.state.initiate_connection()
        self.state.increment_flow_control_window(WINDOW)
        self.flush()

    def flush(self) -> None:
        """Writes what the state machine has to say."""
        if data := self.state.data_to_send():
            self._sock.sendall(data)

    def events(self, data: bytes | None = None) -> list:
        """The next events; none at the connection's end."""
        data = self._sock.recv(65536) if data is None else data
        if not data:
            raise ConnectionResetError("the connection ended")
        events = self.state.receive_data(data)
        for event in events:
            if isinstance(event, DataReceived) and event.flow_controlled_length:
                self._acknowledge(event)
        self.flush()
        return events

    def _acknowledge(self, event: DataReceived) -> None:
        try:
            self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        except ProtocolError:
            pass  # the stream is closed already

    def send_message(self, stream: int, headers: Headers, body: bytes, framing: Framing, on_events) -> None:
        """Headers, the body piece by piece, trailers. `on_events` sees what comes meanwhile."""
        ends = not body and not framing.trailers
        self.state.send_headers(stream, encoded(headers), end_stream=ends)
        self.flush()
        if ends:
            return
        for piece in framing.pieces(body):
            self._send_data(stream, piece, on_events)
            if framing.pause:
                time.sleep(framing.pause)
        if framing.trailers:
            self.state.send_headers(stream, encoded(list(framing.trailers)), end_stream=True)
        else:
            self.state.end_stream(stream)
        self.flush()

    def _send_data(self, stream: int, data: bytes, on_events) -> None:
        while data:
            room = min(
                self.state.local_flow_control_window(stream), self.state.max_outbound_frame_size
            )
            if room <= 0:
                on_events(self.events())
                continue
            self.state.send_data(stream, data[:room])
            self.flush()
            data = data[room:]


class Http2Client:
    """A connection for one exchange."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self._stream = Stream(sock, client=True)
        self._response = Response(body=bytearray())
        self.ended = False

    def __enter__(self) -> "Http2Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def exchange(self, request: Request, framing: Framing = Framing()) -> Response:
        """Sends a request and reads its answer."""
        try:
            self.send(request, framing)
        except (OSError, ProtocolError) as error:
            self._response.failure = repr(error)  # an early answer may have come all the same
        try:
            while not self.ended:
                self.receive()
        except (OSError, ProtocolError) as error:
            self._response.failure = repr(error)
        self._response.body = bytes(self._response.body)
        return self._response

    def receive(self) -> list:
        """Waits for the next events."""
        events = self._stream.events()
        self._on(events)
        return events

    def send(self, request: Request, framing: Framing = Framing()) -> None:
        """Sends a request."""
        pseudo = [
            (":method", request.method.encode()),
            (":scheme", b"https" if isinstance(self.sock, ssl.SSLSocket) else b"http"),
            (":authority", request.authority.encode("latin-1")),
            (":path", request.path.encode("latin-1")),
        ]
        kept = [(name, value) for name, value in request.headers if name.lower() not in FORBIDDEN]
        stream = self._stream.state.get_next_available_stream_id()
        self._stream.send_message(stream, pseudo + kept, request.body, framing, self._on)

    def _on(self, events: list) -> None:
        for event in events:
            if isinstance(event, ResponseReceived):
                self._response.headers = decoded(event.headers)
                self._response.status = int(self._response.value(":status") or 0)
            elif isinstance(event, DataReceived):
                self._response.body += event.data
                self._response.arrivals.append(time.monotonic())
            elif isinstance(event, TrailersReceived):
                self._response.trailers = decoded(event.headers)
            elif isinstance(event, StreamEnded):
                self._response.complete = self.ended = True
            elif isinstance(event, (StreamReset, ConnectionTerminated)):
                self._response.failure = repr(event)
                self.ended = True


class Http2Server:
    """The server side of one connection; `serve` gives each whole request to `answer`."""

    def __init__(self, sock: socket.socket, first: bytes):
        self._stream = Stream(sock, client=False)
        self._first: bytes | None = first
        self._requests: dict[int, ReceivedRequest] = {}

    def serve(self, head, answer) -> None:
        """`head(request)` at each request's head; `answer(request, send)` when it is whole."""
        while True:
            first, self._first = self._first, None
            for event in self._stream.events(first):
                self._on(event, head, answer)

    def _on(self, event: object, head, answer) -> None:
        if isinstance(event, RequestReceived):
            self._requests[event.stream_id] = request = request_of(decoded(event.headers))
            head(request)
        elif isinstance(event, DataReceived):
            self._requests[event.stream_id].body += event.data
        elif isinstance(event, TrailersReceived):
            self._requests[event.stream_id].trailers = decoded(event.headers)
        elif isinstance(event, StreamReset):
            self._requests.pop(event.stream_id, None)
        elif isinstance(event, StreamEnded) and event.stream_id in self._requests:
            request = self._requests.pop(event.stream_id)
            request.body = bytes(request.body)
            request.complete = True
            answer(request, lambda *message: self._answer(event.stream_id, *message))

    def _answer(self, stream: int, answer: Answer, framing: Framing) -> None:
        headers = [(":status", str(answer.status).encode()), *answer.headers]
        try:
            self._stream.send_message(stream, headers, answer.body, framing, lambda _: None)
        except ProtocolError:
            pass  # Envoy reset the stream meanwhile


def request_of(headers: Headers) -> ReceivedRequest:
    request = ReceivedRequest(headers=headers, body=bytearray())
    pseudo = (":method", ":path", ":authority")
    text = [(request.value(name) or b"").decode("latin-1") for name in pseudo]
    request.method, request.path, request.authority = text
    return request


def encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value) for name, value in headers]


def decoded(headers: list[tuple[bytes, bytes]]) -> Headers:
    return [(name.decode("latin-1"), bytes(value)) for name, value in headers]
