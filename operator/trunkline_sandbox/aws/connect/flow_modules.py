"""Flow modules: reusable parts of flows, always validated, with a contract in `Settings`.

CreateContactFlowModule has no Status: a module is published as it is made. A draft is written with `<id>:$SAVED`.
Modules may invoke modules five levels deep (admin guide, "Flow modules"); a module in its own ancestry has no end.
"""

from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, State
from trunkline_sandbox.aws.connect.flow_action_type import MODULE
from trunkline_sandbox.aws.connect.flow_language import invoked_modules, module_settings, problems
from trunkline_sandbox.aws.connect.flow_module_contract import read_contract
from trunkline_sandbox.aws.connect.flow_resources import InstanceResources
from trunkline_sandbox.aws.connect.flows import as_answered, digest, qualified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance

MAX_DEPTH = 5


def create_contact_flow_module(call: Call) -> Answer:
    """CreateContactFlowModule. A client token that was used with other parameters is an IdempotencyException."""
    return call.once(lambda: _create(call), faults.idempotency)


def _create(call: Call) -> Answer:
    instance = call.instance()
    fields = call.present("Name", "Description", "Settings", "ExternalInvocationConfiguration")
    fields["State"] = "ACTIVE"
    content = str(call.params["Content"])
    call.unique_name(instance, Kind.FLOW_MODULE, fields["Name"])
    _check(call, instance, content, fields.get("Settings"), None)
    call.room(instance, Kind.FLOW_MODULE, Quota.FLOW_MODULES)
    links = {"saved": content, "published": content, "versions": (), "aliases": ()}
    entity = call.add(instance, Kind.FLOW_MODULE, fields, links)
    return {"Id": entity.id, "Arn": entity.arn}


def describe_contact_flow_module(call: Call) -> Answer:
    """DescribeContactFlowModule: what is published, the draft (`:$SAVED`), a version or an alias."""
    instance = call.instance()
    name = qualified(call.params["ContactFlowModuleId"])
    seen = call.described(instance, Kind.FLOW_MODULE, name.value)
    module = _shown(seen)
    content = seen.state.links["published"]
    if name.qualifier == "$SAVED":
        content = seen.state.links["saved"]
    elif name.qualifier not in {"", "$LATEST"}:
        version = _version(seen.state, name.qualifier)
        content = version.content
        module |= version.members()
        if version.settings is not None:
            module["Settings"] = version.settings
    return {"ContactFlowModule": module | _content(call, content)}


def list_contact_flow_modules(call: Call) -> Answer:
    """ListContactFlowModules, of both states unless ContactFlowModuleState says which."""
    wanted = call.params.get("ContactFlowModuleState")
    listed = call.listed(call.instance(), Kind.FLOW_MODULE)
    shown, token = page_seen(call, [s for s in listed if wanted in {None, s.state.fields["State"]}], 1000)
    summaries = [
        {"Id": entity.id, "Arn": entity.arn, "Name": state.fields["Name"], "State": state.fields["State"]}
        for entity, state in shown
    ]
    return {"ContactFlowModulesSummaryList": summaries, **token}


def search_contact_flow_modules(call: Call) -> Answer:
    """SearchContactFlowModules: name, description, resourceID; by state and status."""
    conditions = {
        "StateCondition": lambda value, seen: seen.state.fields["State"] == value,
        "StatusCondition": lambda value, seen: _status(seen.state).upper() == value,
    }
    found = call.searched(call.instance(), Kind.FLOW_MODULE)
    shown, more = search(call, found, fields=named(), conditions=conditions, maximum=100)
    modules = []
    for seen in shown:
        content = _content(call, seen.state.links["published"])
        modules.append(_shown(seen) | (content if call.switches.search_returns_flow_content else {}))
    return {"ContactFlowModules": modules, **more}


