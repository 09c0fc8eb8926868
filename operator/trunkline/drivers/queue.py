"""Queues: hours, limits, status, what agents show when they call out, and quick connects.

Plans what is called; how a queue is read is in `queue_state`, what is linked to it in `queue_links`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.drivers.connect import (
    SERVICE,
    TAGGING,
    bare,
    describe_wanted,
    given,
    search_all,
    sort_key,
    tag_steps,
)
from trunkline.drivers.fields import Compared, Fields, changes_of
from trunkline.drivers.queue_links import (
    EMAIL_ADDRESSES,
    LINKS_A_CALL,
    QUICK_CONNECTS,
    Link,
    associate,
    disassociate,
    link_steps,
)
from trunkline.drivers.queue_state import FAMILY, QueueDesired, QueueState, completed
from trunkline.drivers.reads import together
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref, references


class QueueDriver:
    """Reads by SearchQueues, 500 a page; exactly by DescribeQueue."""

    kind = "queue"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    permissions = TAGGING | frozenset(
        f"connect:{operation}"
        for operation in (
            "SearchQueues",
            "DescribeQueue",
            "ListQueues",
            "ListQueueQuickConnects",
            "ListQueueEmailAddresses",
            "CreateQueue",
            "UpdateQueueName",
            "UpdateQueueHoursOfOperation",
            "UpdateQueueMaxContacts",
            "UpdateQueueStatus",
            "UpdateQueueOutboundCallerConfig",
            "UpdateQueueOutboundEmailConfig",
            "AssociateQueueQuickConnects",
            "DisassociateQueueQuickConnects",
            "AssociateQueueEmailAddresses",
            "DisassociateQueueEmailAddresses",
            "DeleteQueue",
        )
    )

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[QueueState]]:
        if exact:
            bodies = await describe_wanted(aws, scope, FAMILY, wanted)
        else:
            bodies = await search_all(aws, scope, FAMILY)
        return await together(completed(aws, scope, wanted, body, exact=exact) for body in bodies)

    def plan(
        self, desired: QueueDesired | None, found: Found[QueueState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: QueueDesired) -> frozenset[Ref]:
        return frozenset(references((desired.outbound.flow, desired.quick_connects)))


def _deletion(found: Found[QueueState] | None, context: Context) -> Plan:
    if found is None or found.going:
        return NOTHING
    links = found.state.quick_connects
    params = {"InstanceId": context.instance_id, "QueueId": found.id}
    steps = [] if isinstance(links, Unread) else disassociate(QUICK_CONNECTS, sorted(links), params)
    change = Change("", found.aws_name, None)
    return Plan((*steps, Step(SERVICE, "DeleteQueue", params, "no longer wanted", (change,), deletes=True)))


def _creation(desired: QueueDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    caller = _caller(desired, None, fields, context.deferred)
    quick_connects = _now(desired.quick_connects or (), context)
    addresses = sorted(desired.email_addresses or (), key=sort_key)
    changes = (
        *changes_of(
            fields.required("awsName", desired.name, None),
            fields.required("hours", desired.hours, None),
            fields.optional("description", desired.description or None, None),
            fields.optional("maxContacts", desired.max_contacts, None),
            *caller.values(),
            fields.optional("email.outboundAddress", desired.outbound_email, None),
            fields.optional("email.addresses", desired.email_addresses, None),
            fields.optional("quickConnects", desired.quick_connects, None),
        ),
    )
    create = Step(
        SERVICE,
        "CreateQueue",
        given(
            InstanceId=context.instance_id,
            Name=desired.name,
            Description=desired.description or None,
            OutboundCallerConfig=_caller_config(caller, without=context.deferred) or None,
            OutboundEmailConfig=given(OutboundEmailAddressId=desired.outbound_email) or None,
            HoursOfOperationId=desired.hours,
            MaxContacts=desired.max_contacts,
            QuickConnectIds=list(quick_connects[:LINKS_A_CALL]) or None,
            EmailAddressesConfig=EMAIL_ADDRESSES.params(addresses[:LINKS_A_CALL]) or None,
            Tags=dict(context.tags) or None,
        ),
        "not there yet",
        changes,
        provides=(("id", "QueueId"), ("arn", "QueueArn")),
        creates=True,
    )
    return fields.plan([create, *_after_creation(desired, caller, fields, context)], context.tags)


def _after_creation(
    desired: QueueDesired, caller: Mapping[str, Compared], fields: Fields, context: Context
) -> list[Step]:
    """What CreateQueue does not take, has no room for, or cannot know yet."""
    base = {"InstanceId": context.instance_id, "QueueId": context.own()}
    steps = []
    status = fields.optional("status", desired.status, "ENABLED", default="ENABLED")
    if status.change:
        params = {**base, "Status": status.value}
        steps.append(Step(SERVICE, "UpdateQueueStatus", params, "made disabled", (status.change,)))
    if desired.outbound.flow in context.deferred:
        params = {**base, "OutboundCallerConfig": _caller_config(caller)}
        steps.append(Step(SERVICE, "UpdateQueueOutboundCallerConfig", params, "its flow had to be made first"))
    now = _now(desired.quick_connects or (), context)
    later = sorted(set(desired.quick_connects or ()) - set(now[:LINKS_A_CALL]), key=sort_key)
    steps += associate(QUICK_CONNECTS, later, base, ())
    addresses = sorted(desired.email_addresses or (), key=sort_key)
    return steps + associate(EMAIL_ADDRESSES, addresses[LINKS_A_CALL:], base, ())


def _now(links: Sequence[Link], context: Context) -> list[Link]:
    return sorted((link for link in set(links) if link not in context.deferred), key=sort_key)


def _update(desired: QueueDesired, found: Found[QueueState], entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    base = {"InstanceId": context.instance_id, "QueueId": found.id}
    steps = [
        *_update_facets(desired, found, fields, context),
        *link_steps(EMAIL_ADDRESSES, base, desired.email_addresses, found.state.email_addresses, fields),
        *_update_outbound_email(desired, found, fields, context),
        *link_steps(QUICK_CONNECTS, base, desired.quick_connects, found.state.quick_connects, fields),
        *tag_steps(found, context, entry),
    ]
    return fields.plan(steps, context.tags)


def _update_facets(desired: QueueDesired, found: Found[QueueState], fields: Fields, context: Context) -> list[Step]:
    """AWS changes a queue facet by facet; only those that differ are called."""
    state = found.state
    base = {"InstanceId": context.instance_id, "QueueId": found.id}
    steps = []
    name = fields.required("awsName", desired.name, state.name)
    description = fields.optional("description", desired.description or None, state.description)
    if changes := changes_of(name, description):
        params = given(
            **base,
            Name=desired.name if name.change else None,
            Description=description.value if description.change else None,
        )
        steps.append(Step(SERVICE, "UpdateQueueName", params, "differs", changes))
    hours = fields.required("hours", bare(desired.hours), state.hours)
    if hours.change:
        params = {**base, "HoursOfOperationId": hours.value}
        steps.append(Step(SERVICE, "UpdateQueueHoursOfOperation", params, "differs", (hours.change,)))
    contacts = fields.optional("maxContacts", desired.max_contacts, state.max_contacts, default=None)
    if contacts.change:
        params = given(**base, MaxContacts=contacts.value)
        steps.append(Step(SERVICE, "UpdateQueueMaxContacts", params, "differs", (contacts.change,)))
    caller = _caller(desired, state, fields, frozenset())
    if changes := changes_of(*caller.values()):
        params = {**base, "OutboundCallerConfig": _caller_config(caller)}
        steps.append(Step(SERVICE, "UpdateQueueOutboundCallerConfig", params, "differs", changes))
    status = fields.optional("status", desired.status, state.status, default="ENABLED")
    if status.change:
        params = {**base, "Status": status.value}
        closes = f"{desired.name} takes no new contacts" if status.value == "DISABLED" else None
        steps.append(Step(SERVICE, "UpdateQueueStatus", params, "differs", (status.change,), interrupts=closes))
    return steps


def _update_outbound_email(
    desired: QueueDesired, found: Found[QueueState], fields: Fields, context: Context
) -> list[Step]:
    compared = fields.optional(
        "email.outboundAddress", bare(desired.outbound_email), found.state.outbound_email, default=None
    )
    if compared.change is None:
        return []
    config = given(OutboundEmailAddressId=compared.value)
    params = {"InstanceId": context.instance_id, "QueueId": found.id, "OutboundEmailConfig": config}
    return [Step(SERVICE, "UpdateQueueOutboundEmailConfig", params, "differs", (compared.change,))]


def _caller(
    desired: QueueDesired, state: QueueState | None, fields: Fields, deferred: frozenset[Ref]
) -> dict[str, Compared]:
    """The members of OutboundCallerConfig. One call carries them all, so what is not managed is sent as observed."""
    outbound = desired.outbound
    observed = state or QueueState(name="", hours="")
    flow = bare(outbound.flow) if outbound.flow not in deferred else outbound.flow
    return {
        "OutboundCallerIdName": fields.optional(
            "outbound.callerName", outbound.caller_name, observed.caller_name, default=None
        ),
        "OutboundCallerIdNumberId": fields.optional(
            "outbound.callerNumber", _number(outbound.caller_number, observed), observed.caller_number, default=None
        ),
        "OutboundFlowId": fields.optional("outbound.flow", flow, observed.flow, default=None),
    }


def _number(desired: Link | None, observed: QueueState) -> Link | None:
    """A number may have to be named by its ARN (one of a traffic distribution group elsewhere): compared, not shortened."""
    if isinstance(desired, str) and bare(desired) == bare(observed.caller_number):
        return observed.caller_number
    return desired


def _caller_config(caller: Mapping[str, Compared], without: frozenset[Ref] = frozenset()) -> dict[str, Any]:
    return {
        name: field.value for name, field in caller.items() if field.value is not None and field.value not in without
    }
