"""The world outside the mesh: one program that answers for every name, by TLS and in plain text.

    python outside.py --certificate FILE --key FILE --calls FILE --pages FOLDER

It listens at 443 and 8443 by TLS and at 80 in plain text, and adds `ADDRESS:PORT NAME REQUEST` to the
file of calls for each request: what arrived is what was not cut. A page of FOLDER, whose name is the
path with `_` for `/`, is served as JSON: an identity provider is a few of them.
"""

import argparse
import http.server
import ssl
import threading
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    """Logs the request, and answers it."""

    protocol_version = "HTTP/1.1"
    calls: Path
    pages: Path

    def do_GET(self) -> None:  # noqa: N802: the library's name
        address, port = self.connection.getsockname()[:2]
        name = getattr(self.connection, "server_name", None) or self.headers.get("host", "-")
        with self.calls.open("a") as log:
            log.write(f"{address}:{port} {name} {self.command} {self.path}\n")
        self.rfile.read(int(self.headers.get("content-length") or 0))
        page = self.pages / self.path.partition("?")[0].strip("/").replace("/", "_")
        body = page.read_bytes() if page.is_file() else b"outside"
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Silent: the calls are the log."""


class TlsServer(http.server.ThreadingHTTPServer):
    """Handshakes in the connection's own thread, so that a silent client blocks nobody."""

    context: ssl.SSLContext

    def finish_request(self, request, client_address) -> None:
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError):
            return
        super().finish_request(request, client_address)


def remember_name(connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
    connection.server_name = name


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--pages", type=Path, required=True)
    options = parser.parse_args()
    Handler.calls, Handler.pages = options.calls, options.pages
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    context.sni_callback = remember_name
    for port in (443, 8443):
        tls = TlsServer(("0.0.0.0", port), Handler)
        tls.context = context
        threading.Thread(target=tls.serve_forever, daemon=True).start()
    http.server.ThreadingHTTPServer(("0.0.0.0", 80), Handler).serve_forever()


if __name__ == "__main__":
    main()
