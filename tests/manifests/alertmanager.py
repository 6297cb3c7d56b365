"""An Alertmanager that only listens: the part of its API, version 2, by which Prometheus tells of alerts.

    with Alertmanager() as alertmanager:
        … a Prometheus that is told `alertmanager.address` …
        assert alertmanager.firing("McpGuardNotify")
"""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Alertmanager:
    """A server in a thread; a context manager that starts and stops it."""

    def __init__(self) -> None:
        self._told: list[dict] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self._told))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Alertmanager":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def told(self) -> list[dict]:
        """Every alert that arrived, as often as it did."""
        return list(self._told)

    def firing(self, name: str) -> list[dict]:
        """The alerts of this name that arrived before their end."""
        return [alert for alert in self._told if alert["labels"]["alertname"] == name and not ended(alert)]


def ended(alert: dict) -> bool:
    """Whether it was resolved when it was sent: one that fires ends in the future."""
    return datetime.fromisoformat(alert["endsAt"]) <= alert["arrived"]


def handler(told: list[dict]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            alerts = json.loads(self.rfile.read(int(self.headers["content-length"])))
            found = self.path == "/api/v2/alerts"
            if found:
                told.extend({**alert, "arrived": datetime.now(UTC)} for alert in alerts)
            self.send_response(200 if found else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
