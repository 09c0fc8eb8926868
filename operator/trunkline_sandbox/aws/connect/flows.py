"""Contact flows: a draft, what is published, and the state of the flow.

A flow has a saved draft and, once it was published, published content. `<id>` names what is published, `<id>:$SAVED`
the draft, `<id>:<version>` a version. Only publishing validates. A flow that was never published is described by
`<id>:$SAVED` alone.
"""

import json
from hashlib import sha256
from typing import Any, NamedTuple

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, State, modified
from trunkline_sandbox.aws.connect.flow_document import MAX_CHARACTERS
from trunkline_sandbox.aws.connect.flow_language import problems
from trunkline_sandbox.aws.connect.flow_resources import InstanceResources
from trunkline_sandbox.aws.connect.flow_use import flow_users
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance


class Qualified(NamedTuple):
    """An id or ARN, and what follows it after a colon: empty, $SAVED, $LATEST, a version or an alias."""

    value: str
    qualifier: str


def qualified(value: str) -> Qualified:
    """Split `<id or ARN>[:qualifier]`."""
    head, slash, tail = value.rpartition("/")
    identifier, _, qualifier = tail.partition(":")
    return Qualified(head + slash + identifier, qualifier)


def digest(content: str) -> str:
    """FlowContentSha256. What exactly AWS hashes is not documented."""
    return sha256(content.encode()).hexdigest()


def as_answered(call: Call, content: str) -> str:
    """Content as the service gives it back: as it was sent, or with other whitespace and key order (a switch)."""
    if not call.switches.flow_content_reformatted:
        return content
    try:
        return json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return content


def create_contact_flow(call: Call) -> Answer:
    """CreateContactFlow: PUBLISHED, and so validated, unless Status says SAVED."""
    instance = call.instance()
    fields = {**call.present("Name", "Type", "Description"), "State": "ACTIVE"}
    content = str(call.params["Content"])
    _unique(call, instance, fields["Name"], fields["Type"])
    published = call.params.get("Status", "PUBLISHED") == "PUBLISHED"
    _check(call, instance, content, fields["Type"], publish=published)
    call.room(instance, Kind.FLOW, Quota.FLOWS)
    links = {"saved": content, "published": content if published else None, "versions": (), "aliases": ()}
    entity = call.add(instance, Kind.FLOW, fields, links)
    return {"ContactFlowId": entity.id, "ContactFlowArn": entity.arn, "FlowContentSha256": digest(content)}


def describe_contact_flow(call: Call) -> Answer:
    """DescribeContactFlow: what is published, the draft (`:$SAVED`) or a version (`:<number>`)."""
    instance = call.instance()
    name = qualified(call.params["ContactFlowId"])
    seen = call.described(instance, Kind.FLOW, name.value)
    flow = _shown(seen)
    if name.qualifier == "$SAVED":
        content = seen.state.links["saved"]
    elif name.qualifier in {"", "$LATEST"}:
        content = seen.state.links["published"]
        if content is None:
            raise faults.flow_not_published()
        flow["Status"] = "PUBLISHED"
    else:
        version = next((v for v in seen.state.links["versions"] if str(v.number) == name.qualifier), None)
        if version is None:
            raise faults.not_found()
        content = version.content
        flow |= {"Status": "PUBLISHED", **version.members()}
    return {"ContactFlow": flow | _content(call, content)}


def list_contact_flows(call: Call) -> Answer:
    """ListContactFlows, of all types unless ContactFlowTypes says which."""
    wanted = call.params.get("ContactFlowTypes")
    listed = call.listed(call.instance(), Kind.FLOW)
    shown, token = page_seen(call, [s for s in listed if not wanted or s.state.fields["Type"] in wanted], 1000)
    summaries = [
        {
            "Id": entity.id,
            "Arn": entity.arn,
            "Name": state.fields["Name"],
            "ContactFlowType": state.fields["Type"],
            "ContactFlowState": state.fields["State"],
            "ContactFlowStatus": _status(state),
        }
        for entity, state in shown
    ]
    return {"ContactFlowSummaryList": summaries, **token}


def search_contact_flows(call: Call) -> Answer:
    """SearchContactFlows: name, description, resourceID; by type, state and status. Content only if the switch says so."""
    conditions = {
        "TypeCondition": lambda value, seen: seen.state.fields["Type"] == value,
        "StateCondition": lambda value, seen: seen.state.fields["State"] == value,
        "StatusCondition": lambda value, seen: _status(seen.state) == value,
    }
    found = call.searched(call.instance(), Kind.FLOW)
    shown, more = search(call, found, fields=named(), conditions=conditions, maximum=100)
    flows = []
    for seen in shown:
        links = seen.state.links
        content = links["published"] if links["published"] is not None else links["saved"]
        flows.append(_shown(seen) | (_content(call, content) if call.switches.search_returns_flow_content else {}))
    return {"ContactFlows": flows, **more}


