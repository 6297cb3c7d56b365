"""The chart's life against an API server: lint, template, install, upgrade, rollback, uninstall."""

import json
from pathlib import Path

import pytest

from .apiserver import ApiServer
from .commands import run
from .comparison import missing
from .controls import Control, controls
from .objects import dump, examples, identity, parse
from .releases import CHART, FIXTURE_CHART, Release, Revision, chart_exists, of_fixture, releases

CHARTS = [FIXTURE_CHART, *([CHART] if chart_exists() else [])]
KEEP = "helm.sh/resource-policy"
# An unknown field is pruned with no more than that.
WARNING = "Warning:"


@pytest.fixture(params=releases(), ids=str)
def release(request: pytest.FixtureRequest) -> Release:
    """Each chart with each example's values, for each Istio minor."""
    return request.param


def test_chart_has_examples() -> None:
    assert examples() or not chart_exists()


def test_lint_is_content(release: Release, tmp_path: Path) -> None:
    for revision in (release.first, release.second):
        values = write(tmp_path, revision)
        run("helm", "lint", "--strict", release.chart, "--values", values, home=tmp_path).checked()


def test_template_is_what_was_compiled(release: Release, tmp_path: Path) -> None:
    for revision in (release.first, release.second):
        values = write(tmp_path, revision)
        options = ["--namespace", release.namespace, "--values", values]
        rendered = run("helm", "template", release.name, release.chart, *options, home=tmp_path).checked().stdout
        assert by_identity(parse(rendered)) == by_identity(revision.objects)


def test_life(release: Release, servers, tmp_path: Path) -> None:
    server = servers[release.minor]
    server.create_namespace(release.namespace)
    where = ["--namespace", release.namespace]
    first, second = (write(tmp_path / name, one) for name, one in revisions(release).items())

    helm(server, "install", release.name, release.chart, *where, "--values", first)
    assert differences(server, release.first) == []

    helm(server, "upgrade", release.name, release.chart, *where, "--values", second)
    assert differences(server, release.second) == []
    assert left(server, only_in(release.first, release.second)) == []

    helm(server, "rollback", release.name, "1", *where)
    assert differences(server, release.first) == []
    assert left(server, only_in(release.second, release.first)) == []

    helm(server, "uninstall", release.name, *where)
    kept = [value for value in release.first.objects if is_kept(value)]
    assert len(left(server, release.first.objects)) == len(kept)
    server.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=dump(release.first.objects)).checked()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda path: path.name)
def test_unknown_value_is_refused(chart: Path, tmp_path: Path) -> None:
    for command in (["lint", "--strict"], ["template", "refused"]):
        outcome = run("helm", *command, chart, "--set", "no_such_value=1", home=tmp_path)
        assert not outcome.accepted
        assert "no_such_value" in outcome.text


@controls("helm")
def test_control_is_not_installed(control: Control, minor: str, servers, tmp_path: Path) -> None:
    server = servers[minor]
    server.create_namespace("ai-agents")
    values = write(tmp_path, of_fixture(control.text))
    outcome = server.helm("install", "refused", FIXTURE_CHART, "--namespace", "ai-agents", "--values", values)
    server.helm("uninstall", "refused", "--namespace", "ai-agents", "--ignore-not-found").checked()
    assert not outcome.accepted or WARNING in outcome.text
    assert control.word in outcome.text


def helm(server: ApiServer, *options: object) -> None:
    assert WARNING not in server.helm(*options).checked().text


def revisions(release: Release) -> dict[str, Revision]:
    return {"first": release.first, "second": release.second}


def write(directory: Path, revision: Revision) -> Path:
    directory.mkdir(exist_ok=True)
    file = directory / "values.yaml"
    file.write_text(revision.values)
    return file


def differences(server: ApiServer, revision: Revision) -> list[str]:
    """What the server's objects lack of what was to be installed."""
    found = server.kubectl("get", "-o", "json", "-f", "-", stdin=dump(revision.objects)).checked()
    stored = by_identity(json.loads(found.stdout)["items"])
    return [line for key, value in by_identity(revision.objects).items() for line in missing(value, stored[key])]


def left(server: ApiServer, objects: list[dict]) -> list[str]:
    """Which of these objects the server still has."""
    if not objects:
        return []
    found = server.kubectl("get", "--ignore-not-found", "-o", "name", "-f", "-", stdin=dump(objects))
    return found.checked().stdout.split()


def only_in(one: Revision, other: Revision) -> list[dict]:
    """The objects that the other revision does away with."""
    gone = by_identity(one.objects).keys() - by_identity(other.objects).keys()
    return [value for value in one.objects if identity(value) in gone and not is_kept(value)]


def is_kept(value: dict) -> bool:
    return value["metadata"].get("annotations", {}).get(KEEP) == "keep"


def by_identity(objects: list[dict]) -> dict[tuple, dict]:
    return {identity(value): value for value in objects}
