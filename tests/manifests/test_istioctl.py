"""istioctl, of the newest minor, accepts the objects of every minor, alone and with their neighbours.

It is offline: no cluster is asked.
"""

from pathlib import Path

from .commands import Outcome, run
from .controls import Control, controls
from .objects import ObjectSet

# Without --all-namespaces it keeps to itself what it finds anywhere but in `default`.
ANALYZE = ("analyze", "--use-kube=false", "--all-namespaces", "--failure-threshold=Warning")


def test_objects_are_valid(objects: ObjectSet, tmp_path: Path) -> None:
    outcome = validate(objects.text, tmp_path).checked()
    assert "Warning" not in outcome.text


def test_analysis_finds_nothing(objects: ObjectSet, tmp_path: Path) -> None:
    outcome = analyze(objects.text, tmp_path).checked()
    assert "No validation issues found" in outcome.text


@controls("validate")
def test_control_is_not_valid(control: Control, tmp_path: Path) -> None:
    outcome = validate(control.text, tmp_path)
    assert not outcome.accepted
    assert control.word in outcome.text


@controls("analyze")
def test_analysis_finds_control(control: Control, tmp_path: Path) -> None:
    outcome = analyze(control.text, tmp_path)
    assert not outcome.accepted
    assert control.word in outcome.text


def validate(text: str, home: Path) -> Outcome:
    return run("istioctl", "validate", "-f", written(text, home), home=home)


def analyze(text: str, home: Path) -> Outcome:
    return run("istioctl", *ANALYZE, written(text, home), home=home)


def written(text: str, home: Path) -> Path:
    file = home / "objects.yaml"
    file.write_text(text)
    return file
