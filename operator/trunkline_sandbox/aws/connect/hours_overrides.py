"""Overrides of hours of operation: other hours, or none, between two dates, once or recurring."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.hours import check_slots
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance

_MEMBERS = ("Name", "Description", "Config", "EffectiveFrom", "EffectiveTill", "RecurrenceConfig", "OverrideType")
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_OR_EQUAL_TO": operator.ge,
    "LESS_THAN_OR_EQUAL_TO": operator.le,
    "EQUAL_TO": operator.eq,
}


def create_hours_of_operation_override(call: Call) -> Answer:
    """CreateHoursOfOperationOverride. Names are unique per hours of operation; at most 50."""
    instance = call.instance()
    hours = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    fields = {"OverrideType": "STANDARD", **call.present(*_MEMBERS)}
    _check(fields)
    _unique(instance, hours, fields["Name"])
    allowed = limit(call.switches, Quota.OVERRIDES)
    if len(_of(instance, hours)) >= allowed:
        raise faults.limit_exceeded(f"Limit exceeded: {Quota.OVERRIDES.value} is {allowed}.")
    entity = call.add(instance, Kind.OVERRIDE, fields, {"hours": hours.id, "hours_arn": hours.arn}, tagged=False)
    return {"HoursOfOperationOverrideId": entity.id}


def describe_hours_of_operation_override(call: Call) -> Answer:
    """DescribeHoursOfOperationOverride."""
    instance = call.instance()
    hours = call.identifier(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    seen = call.described(instance, Kind.OVERRIDE, call.params["HoursOfOperationOverrideId"])
    if seen.state.links["hours"] != hours:
        raise faults.not_found()
    return {"HoursOfOperationOverride": _shown(seen)}


def list_hours_of_operation_overrides(call: Call) -> Answer:
    """ListHoursOfOperationOverrides."""
    instance = call.instance()
    hours, state = call.described(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    found = [seen for seen in call.listed(instance, Kind.OVERRIDE) if seen.state.links["hours"] == hours.id]
    shown, token = page_seen(call, found, 100)
    return {"HoursOfOperationOverrideList": [_shown(seen) for seen in shown], **modified(hours, state), **token}


def search_hours_of_operation_overrides(call: Call) -> Answer:
    """SearchHoursOfOperationOverrides of the whole instance; by text and by EffectiveFrom and EffectiveTill."""
    instance = call.instance()
    shown, more = search(
        call,
        call.searched(instance, Kind.OVERRIDE),
        fields=named() | {"hoursOfOperationId": lambda seen: str(seen.state.links["hours"])},
        conditions={"DateCondition": _on_date},
        maximum=100,
    )
    return {"HoursOfOperationOverrides": [_shown(seen) for seen in shown], **more}


def update_hours_of_operation_override(call: Call) -> Answer:
    """UpdateHoursOfOperationOverride: what is absent stays."""
    instance = call.instance()
    hours, entity = _named(call, instance)
    changes = call.present(*_MEMBERS)
    _check({**entity.fields, **changes})
    if "Name" in changes:
        _unique(instance, hours, changes["Name"], besides=entity)
    entity.write(call.now, changes)
    return {}


def delete_hours_of_operation_override(call: Call) -> Answer:
    """DeleteHoursOfOperationOverride."""
    _, entity = _named(call, call.instance())
    entity.delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> tuple[Entity, Entity]:
    hours = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    entity = call.require(instance, Kind.OVERRIDE, call.params["HoursOfOperationOverrideId"])
    if entity.links["hours"] != hours.id:
        raise faults.not_found()
    return hours, entity


def _of(instance: Instance, hours: Entity) -> list[Entity]:
    return [entity for entity in instance.alive(Kind.OVERRIDE) if entity.links["hours"] == hours.id]


def _unique(instance: Instance, hours: Entity, name: str, besides: Entity | None = None) -> None:
    if any(entity.fields["Name"] == name for entity in _of(instance, hours) if entity is not besides):
        raise faults.duplicate(f"An override with the name {name!r} already exists for {hours.fields['Name']!r}.")


def _check(fields: Mapping[str, Any]) -> None:
    starts, ends = _date("EffectiveFrom", fields), _date("EffectiveTill", fields)
    if starts > ends:
        raise faults.invalid_parameter("EffectiveFrom must not be after EffectiveTill.")
    slots = fields.get("Config") or []
    for slot in slots:
        if not {"Day", "StartTime", "EndTime"} <= slot.keys():
            raise faults.invalid_parameter("Config: Day, StartTime and EndTime are required.")
    if not slots and fields["OverrideType"] == "OPEN":
        raise faults.invalid_parameter("Config must not be empty for an override of type OPEN.")
    if fields.get("RecurrenceConfig") and fields["OverrideType"] == "STANDARD":
        raise faults.invalid_parameter("RecurrenceConfig is not allowed for an override of type STANDARD.")
    check_slots(slots)


def _date(member: str, fields: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(fields[member]))
    except ValueError:
        raise faults.invalid_parameter(f"{member} {fields[member]!r} is not a date.") from None


def _on_date(condition: Mapping[str, str], seen: Seen) -> bool:
    field = {"effectivefrom": "EffectiveFrom", "effectivetill": "EffectiveTill"}.get(
        condition.get("FieldName", "").casefold()
    )
    if field is None:
        raise faults.invalid_parameter("FieldName of a DateCondition must be effectiveFrom or effectiveTill.")
    compare = _COMPARISONS[condition.get("ComparisonType", "EQUAL_TO")]
    return compare(str(seen.state.fields[field]), condition.get("Value", ""))


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    return {
        "HoursOfOperationOverrideId": entity.id,
        "HoursOfOperationId": state.links["hours"],
        "HoursOfOperationArn": state.links["hours_arn"],
        **state.fields,
    }


OPERATIONS: dict[str, Handler] = {
    "CreateHoursOfOperationOverride": create_hours_of_operation_override,
    "DescribeHoursOfOperationOverride": describe_hours_of_operation_override,
    "ListHoursOfOperationOverrides": list_hours_of_operation_overrides,
    "SearchHoursOfOperationOverrides": search_hours_of_operation_overrides,
    "UpdateHoursOfOperationOverride": update_hours_of_operation_override,
    "DeleteHoursOfOperationOverride": delete_hours_of_operation_override,
}
