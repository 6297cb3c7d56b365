"""One Envoy with many guards: a listener for each configuration and kind of caller.

Listeners are delivered as a file (LDS), so that a configuration which the filter rejects costs its
own listener and not the whole Envoy. All guards share one VM, as plugins of one module do in Istio.
"""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from env.bootstrap import Settings, Tls, bootstrap, listener
from env.envoy import Envoy
from env.paths import WASM, must_exist

from .jwt import Issuer
from .messages import EXCHANGE

UPSTREAM_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@dataclass(frozen=True)
class Guard:
    """One listener. `config` is plugin configuration as text; None: no filter in the chain."""

    config: str | None
    mutual_tls: bool = False
    issuers: tuple[str, ...] = ()


class Guards(Envoy):
    """An Envoy for a set of guards. `ports` maps each to its port; rejected ones are missing."""

    def __init__(
        self,
        upstream_port: int,
        guards: set[Guard],
        tls: Tls | None = None,
        issuer: Issuer | None = None,
        **options: Any,
    ):
        super().__init__(upstream_port, None, **options)
        self._guards = {f"guard-{index}": guard for index, guard in enumerate(sorted(guards, key=repr))}
        self._tls = tls
        self._issuer = issuer
        self.ports: dict[Guard, int] = {}

    def start(self) -> None:
        """Starts it; then `ports` is known."""
        super().start()
        statuses = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
        for status in statuses:
            port = status["local_address"]["socket_address"]["port_value"]
            self.ports[self._guards[status["name"]]] = port

    def rejection(self, guard: Guard) -> str:
        """What Envoy's log says of a guard that has no port."""
        name = next(name for name, known in self._guards.items() if known == guard)
        lines = [line for line in self.log_text().splitlines() if name in line or "wasm log" in line]
        return "\n".join(lines[-5:]) or self.log_text()[-2000:]

    def _command(self) -> list:
        command = super()._command()
        resources = [self._listener(name, guard) for name, guard in self._guards.items()]
        write(self.directory / "listeners.json", {"version_info": "1", "resources": resources})
        write(Path(command[2]), self._bootstrap())
        return command

    def _bootstrap(self) -> dict:
        config = bootstrap(self.settings)
        config["static_resources"]["listeners"] = []
        config["static_resources"]["clusters"][0]["typed_extension_protocol_options"] = same_protocol()
        source = {"path": str(self.directory / "listeners.json")}
        config["dynamic_resources"] = {
            "lds_config": {"path_config_source": source, "resource_api_version": "V3"}
        }
        return config

    def _listener(self, name: str, guard: Guard) -> dict:
        settings = replace(
            self.settings,
            plugin_config=guard.config,
            wasm_path=must_exist(WASM, "make build") if guard.config is not None else None,
            tls=self._tls if guard.mutual_tls else None,
            extra_filters_before=self._issuer.filters(guard.issuers) if self._issuer else [],
        )
        return {
            "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
            **logging_exchange(settings, listener(settings)),
            "name": name,
        }


def logging_exchange(settings: Settings, config: dict) -> dict:
    """The listener's configuration with the exchange's id in its access log."""
    manager = config["filter_chains"][0]["filters"][0]["typed_config"]
    fields = manager["access_log"][0]["typed_config"]["log_format"]["json_format"]
    log_format = {"json_format": {**fields, "exchange": f"%REQ({EXCHANGE})%"}}
    manager["access_log"][0]["typed_config"]["log_format"] = log_format
    return config


def same_protocol() -> dict:
    """To the upstream in the protocol of the client; one HTTP/2 stream on a connection at a time."""
    options = {"http_protocol_options": {}, "http2_protocol_options": {"max_concurrent_streams": 1}}
    return {
        UPSTREAM_OPTIONS: {
            "@type": f"type.googleapis.com/{UPSTREAM_OPTIONS}",
            "use_downstream_protocol_config": options,
        }
    }


def write(path: Path, config: dict) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(config))
    os.replace(part, path)
