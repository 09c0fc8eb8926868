"""The Amazon Connect instance itself: made by alias, or an existing one by id of which only the listed is touched.

Creation takes minutes: the plan waits until AWS says ACTIVE. AWS shows no deleting state; the record's word `deleting`
(seconds since the epoch) tells that the call was made, so it is not repeated until it should long have been done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trunkline.drivers.connect import SERVICE, TAGGING, Body, every, given, known_id, present, tag_steps
from trunkline.drivers.fields import Fields, set_before
from trunkline.drivers.reads import together
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted, token
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

INBOUND, OUTBOUND = "INBOUND_CALLS", "OUTBOUND_CALLS"
CREATION_CHECK_SECONDS = 2.0  # a minute or two are usual; the rest of the center waits for it, one read is cheap
FAILED_CHECK_SECONDS = 600.0  # AWS shows a failed instance for a day, then it is gone
DELETION_CHECK_SECONDS = 15.0
DELETION_REPEAT_SECONDS = 900.0
_DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class InstanceDesired:
    """id: of an existing instance, which is never made; then alias, identity_management and directory_id are None.

    identity_management: SAML, CONNECT_MANAGED or EXISTING_DIRECTORY, the last with directory_id. attributes: by AWS's
    AttributeType; one that is not listed is not managed. The two that AWS demands at creation are on if not listed.
    """

    alias: str | None = None
    id: str | None = None
    identity_management: str | None = None
    directory_id: str | None = None
    attributes: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstanceState:
    """As observed. status: CREATION_IN_PROGRESS, ACTIVE or CREATION_FAILED, the last with a reason.

    attributes: INBOUND_CALLS and OUTBOUND_CALLS always, the others if they were read.
    """

    alias: str
    identity_management: str
    status: str
    status_reason: str = ""
    attributes: Mapping[str, bool] = field(default_factory=dict)


class InstanceDriver:
    """Reads by DescribeInstance; by ListInstances, ten a page, where only the alias is known.

    ListInstanceAttributes, two pages, only where attributes are managed that DescribeInstance does not show.
    """

    kind = "instance"
    in_instance = False
    holds_data = True
    creation = Creation.TOKEN
    # Beside its own actions AWS asks for those it makes on the caller's behalf (Service Authorization Reference,
    # dependent actions of Amazon Connect).
    permissions = TAGGING | frozenset(
        {
            "connect:DescribeInstance",
            "connect:ListInstances",
            "connect:ListInstanceAttributes",
            "connect:CreateInstance",
            "connect:UpdateInstanceAttribute",
            "connect:DeleteInstance",
            "ds:AuthorizeApplication",
            "ds:CheckAlias",
            "ds:CreateAlias",
            "ds:CreateDirectory",
            "ds:CreateIdentityPoolDirectory",
            "ds:DeleteDirectory",
            "ds:DescribeDirectories",
            "ds:UnauthorizeApplication",
            "iam:AttachRolePolicy",
            "iam:CreateServiceLinkedRole",
            "iam:PutRolePolicy",
            "logs:CreateLogGroup",
        }
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # an instance lies in no instance
        wanted: Sequence[Wanted],
        *,
        exact: bool,  # noqa: ARG002  # there is no search of instances: every read is exact
    ) -> Sequence[Found[InstanceState]]:
        found = await together(_observed(aws, want) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self, desired: InstanceDesired | None, found: Found[InstanceState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found, entry, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: InstanceDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


async def _observed(aws: Reader, want: Wanted) -> Found[InstanceState] | None:
    desired = want.desired if isinstance(want.desired, InstanceDesired) else None
    body = await _described(aws, known_id(want) or (desired.id if desired is not None else None) or "")
    # One named by its id, in the spec or to be deleted, is that one or none.
    by_name = desired.id is None if desired is not None else not known_id(want)
    if body is None and by_name:
        summaries = await every(aws, "ListInstances", "InstanceSummaryList", {"MaxResults": 10})
        named = next((item["Id"] for item in summaries if item.get("InstanceAlias") == want.aws_name), "")
        body = await _described(aws, named)
    if body is None:
        return None
    attributes = {INBOUND: body.get("InboundCallsEnabled", False), OUTBOUND: body.get("OutboundCallsEnabled", False)}
    managed = desired is not None and set(desired.attributes) - {INBOUND, OUTBOUND}
    if managed and body.get("InstanceStatus") == "ACTIVE":
        params = {"InstanceId": body["Id"], "MaxResults": 7}
        for item in await every(aws, "ListInstanceAttributes", "Attributes", params):
            attributes[item["AttributeType"]] = item["Value"].lower() == "true"
    return _found(body, attributes)


async def _described(aws: Reader, id_: str) -> Body | None:
    answer = await present(aws, "DescribeInstance", {"InstanceId": id_}) if id_ else None
    return answer.at("Instance") if answer is not None else None


def _found(body: Body, attributes: Mapping[str, bool]) -> Found[InstanceState]:
    state = InstanceState(
        alias=body.get("InstanceAlias", ""),
        identity_management=body.get("IdentityManagementType", ""),
        status=body.get("InstanceStatus", "ACTIVE"),
        status_reason=(body.get("StatusReason") or {}).get("Message", ""),
        attributes=attributes,
    )
    return Found(
        id=body["Id"],
        arn=body["Arn"],
        aws_name=body.get("InstanceAlias", ""),
        state=state,
        tags=body.get("Tags") or {},
        attributes=given(
            service_role=body.get("ServiceRole"),
            access_url=body.get("InstanceAccessUrl"),
            status=body.get("InstanceStatus"),
        ),
    )


def _deletion(found: Found[InstanceState] | None, entry: Entry | None, context: Context) -> Plan:
    if found is None:
        return NOTHING
    since = float((entry.words.get(_DELETING) if entry is not None else "") or 0)
    if context.now - since < DELETION_REPEAT_SECONDS:
        return Plan(waiting=Waiting(f"instance {found.aws_name} is being deleted", DELETION_CHECK_SECONDS))
    step = Step(
        SERVICE,
        "DeleteInstance",
        {"InstanceId": found.id, "ClientToken": token(context, f"DeleteInstance {found.id}")},
        "no longer wanted",
        (Change("", found.aws_name, None),),
        remembers=((_DELETING, str(int(context.now))),),
        settles=True,
        interrupts=f"deletes the instance {found.aws_name} with all its queues, flows, users and records",
        deletes=True,
    )
    return Plan((step,), Waiting(f"instance {found.aws_name} is being deleted", DELETION_CHECK_SECONDS))


def _creation(desired: InstanceDesired, entry: Entry | None, context: Context) -> Plan:
    if desired.id is not None or desired.alias is None:
        raise CannotPlanError(
            f"no instance {desired.id} exists in region {context.scope.region} of account {context.scope.account}; "
            "correct instance.id or region, or give instance.alias to have one made"
        )
    fields = Fields(entry)
    changes = [
        Change("alias", None, desired.alias),
        Change("identityManagement", None, desired.identity_management),
    ]
    inbound, outbound = (_listed(desired, name, fields) is not False for name in (INBOUND, OUTBOUND))
    changes += [Change(_path(INBOUND), None, inbound), Change(_path(OUTBOUND), None, outbound)]
    create = Step(
        SERVICE,
        "CreateInstance",
        given(
            ClientToken=token(context, "CreateInstance"),
            IdentityManagementType=desired.identity_management or "CONNECT_MANAGED",
            InstanceAlias=desired.alias,
            DirectoryId=desired.directory_id,
            InboundCallsEnabled=inbound,
            OutboundCallsEnabled=outbound,
            Tags=dict(context.tags) or None,
        ),
        "not there yet",
        tuple(changes),
        provides=(("id", "Id"), ("arn", "Arn")),
        settles=True,
        creates=True,
    )
    others = {name: value for name, value in desired.attributes.items() if name not in (INBOUND, OUTBOUND)}
    steps = [
        _attribute_step(context.own(), name, Change(_path(name), None, value))
        for name, value in sorted(others.items())
        if _listed(desired, name, fields) is not None
    ]
    return fields.plan([create, *steps], context.tags)


def _listed(desired: InstanceDesired, name: str, fields: Fields) -> bool | None:
    """A listed attribute's value; it counts as set by us."""
    value: bool | None = fields.optional(_path(name), desired.attributes.get(name), UNREAD).value
    return value


