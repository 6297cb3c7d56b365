"""Every object fits the schemas of its Istio minor and of Kubernetes. Needs Python alone."""

from collections import Counter
from collections.abc import Iterator

import pytest

from .controls import Control, controls
from .objects import ObjectSet, good_fixture, identity, is_for, parse, patches
from .schemas import Schemas

FREE = {"annotations", "data", "labels", "matchLabels", "pluginConfig"}

def test_objects_fit(objects: ObjectSet) -> None:
    schemas = Schemas(objects.minor)
    assert objects.objects
    assert [problem for one in objects.objects for problem in schemas.problems(one)] == []


def test_no_object_is_there_twice(objects: ObjectSet) -> None:
    names = Counter(identity(one) for one in objects.objects)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("patch", patches(), ids=lambda path: path.stem)
def test_patches_fit(patch, minor: str) -> None:
    schemas = Schemas(minor)
    assert [problem for one in parse(patch.read_text()) for problem in schemas.problems(one, patch=True)] == []


@controls("schemas")
def test_control_is_refused(control: Control, minor: str) -> None:
    [value] = parse(control.text)
    [problem] = Schemas(minor).problems(value)
    assert control.word in problem


def test_no_place_takes_an_unknown_field(minor: str) -> None:
    """But those where anything may stand: labels, a plugin's configuration, and the like."""
    schemas = Schemas(minor)
    for value in parse(good_fixture(minor)):
        for place in places(value, FREE | ({"selector"} if value["kind"] == "Service" else set())):
            place["noSuchField"] = "1"
            assert schemas.problems(value), value
            del place["noSuchField"]
        assert schemas.problems(value) == []


def places(value: object, free: set[str]) -> Iterator[dict]:
    """The maps of an object, but for those below a key where anything may stand."""
    if isinstance(value, list):
        for part in value:
            yield from places(part, free)
    if isinstance(value, dict):
        yield value
        for part in [part for key, part in value.items() if key not in free]:
            yield from places(part, free)


def test_patch_is_refused_for_an_unknown_field(minor: str) -> None:
    container = {"name": "server", "securityContext": {"readOnlyRootFileSystem": True}}
    spec = {"template": {"spec": {"containers": [container]}}}
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec}
    [problem] = Schemas(minor).problems(patch, patch=True)
    assert "readOnlyRootFileSystem" in problem


def test_object_is_refused_for_what_only_a_patch_may_leave_out(minor: str) -> None:
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}}
    assert Schemas(minor).problems(deployment, patch=True) == []
    assert Schemas(minor).problems(deployment)


def test_traffic_extension_is_known_since_1_30(minor: str) -> None:
    value = {"apiVersion": "extensions.istio.io/v1alpha1", "kind": "TrafficExtension", "metadata": {"name": "x"}}
    known = not any("unknown kind" in problem for problem in Schemas(minor).problems(value))
    assert known == is_for("since-1.30", minor)


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "b: {c: 1, c: 1}\n"])
def test_repeated_key_is_no_object(text: str) -> None:
    with pytest.raises(Exception, match="repeated keys"):
        parse(text)


def test_date_stays_a_string() -> None:
    assert parse("a: 2026-01-01") == [{"a": "2026-01-01"}]
