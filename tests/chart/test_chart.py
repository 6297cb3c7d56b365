"""The chart passes on what was compiled, and refuses values that nobody compiled."""

import json
import re
from pathlib import Path

import pytest

from .render import CHART, NAMESPACE, helm, render, service_account, values


def test_lint_is_content(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values()))
    outcome = helm("lint", "--strict", CHART, "--namespace", NAMESPACE, "--values", file)
    assert outcome.returncode == 0, outcome.stdout


def test_objects_are_passed_on_unchanged(tmp_path: Path) -> None:
    plugin = {
        "apiVersion": "extensions.istio.io/v1alpha1",
        "kind": "WasmPlugin",
        "metadata": {"name": "github", "namespace": NAMESPACE, "annotations": {"a": "yes", "b": "1.0", "c": "{{ .Values }}"}},
        "spec": {"pluginConfig": {"n": 1048576, "f": 0.5, "no": False, "text": "a\nb\n", "empty": [], "none": {}}},
    }
    rendered = render(values(service_account(), plugin), tmp_path)
    assert rendered.objects == [service_account(), plugin], rendered.error


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"no_such_value": 1}, "no_such_value"),
        ({"objects": []}, "objects"),
        ({"objects": [{"kind": "Service", "metadata": {"name": "a", "namespace": "b"}}]}, "apiVersion"),
        ({"policy": {"server": "x", "digest": "abc", "stage": "enforce", "namespace": "x"}}, "digest"),
        ({"policy": {"server": "x", "digest": "0" * 64, "stage": "enforced", "namespace": "x"}}, "stage"),
        ({"objects": [service_account(namespace="other")]}, "compiled for the namespace `other`"),
        ({"dashboard": {"enabled": True}}, "prometheusRule.enabled"),
    ],
)
def test_wrong_values_are_refused(broken: dict, told: str, tmp_path: Path) -> None:
    rendered = render({**values(), **broken}, tmp_path)
    assert not rendered.ok
    assert told in rendered.error


def test_nothing_is_installed_without_values(tmp_path: Path) -> None:
    assert not render({}, tmp_path).ok


def test_every_value_has_a_comment() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    for before, line in zip(lines, lines[1:]):
        if re.match(r" *\w+:", line) and "grafana_dashboard" not in line:
            assert before.lstrip().startswith("#"), line
