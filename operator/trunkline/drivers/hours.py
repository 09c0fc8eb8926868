"""Hours of operation: weekly hours, overrides, and parents whose overrides hold here too.

One node holds all three: overrides have no tags and no life of their own. One bulk read serves all hours of the
instance, a second one all their overrides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from trunkline.drivers.connect import (
    SERVICE,
    TAGGING,
    Body,
    Family,
    bare,
    describe_wanted,
    every,
    given,
    search_all,
    sort_key,
    tag_steps,
    together,
    wanted_of,
)
from trunkline.drivers.fields import Compared, Fields, changes_of, set_before
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

BUILTIN = frozenset({"Basic Hours"})  # made with every instance; AWS refuses to delete it
MOST_PARENTS = 3
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

_FAMILY = Family(
    search="SearchHoursOfOperations",
    searched="HoursOfOperations",
    page=100,
    describe="DescribeHoursOfOperation",
    described="HoursOfOperation",
    id_param="HoursOfOperationId",
    list="ListHoursOfOperations",
    listed="HoursOfOperationSummaryList",
)


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


@dataclass(frozen=True, slots=True)
class HoursDesired:
    """overrides, parents: None is not managed, empty is none at all. parents: ids of other hours."""

    name: str
    time_zone: str
    hours: tuple[OpenHours, ...]
    description: str | None = None
    overrides: tuple[Override, ...] | None = None
    parents: tuple[Ref | str, ...] | None = None


@dataclass(frozen=True, slots=True)
class HoursState:
    """As observed. overrides: by AWS's id of each."""

    name: str
    time_zone: str
    hours: frozenset[OpenHours]
    description: str | None
    parents: frozenset[str]
    overrides: tuple[tuple[str, Override], ...] | Unread = UNREAD


