"""What policies are compared with: target tracking as AWS does it, a schedule by hand, a ceiling, foresight. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from trunkline.capacity.backtest.day import Units

UP_POINTS, DOWN_POINTS = 3, 15  # one-minute points of AWS's alarms before they act (G. Mao, 2020)
SLACK = 0.1  # below its target by so much the low alarm begins
STAIR_MINUTES = 5


@dataclass(slots=True)
class TargetTracking:
    """Application Auto Scaling's policy: alarms on utilisation, which cannot show more than all. minimum: the floor."""

    servers_per_rate: float
    target: float
    minimum: int
    maximum: int = 100_000
    _points: list[float] = field(default_factory=list)

    def first(self) -> int:
        """As the protocol says."""
        return self.minimum

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:  # noqa: ARG002  # of the protocol
        """As the protocol says."""
        if seen:
            self._points.append(min(1.0, seen[-1] * self.servers_per_rate / max(1, provisioned)))
        high, low = self._points[-UP_POINTS:], self._points[-DOWN_POINTS:]
        if len(high) == UP_POINTS and min(high) > self.target and provisioned >= current:
            wanted = ceil(current * high[-1] / self.target)
        elif len(low) == DOWN_POINTS and max(low) < self.target * (1.0 - SLACK):
            wanted = ceil(current * max(low) / self.target)
        else:
            return current
        wanted = max(self.minimum, min(self.maximum, wanted))
        if wanted != current:
            self._points.clear()
        return wanted


@dataclass(slots=True)
class Unattended:
    """What AWS does alone with what it was told the day before: minimums by the clock, and target tracking above them.

    A minimum that rises takes capacity along at once; one that falls leaves it to the tracking.
    """

    tracking: TargetTracking
    minimums: tuple[int, ...]  # by minute

    def first(self) -> int:
        """As the protocol says."""
        return self.minimums[0]

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
        """As the protocol says."""
        self.tracking.minimum = self.minimums[minute]
        return max(self.minimums[minute], self.tracking.at(minute, seen, current, provisioned))


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plan made before the day: a level for each minute. The ceiling is one with a single level."""

    levels: tuple[int, ...]
    ahead: int = 2  # minutes that a change takes

    def first(self) -> int:
        """As the protocol says."""
        return self.levels[0]

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:  # noqa: ARG002  # of the protocol
        """As the protocol says: in time for what takes its time."""
        return max(self.levels[minute : minute + self.ahead + 1])


def ceiling(days: Sequence[Sequence[float]], units: Units, minutes: int) -> Fixed:
    """The most that was ever needed, all day. days: rates by minute."""
    return Fixed((units(max(max(day) for day in days)),) * minutes)


def by_hand(
    weekdays: Sequence[Sequence[float]], units: Units, minutes: int, blocks: int = 4, margin: float = 1.2
) -> Fixed:
    """What a person would enter: for a few blocks of the day, the most of the same weekdays before, and a margin."""
    length = ceil(minutes / blocks)
    levels: list[int] = []
    for begin in range(0, minutes, length):
        most = max(max(day[begin : begin + length]) for day in weekdays)
        levels += [units(most * margin)] * (min(begin + length, minutes) - begin)
    return Fixed(tuple(levels))


def foresight(rates: Sequence[float], units: Units) -> Fixed:
    """The five-minute staircase that keeps the chance that all are busy, with the true rates."""
    levels: list[int] = []
    for begin in range(0, len(rates), STAIR_MINUTES):
        stair = rates[begin : begin + STAIR_MINUTES]
        levels += [units(max(stair))] * len(stair)
    return Fixed(tuple(levels), ahead=0)
