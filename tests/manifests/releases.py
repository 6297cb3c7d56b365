"""What Helm installs: the chart with the values that the compiler makes of each example.

The fixture's chart renders whatever objects its values hold, and shows that the tests themselves
work: it stays after the real chart has come.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.env.paths import ROOT

from .objects import FIXTURES, MINORS, compiled, examples, good_fixture, parse

CHART = ROOT / "helm/mcp-guard"
FIXTURE_CHART = FIXTURES / "chart"


@dataclass(frozen=True)
class Revision:
    """Values, and the objects that a chart has to make of them."""

    values: str
    objects: list[dict]


@dataclass(frozen=True)
class Release:
    """A chart with the values of its first and of its second revision."""

    name: str
    chart: Path
    minor: str
    example: Path | None = None

    @cached_property
    def first(self) -> Revision:
        """What is installed."""
        return self._compiled("observe") if self.example else of_fixture(good_fixture(self.minor))

    @cached_property
    def second(self) -> Revision:
        """What it is upgraded to."""
        if self.example:
            return self._compiled("enforce")
        changed = good_fixture(self.minor).replace("tools: [search_code]", "tools: [search_code, get_file]")
        return of_fixture(changed.replace("name: api-github-com", "name: api-github-com-2"))

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


def of_fixture(text: str) -> Revision:
    """Values of the fixture's chart."""
    objects = parse(text)
    return Revision(json.dumps({"objects": objects}), objects)


def releases() -> Iterator[Release]:
    """All that are tested."""
    for minor in MINORS:
        yield Release("fixture", FIXTURE_CHART, minor)
        if chart_exists():
            yield from (Release(example.name, CHART, minor, example) for example in examples())


def chart_exists() -> bool:
    """Whether there is a chart yet; without it only the fixture's is tested."""
    return (CHART / "Chart.yaml").exists()
