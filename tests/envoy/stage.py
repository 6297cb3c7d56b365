"""An Envoy with the guards that a test needs, an upstream behind it, and exchanges through both."""

import itertools
import re
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

from env.certificates import Authority

from .client import client_tls, exchange_once
from .guards import Guard, Guards
from .jwt import Issuer
from .messages import EXCHANGE, Framing, ReceivedRequest, Request, Response
from .upstream import Script, Upstream


# A panic that the filter logs, a trap that the VM reports, a plugin that Envoy has given up.
CRASH = re.compile(r"panicked|RuntimeError|Function: proxy_|fail closed|VM failed|\[critical\]")


def crashes(log: str) -> list[str]:
    """The lines of Envoy's log that tell of a crash."""
    return [line for line in log.splitlines() if CRASH.search(line)]


@dataclass
class Seen:
    """What came of an exchange."""

    exchange: str
    response: Response
    # The decision record; None if none was written.
    record: dict | None


class Stage:
    """Starts everything on entry, stops it on exit."""

    def __init__(self, version: str, guards: set[Guard], directory: Path, **options):
        self.issuer = Issuer()
        self._authority = Authority(directory)
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._issuing = threading.Lock()
        self._numbers = itertools.count()
        self.upstream = Upstream()
        options = {"concurrency": 2, **options}
        tls = self._authority.server()
        self.envoy = Guards(
            self.upstream.port, guards, tls, self.issuer, version=version, **options
        )

    def __enter__(self) -> "Stage":
        self.upstream.__enter__()
        self.envoy.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.envoy.__exit__(*exception)
        self.upstream.__exit__(*exception)

    def exchange(
        self,
        guard: Guard,
        request: Request,
        script: Script = Script(),
        framing: Framing = Framing(),
        *,
        http2: bool = False,
        spiffe: str | None = None,
        claims: dict | None = None,
        timeout: float = 20.0,
    ) -> Seen:
        """Lets a client send `request` through `guard` and the upstream answer by `script`."""
        exchange = self.announce(script)
        port = self.envoy.ports.get(guard)
        if port is None:
            failure = f"the filter rejects the configuration: {self.envoy.rejection(guard)}"
            return Seen(exchange, Response(failure=failure), None)
        request = request.with_headers((EXCHANGE, exchange.encode()))
        if claims is not None:
            token = self.issuer.token(claims)
            request = request.with_headers(("authorization", f"Bearer {token}".encode()))
        tls = self.tls(spiffe, http2) if spiffe else None
        response = exchange_once(port, request, framing, http2=http2, tls=tls, timeout=timeout)
        return Seen(exchange, response, self.record(exchange))

    def announce(self, script: Script) -> str:
        """The id of a new exchange, whose answer is programmed."""
        exchange = str(next(self._numbers))
        self.upstream.program(exchange, script)
        return exchange

    def record(self, exchange: str) -> dict | None:
        """The decision record of an exchange that has ended."""
        return (self.envoy.log.find(exchange) or {}).get("guard")

    def forwarded(self, seen: Seen) -> ReceivedRequest | None:
        """The whole request that the upstream got, if it did."""
        return self.upstream.request(seen.exchange)

    def crashes(self) -> list[str]:
        """What Envoy's log says of a guard that broke down."""
        return crashes(self.envoy.log_text())

    def tls(self, spiffe: str, http2: bool) -> ssl.SSLContext:
        """A client's side of mutual TLS under this identity."""
        with self._issuing:
            if (spiffe, http2) not in self._contexts:
                certificate, key = self._authority.client(spiffe)
                self._contexts[spiffe, http2] = client_tls(certificate, key, http2)
            return self._contexts[spiffe, http2]
