"""The chart's rules before promtool: they are sound, and each alert fires for what it is there for and nothing else."""

import re
from pathlib import Path

import pytest
import yaml
from envoy.mcp import answered, call, tool_page, tools_list
from envoy.messages import Answer
from envoy.upstream import Script

from .commands import Outcome, run
from .monitoring import STAGES, dashboard_expressions, rendered, write_rules
from .objects import FIXTURES
from .sidecars import VERSIONS, Sidecar, mesh_tags, sidecar

UNREADABLE = Answer(200, (("content-type", b"application/json"),), b"{")
# Labels that Envoy does not print, but Prometheus adds.
OF_TARGET = ("namespace", "pod")


@pytest.mark.parametrize("stage", STAGES)
def test_rules_are_sound(stage: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    write_rules(stage, file)
    check(file).checked()


def test_an_unsound_rule_is_found(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    write_expressions(["sum by (pod) (rate(mcp_guard:decisions))"], file)
    assert "parse error" in check(file).text


def test_dashboard_asks_in_promql(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    write_expressions(dashboard_expressions(), file)
    check(file).checked()


@pytest.mark.parametrize("stage", STAGES)
def test_alerts_fire_for_what_they_are_there_for(stage: str, tmp_path: Path) -> None:
    write_rules(stage, tmp_path / "rules.yaml")
    played = tmp_path / "played.yaml"
    played.write_text(unit_tests(stage).read_text())
    run("promtool", "test", "rules", played, home=tmp_path).checked()


def test_every_alert_is_seen_to_fire_and_not_to() -> None:
    alerts = {rule["alert"] for stage in STAGES for rule in all_rules(stage) if "alert" in rule}
    expectations = [one for stage in STAGES for test in played(stage) for one in test["alert_rule_test"]]
    assert {one["alertname"] for one in expectations if one.get("exp_alerts")} == alerts
    assert {one["alertname"] for one in expectations if not one.get("exp_alerts")} == alerts


@pytest.mark.parametrize("tagged", [True, False], ids=["labels", "names"])
@pytest.mark.parametrize("envoy", VERSIONS)
def test_series_are_those_that_envoy_prints(envoy: str, tagged: bool, tmp_path: Path) -> None:
    with sidecar(envoy, tagged, tmp_path / "sidecar") as one:
        provoke(one)
        printed = shapes(one.metrics().splitlines())
    lines = [one["series"] for stage in STAGES for test in played(stage) for one in test["input_series"]]
    expected = {shape for shape in shapes(lines) if tagged == ("=" in shape)}
    assert len(expected) > 3
    assert expected <= printed


def provoke(one: Sidecar) -> None:
    """All that is alerted of."""
    one.exchange(call("publish_release"))
    one.exchange(call("search_code"))
    one.exchange(call("delete_repository"))
    one.exchange(tools_list(), Script(answered(tool_page("search_code", "delete_repository"))))
    one.exchange(call("search_code"), Script(UNREADABLE))


def check(file: Path) -> Outcome:
    return run("promtool", "check", "rules", "--lint=all", "--lint-fatal", file, home=file.parent)


def write_expressions(expressions: list[str], file: Path) -> None:
    """Rules that record them."""
    rules = [{"record": f"panel:{index}", "expr": expression} for index, expression in enumerate(expressions)]
    file.write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": rules}]}))


def all_rules(stage: str) -> list[dict]:
    return [rule for group in rendered(stage)["PrometheusRule"]["spec"]["groups"] for rule in group["rules"]]


def unit_tests(stage: str) -> Path:
    return FIXTURES / "rules" / f"{stage}.yaml"


def played(stage: str) -> list[dict]:
    return yaml.safe_load(unit_tests(stage).read_text())["tests"]


def shapes(lines: list[str]) -> set[str]:
    """The filter's series in a text, with any values of tags, and without the target's labels."""
    found = filter(None, (re.match(r"(mcp_guard\w+)\{(.*?)\}", line) for line in lines))
    return {f"{any_values(one[1])}{{{','.join(own_labels(one[2]))}}}" for one in found}


def any_values(name: str) -> str:
    for tag in mesh_tags():
        name = re.sub(f"___{tag}___.+?___", f"___{tag}___*___", name)
    return name


def own_labels(text: str) -> list[str]:
    return [re.sub('".*"', "*", label) for label in text.split(",") if not label.startswith(OF_TARGET)]
