"""What calls came, by local date and slot of the local clock. Pure.

On the day with 25 hours a slot of the clock comes twice: its count is the mean of both. On that with 23 the skipped
ones are not known, which is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

DAY_SECONDS = 86_400

Counts = tuple[float | None, ...]
"""Calls in each slot of a day; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How instants fall into slots. slot_seconds divides a day. Raises ValueError."""

    zone: tzinfo
    slot_seconds: int = 1800

    def __post_init__(self) -> None:
        if self.slot_seconds <= 0 or DAY_SECONDS % self.slot_seconds:
            raise ValueError(f"a day has no whole number of slots of {self.slot_seconds} s")

    @property
    def slots(self) -> int:
        """Of a day."""
        return DAY_SECONDS // self.slot_seconds

    def place(self, instant: datetime) -> tuple[date, float]:
        """Local date, and how many slots of the local day have passed, as a fraction."""
        local = instant.astimezone(self.zone)
        seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        return local.date(), seconds / self.slot_seconds


@dataclass(frozen=True, slots=True)
class History:
    """Calls by local date; every day has as many slots as the clock says."""

    clock: Clock
    days: Mapping[date, Counts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day, counts in self.days.items():
            if len(counts) != self.clock.slots:
                raise ValueError(f"{day} has {len(counts)} slots instead of {self.clock.slots}")

    @classmethod
    def counted(cls, counts: Iterable[tuple[datetime, float]], clock: Clock) -> History:
        """From counts by the instant at which they begin, of at most one slot each; counts within a slot add up."""
        slots: dict[tuple[date, int], dict[float, float]] = {}
        for instant, calls in counts:
            day, place = clock.place(instant)
            begins = instant.timestamp() // clock.slot_seconds  # of datetimes of one zone the two hours would be equal
            found = slots.setdefault((day, int(place)), {})
            found[begins] = found.get(begins, 0.0) + calls
        days: dict[date, list[float | None]] = {}
        for (day, slot), found in slots.items():
            days.setdefault(day, [None] * clock.slots)[slot] = sum(found.values()) / len(found)
        return cls(clock, {day: tuple(values) for day, values in sorted(days.items())})

    def before(self, day: date) -> History:
        """Without this day and what comes after."""
        return History(self.clock, {known: counts for known, counts in self.days.items() if known < day})


def total(counts: Counts) -> float:
    """Calls of a day, as far as they are known."""
    return sum(count for count in counts if count is not None)
