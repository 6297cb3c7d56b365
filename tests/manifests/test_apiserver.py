"""An API server with each Istio minor's definitions accepts every object: schemas and CEL rules."""

import json
from pathlib import Path

import pytest

from .apiserver import ApiServer
from .comparison import missing
from .controls import Control, controls
from .objects import FIXTURES, ObjectSet, dump, parse, patches


def test_objects_are_accepted(objects: ObjectSet, servers) -> None:
    outcome = servers[objects.minor].dry_run(objects.text).checked()
    assert outcome.stdout.count("(server dry run)") == len(objects.objects)


@controls("apiserver")
def test_control_is_refused(control: Control, minor: str, servers) -> None:
    outcome = servers[minor].dry_run(control.text)
    assert not outcome.accepted
    assert control.word in outcome.text


def test_dry_run_stores_nothing(minor: str, servers) -> None:
    text = (FIXTURES / "good/any/layer-1-filter.yaml").read_text()
    servers[minor].dry_run(text).checked()
    assert servers[minor].kubectl("get", "--ignore-not-found", "-o", "name", "-f", "-", stdin=text).text == ""


@pytest.mark.parametrize("patch", patches(), ids=lambda path: path.stem)
def test_patched_workload_is_accepted(patch: Path, minor: str, servers, tmp_path: Path) -> None:
    for value in parse(patch.read_text()):
        merged = merge(value, servers[minor], tmp_path)
        assert missing(value, merged) == []
        servers[minor].dry_run(dump([merged])).checked()


def test_patch_is_refused_for_an_unknown_field(minor: str, servers, tmp_path: Path) -> None:
    text = (FIXTURES / "patches/deployment.yaml").read_text()
    [value] = parse(text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"))
    outcome = servers[minor].dry_run(dump([merge(value, servers[minor], tmp_path)]))
    assert not outcome.accepted
    assert "readOnlyRootFileSystem" in outcome.text


def merge(patch: dict, server: ApiServer, directory: Path) -> dict:
    """The patch applied, as Kustomize does it, to a workload that has what the patch names."""
    kustomization = {"resources": ["base.json"], "patches": [{"path": "patch.json"}]}
    files = {"base.json": base(patch), "patch.json": patch, "kustomization.yaml": kustomization}
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content))
    [merged] = parse(server.kubectl("kustomize", directory).checked().stdout)
    return merged


def base(patch: dict) -> dict:
    [result] = parse((FIXTURES / f"base/{patch['kind'].lower()}.yaml").read_text())
    result["metadata"] = {key: patch["metadata"][key] for key in ("name", "namespace")}
    if patch["kind"] == "Service":
        numbers = [port["port"] for port in patch["spec"]["ports"]]
        result["spec"]["ports"] = [{"name": f"port-{number}", "port": number} for number in numbers]
    if patch["kind"] == "Deployment":
        names = [one["name"] for one in patch["spec"]["template"]["spec"].get("containers", [])] or ["server"]
        containers = [{"name": name, "image": "registry.example.com/server:1.0.0"} for name in names]
        result["spec"]["template"]["spec"]["containers"] = containers
    return result
