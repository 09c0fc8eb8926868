"""What a routing profile is to be and what Amazon Connect says of it, and how that is read. Plans nothing.

Part of the `routing-profile` driver. SearchRoutingProfiles shows neither cross-channel behavior nor the agent availability
timer (DescribeRoutingProfile does), and of the queues only their ids: priority, delay and channel cost a
ListRoutingProfileQueues per profile. That is read when a deep read is due, or when the ids alone show that something differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.drivers.connect import (
    Body,
    Family,
    bare,
    every,
    present,
    wanted_of,
)
from trunkline.drivers.fields import set_before
from trunkline.drivers.routing_profile_queues import (
    Link,
    Pair,
    QueueConfig,
    Ranks,
)
from trunkline.engine.driver import UNREAD, Found, Reader, Scope, Unread, Wanted

BUILTIN = frozenset({"Basic Routing Profile"})  # made with every instance

FAMILY = Family(
    search="SearchRoutingProfiles",
    searched="RoutingProfiles",
    page=500,
    describe="DescribeRoutingProfile",
    described="RoutingProfile",
    id_param="RoutingProfileId",
    list="ListRoutingProfiles",
    listed="RoutingProfileSummaryList",
)


@dataclass(frozen=True, slots=True)
class Media:
    """A channel and how many contacts at once. cross_channel: AWS's BehaviorType; None is not managed."""

    channel: str
    concurrency: int
    cross_channel: str | None = None

    def __str__(self) -> str:
        return f"{self.channel} {self.concurrency}{' ' + self.cross_channel if self.cross_channel else ''}"


@dataclass(frozen=True, slots=True)
class RoutingProfileDesired:
    """description: AWS demands one. media, queues, manual_queues, agent_availability_timer: None is not managed.

    manual_queues: (queue id, channel) pairs from which agents pick by hand.
    """

    name: str
    description: str
    default_outbound_queue: Link
    media: tuple[Media, ...] | None = None
    queues: tuple[QueueConfig, ...] | None = None
    manual_queues: tuple[Pair, ...] | None = None
    agent_availability_timer: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingProfileState:
    """As observed; ids bare. cross_channel: by channel; it and the timer are UNREAD in what Search answers."""

    name: str
    description: str
    default_outbound_queue: str
    media: Mapping[str, int]
    cross_channel: Mapping[str, str] | Unread = UNREAD
    agent_availability_timer: str | Unread | None = UNREAD
    queues: Ranks | Unread = UNREAD
    manual_queues: frozenset[Pair] | Unread = UNREAD


@dataclass(frozen=True, slots=True)
class _Parts:
    """Which parts of one profile have to be read by calls of their own."""

    described: bool
    queues: bool
    manual_queues: bool


def _parts(want: Wanted | None, body: Body, *, exact: bool) -> _Parts:
    desired = want.desired if want is not None else None
    if want is None or not isinstance(desired, RoutingProfileDesired):
        return _Parts(described=False, queues=False, manual_queues=False)
    before = set_before(want.words)
    deep = want.deep or exact
    behaviors = any(media.cross_channel is not None for media in desired.media or ())
    timer = desired.agent_availability_timer is not None or "agentAvailabilityTimer" in before
    queues = desired.queues is not None or "queues" in before
    manual = desired.manual_queues is not None or "manualAssignmentQueues" in before
    return _Parts(
        described=deep and (behaviors or timer),
        queues=queues and (deep or _differ(body, "AssociatedQueueIds", [item.queue for item in desired.queues or ()])),
        manual_queues=manual
        and (deep or _differ(body, "AssociatedManualAssignmentQueueIds", [q for q, _ in desired.manual_queues or ()])),
    )


def _differ(body: Body, member: str, queues: Sequence[Link]) -> bool:
    """Whether the ids alone show a difference; while references are open, at least their number may."""
    if member not in body:
        return False
    observed, wanted = {bare(id_) for id_ in body[member]}, {bare(queue) for queue in queues}
    if any(not isinstance(queue, str) for queue in wanted):
        return len(observed) != len(wanted)
    return observed != wanted


async def completed(
    aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body, *, exact: bool
) -> Found[RoutingProfileState]:
    """One profile with the parts that cost a call of their own, where they are managed and due."""
    want = wanted_of(wanted, body["RoutingProfileId"], body["Name"])
    parts = _parts(want, body, exact=exact)
    base = {"InstanceId": scope.instance_id, "RoutingProfileId": body["RoutingProfileId"]}
    paged = {**base, "MaxResults": 100}
    described: Body | None = body if exact else None
    if parts.described and not exact:
        answer = await present(aws, "DescribeRoutingProfile", base)
        described = answer.at("RoutingProfile") if answer is not None else None
    queues: Sequence[Body] | Unread = UNREAD
    if parts.queues:
        queues = await every(aws, "ListRoutingProfileQueues", "RoutingProfileQueueConfigSummaryList", paged)
    manual: Sequence[Body] | Unread = UNREAD
    if parts.manual_queues:
        manual = await every(
            aws,
            "ListRoutingProfileManualAssignmentQueues",
            "RoutingProfileManualAssignmentQueueConfigSummaryList",
            paged,
        )
    return _found(body, described, queues, manual)


def _found(
    body: Body, described: Body | None, queues: Sequence[Body] | Unread, manual: Sequence[Body] | Unread
) -> Found[RoutingProfileState]:
    state = RoutingProfileState(
        name=body["Name"],
        description=body.get("Description", ""),
        default_outbound_queue=bare(body.get("DefaultOutboundQueueId", "")),
        media={item["Channel"]: item.get("Concurrency", 0) for item in body.get("MediaConcurrencies") or ()},
        cross_channel=UNREAD if described is None else _behaviors(described),
        agent_availability_timer=UNREAD if described is None else described.get("AgentAvailabilityTimer"),
        queues=UNREAD
        if isinstance(queues, Unread)
        else {(item["QueueId"], item["Channel"]): (item["Priority"], item["Delay"]) for item in queues},
        manual_queues=UNREAD
        if isinstance(manual, Unread)
        else frozenset((item["QueueId"], item["Channel"]) for item in manual),
    )
    return Found(
        id=body["RoutingProfileId"],
        arn=body["RoutingProfileArn"],
        aws_name=body["Name"],
        state=state,
        tags=body.get("Tags") or {},
        builtin=body["Name"] in BUILTIN or bool(body.get("IsDefault")),
    )


def _behaviors(body: Body) -> dict[str, str]:
    return {
        item["Channel"]: item["CrossChannelBehavior"]["BehaviorType"]
        for item in body.get("MediaConcurrencies") or ()
        if item.get("CrossChannelBehavior")
    }
