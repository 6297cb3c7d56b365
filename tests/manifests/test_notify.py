"""`approval: notify` reaches a human: a call in a real Envoy, and a real Prometheus that tells an Alertmanager."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from env.waiting import awaited
from envoy.mcp import call

from tests.chart.render import NAMESPACE

from .alertmanager import Alertmanager
from .monitoring import write_rules
from .prometheus import Prometheus
from .sidecars import VERSIONS, Sidecar, sidecar

ALERT = "McpGuardNotify"
SECONDS = 60
# Two scrapes, and what a busy machine takes.
KNOWN_SECONDS = 90
# Sidecars of which the rules were judged twice, and no call was there to tell of.
QUIET = 'count_over_time(mcp_guard:approvals{outcome="notified"}[5m]) > 1 and mcp_guard:approvals == 0'


@pytest.fixture
def sidecars(tmp_path: Path) -> Iterator[dict[str, Sidecar]]:
    """One in each version of Envoy, with and without the mesh's tags, by the name of its pod."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(sidecar(version, tagged, tmp_path / name))
            for version in VERSIONS
            for name, tagged in ((f"labels-{version}", True), (f"names-{version}", False))
        }


def test_one_call_reaches_a_human_within_a_minute(sidecars: dict[str, Sidecar], tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    write_rules("enforce", rules)
    ports = {name: one.port for name, one in sidecars.items()}
    with Alertmanager() as alertmanager, Prometheus(rules, ports, alertmanager.address) as prometheus:
        nothing_is_told(sidecars, prometheus, alertmanager)
        began = time.monotonic()
        for one in sidecars.values():
            seen = one.exchange(call("publish_release"))
            assert (seen.response.status, seen.record["approval"]) == (200, "notify")
        awaited(lambda: pods(alertmanager) == set(sidecars), SECONDS - (time.monotonic() - began))
        assert pods(alertmanager) == set(sidecars), prometheus.text()
        for alert in alertmanager.firing(ALERT):
            assert told_of(alert) == {"severity": "info", "namespace": NAMESPACE, "server": "github"}


def nothing_is_told(sidecars: dict[str, Sidecar], prometheus: Prometheus, alertmanager: Alertmanager) -> None:
    """Although a call passes of which nobody is to be told, and one is refused."""
    for one in sidecars.values():
        assert one.exchange(call("search_code")).record["decision"] == "allow"
        assert one.exchange(call("delete_repository")).record["decision"] == "deny"
    known = awaited(lambda: len(prometheus.query(QUIET)) == len(sidecars), KNOWN_SECONDS, poll=1)
    assert known, prometheus.text()
    assert alertmanager.told() == []


def pods(alertmanager: Alertmanager) -> set[str]:
    return {alert["labels"]["pod"] for alert in alertmanager.firing(ALERT)}


def told_of(alert: dict) -> dict:
    return {label: value for label, value in alert["labels"].items() if label not in ("alertname", "pod")}
