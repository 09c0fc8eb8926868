"""Windows that come again, by the clock on the wall of a zone. Pure: instants come in, intervals go out.

A start that the clock skips is the first instant after the gap, and one that comes twice is the first; an end that comes
twice is the second. So a window is never shorter than it says because a clock was changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from trunkline.api.cron import Cron

MOST_SPANS = 10_000


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` up to but not including `ends`, in UTC; `ends` None: it has no end in eight years."""

    begins: datetime
    ends: datetime | None

    def holds(self, instant: datetime) -> bool:
        return self.begins <= instant and (self.ends is None or instant < self.ends)


@dataclass(frozen=True, slots=True)
class Window:
    """Opens at each `start`, closes at the next `end`."""

    start: Cron
    end: Cron

    def holds(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether it is open: it began, and has not ended since. An end together with a start is a start."""
        began = self.start.before(instant, zone)
        if began is None:
            return False
        ended = self.end.before(instant, zone, last=True)
        return ended is None or began >= ended

    def spans(self, since: datetime, until: datetime, zone: tzinfo) -> Iterator[Span]:
        """The spans in which it is open between two instants, in their order, whole where they reach beyond."""
        begins = self.start.before(since, zone) if self.holds(since, zone) else self.start.after(since, zone)
        for _ in range(MOST_SPANS):
            if begins is None or begins >= until:
                return
            ends = self.end.after(begins, zone, last=True)
            yield Span(begins, ends)
            if ends is None:
                return
            again = self.start.before(ends, zone)
            begins = again if again == ends else self.start.after(ends, zone)
