"""A real Envoy for tests, with or without the guard.

    with Envoy(upstream_port=server.port, plugin_config={"tool_allowlist": ["search_code"]}) as envoy:
        requests.post(f"http://127.0.0.1:{envoy.port}/mcp", …)
        assert envoy.access_log(count=1)[0]["guard"]["decision"] == "allow"

Arguments, all but `upstream_port` optional:

    upstream_port         where the MCP server listens (`upstream_host`, default 127.0.0.1)
    plugin_config         dict (sent as JSON) or str (sent as it stands) for the filter; None: no filter
    version               Envoy's version; default `ENVOY_VERSION` of the environment, else the newest
    tls                   `Tls(certificate, private_key, client_authority)`: mutual TLS on the listener
    http2_upstream        speak HTTP/2 (prior knowledge) to the server
    extra_filters_before  HTTP filters in front of the guard, as Envoy configuration
    extra_clusters        clusters for them
    ecds_file             deliver the filter by file-based ECDS; see `update`
    wasm_path             another module than the built one
    failure_policy        FAIL_CLOSED (default), FAIL_RELOAD or FAIL_OPEN
    concurrency           worker threads, default 1
    normalize_path        as Istio does by default; here off, so that the guard sees the raw path
    http1_trailers        pass trailers of HTTP/1.1
    buffer_limit          the listener's per_connection_buffer_limit_bytes
    listener_port         default: a free one
    stat_tags             tags of metrics that become labels, as by Istio's `extraStatTags`
    log_level             Envoy's, default "warning"; plugin logs need "info" or lower
    component_log_level   single components', as "wasm:trace"

The listener speaks HTTP/1.1 and HTTP/2 (prior knowledge, or ALPN under TLS) on one port.
Only the standard library is needed.
"""

import json
import os
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from .access_log import AccessLog
from .bootstrap import Settings, Tls, bootstrap, discovery_response
from .paths import WASM, envoy_binary, must_exist
from .process import Process, ProcessFailed
from .waiting import awaited

__all__ = ["Envoy", "ProcessFailed", "Tls"]

# Seconds after which a new proxy takes the approvals that are issued from then on.
AFTER_START = 7


class Envoy:
    """One Envoy; a context manager that starts and stops it."""

    def __init__(
        self,
        upstream_port: int,
        plugin_config: dict | str | None = None,
        *,
        version: str | None = None,
        concurrency: int = 1,
        log_level: str = "warning",
        component_log_level: str | None = None,
        wasm_path: Path | None = None,
        ecds_file: Path | None = None,
        **settings: Any,
    ):
        self._temporary = tempfile.TemporaryDirectory(prefix="mcp-guard-envoy-")
        self.directory = Path(self._temporary.name)
        self.log = AccessLog(self.directory / "access.log")
        if plugin_config is not None:
            wasm_path = must_exist(Path(wasm_path or WASM), "make build")
        self.settings = Settings(
            upstream_port=upstream_port,
            directory=self.directory,
            plugin_config=plugin_config,
            wasm_path=wasm_path,
            ecds_file=Path(ecds_file) if ecds_file else None,
            **settings,
        )
        self._binary = envoy_binary(version)
        self._options = ["--concurrency", concurrency, "--log-level", log_level]
        if component_log_level:
            self._options += ["--component-log-level", component_log_level]
        self._process: Process | None = None
        self._ecds_version = 0
        self.port = 0
        self.admin_port = 0

    def __enter__(self) -> "Envoy":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it and waits until it is ready. `ProcessFailed` holds its log if it is not."""
        self._process = Process([*self._command(), *self._run_options()], self.directory / "envoy.log")
        self.admin_port = self._process.wait_for("admin address", self._read_admin_port)
        self.port = self._process.wait_for("listener", self._read_port)
        self._process.wait_for("readiness", self._read_ready)
        # For some seconds after its start the guard takes no approvals, as it cannot know which were used.
        if any("issuers" in file.read_text() for file in self.directory.glob("*.json")):
            time.sleep(AFTER_START)

    def stop(self) -> None:
        """Stops it and removes its files."""
        if self._process:
            self._process.stop()
        self._temporary.cleanup()

    def validate(self) -> subprocess.CompletedProcess:
        """Runs `--mode validate`, which also configures the plugin; nothing needs to be started."""
        return subprocess.run([*self._command(), "--mode", "validate"], capture_output=True, text=True, timeout=60)

    def update(self, plugin_config: dict | str) -> None:
        """Delivers another configuration through `ecds_file`; Envoy takes it up within moments."""
        self.settings.plugin_config = plugin_config
        self._write_ecds()

    def access_log(self, count: int = 0, seconds: float = 5.0) -> list[dict]:
        """The access log so far; waits until it has `count` entries. `guard` is the decision record."""
        awaited(lambda: len(self.log.entries()) >= count, seconds)
        return self.log.entries()

    def stats(self) -> dict[str, int]:
        """Counters and gauges by name."""
        stats = json.loads(self.admin("/stats?format=json"))["stats"]
        return {stat["name"]: stat["value"] for stat in stats if "value" in stat}

    def log_text(self) -> str:
        """Envoy's own log."""
        return self._process.text() if self._process else ""

    @property
    def pid(self) -> int:
        """Envoy's process id."""
        return self._process.pid if self._process else 0

    def resident(self) -> int:
        """Bytes of memory that the process occupies."""
        with open(f"/proc/{self.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return bool(self._process and self._process.running())

    def admin(self, path: str) -> str:
        """The body of an admin page."""
        url = f"http://127.0.0.1:{self.admin_port}{path}"
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read().decode()

    def _command(self) -> list:
        config = self.directory / "bootstrap.json"
        config.write_text(json.dumps(bootstrap(self.settings)))
        if self.settings.ecds_file:
            self._write_ecds()
        return [str(self._binary), "-c", str(config), "--use-dynamic-base-id", *map(str, self._options)]

    def _run_options(self) -> list[str]:
        # Envoy flushes access logs every 10 s by default.
        address = str(self.directory / "admin-address")
        return ["--admin-address-path", address, "--file-flush-interval-msec", "20"]

    def _write_ecds(self) -> None:
        self._ecds_version += 1
        replace(self.settings.ecds_file, json.dumps(discovery_response(self.settings, self._ecds_version)))

    def _read_admin_port(self) -> int | None:
        address = (self.directory / "admin-address").read_text()
        return int(address.rpartition(":")[2]) if address else None

    def _read_port(self) -> int | None:
        listeners = json.loads(self.admin("/listeners?format=json")).get("listener_statuses", [])
        ports = [one["local_address"]["socket_address"]["port_value"] for one in listeners]
        return ports[0] if ports else None

    def _read_ready(self) -> bool | None:
        return True if self.admin("/ready").strip() == "LIVE" else None


def replace(target: Path, text: str) -> None:
    """Writes a file that Envoy watches: for a rename, not for a write."""
    part = target.with_name(target.name + ".part")
    part.write_text(text)
    os.replace(part, target)
