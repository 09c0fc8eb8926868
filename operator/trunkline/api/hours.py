"""Hours of operation: weekly hours, overrides, parents.

Limits: https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateHoursOfOperation.html and
API_CreateHoursOfOperationOverride.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import (
    ATOMIC,
    SET,
    ClockTime,
    Date,
    Handle,
    Model,
    Rule,
    absent,
    default,
    entries,
    example,
    integer,
    list_map,
    required,
    text,
    unmanaged,
)
from trunkline.api.entry import InstanceEntry, unless_external

MAX_INTERVALS = 100
"""Opening times of one set of hours: AWS counts one per day."""

MIDNIGHT = "00:00"


class Day(StrEnum):
    SUNDAY = "SUNDAY"
    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"


class OverrideType(StrEnum):
    STANDARD = "STANDARD"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Frequency(StrEnum):
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


_END = "end must be later than start; write 00:00 for midnight, and split what goes past midnight into two entries"
_ORDER = Rule(
    "self.end == '00:00' || self.start < self.end",
    _END,
    ".end",
    holds=lambda h: h.end == MIDNIGHT or h.start < h.end,
)
_START = 'First minute, "HH:MM".'
_STOP = 'End, "HH:MM". 00:00 is midnight at the end of the day; 00:00 to 00:00 is the whole day. What goes past midnight is split there.'


class OpenHours(Model):
    """Opening times that hold on several days of the week."""

    rules = (_ORDER,)

    days: Annotated[tuple[Day, ...], entries(7, 1), SET] = required("Days of the week.")
    start: ClockTime = required(_START)
    end: ClockTime = required(_STOP)


class OverrideHours(Model):
    """Opening times of an override."""

    rules = (_ORDER,)

    days: Annotated[tuple[Day, ...], entries(7, 1), SET] | None = absent(
        "Days of the week.", "every day that the override covers"
    )
    start: ClockTime = required(_START)
    end: ClockTime = required(_STOP)


class Recurrence(Model):
    """When a recurring event comes again."""

    rules = (
        Rule(
            "!(has(self.byMonthDay) && has(self.byWeekdayOccurrence))",
            "write byMonthDay or byWeekdayOccurrence, not both",
            holds=lambda r: r.by_month_day is None or r.by_weekday_occurrence is None,
        ),
        Rule(
            "!has(self.byMonth) || self.frequency == 'YEARLY'",
            "byMonth belongs to frequency: YEARLY",
            ".byMonth",
            holds=lambda r: r.by_month is None or r.frequency is Frequency.YEARLY,
        ),
        Rule(
            "self.frequency != 'WEEKLY' || !(has(self.byMonthDay) || has(self.byWeekdayOccurrence))",
            "byMonthDay and byWeekdayOccurrence belong to frequency: MONTHLY or YEARLY",
            holds=lambda r: (
                r.frequency is not Frequency.WEEKLY or (r.by_month_day is None and r.by_weekday_occurrence is None)
            ),
        ),
        Rule(
            "!has(self.byMonthDay) || self.byMonthDay.all(d, d != 0)",
            "write a day from 1 to 31, or -1 for the last of the month",
            ".byMonthDay",
            holds=lambda r: 0 not in (r.by_month_day or ()),
        ),
        Rule(
            "!has(self.byWeekdayOccurrence) || self.byWeekdayOccurrence.all(d, d != 0)",
            "write an occurrence from 1 to 4, or -1 for the last",
            ".byWeekdayOccurrence",
            holds=lambda r: 0 not in (r.by_weekday_occurrence or ()),
        ),
    )

    frequency: Frequency = required("WEEKLY, MONTHLY or YEARLY.")
    interval: Annotated[int, integer(1, 6)] = default(1, "Every how many weeks, months or years.")
    by_month: Annotated[tuple[Annotated[int, integer(1, 12)], ...], entries(1, 1), ATOMIC] | None = absent(
        "The month, with YEARLY; AWS takes one.", "no month is named"
    )
    by_month_day: Annotated[tuple[Annotated[int, integer(-1, 31)], ...], entries(1, 1), ATOMIC] | None = absent(
        "The day of the month, -1 for the last; AWS takes one.", "no day is named"
    )
    by_weekday_occurrence: Annotated[tuple[Annotated[int, integer(-1, 4)], ...], entries(1, 1), ATOMIC] | None = absent(
        "Which occurrence of the weekday in the month, -1 for the last; the weekday is in hours.",
        "no occurrence is named",
    )


class HoursOverride(Model):
    """Other hours for some dates."""

    rules = (
        Rule(
            "self.effectiveFrom <= self.effectiveTill",
            "effectiveTill must not be before effectiveFrom",
            ".effectiveTill",
            holds=lambda o: o.effective_from <= o.effective_till,
        ),
        Rule(
            "self.type == 'CLOSED' || (has(self.hours) && size(self.hours) > 0)",
            "hours are required unless type is CLOSED",
            ".hours",
            holds=lambda o: o.type is OverrideType.CLOSED or bool(o.hours),
        ),
        Rule(
            "self.type != 'CLOSED' || !has(self.hours) || size(self.hours) == 0",
            "with type: CLOSED leave hours away",
            ".hours",
            holds=lambda o: o.type is not OverrideType.CLOSED or not o.hours,
        ),
    )

    name: Annotated[str, text(127), example("christmas")] = required(
        "Name of the override, unique in these hours; also its name in AWS."
    )
    description: Annotated[str, text(250)] | None = unmanaged("Description in AWS.")
    type: OverrideType = default(
        OverrideType.STANDARD, "STANDARD replaces the day; OPEN and CLOSED are for recurring events."
    )
    effective_from: Date = required('First date, "YYYY-MM-DD", in the time zone of the hours.')
    effective_till: Date = required('Last date, "YYYY-MM-DD", included.')
    hours: Annotated[tuple[OverrideHours, ...], entries(MAX_INTERVALS), ATOMIC] | None = absent(
        "Opening times on these dates.", "closed, with type CLOSED only"
    )
    recurrence: Recurrence | None = absent("When it comes again.", "the dates are meant once")


_IN_ORDER = Rule(
    f"size(self) < 2 || {[str(day) for day in Day]}.all(d, [self.filter(h, d in h.days)].all(l, l.all(i, h, i == 0 || (l[i-1].end != '{MIDNIGHT}' && l[i-1].end <= h.start))))",
    "the opening times of a day must not overlap, and are written in the order of the day: correct or reorder them",
)


class HoursOfOperation(InstanceEntry):
    """When a queue is open."""

    rules = (
        *unless_external("timeZone", "hours"),
        Rule(
            "!has(self.parents) || !(self.name in self.parents)",
            "hours cannot be their own parent",
            ".parents",
            holds=lambda h: h.name not in (h.parents or ()),
        ),
        Rule(
            f"!has(self.hours) || self.hours.map(h, size(h.days)).sum() <= {MAX_INTERVALS}",
            f"AWS takes at most {MAX_INTERVALS} opening times, one per day and interval: join some",
            ".hours",
            holds=lambda h: sum(len(interval.days) for interval in h.hours or ()) <= MAX_INTERVALS,
        ),
    )

    time_zone: (
        Annotated[
            str,
            text(64, pattern="^[A-Za-z][A-Za-z0-9_+/-]*$"),
            example("America/New_York"),
            Rule(
                "self != 'Local' && timestamp('2026-01-01T00:00:00Z').getFullYear(self) > 0",
                "write a time zone of the IANA database, such as America/New_York or UTC",
            ),
        ]
        | None
    ) = absent("Time zone of the IANA database. Required.", "the hours are external")
    hours: Annotated[tuple[OpenHours, ...], entries(MAX_INTERVALS), ATOMIC, _IN_ORDER] | None = absent(
        "Opening times of the week; [] is never open. Required.", "the hours are external"
    )
    overrides: Annotated[tuple[HoursOverride, ...], entries(50), list_map("name")] | None = unmanaged(
        "Other hours for some dates. [] removes all."
    )
    parents: Annotated[tuple[Handle, ...], entries(3), SET] | None = unmanaged(
        "Hours whose overrides hold here too, by name. [] removes all."
    )
