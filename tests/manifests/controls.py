"""Objects that must be refused: a judge that accepts one of them judges nothing."""

from pathlib import Path

from .objects import FIXTURES

# The file below `fixtures/refused/`, and a word that a refusal of it has to hold.
REFUSED = {
    "unknown-field": "failureStrategy",
    "wrong-enum": "FAIL_CLOSED",
    "selector-and-target": "selector",
    "unknown-field-of-kubernetes": "namespacesSelector",
    "unserved-version": "security.istio.io/v2",
}


def refused(name: str) -> Path:
    """The file of a control."""
    return FIXTURES / "refused" / f"{name}.yaml"
