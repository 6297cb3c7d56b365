"""What stopped which attack, as the tests saw it; printed as a table at the end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One attack."""

    layer: str
    attack: str
    stopped_by: str
    seen: str


class Evidence:
    """Collects rows; `table` is what `make mesh` ends with."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(self, layer: str, attack: str, stopped_by: str, seen: object) -> None:
        """One attack, what stopped it, and what was seen of that."""
        self._rows.append(Row(layer, attack, stopped_by, " ".join(str(seen).split())[:140]))

    def table(self) -> list[str]:
        """Lines of equal columns, by layer."""
        if not self._rows:
            return []
        rows = [Row("layer", "attack", "what stopped it", "evidence"), *sorted(self._rows, key=lambda row: row.layer)]
        columns = [[row.layer, row.attack, row.stopped_by] for row in rows]
        widths = [max(len(row[at]) for row in columns) for at in range(3)]
        return [
            "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), row.seen])
            for cells, row in zip(columns, rows, strict=True)
        ]
