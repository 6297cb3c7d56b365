"""What was measured, round by round, and what follows from it."""

import json
import os
import platform
import random
import statistics
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from .crossings import Crossings
from .load import Measured
from .messages import Exchange
from .policy import Contents
from .variants import BARE, NATIVE, OURS

RESAMPLES = 10_000


@dataclass(frozen=True)
class Spread:
    """The median of all rounds and the extremes."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> "Spread":
        """Of one value per round."""
        return Spread(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Interval:
    """A mean of rounds, and where it lies with 95 %: by bootstrap, which asks for no distribution."""

    mean: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> "Interval":
        """Of one value per round."""
        draw = random.Random(len(values))
        means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(RESAMPLES))
        return Interval(statistics.fmean(values), means[RESAMPLES // 40], means[-RESAMPLES // 40])


@dataclass(frozen=True)
class Start:
    """One start of an Envoy."""

    ready_ms: float
    resident_mib: float


@dataclass
class Results:
    """Everything that the report needs. Cells are known by variant and exchange."""

    settings: dict
    policy: Contents
    exchanges: list[Exchange]
    module_bytes: dict[str, int]
    samples: dict[tuple[str, str], list[Measured]] = field(default_factory=dict)
    paced: dict[tuple[str, str], list[Measured]] = field(default_factory=dict)
    starts: dict[str, list[Start]] = field(default_factory=dict)
    resident_after: dict[str, float] = field(default_factory=dict)
    crossings: dict[tuple[str, str], Crossings] = field(default_factory=dict)
    compile_seconds: dict[int, list[float]] = field(default_factory=dict)

    def cpu(self, variant: str, exchange: str) -> Spread | None:
        """Envoy's CPU per request."""
        rounds = self.samples.get((variant, exchange))
        return Spread.of([one.cpu_us for one in rounds]) if rounds else None

    def added(self, variant: str, exchange: str) -> Spread | None:
        """What a variant costs over the bare Envoy of the same round."""
        rounds, bare = self.samples.get((variant, exchange)), self.samples.get((BARE, exchange))
        if not rounds or not bare:
            return None
        return Spread.of([one.cpu_us - other.cpu_us for one, other in zip(rounds, bare)])

    def difference(self, variant: str, other: str, exchange: str) -> Interval | None:
        """What a variant costs more than another in the same round."""
        rounds, others = self.samples.get((variant, exchange)), self.samples.get((other, exchange))
        if not rounds or not others:
            return None
        return Interval.of([one.cpu_us - less.cpu_us for one, less in zip(rounds, others)])

    def reconnecting(self) -> list[tuple[str, str]]:
        """The cells in which Envoy closes connections, so that requests also pay for new ones."""
        return [cell for cell, rounds in self.samples.items() if any(one.reconnects > 0.01 for one in rounds)]

    def ratio(self, exchange: str) -> float | None:
        """Our added cost to the native filter's."""
        ours, native = self.added(OURS, exchange), self.added(NATIVE, exchange)
        return ours.median / native.median if ours and native and native.median > 0 else None

    def ready(self, variant: str) -> Spread | None:
        """Milliseconds from the start to readiness."""
        starts = self.starts.get(variant)
        return Spread.of([start.ready_ms for start in starts]) if starts else None

    def as_json(self) -> dict:
        """For the results file: every round of every cell."""
        cells = [
            {
                "variant": variant,
                "exchange": exchange,
                "paced": kind is self.paced,
                "rounds": [asdict(one) for one in rounds],
                "added_us": None if kind is self.paced else optional(self.added(variant, exchange)),
            }
            for kind in (self.samples, self.paced)
            for (variant, exchange), rounds in kind.items()
        ]
        crossings = [
            {"variant": variant, "exchange": exchange} | one.as_json()
            for (variant, exchange), one in self.crossings.items()
        ]
        return {
            "settings": self.settings,
            "machine": machine(),
            "policy": asdict(self.policy),
            "module_bytes": self.module_bytes,
            "compile_seconds": self.compile_seconds,
            "cells": cells,
            "ratios": {one.name: {"ratio": self.ratio(one.name), "aim": one.aim} for one in self.exchanges},
            "starts": {name: [asdict(start) for start in starts] for name, starts in self.starts.items()},
            "resident_mib_after_load": self.resident_after,
            "crossings": crossings,
        }

    def write(self, path: Path) -> None:
        """Writes the results file."""
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n")


def optional(spread: Spread | None) -> dict | None:
    return asdict(spread) if spread else None


def machine() -> dict:
    """What it ran on."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    models = [line.split(":", 1)[1].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "processor": models[0] if models else platform.machine(),
        "processors": os.cpu_count(),
        "kernel": platform.release(),
    }
