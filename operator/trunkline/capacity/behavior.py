"""How fast a lever moves, in the words and with the meaning of HorizontalPodAutoscaler's `behavior`. Pure.

Stabilization looks back on what was wanted: scaling up takes the least of its window, scaling down the most. Policies
then limit what may be added or taken away in a period; of several the one that allows most, or least. Source:
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior. One thing
differs: what is looked back on is what was wanted, tolerance not applied, so a slow decline is followed when it is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor


class Select(StrEnum):
    """Of several policies: the one that allows most, the one that allows least, or no change at all."""

    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


class Measure(StrEnum):
    """What a policy's value counts."""

    UNITS = "Units"
    PERCENT = "Percent"


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many units, or percent of what there was, in a period."""

    measure: Measure
    value: int
    period_seconds: float


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction. tolerance_share: changes up to this share of what there is are not made. No paces: no limit."""

    window_seconds: float = 0.0
    tolerance_share: float = 0.0
    paces: tuple[Pace, ...] = ()
    select: Select = Select.MAX


UP = Direction(tolerance_share=0.03)
DOWN = Direction(window_seconds=900.0, tolerance_share=0.1)


@dataclass(frozen=True, slots=True)
class Behavior:
    """Up at once, down after a quarter of an hour of less, unless said otherwise."""

    up: Direction = UP
    down: Direction = DOWN

    @property
    def memory_seconds(self) -> float:
        """How far back it looks at what was wanted."""
        return max(self.up.window_seconds, self.down.window_seconds)

    @property
    def period_seconds(self) -> float:
        """How far back it looks at what was changed."""
        return max((pace.period_seconds for side in (self.up, self.down) for pace in side.paces), default=0.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was wanted at an instant."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed at an instant."""

    at: datetime
    before: int
    after: int


def stabilize(current: int, wanted: int, past: Iterable[Wanted], behavior: Behavior, now: datetime) -> int:
    """What the windows leave of what is wanted now."""
    up_since = now - timedelta(seconds=behavior.up.window_seconds)
    down_since = now - timedelta(seconds=behavior.down.window_seconds)
    least = most = wanted
    for one in past:
        if one.at > up_since and one.value < least:
            least = one.value
        if one.at > down_since and one.value > most:
            most = one.value
    return min(max(current, least), most)


def paced(current: int, wanted: int, changes: Iterable[Change], behavior: Behavior, now: datetime) -> int:
    """What tolerance and paces leave of a change. Changes older than the longest period are ignored."""
    if wanted == current:
        return current
    side = behavior.up if wanted > current else behavior.down
    if side.select is Select.DISABLED or abs(wanted - current) <= side.tolerance_share * current:
        return current
    if not side.paces:
        return wanted
    known = tuple(changes)
    if wanted > current:
        bounds = [_most(current, pace, known, now) for pace in side.paces]
        return max(current, min(wanted, max(bounds) if side.select is Select.MAX else min(bounds)))
    bounds = [_least(current, pace, known, now) for pace in side.paces]
    return min(current, max(wanted, min(bounds) if side.select is Select.MAX else max(bounds)))


def _most(current: int, pace: Pace, changes: Iterable[Change], now: datetime) -> int:
    start = _start(current, pace, changes, now)
    return start + pace.value if pace.measure is Measure.UNITS else ceil(start * (1.0 + pace.value / 100.0) - 1e-9)


def _least(current: int, pace: Pace, changes: Iterable[Change], now: datetime) -> int:
    start = _start(current, pace, changes, now)
    return start - pace.value if pace.measure is Measure.UNITS else floor(start * (1.0 - pace.value / 100.0) + 1e-9)


def _start(current: int, pace: Pace, changes: Iterable[Change], now: datetime) -> int:
    """What there was when the period began."""
    since = now - timedelta(seconds=pace.period_seconds)
    return current - sum(change.after - change.before for change in changes if change.at > since)
