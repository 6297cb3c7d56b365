"""The objects that are judged: where they come from, for which Istio minor."""

import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.env.compiler import emit
from tests.env.paths import ROOT

from .modules import locked

EXAMPLES = ROOT / "istio-manifests"
FIXTURES = Path(__file__).with_name("fixtures")
MINORS = tuple(module.minor for module in locked() if module.path == "istio.io/api")


@dataclass(frozen=True)
class ObjectSet:
    """Objects that are applied together, to a mesh of one Istio minor."""

    name: str
    minor: str
    produce: Callable[[], str]

    @cached_property
    def text(self) -> str:
        """A YAML stream."""
        return self.produce()

    @cached_property
    def objects(self) -> list[dict]:
        """The same, parsed."""
        return parse(self.text)

    def __str__(self) -> str:
        return f"{self.name}-{self.minor}"


def compiled(example: Path, artefact: str, minor: str, *options: str) -> str:
    """What the compiler prints for the policy of a folder."""
    return emit(artefact, example / "policy.yaml", "--deploy", example / "deploy.yaml", "--istio", minor, *options)


def examples() -> list[Path]:
    """The folders that hold a policy and what was compiled of it."""
    return sorted(path.parent for path in EXAMPLES.glob("*/manifests"))


def minors_of(example: Path) -> list[str]:
    """The minors that an example's deployment file can be compiled for."""
    [deployment] = parse((example / "deploy.yaml").read_text())
    since = "since-1.30" if deployment.get("attach") == "traffic-extension" else "any"
    return [minor for minor in MINORS if is_for(since, minor)]


def object_sets() -> list[ObjectSet]:
    """Everything that has to be accepted."""
    return [one for minor in MINORS for one in sets_of(minor)]


def sets_of(minor: str) -> Iterator[ObjectSet]:
    yield ObjectSet("fixture", minor, lambda: good_fixture(minor))
    for example in (one for one in examples() if minor in minors_of(one)):
        # What is committed is for all of its minors alike.
        yield ObjectSet(f"{example.name}-committed", minor, lambda path=example: joined(path / "manifests"))
        for stage in ("observe", "enforce"):
            yield ObjectSet(
                f"{example.name}-{stage}",
                minor,
                lambda path=example, stage=stage: compiled(path, "manifests", minor, "--stage", stage),
            )


def good_fixture(minor: str) -> str:
    """The objects written by hand that this minor must accept: `any`, and those of `since-…`."""
    folders = [folder for folder in (FIXTURES / "good").iterdir() if is_for(folder.name, minor)]
    return "".join(joined(folder) for folder in sorted(folders))


def is_for(since: str, minor: str) -> bool:
    """Whether what is for `any` minor, or for those `since-…`, is for this one."""
    return since == "any" or number(since.removeprefix("since-")) <= number(minor)


def number(minor: str) -> tuple[int, ...]:
    return tuple(map(int, minor.split(".")))


def patches() -> list[Path]:
    """Strategic merge patches: they lie beside `manifests/`, since they are not applied as they are.

    Not the Kustomize component among them, which is no object of a cluster.
    """
    return [*sorted((FIXTURES / "patches").glob("*.yaml")), *sorted(EXAMPLES.glob("*/patches/[!k]*.yaml"))]


def joined(folder: Path) -> str:
    """The files of a folder as one stream."""
    files = sorted(folder.glob("*.yaml"))
    assert files, f"{folder} holds no objects"
    return "".join(f"---\n{file.read_text()}" for file in files)


class StrictLoader(yaml.CSafeLoader):
    """Refuses repeated keys, and reads no dates: neither does a cluster."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(None, None, f"repeated keys: {repeated}", node.start_mark)
        return super().construct_mapping(node, deep)


StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> list[dict]:
    """The objects of a YAML stream; an empty document is none."""
    return [value for value in yaml.load_all(text, StrictLoader) if value is not None]


def dump(objects: list[dict]) -> str:
    """A stream that every reader of YAML reads alike."""
    return "".join(f"---\n{json.dumps(value)}\n" for value in objects)


def identity(value: dict) -> tuple:
    """What a cluster tells an object by, in whichever version."""
    metadata = value["metadata"]
    return value["apiVersion"].rpartition("/")[0], value["kind"], metadata.get("namespace"), metadata["name"]
