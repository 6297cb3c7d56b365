"""Objects that must be refused: a judge that accepts what it can see judges nothing."""

from dataclasses import dataclass

import pytest

from .objects import FIXTURES


@dataclass(frozen=True)
class Control:
    """A file below `fixtures/refused/`, a word that its refusal must hold, and who must refuse it."""

    name: str
    word: str
    judges: str

    @property
    def text(self) -> str:
        """The objects."""
        return (FIXTURES / "refused" / f"{self.name}.yaml").read_text()


# No judge sees all of them. What each is blind to: the schemas without a cluster, CEL rules; istioctl,
# the kinds and versions that are not Istio's own, and its `analyze` unknown fields; all but `analyze`,
# what only two objects together have wrong.
CONTROLS = [
    Control("unknown-field", "failureStrategy", "schemas apiserver validate helm"),
    Control("wrong-enum", "FAIL_CLOSED", "schemas apiserver validate analyze helm"),
    Control("selector-and-target", "only one of targetRefs", "apiserver validate analyze helm"),
    Control("unknown-field-of-kubernetes", "namespacesSelector", "schemas apiserver helm"),
    Control("unserved-version", "security.istio.io/v2", "schemas apiserver helm"),
    Control("two-protocols", "IST0177", "analyze"),
]


def controls(judge: str) -> pytest.MarkDecorator:
    """Runs a test with each control that a judge must refuse."""
    seen = [control for control in CONTROLS if judge in control.judges.split()]
    return pytest.mark.parametrize("control", seen, ids=lambda control: control.name)
