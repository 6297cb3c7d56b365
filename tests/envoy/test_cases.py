"""Every case, in every way of playing it, against the built filter in a real Envoy."""

import pytest

from .cases import Case
from .play import play_all, plays
from .stage import Stage

CRASHES = "crashes"


@pytest.fixture(scope="session")
def faults(version: str, request: pytest.FixtureRequest, tmp_path_factory) -> dict[str, list[str]]:
    """What is not as expected in each selected case, all played at once."""
    selected = {
        item.callspec.params["case"].name: item.callspec.params["case"]
        for item in request.session.items
        if item.function is test_case and item.callspec.params["version"] == version
    }
    guards = {case.guard for case in selected.values()}
    with Stage(version, guards, tmp_path_factory.mktemp("authority")) as stage:
        found = play_all(stage, [play for case in selected.values() for play in plays(case)])
        return {**found, CRASHES: stage.crashes()}


def test_no_vm_breaks_down(faults: dict[str, list[str]]) -> None:
    """After a crash every guard of that worker refuses all: the cases that fail then are not to blame."""
    assert not faults[CRASHES]


def test_case(case: Case, faults: dict[str, list[str]]) -> None:
    found = faults.get(case.name, [])
    assert not found, "\n" + "\n".join(found)
