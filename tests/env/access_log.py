"""Envoy's access log, followed as it grows."""

import json
import threading
from pathlib import Path

from .waiting import awaited


class AccessLog:
    """Its entries in order, and by the id of their exchange."""

    def __init__(self, path: Path):
        self._path = path
        self._offset = 0
        self._held = b""
        self._lock = threading.Lock()
        self._entries: list[dict] = []
        self._by_exchange: dict[str, dict] = {}

    def entries(self) -> list[dict]:
        """All entries so far."""
        with self._lock:
            self._read()
            return list(self._entries)

    def find(self, exchange: str, seconds: float = 5.0) -> dict | None:
        """The entry of an exchange; it is written when the exchange has ended."""
        return awaited(lambda: self._found(exchange), seconds)

    def _found(self, exchange: str) -> dict | None:
        with self._lock:
            self._read()
            return self._by_exchange.get(exchange)

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(self._offset)
            data = log.read()
        self._offset += len(data)
        # The last piece is empty, or a line that Envoy has not finished.
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            self._take(line.decode(errors="replace"))

    def _take(self, line: str) -> None:
        try:
            one = json.loads(line)
        except json.JSONDecodeError:
            return
        self._entries.append(one)
        if one.get("exchange"):
            self._by_exchange[one["exchange"]] = one
