"""Queues: creation, reading and the facets that are updated one by one.

Standard queues only are made; an agent's own queue comes and goes with the user.
"""

from collections.abc import Mapping
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance


def create_queue(call: Call) -> Answer:
    """CreateQueue: enabled, with at most 50 quick connects."""
    instance = call.instance()
    fields = call.present("Name", "Description", "MaxContacts", "OutboundCallerConfig", "OutboundEmailConfig")
    _unique(call, instance, fields["Name"])
    allowed = limit(call.switches, Quota.QUEUES)
    if len(_standard(instance)) >= allowed:
        raise faults.limit_exceeded(f"Limit exceeded: {Quota.QUEUES.value} is {allowed}.")
    fields["HoursOfOperationId"] = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"]).id
    fields["Status"] = "ENABLED"
    _check_max_contacts(call, fields.get("MaxContacts"))
    if "OutboundCallerConfig" in fields:
        fields["OutboundCallerConfig"] = _outbound(call, instance, fields["OutboundCallerConfig"])
    connects = [call.require(instance, Kind.QUICK_CONNECT, v).id for v in call.params.get("QuickConnectIds") or []]
    links = {"type": "STANDARD", "quick_connects": tuple(dict.fromkeys(connects))}
    entity = call.add(instance, Kind.QUEUE, fields, links)
    return {"QueueId": entity.id, "QueueArn": entity.arn}


def describe_queue(call: Call) -> Answer:
    """DescribeQueue."""
    return {"Queue": _shown(call.described(call.instance(), Kind.QUEUE, call.params["QueueId"]))}


def list_queues(call: Call) -> Answer:
    """ListQueues: standard and agent queues unless QueueTypes says which."""
    wanted = call.params.get("QueueTypes") or ["STANDARD", "AGENT"]
    found = [seen for seen in call.listed(call.instance(), Kind.QUEUE) if seen.state.links["type"] in wanted]
    shown, token = page_seen(call, found, 1000)
    summaries = []
    for entity, state in shown:
        name = {"Name": state.fields["Name"]} if "Name" in state.fields else {}
        summary = {"Id": entity.id, "Arn": entity.arn, **name, "QueueType": state.links["type"]}
        summaries.append(summary | modified(entity, state))
    return {"QueueSummaryList": summaries, **token}


def search_queues(call: Call) -> Answer:
    """SearchQueues: standard queues only. name, description, resourceID."""
    found = [seen for seen in call.searched(call.instance(), Kind.QUEUE) if seen.state.links["type"] == "STANDARD"]
    conditions = {"QueueTypeCondition": lambda value, seen: seen.state.links["type"] == value}
    shown, more = search(call, found, fields=named(), conditions=conditions, maximum=500)
    return {"Queues": [_shown(seen) for seen in shown], **more}


def update_queue_name(call: Call) -> Answer:
    """UpdateQueueName: name, description or both."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    changes = call.present("Name", "Description")
    if not changes:
        raise faults.invalid_parameter("At least Name or Description must be provided.")
    if "Name" in changes:
        _unique(call, instance, changes["Name"], besides=entity)
    entity.write(call.now, changes)
    return {}


def update_queue_hours_of_operation(call: Call) -> Answer:
    """UpdateQueueHoursOfOperation."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    hours = call.require(instance, Kind.HOURS, call.params["HoursOfOperationId"])
    entity.write(call.now, {"HoursOfOperationId": hours.id})
    return {}


def update_queue_max_contacts(call: Call) -> Answer:
    """UpdateQueueMaxContacts. Without a value the limit is taken away."""
    entity = standard_queue(call, call.instance())
    value = call.params.get("MaxContacts")
    if value is None:
        entity.write(call.now, without=("MaxContacts",))
        return {}
    _check_max_contacts(call, value)
    entity.write(call.now, {"MaxContacts": value})
    return {}


def update_queue_outbound_caller_config(call: Call) -> Answer:
    """UpdateQueueOutboundCallerConfig: replaces the whole configuration."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    entity.write(call.now, {"OutboundCallerConfig": _outbound(call, instance, call.params["OutboundCallerConfig"])})
    return {}


def update_queue_outbound_email_config(call: Call) -> Answer:
    """UpdateQueueOutboundEmailConfig."""
    entity = standard_queue(call, call.instance())
    entity.write(call.now, {"OutboundEmailConfig": call.params["OutboundEmailConfig"]})
    return {}


def update_queue_status(call: Call) -> Answer:
    """UpdateQueueStatus: ENABLED or DISABLED."""
    standard_queue(call, call.instance()).write(call.now, {"Status": call.params["Status"]})
    return {}


def delete_queue(call: Call) -> Answer:
    """DeleteQueue. Refused while a routing profile or a quick connect refers to it."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    for profile in instance.alive(Kind.ROUTING_PROFILE):
        pairs = (*profile.links["queues"], *profile.links["manual"])
        if entity.id == profile.fields["DefaultOutboundQueueId"] or any(entity.id == p.queue for p in pairs):
            raise faults.in_use("The queue is used by a routing profile.", "ROUTING_PROFILE", profile.arn)
    for connect in instance.alive(Kind.QUICK_CONNECT):
        if connect.fields["QuickConnectConfig"].get("QueueConfig", {}).get("QueueId") == entity.id:
            raise faults.in_use("The queue is used by a quick connect.", "QUICK_CONNECT", connect.arn)
    entity.delete(call.now)
    return {}


