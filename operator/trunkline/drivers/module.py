"""Flow modules: content that flows share, with the contract of a module (`Settings`).

A module is published as it is made, so its status says only whether somebody keeps a newer draft: theirs to publish. AWS refuses a second module of a name, so a repeated create is found and taken back by its tag. The client token is made
from what is asked as well: the same token with other params would be refused after an edit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.connect import (
    SERVICE,
    TAGGING,
    Body,
    Family,
    describe_wanted,
    given,
    present,
    search_all,
    tag_steps,
    wanted_of,
)
from trunkline.drivers.fields import Compared, Fields, changes_of
from trunkline.drivers.flow_content import (
    WORDS_WRITTEN,
    Content,
    ObservedContent,
    actions,
    content_changes,
    flow_references,
    is_known,
    minimal_module,
    same_json,
    stamp,
    unread_unless,
    words_observed,
)
from trunkline.drivers.reads import together
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted, token
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Json, Ref, references

_CHECKSUM = "FlowModuleContentSha256"

_FAMILY = Family(
    search="SearchContactFlowModules",
    searched="ContactFlowModules",
    page=100,
    describe="DescribeContactFlowModule",
    described="ContactFlowModule",
    id_param="ContactFlowModuleId",
    list="ListContactFlowModules",
    listed="ContactFlowModulesSummaryList",
)


@dataclass(frozen=True, slots=True)
class ModuleDesired:
    """content: as of a flow. settings: the module's contract, JSON. state: ACTIVE or ARCHIVED. None is not managed.

    external_invocation: whether it may be called from outside of flows; AWS takes it at creation only.
    """

    name: str
    content: Content
    description: str | None = None
    state: str | None = None
    settings: Json | str | None = None
    external_invocation: bool | None = None


@dataclass(frozen=True, slots=True)
class ModuleState:
    """As observed."""

    name: str
    content: ObservedContent
    description: str = ""
    state: str = "ACTIVE"
    settings: str | None = None
    external_invocation: bool = False


class ModuleDriver:
    """Reads by SearchContactFlowModules, 100 a page; exactly by DescribeContactFlowModule."""

    kind = "module"
    in_instance = True
    holds_data = False
    creation = Creation.TOKEN
    permissions = TAGGING | frozenset(
        f"connect:{operation}"
        for operation in (
            "SearchContactFlowModules",
            "DescribeContactFlowModule",
            "ListContactFlowModules",
            "CreateContactFlowModule",
            "UpdateContactFlowModuleContent",
            "UpdateContactFlowModuleMetadata",
            "DeleteContactFlowModule",
        )
    )

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[ModuleState]]:
        if exact:
            return [_found(body) for body in await describe_wanted(aws, scope, _FAMILY, wanted)]
        bodies = await search_all(aws, scope, _FAMILY)
        return await together(_completed(aws, scope, wanted, body) for body in bodies)

    def plan(
        self, desired: ModuleDesired | None, found: Found[ModuleState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: ModuleDesired) -> frozenset[Ref]:
        return flow_references(desired.content)


async def _completed(aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body) -> Found[ModuleState]:
    """One module that Search showed, described only if its content is wanted, not shown and not known."""
    want = wanted_of(wanted, body["Id"], body["Name"])
    if want is None or want.desired is None or body.get("Content") is not None:
        return _found(body)
    seen = stamp(body, _CHECKSUM, body)
    if is_known(want.words, seen):
        return _found(body, seen)
    params = {"InstanceId": scope.instance_id, "ContactFlowModuleId": body["Id"]}
    answer = await present(aws, "DescribeContactFlowModule", params)
    if answer is None:
        return _found(body)
    described = answer.at("ContactFlowModule")
    return _found(described, stamp(described, _CHECKSUM, body))


def _deletion(found: Found[ModuleState] | None, context: Context) -> Plan:
    if found is None or found.going:
        return NOTHING
    params = {"InstanceId": context.instance_id, "ContactFlowModuleId": found.id}
    change = Change("", found.aws_name, None)
    return Plan((Step(SERVICE, "DeleteContactFlowModule", params, "no longer wanted", (change,), deletes=True),))


def _creation(desired: ModuleDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    refs = frozenset(references(desired.content))
    bare = bool(refs & context.deferred) or any(ref.node == context.key for ref in refs)
    changes = (
        *changes_of(
            fields.required("awsName", desired.name, None),
            fields.optional("description", desired.description or None, None),
            fields.optional("settings", desired.settings, None),
            fields.optional("externalInvocation", desired.external_invocation, None),
        ),
        Change("content", None, actions(desired.content)),
    )
    params = given(
        InstanceId=context.instance_id,
        Name=desired.name,
        Description=desired.description or None,
        Content=minimal_module() if bare else desired.content,
        Tags=dict(context.tags) or None,
        Settings=desired.settings,
        ExternalInvocationConfiguration=None
        if desired.external_invocation is None
        else {"Enabled": desired.external_invocation},
    )
    asked = hashlib.sha256(str(Json(params)).encode()).hexdigest()
    create = Step(
        SERVICE,
        "CreateContactFlowModule",
        {**params, "ClientToken": token(context, f"CreateContactFlowModule {asked}")},
        "not there yet; linked once the flows it names exist" if bare else "not there yet",
        changes,
        provides=(("id", "Id"), ("arn", "Arn")),
        creates=True,
    )
    steps = [create]
    base = {"InstanceId": context.instance_id, "ContactFlowModuleId": context.own()}
    if bare:
        params = {**base, "Content": desired.content}
        steps.append(Step(SERVICE, "UpdateContactFlowModuleContent", params, "links it to the flows it names"))
    state = fields.optional("state", desired.state, "ACTIVE", default="ACTIVE")
    if state.change is not None:
        params = {**base, "State": state.value}
        steps.append(Step(SERVICE, "UpdateContactFlowModuleMetadata", params, "differs", (state.change,)))
    return fields.plan(steps, context.tags)


def _update(desired: ModuleDesired, found: Found[ModuleState], entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    content = _content_steps(desired, found, entry, fields, context)
    external = fields.optional("externalInvocation", desired.external_invocation, found.state.external_invocation)
    if external.change is not None:
        fields.report("externalInvocation", external.change.old, external.change.new)  # AWS takes it at creation only
    steps = [*_metadata_steps(desired, found, fields, context), *content, *tag_steps(found, context, entry)]
    words = WORDS_WRITTEN if content else words_observed(found.state.content, entry)
    return fields.plan(steps, context.tags, words=words)


def _metadata_steps(
    desired: ModuleDesired, found: Found[ModuleState], fields: Fields, context: Context
) -> tuple[Step, ...]:
    observed = found.state
    name = fields.required("awsName", desired.name, observed.name)
    # AWS takes no empty description of a module, so there is no way back to none.
    description = fields.optional("description", desired.description or None, observed.description)
    state = fields.optional("state", desired.state, observed.state, default="ACTIVE")
    changes = changes_of(name, description, state)
    if not changes:
        return ()
    params = given(
        InstanceId=context.instance_id,
        ContactFlowModuleId=found.id,
        Name=name.value if name.change else None,
        Description=description.value if description.change else None,
        State=state.value if state.change else None,
    )
    return (Step(SERVICE, "UpdateContactFlowModuleMetadata", params, "differs", changes),)


def _content_steps(
    desired: ModuleDesired, found: Found[ModuleState], entry: Entry | None, fields: Fields, context: Context
) -> tuple[Step, ...]:
    observed = found.state
    changes = content_changes(desired.content, observed.content, entry)
    settings = _settings(desired, observed, fields)
    if not changes and settings.change is None:
        return ()
    params: dict[str, Any] = given(
        InstanceId=context.instance_id,
        ContactFlowModuleId=found.id,
        Content=desired.content,
        Settings=settings.value,
    )
    changes = (*changes, *changes_of(settings))
    return (Step(SERVICE, "UpdateContactFlowModuleContent", params, "differs", changes),)


def _settings(desired: ModuleDesired, observed: ModuleState, fields: Fields) -> Compared:
    """One call carries content and settings, so settings that are not managed are sent as observed."""
    wanted = desired.settings
    if isinstance(wanted, str) and same_json(wanted, observed.settings):
        wanted = observed.settings
    return fields.optional("settings", wanted, observed.settings)


def _found(body: Body, seen: str = "") -> Found[ModuleState]:
    state = ModuleState(
        name=body["Name"],
        content=ObservedContent(unread_unless(body.get("Content")), seen),
        description=body.get("Description") or "",
        state=(body.get("State") or "ACTIVE").upper(),
        settings=body.get("Settings"),
        external_invocation=bool((body.get("ExternalInvocationConfiguration") or {}).get("Enabled")),
    )
    return Found(id=body["Id"], arn=body["Arn"], aws_name=body["Name"], state=state, tags=body.get("Tags") or {})
