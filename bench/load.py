"""The load generator and the upstream: `bench-load`, driven from here."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .messages import Exchange
from .proxy import Proxy, pinned


class LoadFailed(RuntimeError):
    """The load generator met a wrong answer or an error; the message is its own."""


@dataclass(frozen=True)
class Measured:
    """What one run of the load measured."""

    requests: int
    cpu_us: float
    """Envoy's user and system time per request."""
    p50: float
    p90: float
    p99: float
    """Latencies in microseconds."""
    reconnects: float
    """Share of answers after which Envoy closed the connection."""


@dataclass(frozen=True)
class Tools:
    """Where `bench-load` is, what it works on, and which processor it runs on."""

    binary: Path
    directory: Path
    cpu: int | None

    @property
    def certificates(self) -> Path:
        """Where `prepare` puts them."""
        return self.directory / "certificates"

    def prepare_certificates(self) -> None:
        """Makes the mesh's certificates anew."""
        self._output(["certificates", "--directory", self.certificates])

    def read_yaml(self, path: Path) -> dict:
        """The contents of a YAML file."""
        return json.loads(self._output(["json", path]))

    def start_upstream(self) -> tuple[subprocess.Popen, int]:
        """The running upstream and its port."""
        argv = pinned([self.binary, "upstream", "--answers", self.directory / "answers"], self.cpu)
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise LoadFailed("the upstream did not start")
        return process, int(line)

    def run(
        self, proxy: Proxy, exchange: Exchange, answer: bytes, *, seconds: float, mutual_tls: bool, rate: float = 0
    ) -> Measured:
        """Sends one request again and again; fails at the first answer that is not the expected one."""
        expected = self.directory / "expected-answer"
        expected.write_bytes(answer)
        options: list = ["run", "--port", proxy.port, "--pid", proxy.pid, "--path", exchange.path]
        options += ["--request", self.directory / "requests" / f"{exchange.name}.json", "--answer", expected]
        options += ["--seconds", seconds, "--rate", rate]
        options += ["--certificates", self.certificates] if mutual_tls else []
        report = json.loads(self._output(options, what=f"{proxy.variant.name}, {exchange.title}"))
        latency = report["latency_us"]
        percentiles = latency["p50"], latency["p90"], latency["p99"]
        return Measured(report["requests"], report["cpu_us_per_request"], *percentiles, report["reconnects"])

    def _output(self, options: list, what: str = "") -> str:
        argv = pinned([self.binary, *options], self.cpu)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise LoadFailed(f"{what or options[0]}: {done.stderr.strip()}")
        return done.stdout
