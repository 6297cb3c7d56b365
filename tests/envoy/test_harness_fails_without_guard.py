"""The harness can fail: with no filter in the chain, no refusal of the cases comes true."""

import random

import pytest

from .cases import cases
from .guards import Guard
from .play import play_all, plays
from .stage import Stage

SAMPLE = 60


@pytest.mark.parametrize("mutual_tls", [False, True])
def test_refusals_fail_without_a_guard(version: str, mutual_tls: bool, tmp_path) -> None:
    refusals = [
        case
        for case in cases().values()
        if not case.forwarded and not case.claims and (case.spiffe is not None) == mutual_tls
    ]
    sample = random.Random(0).sample(refusals, min(SAMPLE, len(refusals)))
    nothing = Guard(None, mutual_tls)
    with Stage(version, {nothing}, tmp_path) as stage:
        chosen = [plays(case)[0] for case in sample]
        faults = play_all(stage, chosen, lambda case: nothing)
    passed = [case.name for case in sample if not faults[case.name]]
    assert not passed, f"these cases pass without a guard: {passed}"
