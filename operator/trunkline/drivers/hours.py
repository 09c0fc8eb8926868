"""Hours of operation: weekly hours, overrides, and parents whose overrides hold here too.

One node holds all three: overrides have no tags and no life of their own. One bulk read serves all hours of the
instance, a second one all their overrides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    wanted_of,
)
from trunkline.drivers.fields import Compared, Fields, changes_of, set_before
from trunkline.drivers.hours_overrides import (
    OpenHours,
    Override,
    config,
    create_override,
    observed_override,
    open_hours,
    override_steps,
)
from trunkline.drivers.reads import together
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

BUILTIN = frozenset({"Basic Hours"})  # made with every instance; AWS refuses to delete it
MOST_PARENTS = 3

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
        Config=config(desired.hours),
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
    overrides = [create_override(override, context, context.own()) for override in desired.overrides or ()]
    return fields.plan([create, *overrides], context.tags)


def _update(desired: HoursDesired, found: Found[HoursState], entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    steps = [
        *_update_itself(desired, found, context, fields),
        *_update_parents(desired, found, context, fields),
        *override_steps(desired.overrides, found.state.overrides, found.id, context, fields),
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
        Config=config(desired.hours),
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


def _parents(ids: Sequence[str | Ref]) -> list[dict[str, Any]]:
    return [{"HoursOfOperationId": id_} for id_ in ids]


def _found(body: Body, overrides: Sequence[Body] | Unread) -> Found[HoursState]:
    state = HoursState(
        name=body["Name"],
        time_zone=body.get("TimeZone", ""),
        hours=frozenset(open_hours(item) for item in body.get("Config") or ()),
        description=body.get("Description"),
        parents=frozenset(item["Id"] for item in body.get("ParentHoursOfOperations") or ()),
        overrides=UNREAD if isinstance(overrides, Unread) else tuple(observed_override(item) for item in overrides),
    )
    return Found(
        id=body["HoursOfOperationId"],
        arn=body["HoursOfOperationArn"],
        aws_name=body["Name"],
        state=state,
        tags=body.get("Tags") or {},
        builtin=body["Name"] in BUILTIN,
    )
