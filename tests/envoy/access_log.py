"""Envoy's access log, followed as it grows and found by exchange."""

import json
import threading
import time
from pathlib import Path

from env.envoy import entry

POLL = 0.02


class AccessLog:
    """Entries by the id of their exchange; `entries` keeps all of them in order."""

    def __init__(self, path: Path):
        self._path = path
        self._offset = 0
        self._held = b""
        self._lock = threading.Lock()
        self._by_exchange: dict[str, dict] = {}

    def find(self, exchange: str, seconds: float = 5.0) -> dict | None:
        """The entry of an exchange; it is written when the exchange has ended."""
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                self._read()
                if found := self._by_exchange.get(exchange):
                    return found
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL)

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(self._offset)
            data = log.read()
        self._offset += len(data)
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            one = entry(line.decode(errors="replace"))
        except json.JSONDecodeError:
            return
        if one.get("exchange"):
            self._by_exchange[one["exchange"]] = one
