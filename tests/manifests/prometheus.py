"""A real Prometheus that scrapes Envoys as if they were sidecars, and judges rules.

    with Prometheus(rules, {"a-pod": envoy.admin_port}, alertmanager.address) as prometheus:
        assert prometheus.query("mcp_guard:policy")
"""

import json
import re
import tempfile
import urllib.parse
from pathlib import Path

import yaml

from tests.chart.render import NAMESPACE
from tests.env.process import Process

from .apiserver import get
from .commands import program

START_SECONDS = 60
# The longest that is usual. A group of rules may ask to be evaluated more often.
INTERVAL = "30s"
LISTENS = re.compile(r'msg="Listening on".* address=(127\.0\.0\.1:\d+)')


class Prometheus:
    """A context manager that starts and stops it; its files are removed."""

    def __init__(self, rules: Path, pods: dict[str, int], alertmanager: str):
        self._temporary = tempfile.TemporaryDirectory(prefix="mcp-guard-prometheus-")
        self._directory = Path(self._temporary.name)
        self._config = configuration(rules, pods, alertmanager)
        self._process: Process | None = None
        self._url = ""

    def __enter__(self) -> "Prometheus":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.stop()
        self._temporary.cleanup()

    def query(self, expression: str) -> list[dict]:
        """The series of an expression, each with its labels, `metric`, and its `value`."""
        page = get(f"{self._url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        return json.loads(page)["data"]["result"]

    def text(self) -> str:
        """What it wrote."""
        return self._process.text() if self._process else ""

    def _start(self) -> None:
        file = self._directory / "prometheus.yaml"
        file.write_text(yaml.safe_dump(self._config))
        options = [
            f"--config.file={file}",
            f"--storage.tsdb.path={self._directory / 'data'}",
            "--web.listen-address=127.0.0.1:0",
        ]
        self._process = Process([program("prometheus"), *options], self._directory / "log", cwd=self._directory)
        self._url = "http://" + self._process.wait_for("address", self._read_address, START_SECONDS)
        self._process.wait_for("readiness", lambda: get(f"{self._url}/-/ready"), START_SECONDS)

    def _read_address(self) -> str | None:
        found = LISTENS.search(self.text())
        return found[1] if found else None


def configuration(rules: Path, pods: dict[str, int], alertmanager: str) -> dict:
    """Its configuration. The labels of a target are those that the Prometheus Operator gives it."""
    targets = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": NAMESPACE, "pod": pod}} for pod, port in pods.items()
    ]
    sidecars = {"job_name": "sidecars", "metrics_path": "/stats/prometheus", "static_configs": targets}
    return {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": [str(rules)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [sidecars],
    }
