"""What Helm installs: the chart with the objects written by hand, and with those compiled of each example."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.env.paths import ROOT

from .objects import MINORS, compiled, examples, good_fixture, minors_of, parse

CHART = ROOT / "helm/mcp-guard"
# Where the objects of the fixtures are.
NAMESPACE = "ai-agents"
DIGEST = "0" * 64
ATTACHMENTS = ("WasmPlugin", "TrafficExtension")
# Of the fixtures: what a team brings, or the chart makes.
NOT_COMPILED = ("Service", "ConfigMap", "PrometheusRule")


@dataclass(frozen=True)
class Revision:
    """Values, and the objects that the chart has to make of them."""

    values: str
    objects: list[dict]


@dataclass(frozen=True)
class Release:
    """The values of a first and of a second revision: of the fixtures, unless there is an example."""

    name: str
    minor: str
    example: Path | None = None

    @cached_property
    def first(self) -> Revision:
        """What is installed."""
        return self._compiled("observe") if self.example else by_hand(good_fixture(self.minor))

    @cached_property
    def second(self) -> Revision:
        """What it is upgraded to."""
        if self.example:
            return self._compiled("enforce")
        changed = good_fixture(self.minor).replace("tools: [search_code]", "tools: [search_code, get_file]")
        return by_hand(changed.replace("name: api-github-com", "name: api-github-com-2"))

    def _compiled(self, stage: str) -> Revision:
        values, objects = (
            compiled(self.example, emit, self.minor, "--stage", stage) for emit in ("helm-values", "manifests")
        )
        return Revision(values, parse(objects))

    @property
    def namespace(self) -> str:
        """Where it goes: a release is one policy in one namespace."""
        [found] = {value["metadata"].get("namespace") for value in self.first.objects}
        return found

    def __str__(self) -> str:
        return f"{self.name}-{self.minor}"


def by_hand(text: str, **more: object) -> Revision:
    """Values as the compiler emits them, with other objects."""
    objects = [stamped(value) for value in parse(text) if value["kind"] not in NOT_COMPILED]
    policy = {"server": "fixture", "digest": DIGEST, "stage": "enforce", "namespace": NAMESPACE}
    return Revision(json.dumps({"policy": policy, "objects": objects, **more}), objects)


def stamped(value: dict) -> dict:
    """An attachment with the digest and a policy, by which the chart knows what it was compiled of."""
    if value["kind"] in ATTACHMENTS:
        value["metadata"].setdefault("annotations", {})["mcp-guard.dev/policy-digest"] = DIGEST
        value["spec"].get("wasm", value["spec"]).setdefault("pluginConfig", {"policy": {}})
    return value


def releases() -> Iterator[Release]:
    """All that are tested."""
    yield from (Release("fixture", minor) for minor in MINORS)
    for example in examples():
        yield from (Release(example.name, minor, example) for minor in minors_of(example))
