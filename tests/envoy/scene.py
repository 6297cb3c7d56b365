"""An Envoy whose policy changes by ECDS while streams are open through it."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from env.certificates import Authority
from env.envoy import Envoy
from env.waiting import until

from .client import client_tls
from .jwt import Issuer
from .messages import Request
from .opened import Opened
from .stage import crashes
from .test_swap import discovery
from .upstream import Upstream

# Seconds that operators are promised, from the update on.
BOUND = 2.0


def policy(*tools: str, **rest: object) -> dict:
    """Allows these tools."""
    return {"format": 1, "policy": {"server": "s", "allow": {"some": {"tools": list(tools)}}, **rest}}


@dataclass
class Scene:
    """The Envoy, the server behind it, and the streams through both."""

    version: str
    directory: Path
    config: dict
    http2: bool = False
    # Callers are known by certificates; or by tokens of this issuer.
    mutual_tls: bool = False
    issuer: str | None = None
    kind: type[Envoy] = Envoy
    rejected: bool = False
    opened: list[Opened] = field(default_factory=list)

    def __enter__(self) -> "Scene":
        self._authority = Authority(self.directory)
        self._tokens = Issuer()
        self.upstream = Upstream()
        settings: dict = {"version": self.version, "ecds_file": self.directory / "ecds.json", "concurrency": 2}
        settings["tls"] = self._authority.server() if self.mutual_tls else None
        settings["extra_filters_before"] = self._tokens.filters((self.issuer,) if self.issuer else ())
        self.envoy = self.kind(self.upstream.port, self.config, **settings)
        self.envoy.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        log = self.envoy.log_text()
        for opened in self.opened:
            opened.close()
        self.envoy.__exit__(*exception)
        self.upstream.__exit__(*exception)
        # Envoy says that of a configuration which it rejects, too.
        assert self.rejected or exception[0] or not crashes(log), log

    def open(
        self,
        request: Request,
        *,
        caller: str | None = None,
        head: bool = True,
        port: int | None = None,
        **claims: object,
    ) -> Opened:
        """Opens a stream, as the caller of that principal, or with a token of those claims."""
        tls = client_tls(*self._authority.client(f"spiffe://{caller}"), self.http2) if caller else None
        if claims:
            token = self._tokens.token({"iss": self.issuer, **claims})
            request = request.with_headers(("authorization", f"Bearer {token}".encode()))
        exchange = f"stream-{len(self.opened)}"
        options = {"http2": self.http2, "tls": tls, "head": head}
        self.opened.append(Opened(self.upstream, port or self.port, exchange, request, **options))
        return self.opened[-1]

    @property
    def port(self) -> int:
        """Where streams are opened."""
        return self.envoy.port

    def reject(self, config: dict) -> None:
        """Delivers a configuration that Envoy rejects."""
        self.rejected = True
        self.update(config, "update_rejected")

    def update(self, config: dict, taken: str = "config_reload") -> float:
        """Delivers a configuration; when Envoy has taken it up."""
        before = discovery(self.envoy)[taken]
        self.envoy.update(config)
        until(lambda: discovery(self.envoy)[taken] > before, self.envoy.log_text)
        return time.monotonic()

    def record(self, opened: Opened) -> dict:
        """What was recorded of a stream that is over."""

        def found() -> list[dict]:
            return [entry for entry in self.envoy.log.entries() if entry["request_id"] == opened.exchange]

        until(lambda: bool(found()), lambda: f"no record of {opened.exchange}: {json.dumps(self.envoy.log.entries())}")
        return found()[0]["guard"]


def ends(opened: Opened, since: float) -> None:
    """It ends in time, at both sides, and not as if it were whole."""
    until(lambda: opened.ended, lambda: f"{opened.exchange} lives on", BOUND + 1)
    assert opened.ended_at - since < BOUND, opened.ended_at - since
    assert not opened.whole
    until(opened.source.cut.is_set, lambda: f"the server still sends to {opened.exchange}", 1)


def go_on(*streams: Opened) -> None:
    """They outlive the bound, and then end as the server ends them."""
    time.sleep(BOUND)
    for opened in streams:
        opened.expect(1)
        opened.source.end()
        until(lambda: opened.ended, lambda: "it does not end")
        assert opened.whole
