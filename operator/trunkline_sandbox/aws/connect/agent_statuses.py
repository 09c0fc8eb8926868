"""Agent statuses. They can be made and changed, never deleted; Available and Offline come with the instance."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search

_MEMBERS = ("Name", "Description", "State", "DisplayOrder")


def create_agent_status(call: Call) -> Answer:
    """CreateAgentStatus of type CUSTOM."""
    instance = call.instance()
    fields = call.present(*_MEMBERS) | {"Type": "CUSTOM"}
    call.unique_name(instance, Kind.AGENT_STATUS, fields["Name"])
    call.room(instance, Kind.AGENT_STATUS, Quota.AGENT_STATUSES)
    entity = call.add(instance, Kind.AGENT_STATUS, fields)
    return {"AgentStatusId": entity.id, "AgentStatusARN": entity.arn}


def describe_agent_status(call: Call) -> Answer:
    """DescribeAgentStatus."""
    return {"AgentStatus": _shown(call.described(call.instance(), Kind.AGENT_STATUS, call.params["AgentStatusId"]))}


def list_agent_statuses(call: Call) -> Answer:
    """ListAgentStatuses, of all types unless AgentStatusTypes says which."""
    wanted = call.params.get("AgentStatusTypes")
    listed = call.listed(call.instance(), Kind.AGENT_STATUS)
    shown, token = page_seen(call, [s for s in listed if not wanted or s.state.fields["Type"] in wanted], 1000)
    summaries = [
        {"Id": e.id, "Arn": e.arn, "Name": s.fields["Name"], "Type": s.fields["Type"], **modified(e, s)}
        for e, s in shown
    ]
    return {"AgentStatusSummaryList": summaries, **token}


def search_agent_statuses(call: Call) -> Answer:
    """SearchAgentStatuses: name, description, state, type, displayOrder, resourceID."""
    fields = named() | {
        "state": lambda seen: str(seen.state.fields["State"]),
        "type": lambda seen: str(seen.state.fields["Type"]),
        "displayOrder": lambda seen: str(seen.state.fields.get("DisplayOrder", "")),
    }
    shown, more = search(call, call.searched(call.instance(), Kind.AGENT_STATUS), fields=fields, maximum=100)
    return {"AgentStatuses": [_shown(seen) for seen in shown], **more}


def update_agent_status(call: Call) -> Answer:
    """UpdateAgentStatus: what is absent stays. Those that came with the instance keep name and state."""
    instance = call.instance()
    entity = call.require(instance, Kind.AGENT_STATUS, call.params["AgentStatusId"])
    changes = call.present(*_MEMBERS)
    if entity.built_in and changes.keys() & {"Name", "State"}:
        raise faults.invalid_request("Name and state of a system status cannot be changed.")
    if "Name" in changes:
        call.unique_name(instance, Kind.AGENT_STATUS, changes["Name"], besides=entity)
    without = ("DisplayOrder",) if call.params.get("ResetOrderNumber") else ()
    cleared = (*without, "Description") if changes.get("Description") == "" else without
    entity.write(call.now, {n: v for n, v in changes.items() if n not in cleared}, without=cleared)
    return {}


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    names = {"AgentStatusARN": entity.arn, "AgentStatusId": entity.id}
    return {**names, **state.fields, "Tags": dict(state.tags), **modified(entity, state)}


OPERATIONS: dict[str, Handler] = {
    "CreateAgentStatus": create_agent_status,
    "DescribeAgentStatus": describe_agent_status,
    "ListAgentStatuses": list_agent_statuses,
    "SearchAgentStatuses": search_agent_statuses,
    "UpdateAgentStatus": update_agent_status,
}
