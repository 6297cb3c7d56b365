"""The chart passes on what was compiled, and refuses values that nobody compiled."""

import json
import re
import shutil
from pathlib import Path

import pytest

from .render import CHART, DIGEST, NAMESPACE, attachment, helm, render, service_account, values

ORDER = CHART.parents[1] / "policy-compiler/src/artefact/order.rs"


def test_lint_is_content(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values()))
    outcome = helm("lint", "--strict", CHART, "--namespace", NAMESPACE, "--values", file)
    assert outcome.returncode == 0, outcome.stdout


def test_objects_are_passed_on_unchanged(tmp_path: Path) -> None:
    plugin = attachment()
    plugin["metadata"]["annotations"] |= {"a": "yes", "b": "1.0", "c": "{{ .Values }}"}
    plugin["spec"]["pluginConfig"] |= {"n": 1048576, "f": 0.5, "no": False, "text": "a\nb\n", "empty": [], "none": {}}
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
        ({"policy": {"server": "x: {y", "digest": "0" * 64, "stage": "enforce", "namespace": "x"}}, "server"),
        ({"objects": [{**service_account(), "kind": "ClusterRoleBinding"}]}, "kind"),
        ({"objects": [service_account(namespace="other")]}, "compiled for the namespace `other`"),
        ({"dashboard": {"enabled": True}}, "prometheusRule.enabled"),
    ],
)
def test_wrong_values_are_refused(broken: dict, told: str, tmp_path: Path) -> None:
    rendered = render({**values(), **broken}, tmp_path)
    assert not rendered.ok
    assert told in rendered.error


@pytest.mark.parametrize("kind", ["WasmPlugin", "TrafficExtension"])
@pytest.mark.parametrize("stage", ["observe", "enforce"])
def test_stage_and_digest_are_those_of_the_attachment(stage: str, kind: str, tmp_path: Path) -> None:
    other = {"observe": "enforce", "enforce": "observe"}[stage]
    rendered = render(values(attachment(stage, kind), stage=stage), tmp_path)
    assert rendered.ok, rendered.error
    rendered = render(values(attachment(stage, kind), stage=other), tmp_path)
    assert f"compiled for the stage `{stage}`" in rendered.error
    rendered = render(values(attachment(stage, kind, "f" * 64), stage=stage), tmp_path)
    assert "f" * 64 in rendered.error
    assert DIGEST in rendered.error


def test_attachment_has_a_policy_and_a_digest(tmp_path: Path) -> None:
    bare = attachment()
    del bare["spec"]
    assert "no stage" in render(values(bare), tmp_path).error
    unsigned = attachment()
    del unsigned["metadata"]["annotations"]
    assert "digest none" in render(values(unsigned), tmp_path).error


def test_what_a_namespace_shares_has_no_attachment(tmp_path: Path) -> None:
    for stage in ("observe", "enforce"):
        shared = values(service_account(), stage=stage)
        assert render(shared, tmp_path).ok
        assert DIGEST not in notes(shared, tmp_path)


def test_notes_say_how_to_patch_and_to_look(tmp_path: Path) -> None:
    told = notes(values(), tmp_path)
    assert "kubectl patch deployment NAME -n ai-agents --patch-file patches/deployment.yaml" in told
    assert f"mcp_guard_policy.*{DIGEST}" in told


def notes(given: dict, directory: Path) -> str:
    """What Helm says after an installation, which it shows to nobody without a cluster."""
    chart = directory / "chart"
    shutil.copytree(CHART, chart, dirs_exist_ok=True)
    shutil.move(chart / "templates/NOTES.txt", chart / "files/NOTES.txt")
    (chart / "templates/shown.yaml").write_text('notes: {{ tpl (.Files.Get "files/NOTES.txt") . | toJson }}')
    [shown] = [one["notes"] for one in render(given, directory, chart=chart).objects if "notes" in one]
    return shown


def test_kinds_are_those_that_the_compiler_orders() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    kinds = schema["properties"]["objects"]["items"]["properties"]["kind"]["enum"]
    assert kinds == re.findall(r'^    \("(\w+)", \d+\),$', ORDER.read_text(), re.MULTILINE)


def test_nothing_is_installed_without_values(tmp_path: Path) -> None:
    assert not render({}, tmp_path).ok


def test_every_value_has_a_comment() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    for before, line in zip(lines, lines[1:]):
        if re.match(r" *\w+:", line) and "grafana_dashboard" not in line:
            assert before.lstrip().startswith("#"), line
