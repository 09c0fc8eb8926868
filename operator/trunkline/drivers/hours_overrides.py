"""Overrides of hours of operation: holidays and other days with hours of their own, once or recurring.

Part of the `hours` driver: an override has no tags and no life of its own. Hours given without a day are spread over
the days that the override falls on, as AWS wants a day with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from trunkline.drivers.connect import SERVICE, Body, given
from trunkline.drivers.fields import Fields
from trunkline.engine.driver import UNREAD, Context, Unread
from trunkline.engine.plan import Change, Step
from trunkline.engine.resource import Ref

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True, slots=True, order=True)
class OpenHours:
    """From start to end on a day, both "HH:MM"; an end of "00:00" is midnight. day "": in an override, each of its days."""

    day: str
    start: str
    end: str

    def __str__(self) -> str:
        return f"{self.day} {self.start}-{self.end}".strip()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """As AWS's RecurrencePattern; lists in any order."""

    frequency: str
    interval: int = 1
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_weekday_occurrence: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Other hours between two dates ("YYYY-MM-DD", both included). type: STANDARD, OPEN or CLOSED."""

    name: str
    type: str
    effective_from: str
    effective_till: str
    hours: tuple[OpenHours, ...] = ()
    recurrence: Recurrence | None = None
    description: str | None = None


def override_steps(
    desired: Sequence[Override] | None,
    observed: Sequence[tuple[str, Override]] | Unread,
    hours_id: str,
    context: Context,
    fields: Fields,
) -> tuple[Step, ...]:
    """Steps that make the overrides of existing hours what they should be; observed: each with its id in AWS."""
    if isinstance(observed, Unread):
        fields.optional("overrides", desired, UNREAD)
        return ()
    compared = fields.optional(
        "overrides", _normalized_all(desired), _normalized_all([item for _, item in observed]), default={}
    )
    if compared.change is None:
        return ()
    wanted: dict[str, Override] = compared.value
    remaining = {item.name: (id_, item) for id_, item in observed}
    base = {"InstanceId": context.instance_id, "HoursOfOperationId": hours_id}
    deletes, others = [], []
    for name, (id_, old) in remaining.items():
        if name not in wanted or (old.recurrence is not None and wanted[name].recurrence is None):
            # An update cannot take a recurrence away: what is left out stays.
            params = {**base, "HoursOfOperationOverrideId": id_}
            change = Change(f"overrides[{name}]", _told(old), None)
            deletes.append(Step(SERVICE, "DeleteHoursOfOperationOverride", params, "override left", (change,)))
    deleted = {step.params["HoursOfOperationOverrideId"] for step in deletes}
    for name, override in wanted.items():
        known = remaining.get(name)
        if known is None or known[0] in deleted:
            others.append(create_override(override, context, hours_id))
        elif _normalized(known[1], override) != override:
            params = {**base, "HoursOfOperationOverrideId": known[0], **_override_params(override)}
            change = Change(f"overrides[{name}]", _told(known[1]), _told(override))
            others.append(Step(SERVICE, "UpdateHoursOfOperationOverride", params, "override differs", (change,)))
    return (*deletes, *others)


def create_override(override: Override, context: Context, hours_id: str | Ref) -> Step:
    """The step that makes one override."""
    override = _normalized(override)
    params = {"InstanceId": context.instance_id, "HoursOfOperationId": hours_id, **_override_params(override)}
    change = Change(f"overrides[{override.name}]", None, _told(override))
    return Step(SERVICE, "CreateHoursOfOperationOverride", params, "override missing", (change,))


def _override_params(override: Override) -> dict[str, Any]:
    recurrence = override.recurrence
    pattern = recurrence and given(
        Frequency=recurrence.frequency,
        Interval=recurrence.interval,
        ByMonth=list(recurrence.by_month) or None,
        ByMonthDay=list(recurrence.by_month_day) or None,
        ByWeekdayOccurrence=list(recurrence.by_weekday_occurrence) or None,
    )
    return given(
        Name=override.name,
        Description=override.description or None,
        Config=config(override.hours),
        EffectiveFrom=override.effective_from,
        EffectiveTill=override.effective_till,
        RecurrenceConfig={"RecurrencePattern": pattern} if pattern else None,
        OverrideType=override.type,
    )


def _normalized_all(overrides: Sequence[Override] | None) -> dict[str, Override] | None:
    return None if overrides is None else {item.name: _normalized(item) for item in overrides}


def _normalized(override: Override, like: Override | None = None) -> Override:
    """Hours without a day spread over the days of the override, all lists sorted, so that equal means equal.

    like: a description that this one does not manage is not compared.
    """
    hours = {replace(slot, day=day) for slot in override.hours for day in ([slot.day] if slot.day else _days(override))}
    recurrence = override.recurrence and replace(
        override.recurrence,
        by_month=tuple(sorted(override.recurrence.by_month)),
        by_month_day=tuple(sorted(override.recurrence.by_month_day)),
        by_weekday_occurrence=tuple(sorted(override.recurrence.by_weekday_occurrence)),
    )
    ignored = like is not None and like.description is None
    return replace(
        override,
        hours=tuple(sorted(hours)),
        recurrence=recurrence,
        description=None if ignored else (override.description or None),
    )


def _days(override: Override) -> Sequence[str]:
    """The weekdays that an override can fall on; all of them if it comes again."""
    first, last = date.fromisoformat(override.effective_from), date.fromisoformat(override.effective_till)
    if override.recurrence is not None or (last - first).days >= len(_DAYS) - 1:
        return _DAYS
    return [_DAYS[(first + timedelta(days=day)).weekday()] for day in range((last - first).days + 1)]


def _told(override: Override) -> str:
    span = override.effective_from
    if override.effective_till != override.effective_from:
        span += f" to {override.effective_till}"
    hours = ", ".join(map(str, override.hours))
    again = f", {override.recurrence.frequency.lower()}" if override.recurrence else ""
    return f"{override.type} {span}{again}{': ' + hours if hours else ''}"


def config(hours: Sequence[OpenHours]) -> list[dict[str, Any]]:
    """Hours as AWS wants them, of hours and of overrides alike."""
    return [
        {"Day": slot.day, "StartTime": _time_slice(slot.start), "EndTime": _time_slice(slot.end)}
        for slot in sorted(hours)
    ]


def _time_slice(text: str) -> dict[str, int]:
    hours, minutes = text.split(":")
    return {"Hours": int(hours), "Minutes": int(minutes)}


def open_hours(item: Body) -> OpenHours:
    """Hours as AWS answers them."""

    def text(name: str) -> str:
        slice_ = item.get(name) or {}
        return f"{slice_.get('Hours', 0):02}:{slice_.get('Minutes', 0):02}"

    return OpenHours(item.get("Day", ""), text("StartTime"), text("EndTime"))


def observed_override(body: Body) -> tuple[str, Override]:
    """An override as AWS answers it, with its id."""
    pattern = (body.get("RecurrenceConfig") or {}).get("RecurrencePattern")
    recurrence = pattern and Recurrence(
        frequency=pattern["Frequency"],
        interval=pattern["Interval"],
        by_month=tuple(pattern.get("ByMonth") or ()),
        by_month_day=tuple(pattern.get("ByMonthDay") or ()),
        by_weekday_occurrence=tuple(pattern.get("ByWeekdayOccurrence") or ()),
    )
    override = Override(
        name=body["Name"],
        type=body.get("OverrideType") or "STANDARD",
        effective_from=body["EffectiveFrom"],
        effective_till=body["EffectiveTill"],
        hours=tuple(open_hours(item) for item in body.get("Config") or ()),
        recurrence=recurrence or None,
        description=body.get("Description"),
    )
    return body["HoursOfOperationOverrideId"], override