def _update(desired: InstanceDesired, found: Found[InstanceState], entry: Entry | None, context: Context) -> Plan:
    state = found.state
    if state.status == "CREATION_IN_PROGRESS":
        return Plan(waiting=Waiting(f"instance {found.aws_name} is being created", CREATION_CHECK_SECONDS))
    if state.status == "CREATION_FAILED":
        reason = f"AWS could not create the instance {found.aws_name}: {state.status_reason or 'no reason given'}"
        return Plan(waiting=Waiting(f"{reason}; AWS removes it after a day", FAILED_CHECK_SECONDS))
    _refuse_immutable(desired, state)
    fields = Fields(entry)
    steps = []
    names = set(desired.attributes) | {name for name in state.attributes if _path(name) in _before(entry)}
    for name in sorted(names):
        observed: bool | Unread = state.attributes.get(name, UNREAD)
        compared = fields.optional(_path(name), desired.attributes.get(name), observed)
        if compared.change is not None:
            steps.append(_attribute_step(found.id, name, compared.change))
    return fields.plan([*steps, *tag_steps(found, context, entry)], context.tags)


def _before(entry: Entry | None) -> frozenset[str]:
    return set_before(entry.words if entry is not None else {})


def _refuse_immutable(desired: InstanceDesired, state: InstanceState) -> None:
    way = "AWS cannot change it; set it back, or create another center beside this one, move, and drop this one"
    if desired.alias is not None and state.alias and desired.alias != state.alias:
        raise CannotPlanError(f"alias: the instance is called {state.alias}, not {desired.alias}; {way}")
    if desired.identity_management is not None and desired.identity_management != state.identity_management:
        raise CannotPlanError(
            f"identityManagement: the instance has {state.identity_management}, not {desired.identity_management}; {way}"
        )


def _attribute_step(instance_id: str | Ref, name: str, change: Change) -> Step:
    params: dict[str, Any] = {
        "InstanceId": instance_id,
        "AttributeType": name,
        "Value": "true" if change.new else "false",
    }
    return Step(SERVICE, "UpdateInstanceAttribute", params, "attribute differs", (change,))


def _path(attribute: str) -> str:
    """The spec's word for an AttributeType: `attributes.inboundCalls` for INBOUND_CALLS."""
    first, *rest = attribute.lower().split("_")
    return "attributes." + first + "".join(word.capitalize() for word in rest)
