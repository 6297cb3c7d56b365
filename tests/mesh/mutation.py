"""Takes one emitted object, or one field of it, away, to see that a test notices.

    Kind/name            the object
    Kind/name#a.b.0.c    a field of its
"""

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mesh import Mesh


class Mutation:
    """The empty one changes nothing."""

    def __init__(self, what: str):
        self.what = what
        self._object, _, self._field = what.partition("#")

    def of(self, objects: list[dict]) -> list[dict]:
        """The objects without what is taken away."""
        result = []
        for value in copy.deepcopy(objects):
            if name_of(value) == self._object:
                if not self._field:
                    continue
                self._remove(value)
            result.append(value)
        return result

    def _remove(self, value: dict) -> None:
        *path, last = self._field.split(".")
        for key in path:
            value = value[int(key)] if isinstance(value, list) else value[key]
        del value[int(last) if isinstance(value, list) else last]


def name_of(value: dict) -> str:
    """`Kind/name`."""
    return f"{value['kind']}/{value['metadata']['name']}"


# What `make mesh-mutations` sets before each run of the tests.
current = Mutation("")
kept_mesh: "Mesh | None" = None
