"""What a server stores holds more than was asked for: defaults, and its own records."""

from typing import Any


def missing(expected: Any, actual: Any, path: str = "$") -> list[str]:
    """Where `actual` lacks something of `expected`. The elements of a list may stand in any order."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        parts = expected.items()
        return [line for key, part in parts for line in missing(part, actual.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(actual, list):
        return [
            f"{path}[{index}]: {part!r} is not in {actual!r}"
            for index, part in enumerate(expected)
            if all(missing(part, other) for other in actual)
        ]
    return [] if expected == actual else [f"{path}: {expected!r} is {actual!r}"]