def update_contact_flow_content(call: Call) -> Answer:
    """UpdateContactFlowContent: publishes, after validation; with `:$SAVED` it saves the draft unchecked."""
    instance = call.instance()
    name = qualified(call.params["ContactFlowId"])
    entity = call.require(instance, Kind.FLOW, name.value)
    content = str(call.params["Content"])
    if name.qualifier not in {"", "$SAVED", "$LATEST"}:
        raise faults.invalid_parameter("The content of a version cannot be changed.")
    publish = name.qualifier != "$SAVED"
    _check(call, instance, content, entity.fields["Type"], publish=publish)
    entity.write(call.now, links={"saved": content, "published": content} if publish else {"saved": content})
    return {}


def update_contact_flow_metadata(call: Call) -> Answer:
    """UpdateContactFlowMetadata: name, description, ACTIVE or ARCHIVED."""
    instance = call.instance()
    entity = _named(call, instance)
    changes = call.present("Name", "Description")
    if "ContactFlowState" in call.params:
        changes["State"] = call.params["ContactFlowState"]
    if entity.built_in and changes.get("State") == "ARCHIVED":
        raise faults.invalid_request("A default flow cannot be archived.")
    _rename(call, instance, entity, changes)
    return {}


def update_contact_flow_name(call: Call) -> Answer:
    """UpdateContactFlowName: name, description or both."""
    instance = call.instance()
    _rename(call, instance, _named(call, instance), call.present("Name", "Description"))
    return {}


def delete_contact_flow(call: Call) -> Answer:
    """DeleteContactFlow. Default flows stay; whether one that is referred to may go is a switch."""
    instance = call.instance()
    entity = _named(call, instance)
    if entity.built_in:
        raise faults.invalid_request("A default flow cannot be deleted.")
    if not call.switches.referenced_flow_deletable:
        users = flow_users(instance, entity)
        if users:
            raise faults.in_use("The flow is referred to.", users[0].kind.name, users[0].arn)
    entity.delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.FLOW, qualified(call.params["ContactFlowId"]).value)


def _rename(call: Call, instance: Instance, entity: Entity, changes: dict[str, Any]) -> None:
    if not changes:
        raise faults.invalid_parameter("At least Name or Description must be provided.")
    if "Name" in changes:
        _unique(call, instance, changes["Name"], entity.fields["Type"], besides=entity)
    entity.write(call.now, changes)


def _unique(call: Call, instance: Instance, name: str, flow_type: str, besides: Entity | None = None) -> None:
    """Whether names are unique per type or per instance is not documented: a switch."""
    if call.switches.duplicate_flow_name_scope == "instance":
        call.unique_name(instance, Kind.FLOW, name, besides=besides)
        return
    same_type = (e for e in instance.alive(Kind.FLOW) if e is not besides and e.fields["Type"] == flow_type)
    if any(e.fields["Name"] == name for e in same_type):
        raise faults.duplicate(f"A flow with the name {name!r} already exists.")


def _check(call: Call, instance: Instance, content: str, flow_type: str, *, publish: bool) -> None:
    if not 1 <= len(content) <= MAX_CHARACTERS:
        raise faults.invalid_flow([f"Flow content is too long. Maximum length: {MAX_CHARACTERS}"])
    if publish:
        found = problems(content, flow_type, InstanceResources(call, instance))
        if found:
            raise faults.invalid_flow(found)


def _status(state: State) -> str:
    """PUBLISHED, or SAVED while the draft differs from what is published."""
    return "PUBLISHED" if state.links["published"] == state.links["saved"] else "SAVED"


def _content(call: Call, content: str) -> Answer:
    return {"Content": as_answered(call, content), "FlowContentSha256": digest(content)}


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    return {
        "Id": entity.id,
        "Arn": entity.arn,
        **state.fields,
        "Status": _status(state),
        "Tags": dict(state.tags),
        **modified(entity, state),
    }


OPERATIONS: dict[str, Handler] = {
    "CreateContactFlow": create_contact_flow,
    "DescribeContactFlow": describe_contact_flow,
    "ListContactFlows": list_contact_flows,
    "SearchContactFlows": search_contact_flows,
    "UpdateContactFlowContent": update_contact_flow_content,
    "UpdateContactFlowMetadata": update_contact_flow_metadata,
    "UpdateContactFlowName": update_contact_flow_name,
    "DeleteContactFlow": delete_contact_flow,
}
