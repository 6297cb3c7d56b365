"""The chart's life against an API server: lint, template, install, upgrade, rollback, uninstall."""

import json
import os
from pathlib import Path

import pytest

from .apiserver import ApiServer
from .commands import Outcome, run
from .comparison import missing
from .controls import Control, controls
from .objects import EXAMPLES, MINORS, dump, examples, good_fixture, identity, parse
from .releases import CHART, NAMESPACE, Release, Revision, by_hand, releases

KEEP = "helm.sh/resource-policy"
# An unknown field is pruned with no more than that.
WARNING = "Warning:"
MONITORING = {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}


@pytest.fixture(params=releases(), ids=str)
def release(request: pytest.FixtureRequest) -> Release:
    """What is installed, for each Istio minor."""
    return request.param


def test_every_example_is_installed() -> None:
    if not examples() and not os.environ.get("CI"):
        pytest.skip("no example has been compiled yet")
    assert examples() == sorted(path.parent for path in EXAMPLES.glob("*/policy.yaml"))


def test_lint_is_content(release: Release, tmp_path: Path) -> None:
    for revision in (release.first, release.second):
        offline(tmp_path, ["lint", "--strict"], revision, release.namespace).checked()


def test_template_is_what_was_compiled(release: Release, tmp_path: Path) -> None:
    for revision in (release.first, release.second):
        rendered = offline(tmp_path, ["template", release.name], revision, release.namespace).checked().stdout
        assert by_identity(parse(rendered)) == by_identity(revision.objects)


def test_life(release: Release, servers, tmp_path: Path) -> None:
    server = servers[release.minor]
    server.create_namespace(release.namespace)
    where = ["--namespace", release.namespace]
    first, second = write(tmp_path / "first", release.first), write(tmp_path / "second", release.second)

    online(server, "install", release.name, CHART, *where, "--values", first)
    assert differences(server, release.first) == []

    online(server, "upgrade", release.name, CHART, *where, "--values", second)
    assert differences(server, release.second) == []
    assert left(server, only_in(release.first, release.second)) == []

    online(server, "rollback", release.name, "1", *where)
    assert differences(server, release.first) == []
    assert left(server, only_in(release.second, release.first)) == []

    online(server, "uninstall", release.name, *where)
    kept = [value for value in release.first.objects if is_kept(value)]
    assert len(left(server, release.first.objects)) == len(kept)
    server.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=dump(release.first.objects)).checked()


def test_unknown_value_is_refused(tmp_path: Path) -> None:
    revision = by_hand(good_fixture(MINORS[0]), no_such_value=1)
    for command in (["lint", "--strict"], ["template", "refused"]):
        outcome = offline(tmp_path, command, revision)
        assert not outcome.accepted
        assert "no_such_value" in outcome.text


def test_alerts_and_dashboard_are_accepted(minor: str, servers, tmp_path: Path) -> None:
    revision = by_hand(good_fixture(minor), **MONITORING)
    rendered = offline(tmp_path, ["template", "monitored"], revision).checked().stdout
    added = by_identity(parse(rendered)).keys() - by_identity(revision.objects).keys()
    assert sorted(kind for _, kind, _, _ in added) == ["ConfigMap", "PrometheusRule"]
    servers[minor].dry_run(rendered).checked()


@controls("helm")
def test_control_is_not_installed(control: Control, minor: str, servers, tmp_path: Path) -> None:
    server = servers[minor]
    server.create_namespace(NAMESPACE)
    where = ["--namespace", NAMESPACE]
    outcome = server.helm("install", "refused", CHART, *where, "--values", write(tmp_path, by_hand(control.text)))
    server.helm("uninstall", "refused", *where, "--ignore-not-found").checked()
    assert not outcome.accepted or WARNING in outcome.text
    assert control.word in outcome.text


def online(server: ApiServer, *options: object) -> None:
    assert WARNING not in server.helm(*options).checked().text


def offline(home: Path, command: list[str], revision: Revision, namespace: str = NAMESPACE) -> Outcome:
    return run("helm", *command, CHART, "--namespace", namespace, "--values", write(home, revision), home=home)


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
