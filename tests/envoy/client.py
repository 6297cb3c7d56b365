"""Clients: one connection each, HTTP/1.1 by hand or HTTP/2 by the `h2` library."""

import socket
import ssl
import threading
from pathlib import Path

from . import http1
from .duplex import Duplex
from .http2 import Http2Client
from .messages import Framing, Request, Response

TIMEOUT = 20.0


class Http1Client:
    """A connection that carries one exchange after another."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT):
        sock = connect(port, tls, timeout)
        self.sock = Duplex(sock) if isinstance(sock, ssl.SSLSocket) else sock
        self._reader = http1.Reader(self.sock)

    def __enter__(self) -> "Http1Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self.sock.close()

    def exchange(self, request: Request, framing: Framing = Framing()) -> Response:
        """Sends a request and reads its answer, which may come before all is sent."""
        sender = threading.Thread(target=self._send, args=(request, framing), daemon=True)
        large = len(request.body) > 65536
        sender.start() if large else self._send(request, framing)
        response = self._receive(request.method)
        if large:
            sender.join()
        return response

    def _send(self, request: Request, framing: Framing) -> None:
        try:
            self.sock.sendall(http1.request_head(request, framing))
            http1.send_body(self.sock, request.body, framing)
        except OSError:
            pass  # an early answer and a closed connection; what was answered is still to be read

    def _receive(self, method: str) -> Response:
        try:
            response = http1.read_response(self._reader)
        except (OSError, ValueError, IndexError) as error:
            return Response(failure=repr(error))
        if method != "HEAD" and response.status not in http1.NO_BODY:
            http1.read_body(self._reader, response, until_close=True)
        else:
            response.complete = True
        return response


def exchange_once(
    port: int,
    request: Request,
    framing: Framing = Framing(),
    *,
    http2: bool = False,
    tls: ssl.SSLContext | None = None,
    timeout: float = TIMEOUT,
) -> Response:
    """One exchange on a connection of its own."""
    if http2:
        with Http2Client(connect(port, tls, timeout)) as client:
            return client.exchange(request, framing)
    with Http1Client(port, tls, timeout) as client:
        return client.exchange(request, framing)


def connect(port: int, tls: ssl.SSLContext | None, timeout: float = TIMEOUT) -> socket.socket:
    """A connected socket without Nagle's delay, so that what is cut arrives cut."""
    sock = socket.create_connection(("127.0.0.1", port), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock if tls is None else tls.wrap_socket(sock)


def client_tls(certificate: Path, key: Path, http2: bool) -> ssl.SSLContext:
    """A context that presents a certificate. The server's is not what these tests are about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2" if http2 else "http/1.1"])
    return context
