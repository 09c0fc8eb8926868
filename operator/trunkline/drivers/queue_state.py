"""What a queue is to be and what Amazon Connect says of it, and how that is read. Plans nothing.

Part of the `queue` driver. SearchQueues shows all but quick connects and email addresses; those cost a call per queue and
are read only where they are managed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.connect import (
    Body,
    Family,
    bare,
    every,
    wanted_of,
)
from trunkline.drivers.fields import set_before
from trunkline.drivers.queue_links import (
    EMAIL_ADDRESSES,
    QUICK_CONNECTS,
    Link,
)
from trunkline.engine.driver import UNREAD, Found, Reader, Scope, Unread, Wanted

BUILTIN = frozenset({"BasicQueue"})  # made with every instance

FAMILY = Family(
    search="SearchQueues",
    searched="Queues",
    page=500,
    describe="DescribeQueue",
    described="Queue",
    id_param="QueueId",
    list="ListQueues",
    listed="QueueSummaryList",
    # Every agent has a queue of its own; an instance of thousands would bury its few standard ones.
    search_params={"SearchCriteria": {"QueueTypeCondition": "STANDARD"}},
    list_params={"QueueTypes": ["STANDARD"]},
)


@dataclass(frozen=True, slots=True)
class OutboundDesired:
    """What a called customer sees and hears. caller_number: id of a phone number; flow: id of an outbound whisper."""

    caller_name: str | None = None
    caller_number: Link | None = None
    flow: Link | None = None


@dataclass(frozen=True, slots=True)
class QueueDesired:
    """hours: id. status: ENABLED or DISABLED. quick_connects, email_addresses: ids; None is not managed, empty is none.

    outbound_email: id of the email address that answers are sent from.
    """

    name: str
    hours: Link
    description: str | None = None
    status: str | None = None
    max_contacts: int | None = None
    outbound: OutboundDesired = OutboundDesired()
    outbound_email: Link | None = None
    email_addresses: tuple[Link, ...] | None = None
    quick_connects: tuple[Link, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueueState:
    """As observed; ids bare."""

    name: str
    hours: str
    description: str | None = None
    status: str = "ENABLED"
    max_contacts: int | None = None
    caller_name: str | None = None
    caller_number: str | None = None
    flow: str | None = None
    outbound_email: str | None = None
    email_addresses: frozenset[str] | Unread = UNREAD
    quick_connects: frozenset[str] | Unread = UNREAD


async def completed(
    aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body, *, exact: bool
) -> Found[QueueState]:
    """One queue with the parts that cost a call of their own, where they are managed; before a deletion the links too."""
    want = wanted_of(wanted, body["QueueId"], body["Name"])
    quick_connects: frozenset[str] | Unread = UNREAD
    addresses: frozenset[str] | Unread = UNREAD
    if want is not None and (want.deep or exact):
        base = {"InstanceId": scope.instance_id, "QueueId": body["QueueId"], "MaxResults": 100}
        desired = want.desired if isinstance(want.desired, QueueDesired) else None
        going = exact and desired is None
        before = set_before(want.words)
        if going or (desired and desired.quick_connects is not None) or QUICK_CONNECTS.path in before:
            items = await every(aws, "ListQueueQuickConnects", "QuickConnectSummaryList", base)
            quick_connects = frozenset(item["Id"] for item in items)
        if (desired and desired.email_addresses is not None) or EMAIL_ADDRESSES.path in before:
            items = await every(aws, "ListQueueEmailAddresses", "EmailAddressMetadataList", base)
            addresses = frozenset(item["Id"] for item in items)
    return _found(body, quick_connects, addresses)


def _found(
    body: Body, quick_connects: frozenset[str] | Unread, email_addresses: frozenset[str] | Unread
) -> Found[QueueState]:
    caller = body.get("OutboundCallerConfig") or {}
    state = QueueState(
        name=body["Name"],
        hours=bare(body.get("HoursOfOperationId", "")),
        description=body.get("Description"),
        status=body.get("Status") or "ENABLED",
        max_contacts=body.get("MaxContacts"),
        caller_name=caller.get("OutboundCallerIdName"),
        caller_number=caller.get("OutboundCallerIdNumberId"),
        flow=bare(caller.get("OutboundFlowId")),
        outbound_email=bare((body.get("OutboundEmailConfig") or {}).get("OutboundEmailAddressId")),
        email_addresses=email_addresses,
        quick_connects=quick_connects,
    )
    return Found(
        id=body["QueueId"],
        arn=body["QueueArn"],
        aws_name=body["Name"],
        state=state,
        tags=body.get("Tags") or {},
        builtin=body["Name"] in BUILTIN,
    )