class HoursDriver:
    """Reads by SearchHoursOfOperations and SearchHoursOfOperationOverrides; exactly by Describe and List."""

    kind = "hours"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    permissions = TAGGING | frozenset(
        f"connect:{operation}"
        for operation in (
            "SearchHoursOfOperations",
            "SearchHoursOfOperationOverrides",
            "DescribeHoursOfOperation",
            "ListHoursOfOperations",
            "ListHoursOfOperationOverrides",
            "CreateHoursOfOperation",
            "UpdateHoursOfOperation",
            "DeleteHoursOfOperation",
            "CreateHoursOfOperationOverride",
            "UpdateHoursOfOperationOverride",
            "DeleteHoursOfOperationOverride",
            "AssociateHoursOfOperations",
            "DisassociateHoursOfOperations",
        )
    )

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[HoursState]]:
        if exact:
            bodies = await describe_wanted(aws, scope, _FAMILY, wanted)
            return await together(self._completed(aws, scope, wanted, body) for body in bodies)
        bodies = await search_all(aws, scope, _FAMILY)
        if not any(_manages_overrides(want) for want in wanted):
            return [_found(body, UNREAD) for body in bodies]
        params = {"InstanceId": scope.instance_id, "MaxResults": 100}
        overrides: dict[str, list[Body]] = {}
        for item in await every(aws, "SearchHoursOfOperationOverrides", "HoursOfOperationOverrides", params):
            overrides.setdefault(item["HoursOfOperationId"], []).append(item)
        return [_found(body, overrides.get(body["HoursOfOperationId"], [])) for body in bodies]

    async def _completed(self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body) -> Found[HoursState]:
        want = wanted_of(wanted, body["HoursOfOperationId"], body["Name"])
        if want is None or not _manages_overrides(want):
            return _found(body, UNREAD)
        params = {
            "InstanceId": scope.instance_id,
            "HoursOfOperationId": body["HoursOfOperationId"],
            "MaxResults": 100,
        }
        return _found(body, await every(aws, "ListHoursOfOperationOverrides", "HoursOfOperationOverrideList", params))

    def plan(
        self, desired: HoursDesired | None, found: Found[HoursState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: HoursDesired) -> frozenset[Ref]:  # noqa: ARG002  # nothing here can close a cycle
        return frozenset()


def _manages_overrides(want: Wanted) -> bool:
    managed = isinstance(want.desired, HoursDesired) and want.desired.overrides is not None
    return managed or "overrides" in set_before(want.words)


def _deletion(found: Found[HoursState] | None, context: Context) -> Plan:
    if found is None or found.going:
        return NOTHING
    params = {"InstanceId": context.instance_id, "HoursOfOperationId": found.id}
    change = Change("", found.aws_name, None)
    return Plan((Step(SERVICE, "DeleteHoursOfOperation", params, "no longer wanted", (change,), deletes=True),))


def _creation(desired: HoursDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    parents = sorted(desired.parents or (), key=sort_key)
    changes = changes_of(
        fields.required("awsName", desired.name, None),
        fields.required("timeZone", desired.time_zone, None),
        fields.required("hours", sorted(desired.hours), None),
        fields.optional("description", desired.description or None, None),
        fields.optional("parents", desired.parents, None),
    )
    fields.optional("overrides", desired.overrides, UNREAD)
    params = given(
        InstanceId=context.instance_id,
        Name=desired.name,
        Description=desired.description or None,
        TimeZone=desired.time_zone,
        Config=_config(desired.hours),
        ParentHoursOfOperationConfigs=_parents(parents) or None,
        Tags=dict(context.tags) or None,
    )
    create = Step(
        SERVICE,
        "CreateHoursOfOperation",
        params,
        "not there yet",
        changes,
        provides=(("id", "HoursOfOperationId"), ("arn", "HoursOfOperationArn")),
        creates=True,
    )
    overrides = [_create_override(override, context, context.own()) for override in desired.overrides or ()]
    return fields.plan([create, *overrides], context.tags)


def _update(desired: HoursDesired, found: Found[HoursState], entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    steps = [
        *_update_itself(desired, found, context, fields),
        *_update_parents(desired, found, context, fields),
        *_update_overrides(desired, found, context, fields),
        *tag_steps(found, context, entry),
    ]
    return fields.plan(steps, context.tags)


def _update_itself(
    desired: HoursDesired, found: Found[HoursState], context: Context, fields: Fields
) -> tuple[Step, ...]:
    state = found.state
    hours = frozenset(desired.hours)
    description = fields.optional("description", desired.description, state.description or "", default="")
    changes = changes_of(
        fields.required("awsName", desired.name, state.name),
        fields.required("timeZone", desired.time_zone, state.time_zone),
        _hours_compared(hours, state.hours),
        description,
    )
    if not changes:
        return ()
    closes = f"{desired.name} keeps no open minute" if state.hours and not hours else None
    params = given(
        InstanceId=context.instance_id,
        HoursOfOperationId=found.id,
        Name=desired.name,
        Description=description.value if description.change else None,
        TimeZone=desired.time_zone,
        Config=_config(desired.hours),
    )
    return (Step(SERVICE, "UpdateHoursOfOperation", params, "differs", changes, interrupts=closes),)


def _hours_compared(desired: frozenset[OpenHours], observed: frozenset[OpenHours]) -> Compared:
    """Only the hours that differ, so that a change of one day reads as one day."""
    if desired == observed:
        return Compared(desired, None)
    old = ", ".join(map(str, sorted(observed - desired))) or None
    new = ", ".join(map(str, sorted(desired - observed))) or None
    return Compared(desired, Change("hours", old, new))


def _update_parents(
    desired: HoursDesired, found: Found[HoursState], context: Context, fields: Fields
) -> tuple[Step, ...]:
    observed = found.state.parents
    wanted = frozenset(bare(parent) for parent in desired.parents) if desired.parents is not None else None
    compared = fields.optional("parents", wanted, observed, default=frozenset())
    if compared.change is None:
        return ()
    gained, lost = sorted(compared.value - observed, key=sort_key), sorted(observed - compared.value)
    base = {"InstanceId": context.instance_id, "HoursOfOperationId": found.id}
    steps = []
    if gained:
        params = {**base, "ParentHoursOfOperationConfigs": _parents(gained)}
        steps.append(Step(SERVICE, "AssociateHoursOfOperations", params, "parents missing", (compared.change,)))
    if lost:
        params = {**base, "ParentHoursOfOperationIds": lost}
        steps.append(Step(SERVICE, "DisassociateHoursOfOperations", params, "parents left", (compared.change,)))
    # The new holidays hold before the old ones go, unless AWS has no room for both.
    return tuple(reversed(steps)) if len(observed) + len(gained) > MOST_PARENTS else tuple(steps)


def _update_overrides(
    desired: HoursDesired, found: Found[HoursState], context: Context, fields: Fields
) -> tuple[Step, ...]:
    observed = found.state.overrides
    if observed is UNREAD or isinstance(observed, Unread):
        fields.optional("overrides", desired.overrides, UNREAD)
        return ()
    compared = fields.optional(
        "overrides", _normalized_all(desired.overrides), _normalized_all([item for _, item in observed]), default={}
    )
    if compared.change is None:
        return ()
    wanted: dict[str, Override] = compared.value
    remaining = {item.name: (id_, item) for id_, item in observed}
    base = {"InstanceId": context.instance_id, "HoursOfOperationId": found.id}
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
            others.append(_create_override(override, context, found.id))
        elif _normalized(known[1], override) != override:
            params = {**base, "HoursOfOperationOverrideId": known[0], **_override_params(override)}
            change = Change(f"overrides[{name}]", _told(known[1]), _told(override))
            others.append(Step(SERVICE, "UpdateHoursOfOperationOverride", params, "override differs", (change,)))
    return (*deletes, *others)


def _create_override(override: Override, context: Context, hours_id: str | Ref) -> Step:
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
        Config=_config(override.hours),
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


def _parents(ids: Sequence[str | Ref]) -> list[dict[str, Any]]:
    return [{"HoursOfOperationId": id_} for id_ in ids]


def _config(hours: Sequence[OpenHours]) -> list[dict[str, Any]]:
    return [
        {"Day": slot.day, "StartTime": _time_slice(slot.start), "EndTime": _time_slice(slot.end)}
        for slot in sorted(hours)
    ]


def _time_slice(text: str) -> dict[str, int]:
    hours, minutes = text.split(":")
    return {"Hours": int(hours), "Minutes": int(minutes)}


def _open_hours(item: Body) -> OpenHours:
    def text(name: str) -> str:
        slice_ = item.get(name) or {}
        return f"{slice_.get('Hours', 0):02}:{slice_.get('Minutes', 0):02}"

    return OpenHours(item.get("Day", ""), text("StartTime"), text("EndTime"))


def _found(body: Body, overrides: Sequence[Body] | Unread) -> Found[HoursState]:
    state = HoursState(
        name=body["Name"],
        time_zone=body.get("TimeZone", ""),
        hours=frozenset(_open_hours(item) for item in body.get("Config") or ()),
        description=body.get("Description"),
        parents=frozenset(item["Id"] for item in body.get("ParentHoursOfOperations") or ()),
        overrides=UNREAD if isinstance(overrides, Unread) else tuple(_override(item) for item in overrides),
    )
    return Found(
        id=body["HoursOfOperationId"],
        arn=body["HoursOfOperationArn"],
        aws_name=body["Name"],
        state=state,
        tags=body.get("Tags") or {},
        builtin=body["Name"] in BUILTIN,
    )


def _override(body: Body) -> tuple[str, Override]:
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
        hours=tuple(_open_hours(item) for item in body.get("Config") or ()),
        recurrence=recurrence or None,
        description=body.get("Description"),
    )
    return body["HoursOfOperationOverrideId"], override
