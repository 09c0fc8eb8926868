"""Flows. A flow that names flows which do not exist yet is made SAVED and empty, then linked and published.

`<id>:$SAVED` is a flow's draft, the bare id what is published; UpdateContactFlowContent publishes under the bare id. Plans
what is called; how a flow is read is in `flow_state`.
"""

from __future__ import annotations

from collections.abc import Sequence

from trunkline.drivers.connect import (
    SERVICE,
    TAGGING,
    Body,
    describe_wanted,
    given,
    search_all,
    tag_steps,
)
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.flow_content import (
    WORDS_WRITTEN,
    actions,
    content_changes,
    flow_references,
    minimal_flow,
    words_observed,
)
from trunkline.drivers.flow_state import (
    DRAFT,
    FAMILY,
    PUBLISHED,
    SAVED,
    FlowDesired,
    FlowState,
    completed,
    described,
    found_of,
    wants_draft,
)
from trunkline.drivers.reads import together
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Join, Ref, references

# Hold and whisper flows cannot hang up; all others can. Saving checks neither.
_ENDS_FLOW = frozenset({"CUSTOMER_HOLD", "AGENT_HOLD", "CUSTOMER_WHISPER", "AGENT_WHISPER", "OUTBOUND_WHISPER"})


class FlowDriver:
    """Reads by SearchContactFlows, 100 a page; exactly by DescribeContactFlow.

    Content that Search does not show is described only where its stamp is not the recorded one.
    """

    kind = "flow"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    permissions = TAGGING | frozenset(
        f"connect:{operation}"
        for operation in (
            "SearchContactFlows",
            "DescribeContactFlow",
            "ListContactFlows",
            "CreateContactFlow",
            "UpdateContactFlowContent",
            "UpdateContactFlowMetadata",
            "DeleteContactFlow",
        )
    )

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[FlowState]]:
        if exact:
            drafts = {want.id for want in wanted if wants_draft(want)}

            async def describe(id_: str) -> Body | None:
                return await described(aws, scope, id_, draft=id_ in drafts)

            return [found_of(body) for body in await describe_wanted(aws, scope, FAMILY, wanted, describe)]
        bodies = await search_all(aws, scope, FAMILY)
        return await together(completed(aws, scope, wanted, body) for body in bodies)

    def plan(
        self, desired: FlowDesired | None, found: Found[FlowState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: FlowDesired) -> frozenset[Ref]:
        return flow_references(desired.content)


def _deletion(found: Found[FlowState] | None, context: Context) -> Plan:
    if found is None or found.going:
        return NOTHING
    params = {"InstanceId": context.instance_id, "ContactFlowId": found.id}
    change = Change("", found.aws_name, None)
    return Plan((Step(SERVICE, "DeleteContactFlow", params, "no longer wanted", (change,), deletes=True),))


def _creation(desired: FlowDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    refs = frozenset(references(desired.content))
    bare = bool(refs & context.deferred) or any(ref.node == context.key for ref in refs)
    ending = "EndFlowExecution" if desired.type in _ENDS_FLOW else "DisconnectParticipant"
    changes = (
        *changes_of(
            fields.required("awsName", desired.name, None),
            fields.required("type", desired.type, None),
            fields.optional("description", desired.description or None, None),
        ),
        Change("content", None, actions(desired.content)),
    )
    create = Step(
        SERVICE,
        "CreateContactFlow",
        given(
            InstanceId=context.instance_id,
            Name=desired.name,
            Type=desired.type,
            Description=desired.description or None,
            Content=minimal_flow(ending) if bare else desired.content,
            Status=SAVED if bare else desired.status,
            Tags=dict(context.tags) or None,
        ),
        "not there yet; linked once the flows it names exist" if bare else "not there yet",
        changes,
        provides=(("id", "ContactFlowId"), ("arn", "ContactFlowArn")),
        creates=True,
    )
    steps = [create]
    if bare:
        id_ = Join((context.own(), DRAFT)) if desired.status == SAVED else context.own()
        params = {"InstanceId": context.instance_id, "ContactFlowId": id_, "Content": desired.content}
        steps.append(Step(SERVICE, "UpdateContactFlowContent", params, "links it to the flows it names"))
    state = fields.optional("state", desired.state, "ACTIVE", default="ACTIVE")
    if state.change is not None:
        params = {
            "InstanceId": context.instance_id,
            "ContactFlowId": context.own(),
            "ContactFlowState": state.value,
        }
        steps.append(Step(SERVICE, "UpdateContactFlowMetadata", params, "differs", (state.change,)))
    return fields.plan(steps, context.tags)


def _update(desired: FlowDesired, found: Found[FlowState], entry: Entry | None, context: Context) -> Plan:
    observed = found.state
    if desired.type != observed.type:
        raise CannotPlanError(
            f"type: the flow is a {observed.type}, and AWS cannot change the type of a flow; add a {desired.type} flow "
            "under another name, point to it what uses this one, and drop this one"
        )
    fields = Fields(entry)
    content = _content_steps(desired, found, entry, fields, context)
    steps = [*_metadata_steps(desired, found, fields, context), *content, *tag_steps(found, context, entry)]
    words = WORDS_WRITTEN if content else words_observed(observed.content, entry)
    return fields.plan(steps, context.tags, words=words)


def _metadata_steps(
    desired: FlowDesired, found: Found[FlowState], fields: Fields, context: Context
) -> tuple[Step, ...]:
    observed = found.state
    name = fields.required("awsName", desired.name, observed.name)
    description = fields.optional("description", desired.description, observed.description, default="")
    state = fields.optional("state", desired.state, observed.state, default="ACTIVE")
    changes = changes_of(name, description, state)
    if not changes:
        return ()
    params = given(
        InstanceId=context.instance_id,
        ContactFlowId=found.id,
        Name=name.value if name.change else None,
        Description=description.value if description.change else None,
        ContactFlowState=state.value if state.change else None,
    )
    return (Step(SERVICE, "UpdateContactFlowMetadata", params, "differs", changes),)


def _content_steps(
    desired: FlowDesired, found: Found[FlowState], entry: Entry | None, fields: Fields, context: Context
) -> tuple[Step, ...]:
    observed = found.state
    if desired.status == SAVED and observed.status == PUBLISHED:
        fields.report("status", PUBLISHED, SAVED)  # what was published once stays; archive the flow to take it away
    changes = content_changes(desired.content, observed.content, entry)
    if desired.status == PUBLISHED and observed.status == SAVED:
        changes = (*changes, Change("status", SAVED, PUBLISHED))
    if not changes:
        return ()
    id_ = found.id + DRAFT if desired.status == SAVED else found.id
    params = {"InstanceId": context.instance_id, "ContactFlowId": id_, "Content": desired.content}
    return (Step(SERVICE, "UpdateContactFlowContent", params, "differs", changes),)
