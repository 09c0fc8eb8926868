"""Quick connects: destinations that agents transfer to (a user, a queue, a number, a flow)."""

from collections.abc import Mapping
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.queues import quick_connect_summary
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance

_MEMBERS = {"USER": "UserConfig", "QUEUE": "QueueConfig", "PHONE_NUMBER": "PhoneConfig", "FLOW": "FlowConfig"}
# The flow that runs on a transfer has to be of the destination's type (admin guide, create quick connects).
_FLOW_TYPES = {"USER": "AGENT_TRANSFER", "QUEUE": "QUEUE_TRANSFER"}


def create_quick_connect(call: Call) -> Answer:
    """CreateQuickConnect."""
    instance = call.instance()
    fields = call.present("Name", "Description")
    fields["QuickConnectConfig"] = _checked(call, instance, call.params["QuickConnectConfig"])
    call.unique_name(instance, Kind.QUICK_CONNECT, fields["Name"])
    call.room(instance, Kind.QUICK_CONNECT, Quota.QUICK_CONNECTS)
    entity = call.add(instance, Kind.QUICK_CONNECT, fields)
    return {"QuickConnectId": entity.id, "QuickConnectARN": entity.arn}


def describe_quick_connect(call: Call) -> Answer:
    """DescribeQuickConnect."""
    return {"QuickConnect": _shown(call.described(call.instance(), Kind.QUICK_CONNECT, call.params["QuickConnectId"]))}


def list_quick_connects(call: Call) -> Answer:
    """ListQuickConnects, of all types unless QuickConnectTypes says which."""
    wanted = call.params.get("QuickConnectTypes") or list(_MEMBERS)
    listed = call.listed(call.instance(), Kind.QUICK_CONNECT)
    found = [s for s in listed if s.state.fields["QuickConnectConfig"]["QuickConnectType"] in wanted]
    shown, token = page_seen(call, found, 1000)
    return {"QuickConnectSummaryList": [quick_connect_summary(seen) for seen in shown], **token}


def search_quick_connects(call: Call) -> Answer:
    """SearchQuickConnects: name, description, resourceID."""
    found = call.searched(call.instance(), Kind.QUICK_CONNECT)
    shown, more = search(call, found, fields=named(), maximum=100)
    return {"QuickConnects": [_shown(seen) for seen in shown], **more}


def update_quick_connect_name(call: Call) -> Answer:
    """UpdateQuickConnectName: name, description or both; an empty description clears it."""
    instance = call.instance()
    entity = _named(call, instance)
    changes = call.present("Name", "Description")
    if not changes:
        raise faults.invalid_parameter("At least Name or Description must be provided.")
    if "Name" in changes:
        call.unique_name(instance, Kind.QUICK_CONNECT, changes["Name"], besides=entity)
    cleared = ("Description",) if changes.get("Description") == "" else ()
    entity.write(call.now, {n: v for n, v in changes.items() if n not in cleared}, without=cleared)
    return {}


def update_quick_connect_config(call: Call) -> Answer:
    """UpdateQuickConnectConfig. The type may change."""
    instance = call.instance()
    entity = _named(call, instance)
    entity.write(call.now, {"QuickConnectConfig": _checked(call, instance, call.params["QuickConnectConfig"])})
    return {}


def delete_quick_connect(call: Call) -> Answer:
    """DeleteQuickConnect, also while queues offer it."""
    instance = call.instance()
    entity = _named(call, instance)
    for queue in instance.alive(Kind.QUEUE):
        remaining = tuple(i for i in queue.links["quick_connects"] if i != entity.id)
        if remaining != queue.links["quick_connects"]:
            queue.write(call.now, links={"quick_connects": remaining})
    entity.delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.QUICK_CONNECT, call.params["QuickConnectId"])


def _checked(call: Call, instance: Instance, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with ids in place of ARNs. Exactly the member of its type must be there."""
    kind = str(config["QuickConnectType"])
    member = _MEMBERS[kind]
    given = [name for name in _MEMBERS.values() if config.get(name) is not None]
    if given != [member]:
        raise faults.invalid_parameter(f"QuickConnectConfig of type {kind} must have {member} and no other.")
    details = dict(config[member])
    if "ContactFlowId" in details:
        flow = call.require(instance, Kind.FLOW, details["ContactFlowId"])
        if flow.fields["Type"] != _FLOW_TYPES.get(kind, flow.fields["Type"]):
            raise faults.invalid_parameter(f"{member}.ContactFlowId must be a flow of type {_FLOW_TYPES[kind]}.")
        details["ContactFlowId"] = flow.id
    if "QueueId" in details:
        details["QueueId"] = call.require(instance, Kind.QUEUE, details["QueueId"]).id
    if "UserId" in details:
        details["UserId"] = call.require(instance, Kind.USER, details["UserId"]).id
    return {"QuickConnectType": kind, member: details}


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    names = {"QuickConnectARN": entity.arn, "QuickConnectId": entity.id}
    return {**names, **state.fields, "Tags": dict(state.tags), **modified(entity, state)}


OPERATIONS: dict[str, Handler] = {
    "CreateQuickConnect": create_quick_connect,
    "DescribeQuickConnect": describe_quick_connect,
    "ListQuickConnects": list_quick_connects,
    "SearchQuickConnects": search_quick_connects,
    "UpdateQuickConnectName": update_quick_connect_name,
    "UpdateQuickConnectConfig": update_quick_connect_config,
    "DeleteQuickConnect": delete_quick_connect,
}
