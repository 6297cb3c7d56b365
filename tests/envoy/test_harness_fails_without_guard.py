"""The harness can fail: with no filter no refusal of the cases comes true, with one that refuses
everything no permission does."""

import random
from collections.abc import Callable

import pytest

from .cases import Case, cases
from .guards import Guard
from .play import play_all, plays
from .stage import Stage

SAMPLE = 60
REFUSES_EVERYTHING = '{"format": 1, "policy": {"endpoints": [{"path": "/nowhere"}]}}'


@pytest.mark.parametrize("mutual_tls", [False, True])
def test_refusals_fail_without_a_guard(version: str, mutual_tls: bool, tmp_path) -> None:
    # An upgrade that nobody refuses never ends.
    wanted = sample(mutual_tls, lambda case: not case.forwarded and not case.http1_only)
    assert passing(version, Guard(None, mutual_tls), wanted, tmp_path) == []


@pytest.mark.parametrize("mutual_tls", [False, True])
def test_permissions_fail_where_everything_is_refused(version: str, mutual_tls: bool, tmp_path) -> None:
    # Discovery documents are open wherever a policy's endpoints are.
    wanted = sample(mutual_tls, lambda case: case.forwarded and ".well-known" not in case.request.path)
    assert passing(version, Guard(REFUSES_EVERYTHING, mutual_tls), wanted, tmp_path) == []


def sample(mutual_tls: bool, wanted: Callable[[Case], bool]) -> list[Case]:
    """Some of the cases, always the same ones."""
    without_tokens = (case for case in cases().values() if not case.claims)
    peers = (case for case in without_tokens if (case.spiffe is not None) == mutual_tls)
    fitting = [case for case in peers if wanted(case)]
    assert fitting
    return random.Random(0).sample(fitting, min(SAMPLE, len(fitting)))


def passing(version: str, guard: Guard, chosen: list[Case], directory) -> list[str]:
    """Names of the cases that pass under `guard`, which is none of theirs."""
    with Stage(version, {guard}, directory) as stage:
        faults = play_all(stage, [plays(case)[0] for case in chosen], lambda case: guard)
    return [case.name for case in chosen if not faults[case.name]]
