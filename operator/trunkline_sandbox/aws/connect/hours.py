"""Hours of operation and their parents, whose overrides they inherit."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified, timestamp
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance
from trunkline_sandbox.aws.zones import time_zones

MAX_PARENTS = 3
_MIDNIGHT = 24 * 60


def minutes(time: Mapping[str, int]) -> int:
    """Minutes since midnight."""
    return int(time["Hours"]) * 60 + int(time["Minutes"])


def check_slots(slots: Iterable[Mapping[str, Any]]) -> None:
    """Times of one day must not overlap, and end after they start; an end at 00:00 is the midnight that follows."""
    by_day: dict[str, list[tuple[int, int]]] = {}
    for slot in slots:
        start, end = minutes(slot["StartTime"]), minutes(slot["EndTime"]) or _MIDNIGHT
        if end <= start:
            raise faults.invalid_parameter(f"Config: EndTime of {slot['Day']} must be after StartTime.")
        by_day.setdefault(str(slot["Day"]), []).append((start, end))
    for day, times in by_day.items():
        ordered = sorted(times)
        if any(left[1] > right[0] for left, right in pairwise(ordered)):
            raise faults.invalid_parameter(f"Config: hours of {day} overlap.")


def create_hours_of_operation(call: Call) -> Answer:
    """CreateHoursOfOperation."""
    instance = call.instance()
    fields = call.present("Name", "Description", "TimeZone", "Config")
    _check(fields)
    call.unique_name(instance, Kind.HOURS, fields["Name"])
    call.room(instance, Kind.HOURS, Quota.HOURS)
    asked = call.params.get("ParentHoursOfOperationConfigs") or []
    parents = tuple(_parent(call, instance, config).id for config in asked)
    if len(set(parents)) > MAX_PARENTS:
        raise faults.quota_exceeded(f"Hours of operation can have at most {MAX_PARENTS} parents.")
    entity = call.add(instance, Kind.HOURS, fields, {"parents": tuple(dict.fromkeys(parents))})
    return {"HoursOfOperationId": entity.id, "HoursOfOperationArn": entity.arn}


def describe_hours_of_operation(call: Call) -> Answer:
    """DescribeHoursOfOperation."""
    instance = call.instance()
    return {
        "HoursOfOperation": _shown(instance, call.described(instance, Kind.HOURS, call.params["HoursOfOperationId"]))
    }


def list_hours_of_operations(call: Call) -> Answer:
    """ListHoursOfOperations."""
    shown, token = page_seen(call, call.listed(call.instance(), Kind.HOURS), 1000)
    summaries = [{"Id": e.id, "Arn": e.arn, "Name": state.fields["Name"], **modified(e, state)} for e, state in shown]
    return {"HoursOfOperationSummaryList": summaries, **token}


def search_hours_of_operations(call: Call) -> Answer:
    """SearchHoursOfOperations: name, description, timezone, resourceID."""
    instance = call.instance()
    fields = named() | {"timezone": lambda seen: str(seen.state.fields["TimeZone"])}
    shown, more = search(call, call.searched(instance, Kind.HOURS), fields=fields, maximum=100)
    return {"HoursOfOperations": [_shown(instance, seen) for seen in shown], **more}


def update_hours_of_operation(call: Call) -> Answer:
    """UpdateHoursOfOperation: what is absent stays; an empty description clears it."""
    instance = call.instance()
    entity = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    changes = call.present("Name", "Description", "TimeZone", "Config")
    _check(changes)
    if "Name" in changes:
        call.unique_name(instance, Kind.HOURS, changes["Name"], besides=entity)
    cleared = ("Description",) if changes.get("Description") == "" else ()
    entity.write(call.now, {n: v for n, v in changes.items() if n not in cleared}, without=cleared)
    return {}


def delete_hours_of_operation(call: Call) -> Answer:
    """DeleteHoursOfOperation. Refused while a queue uses them or they are somebody's parent."""
    instance = call.instance()
    entity = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    if entity.built_in:
        raise faults.invalid_request(f"{entity.fields['Name']} cannot be deleted.")
    for queue in instance.alive(Kind.QUEUE):
        if queue.fields.get("HoursOfOperationId") == entity.id:
            raise faults.in_use("Hours of operation are used by a queue.", "QUEUE", queue.arn)
    for child in instance.alive(Kind.HOURS):
        if entity.id in child.links["parents"]:
            raise faults.in_use("Hours of operation are the parent of others.", "HOURS_OF_OPERATION", child.arn)
    for override in instance.alive(Kind.OVERRIDE):
        if override.links["hours"] == entity.id:
            override.delete(call.now)
    entity.delete(call.now)
    return {}


