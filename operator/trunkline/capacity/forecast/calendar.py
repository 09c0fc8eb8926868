"""Days that are unlike others of their weekday: closed ones, the one after, and those that people name. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

LONGEST_CLOSURE = 14  # days that are looked back


@dataclass(frozen=True, slots=True)
class Occasion:
    """A named day. factor: of what would have come otherwise. closed: nobody takes calls."""

    name: str
    closed: bool = False
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Calendar:
    """Occasions by local date."""

    occasions: Mapping[date, Occasion] = field(default_factory=dict)

    def closed(self, day: date) -> bool:
        """Whether nobody takes calls."""
        occasion = self.occasions.get(day)
        return occasion is not None and occasion.closed

    def factor(self, day: date) -> float:
        """Of what would have come otherwise; 0 on a closed day."""
        occasion = self.occasions.get(day)
        if occasion is None:
            return 1.0
        return 0.0 if occasion.closed else occasion.factor

    def after_closed(self, day: date, open_weekdays: frozenset[int], silent: Container[date] = ()) -> bool:
        """Whether a closed day lies between this day and the last one that was open. Weekdays count from Monday, 0.

        silent: days on which nobody called, whatever the calendar says of them.
        """
        for back in range(1, LONGEST_CLOSURE + 1):
            before = day - timedelta(days=back)
            if self.closed(before):
                return True
            if before.weekday() in open_weekdays:
                return before in silent
        return False