def associate_queue_quick_connects(call: Call) -> Answer:
    """AssociateQueueQuickConnects: at most 50 a call. Those associated already stay so."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    added = [call.require(instance, Kind.QUICK_CONNECT, value).id for value in call.params["QuickConnectIds"]]
    _write_quick_connects(call, entity, (*entity.links["quick_connects"], *added))
    return {}


def disassociate_queue_quick_connects(call: Call) -> Answer:
    """DisassociateQueueQuickConnects: at most 50 a call."""
    instance = call.instance()
    entity = standard_queue(call, instance)
    gone = {call.identifier(instance, Kind.QUICK_CONNECT, value) for value in call.params["QuickConnectIds"]}
    if gone - set(entity.links["quick_connects"]):
        raise faults.not_found("The specified quick connect is not associated with the queue.")
    _write_quick_connects(call, entity, tuple(i for i in entity.links["quick_connects"] if i not in gone))
    return {}


def list_queue_quick_connects(call: Call) -> Answer:
    """ListQueueQuickConnects."""
    instance = call.instance()
    entity, state = call.described(instance, Kind.QUEUE, call.params["QueueId"])
    found = [s for s in call.listed(instance, Kind.QUICK_CONNECT) if s.entity.id in state.links["quick_connects"]]
    shown, token = page_seen(call, found, 100)
    return {
        "QuickConnectSummaryList": [quick_connect_summary(seen) for seen in shown],
        **modified(entity, state),
        **token,
    }


def quick_connect_summary(seen: Seen) -> Answer:
    """A quick connect as lists show it."""
    entity, state = seen
    kind = state.fields["QuickConnectConfig"]["QuickConnectType"]
    names = {"Id": entity.id, "Arn": entity.arn, "Name": state.fields["Name"], "QuickConnectType": kind}
    return names | modified(entity, state)


def standard_queue(call: Call, instance: Instance) -> Entity:
    """The queue of the call, which must not be an agent's own."""
    entity = call.require(instance, Kind.QUEUE, call.params["QueueId"])
    if entity.links["type"] != "STANDARD":
        raise faults.invalid_request("The queue of an agent cannot be changed.")
    return entity


def _write_quick_connects(call: Call, entity: Entity, identifiers: tuple[str, ...]) -> None:
    entity.write(call.now, links={"quick_connects": tuple(dict.fromkeys(identifiers))})


def _standard(instance: Instance) -> list[Entity]:
    return [entity for entity in instance.alive(Kind.QUEUE) if entity.links["type"] == "STANDARD"]


def _unique(call: Call, instance: Instance, name: str, besides: Entity | None = None) -> None:
    call.unique_name(instance, Kind.QUEUE, name, besides=besides)


def _check_max_contacts(call: Call, value: int | None) -> None:
    """A queue cannot hold more contacts than the instance may have at a time (admin guide, maximum queue limit)."""
    concurrent = (Quota.CALLS, Quota.CHATS, Quota.TASKS, Quota.EMAILS)
    allowed = sum(limit(call.switches, quota) for quota in concurrent)
    if value is not None and value > allowed:
        raise faults.invalid_parameter(f"MaxContacts must be at most the concurrent contacts per instance, {allowed}.")


def _outbound(call: Call, instance: Instance, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with ids in place of ARNs. The flow must be an outbound whisper, the number claimed."""
    checked = dict(config)
    if "OutboundFlowId" in checked:
        flow = call.require(instance, Kind.FLOW, checked["OutboundFlowId"])
        if flow.fields["Type"] != "OUTBOUND_WHISPER":
            raise faults.invalid_parameter("OutboundFlowId must be a flow of type OUTBOUND_WHISPER.")
        checked["OutboundFlowId"] = flow.id
    if "OutboundCallerIdNumberId" in checked:
        identifier = str(checked["OutboundCallerIdNumberId"]).rsplit("/", 1)[-1]
        number = call.store.pool(instance.account, instance.region).claimed.get(identifier)
        if number is None or not number.alive or number.fields.get("InstanceId") != instance.id:
            raise faults.not_found("The specified phone number was not found.")
        checked["OutboundCallerIdNumberId"] = identifier
    return checked


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    tags = {"Tags": dict(state.tags)}
    return {"QueueArn": entity.arn, "QueueId": entity.id, **state.fields, **tags, **modified(entity, state)}


OPERATIONS: dict[str, Handler] = {
    "CreateQueue": create_queue,
    "DescribeQueue": describe_queue,
    "ListQueues": list_queues,
    "SearchQueues": search_queues,
    "UpdateQueueName": update_queue_name,
    "UpdateQueueHoursOfOperation": update_queue_hours_of_operation,
    "UpdateQueueMaxContacts": update_queue_max_contacts,
    "UpdateQueueOutboundCallerConfig": update_queue_outbound_caller_config,
    "UpdateQueueOutboundEmailConfig": update_queue_outbound_email_config,
    "UpdateQueueStatus": update_queue_status,
    "DeleteQueue": delete_queue,
    "AssociateQueueQuickConnects": associate_queue_quick_connects,
    "DisassociateQueueQuickConnects": disassociate_queue_quick_connects,
    "ListQueueQuickConnects": list_queue_quick_connects,
}