def update_contact_flow_module_content(call: Call) -> Answer:
    """UpdateContactFlowModuleContent: content, settings or both; published unless the id says `:$SAVED`."""
    instance = call.instance()
    name = qualified(call.params["ContactFlowModuleId"])
    entity = call.require(instance, Kind.FLOW_MODULE, name.value)
    if "Content" not in call.params and "Settings" not in call.params:
        raise faults.invalid_request("Content or Settings must be provided.")
    content = str(call.params.get("Content", entity.links["published"]))
    fields = call.present("Settings")
    if name.qualifier == "$SAVED":
        entity.write(call.now, links={"saved": content})
        return {}
    _check(call, instance, content, fields.get("Settings", entity.fields.get("Settings")), entity)
    entity.write(call.now, fields, {"saved": content, "published": content})
    return {}


def update_contact_flow_module_metadata(call: Call) -> Answer:
    """UpdateContactFlowModuleMetadata: name, description, ACTIVE or ARCHIVED."""
    instance = call.instance()
    entity = _named(call, instance)
    changes = call.present("Name", "Description", "State")
    if not changes:
        raise faults.invalid_parameter("At least one of Name, Description and State must be provided.")
    if "Name" in changes:
        call.unique_name(instance, Kind.FLOW_MODULE, changes["Name"], besides=entity)
    entity.write(call.now, changes)
    return {}


def delete_contact_flow_module(call: Call) -> Answer:
    """DeleteContactFlowModule. The service model knows no ResourceInUse here."""
    _named(call, call.instance()).delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.FLOW_MODULE, qualified(call.params["ContactFlowModuleId"]).value)


def _version(state: State, qualifier: str) -> Any:
    alias = next((a for a in state.links["aliases"] if a.name == qualifier), None)
    number = str(alias.version) if alias is not None else qualifier
    version = next((v for v in state.links["versions"] if str(v.number) == number), None)
    if version is None:
        raise faults.not_found()
    return version


def _check(call: Call, instance: Instance, content: str, settings: str | None, entity: Entity | None) -> None:
    try:
        contract = read_contract(settings)
    except ValueError as error:
        raise faults.invalid_request(str(error)) from error
    resources = InstanceResources(call, instance)
    found = problems(content, MODULE, resources, own=contract)
    if found:
        raise faults.invalid_flow_module(found)
    if module_settings(content) is None:
        raise faults.invalid_request("JSON field is missing or null for field name: settings")
    if _depth(call, instance, content, {entity.id} if entity is not None else set()) > MAX_DEPTH:
        raise faults.invalid_flow_module([f"Flow modules are nested too deep. Maximum depth: {MAX_DEPTH}"])


def _depth(call: Call, instance: Instance, content: str, above: set[str]) -> int:
    """Levels of modules below and with this content; beyond the maximum for a module that contains itself."""
    deepest = 0
    for value in invoked_modules(content):
        inner = call.find(instance, Kind.FLOW_MODULE, qualified(value).value)
        if inner is None:
            continue
        if inner.id in above or len(above) > MAX_DEPTH:
            return MAX_DEPTH + 1
        deepest = max(deepest, _depth(call, instance, inner.links["published"], above | {inner.id}))
    return deepest + 1


def _status(state: State) -> str:
    """Lower case, unlike a flow's: seen on live modules, though the service model lists upper case."""
    return "published" if state.links["published"] == state.links["saved"] else "saved"


def _content(call: Call, content: str) -> Answer:
    return {"Content": as_answered(call, content), "FlowModuleContentSha256": digest(content)}


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    names = {"Id": entity.id, "Arn": entity.arn}
    return {**names, **state.fields, "Status": _status(state), "Tags": dict(state.tags)}


OPERATIONS: dict[str, Handler] = {
    "CreateContactFlowModule": create_contact_flow_module,
    "DescribeContactFlowModule": describe_contact_flow_module,
    "ListContactFlowModules": list_contact_flow_modules,
    "SearchContactFlowModules": search_contact_flow_modules,
    "UpdateContactFlowModuleContent": update_contact_flow_module_content,
    "UpdateContactFlowModuleMetadata": update_contact_flow_module_metadata,
    "DeleteContactFlowModule": delete_contact_flow_module,
}
