"""HTTP/1.1 by hand (RFC 9112), so that every byte on the wire is ours to choose and to see.

    chunked-body = *( chunk-size [ chunk-ext ] CRLF chunk-data CRLF ) "0" CRLF trailers CRLF
"""

import socket
import time
from collections.abc import Iterator

from .messages import Answer, Framing, Headers, Received, ReceivedRequest, Request, Response

NO_BODY = (204, 304)


class Ended(ConnectionError):
    """The peer closed the connection where more was due."""


class Reader:
    """Reads from a socket up to a mark or by count."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._held = b""

    def more(self) -> bytes:
        """Whatever comes next; empty at the end."""
        if self._held:
            held, self._held = self._held, b""
            return held
        return self._sock.recv(65536)

    def until(self, mark: bytes) -> bytes:
        """Everything before `mark`, which is consumed."""
        while mark not in self._held:
            piece = self._sock.recv(65536)
            if not piece:
                raise Ended(f"ended after {self._held[:80]!r}")
            self._held += piece
        before, _, self._held = self._held.partition(mark)
        return before

    def pieces(self, count: int) -> Iterator[bytes]:
        """`count` bytes as they come."""
        while count:
            piece = self.more()
            if not piece:
                raise Ended(f"{count} bytes are missing")
            self._held = piece[count:]
            yield piece[:count]
            count -= len(piece[:count])

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end; they stay to be read."""
        while len(self._held) < count:
            piece = self._sock.recv(65536)
            if not piece:
                break
            self._held += piece
        return self._held[:count]


def request_head(request: Request, framing: Framing) -> bytes:
    """The head of a request, with the length or coding that its body has."""
    lines = [f"{request.method} {request.path} HTTP/1.1", f"host: {request.authority}"]
    framed = framing_headers(request.headers, framing, len(request.body))
    # A POST without a body says so; other methods without one say nothing.
    if not request.body and request.method != "POST":
        framed = []
    return head(lines, [*request.headers, *framed])


def answer_head(answer: Answer, framing: Framing) -> bytes:
    """The head of an answer, with the length or coding that its body has."""
    framed = framing_headers(answer.headers, framing, len(answer.body))
    if answer.status in NO_BODY:
        framed = [field for field in framed if field[0] == "connection"]
    return head([f"HTTP/1.1 {answer.status} Status"], [*answer.headers, *framed])


def framing_headers(headers: tuple, framing: Framing, length: int) -> Headers:
    if any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
        return []
    if framing.kind == "chunked" and length:
        return [("transfer-encoding", b"chunked")]
    if framing.kind == "close":
        return [("connection", b"close")]
    return [("content-length", str(length).encode())]


def head(lines: list[str], headers: Headers) -> bytes:
    fields = [name.encode() + b": " + value for name, value in headers]
    return b"\r\n".join([*(line.encode("latin-1") for line in lines), *fields, b"", b""])


def send_body(sock: socket.socket, body: bytes, framing: Framing) -> None:
    """Sends a body piece by piece as `framing` says."""
    for piece in framing.pieces(body):
        sock.sendall(chunk(piece) if framing.kind == "chunked" else piece)
        if framing.pause:
            time.sleep(framing.pause)
    if framing.kind == "chunked" and body:
        trailers = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in framing.trailers)
        sock.sendall(b"0\r\n" + trailers + b"\r\n")


def chunk(piece: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def read_request(reader: Reader) -> ReceivedRequest:
    """A request's head; the body is read by `read_body`."""
    line, headers = read_head(reader)
    method, path, _ = (line.split(" ") + ["", ""])[:3]
    request = ReceivedRequest(headers=headers, method=method, path=path)
    request.authority = (request.value("host") or b"").decode("latin-1")
    return request


def read_response(reader: Reader) -> Response:
    """A final response's head; interim ones are skipped."""
    while True:
        line, headers = read_head(reader)
        status = int(line.split(" ")[1])
        if status >= 200 or status == 101:
            return Response(headers=headers, status=status)


def read_head(reader: Reader) -> tuple[str, Headers]:
    first, *fields = reader.until(b"\r\n\r\n").split(b"\r\n")
    return first.decode("latin-1"), [read_field(field) for field in fields]


def read_field(field: bytes) -> tuple[str, bytes]:
    name, _, value = field.partition(b":")
    return name.decode("latin-1"), value.strip(b" \t")


def read_body(reader: Reader, message: Received, until_close: bool) -> None:
    """Reads the body into `message`; `complete` tells whether all of it came."""
    pieces: list[bytes] = []
    try:
        for piece in body_pieces(reader, message, until_close):
            pieces.append(piece)
            if isinstance(message, Response):
                message.arrivals.append(time.monotonic())
        message.complete = True
    except OSError as error:
        if isinstance(message, Response):
            message.failure = repr(error)
    message.body = b"".join(pieces)


def body_pieces(reader: Reader, message: Received, until_close: bool) -> Iterator[bytes]:
    if b"chunked" in (message.value("transfer-encoding") or b"").lower():
        yield from chunks(reader, message)
    elif (length := message.value("content-length")) is not None:
        yield from reader.pieces(int(length))
    elif until_close:
        while piece := reader.more():
            yield piece


def chunks(reader: Reader, message: Received) -> Iterator[bytes]:
    while size := int(reader.until(b"\r\n").split(b";")[0], 16):
        yield from reader.pieces(size)
        reader.until(b"\r\n")
    while field := reader.until(b"\r\n"):
        message.trailers.append(read_field(field))
