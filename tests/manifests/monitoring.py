"""What the chart brings for Prometheus and Grafana, as Helm renders it."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.chart.render import CHART, NAMESPACE, values

from .commands import run
from .objects import parse

ON = {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}
STAGES = ("observe", "enforce")


def write_rules(stage: str, file: Path) -> None:
    """The rules of a release in this stage, as Prometheus reads them from a file."""
    file.write_text(yaml.safe_dump(rendered(stage)["PrometheusRule"]["spec"]))


def dashboard_expressions() -> list[str]:
    """What the panels ask for, in a namespace."""
    dashboard = json.loads(rendered("enforce")["ConfigMap"]["data"]["mcp-guard.json"])
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [expression.replace("$namespace", NAMESPACE) for expression in expressions]


@cache
def rendered(stage: str) -> dict[str, dict]:
    """The chart's own objects, by kind."""
    with TemporaryDirectory(prefix="mcp-guard-chart-") as home:
        file = Path(home) / "values.yaml"
        file.write_text(json.dumps(values(stage=stage, **ON)))
        options = ("--namespace", NAMESPACE, "--values", file)
        text = run("helm", "template", "github", CHART, *options, home=Path(home)).checked().stdout
    return {value["kind"]: value for value in parse(text)}
