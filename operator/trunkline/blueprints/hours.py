"""Hours of operation: entries of `spec.hoursOfOperation` to nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.api.hours import HoursOfOperation, HoursOverride
from trunkline.blueprints.entries import aws_name, instance_entry_node
from trunkline.drivers.hours import HoursDesired
from trunkline.drivers.hours_overrides import OpenHours, Override, Recurrence
from trunkline.engine.resource import Node, Ref

SECTION = "hoursOfOperation"


def hours_node(entry: HoursOfOperation, tags: Mapping[str, str]) -> Node:
    """The node of one set of hours."""
    desired = HoursDesired(
        name=aws_name(entry),
        time_zone=entry.time_zone or "",
        hours=tuple(OpenHours(day.value, item.start, item.end) for item in entry.hours or () for day in item.days),
        description=entry.description,
        overrides=None if entry.overrides is None else tuple(_override(item) for item in entry.overrides),
        parents=None if entry.parents is None else tuple(Ref(f"hours/{parent}") for parent in entry.parents),
    )
    return instance_entry_node("hours", SECTION, entry, desired, tags)


def _override(item: HoursOverride) -> Override:
    recurrence = item.recurrence
    return Override(
        name=item.name,
        type=item.type.value,
        effective_from=item.effective_from,
        effective_till=item.effective_till,
        hours=tuple(
            OpenHours(day, part.start, part.end)
            for part in item.hours or ()
            for day in ([day.value for day in part.days] if part.days else [""])
        ),
        recurrence=None
        if recurrence is None
        else Recurrence(
            recurrence.frequency.value,
            recurrence.interval,
            tuple(recurrence.by_month or ()),
            tuple(recurrence.by_month_day or ()),
            tuple(recurrence.by_weekday_occurrence or ()),
        ),
        description=item.description,
    )
