"""Alerts and dashboard: valid PromQL, over series that the rules record from the filter's metrics."""

import json
import re
from pathlib import Path

import promql_parser
import pytest

from .render import CHART, DIGEST, render, service_account, values

METRICS_SOURCE = CHART.parents[1] / "filter/src/metrics.rs"
ON = {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}


@pytest.fixture(params=["observe", "enforce"])
def rules(request: pytest.FixtureRequest, tmp_path: Path) -> list[dict]:
    """The rules of each stage."""
    rendered = render(values(stage=request.param, **ON), tmp_path)
    assert rendered.ok, rendered.error
    [rule] = [one for one in rendered.objects if one["kind"] == "PrometheusRule"]
    return [rule for group in rule["spec"]["groups"] for rule in group["rules"]]


def test_expressions_are_promql(rules: list[dict]) -> None:
    for rule in rules:
        promql_parser.parse(rule["expr"])


def test_series_are_recorded_from_metrics_that_the_filter_has(rules: list[dict]) -> None:
    source = METRICS_SOURCE.read_text()
    for name in recorded(rules):
        assert f'"{name.removeprefix("mcp_guard:")}"' in source, name


def test_alerts_read_recorded_series(rules: list[dict]) -> None:
    for rule in rules:
        if "alert" in rule:
            assert series(rule["expr"]) <= recorded(rules), rule["alert"]


def test_rolled_out_digest_is_watched(rules: list[dict]) -> None:
    [alert] = [rule for rule in rules if rule.get("alert") == "McpGuardPolicyNotRunning"]
    assert DIGEST in alert["expr"]


def test_no_digest_is_watched_without_an_attachment(tmp_path: Path) -> None:
    rendered = render(values(service_account(), **ON), tmp_path)
    assert DIGEST not in json.dumps(rendered.objects)


def test_a_server_may_look_like_a_number(tmp_path: Path) -> None:
    given = values(**ON)
    given["policy"]["server"] = "1"
    assert render(given, tmp_path).ok


def test_names_with_tags_become_labels(rules: list[dict]) -> None:
    """As Envoy prints the counter where the mesh does not know the tags."""
    name = "mcp_guard_decisions___method___tools_call___decision___deny___reason___tool_not_allowed___"
    [rule] = [rule for rule in rules if rule.get("record") == "mcp_guard:decisions"]
    as_labels, in_names, *_ = re.findall(r'__name__=~"([^"]+)"', rule["expr"])
    assert re.fullmatch(in_names, name)
    assert not re.fullmatch(as_labels, name)
    found = re.findall(r'"(\w+)", "\$1", "__name__", "([^"]+)"', rule["expr"])
    labels = {label: re.fullmatch(pattern, name)[1] for label, pattern in found}
    assert labels == {"method": "tools_call", "decision": "deny", "reason": "tool_not_allowed"}


def test_names_without_their_tags_are_recorded(rules: list[dict]) -> None:
    """As Envoy prints them where the mesh knows the tags: what stood around the labels stays."""
    for rule in (rule for rule in rules if "record" in rule):
        as_labels, in_names, *_ = re.findall(r'__name__=~"([^"]+)"', rule["expr"])
        name = rule["record"].replace(":", "_") + "___"
        assert re.fullmatch(as_labels, name)
        assert not re.fullmatch(in_names, name)


def test_dashboard_reads_recorded_series(rules: list[dict], tmp_path: Path) -> None:
    rendered = render(values(**ON), tmp_path)
    [config_map] = [one for one in rendered.objects if one["kind"] == "ConfigMap"]
    dashboard = json.loads(config_map["data"]["mcp-guard.json"])
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert expressions
    for expression in expressions:
        promql_parser.parse(expression.replace("$namespace", "x"))
        assert series(expression) <= recorded(rules)


def recorded(rules: list[dict]) -> set[str]:
    return {rule["record"] for rule in rules if "record" in rule}


def series(expression: str) -> set[str]:
    return set(re.findall(r"mcp_guard:\w+", expression))