def associate_hours_of_operations(call: Call) -> Answer:
    """AssociateHoursOfOperations: adds parents. What is a parent already stays one."""
    instance = call.instance()
    entity = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    parents = list(entity.links["parents"])
    for config in call.params["ParentHoursOfOperationConfigs"]:
        parent = _parent(call, instance, config)
        if entity.id == parent.id or entity.id in _ancestors(instance, parent):
            raise faults.condition_failed("Hours of operation cannot be their own parent.")
        parents.append(parent.id)
    unique = tuple(dict.fromkeys(parents))
    if len(unique) > MAX_PARENTS:
        raise faults.quota_exceeded(f"Hours of operation can have at most {MAX_PARENTS} parents.")
    entity.write(call.now, links={"parents": unique})
    return {}


def disassociate_hours_of_operations(call: Call) -> Answer:
    """DisassociateHoursOfOperations."""
    instance = call.instance()
    entity = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    gone = {call.identifier(instance, Kind.HOURS, value) for value in call.params["ParentHoursOfOperationIds"]}
    if gone - set(entity.links["parents"]):
        raise faults.not_found("The specified hours of operation are not associated.")
    entity.write(call.now, links={"parents": tuple(p for p in entity.links["parents"] if p not in gone)})
    return {}


def list_child_hours_of_operations(call: Call) -> Answer:
    """ListChildHoursOfOperations: the hours that have these as a parent."""
    instance = call.instance()
    parent, state = call.described(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    children = [seen for seen in call.listed(instance, Kind.HOURS) if parent.id in seen.state.links["parents"]]
    shown, token = page_seen(call, children, 100)
    found = [{"Name": s.state.fields["Name"], "Id": s.entity.id, "Arn": s.entity.arn} for s in shown]
    return {"ChildHoursOfOperationsSummaryList": found, **modified(parent, state), **token}


def _check(fields: Mapping[str, Any]) -> None:
    if "TimeZone" in fields and fields["TimeZone"] not in time_zones():
        raise faults.invalid_parameter(f"TimeZone {fields['TimeZone']!r} is not a time zone of the IANA database.")
    check_slots(fields.get("Config") or [])


def _parent(call: Call, instance: Instance, config: Mapping[str, Any]) -> Entity:
    return call.require(instance, Kind.HOURS, str(config.get("HoursOfOperationId", "")))


def _ancestors(instance: Instance, entity: Entity) -> set[str]:
    known: set[str] = set()
    waiting = list(entity.links["parents"])
    while waiting:
        identifier = waiting.pop()
        parent = instance.get(Kind.HOURS, identifier)
        if identifier not in known and parent is not None and parent.alive:
            known.add(identifier)
            waiting.extend(parent.links["parents"])
    return known


def _shown(instance: Instance, seen: Seen) -> Answer:
    entity, state = seen
    parents = [instance.get(Kind.HOURS, identifier) for identifier in state.links["parents"]]
    return {
        "HoursOfOperationId": entity.id,
        "HoursOfOperationArn": entity.arn,
        **state.fields,
        "ParentHoursOfOperations": [
            {"Name": p.fields["Name"], "Id": p.id, "Arn": p.arn} for p in parents if p is not None and p.alive
        ],
        "Tags": dict(state.tags),
        "LastModifiedTime": timestamp(state.modified),
        "LastModifiedRegion": entity.region,
    }


OPERATIONS: dict[str, Handler] = {
    "CreateHoursOfOperation": create_hours_of_operation,
    "DescribeHoursOfOperation": describe_hours_of_operation,
    "ListHoursOfOperations": list_hours_of_operations,
    "SearchHoursOfOperations": search_hours_of_operations,
    "UpdateHoursOfOperation": update_hours_of_operation,
    "DeleteHoursOfOperation": delete_hours_of_operation,
    "AssociateHoursOfOperations": associate_hours_of_operations,
    "DisassociateHoursOfOperations": disassociate_hours_of_operations,
    "ListChildHoursOfOperations": list_child_hours_of_operations,
}
