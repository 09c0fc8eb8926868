"""Routing profiles: which queues an agent serves, in which order, and how much at once.

SearchRoutingProfiles shows neither cross-channel behavior nor the agent availability timer (DescribeRoutingProfile
does), and of the queues only their ids: priority, delay and channel cost a ListRoutingProfileQueues per profile. That is
read when a deep read is due, or when the ids alone show that something differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.connect import (
    SERVICE,
    TAGGING,
    Body,
    Family,
    bare,
    describe_wanted,
    every,
    given,
    present,
    search_all,
    tag_steps,
    wanted_of,
)
from trunkline.drivers.fields import Fields, changes_of, set_before
from trunkline.drivers.reads import together
from trunkline.drivers.routing_profile_queues import (
    CONFIGS_A_CALL,
    Link,
    Pair,
    QueueConfig,
    Ranks,
    associate,
    config_params,
    manual_params,
    ordered,
    pair_key,
    pair_told,
    queue_steps,
    told,
)
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

BUILTIN = frozenset({"Basic Routing Profile"})  # made with every instance

_FAMILY = Family(
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


class RoutingProfileDriver:
    """Reads by SearchRoutingProfiles, 500 a page; exactly by Describe and List."""

    kind = "routing-profile"
    in_instance = True
    holds_data = False
    creation = Creation.NAME
    permissions = TAGGING | frozenset(
        f"connect:{operation}"
        for operation in (
            "SearchRoutingProfiles",
            "DescribeRoutingProfile",
            "ListRoutingProfiles",
            "ListRoutingProfileQueues",
            "ListRoutingProfileManualAssignmentQueues",
            "CreateRoutingProfile",
            "UpdateRoutingProfileName",
            "UpdateRoutingProfileConcurrency",
            "UpdateRoutingProfileDefaultOutboundQueue",
            "UpdateRoutingProfileAgentAvailabilityTimer",
            "UpdateRoutingProfileQueues",
            "AssociateRoutingProfileQueues",
            "DisassociateRoutingProfileQueues",
            "DeleteRoutingProfile",
        )
    )

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[RoutingProfileState]]:
        if exact:
            bodies = await describe_wanted(aws, scope, _FAMILY, wanted)
        else:
            bodies = await search_all(aws, scope, _FAMILY)
        return await together(_completed(aws, scope, wanted, body, exact=exact) for body in bodies)

    def plan(
        self,
        desired: RoutingProfileDesired | None,
        found: Found[RoutingProfileState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: RoutingProfileDesired) -> frozenset[Ref]:  # noqa: ARG002  # queues name no profile
        return frozenset()


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


async def _completed(
    aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body, *, exact: bool
) -> Found[RoutingProfileState]:
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


def _deletion(found: Found[RoutingProfileState] | None, context: Context) -> Plan:
    if found is None or found.going:
        return NOTHING
    params = {"InstanceId": context.instance_id, "RoutingProfileId": found.id}
    change = Change("", found.aws_name, None)
    return Plan((Step(SERVICE, "DeleteRoutingProfile", params, "no longer wanted", (change,), deletes=True),))


def _creation(desired: RoutingProfileDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    queues = ordered(desired.queues or ())
    manual = sorted(desired.manual_queues or (), key=pair_key)
    changes = changes_of(
        fields.required("awsName", desired.name, None),
        fields.required("description", desired.description, None),
        fields.required("defaultOutboundQueue", desired.default_outbound_queue, None),
        fields.optional("media", desired.media, None),
        fields.optional("agentAvailabilityTimer", desired.agent_availability_timer, None),
        fields.optional("queues", tuple(map(told, queues)) if desired.queues is not None else None, None),
        fields.optional(
            "manualAssignmentQueues",
            tuple(map(pair_told, manual)) if desired.manual_queues is not None else None,
            None,
        ),
    )
    media = desired.media if desired.media is not None else _least_media(desired)
    create = Step(
        SERVICE,
        "CreateRoutingProfile",
        given(
            InstanceId=context.instance_id,
            Name=desired.name,
            Description=desired.description,
            DefaultOutboundQueueId=desired.default_outbound_queue,
            QueueConfigs=list(map(config_params, queues[:CONFIGS_A_CALL])) or None,
            ManualAssignmentQueueConfigs=list(map(manual_params, manual[:CONFIGS_A_CALL])) or None,
            MediaConcurrencies=_concurrencies(media, {}),
            Tags=dict(context.tags) or None,
            AgentAvailabilityTimer=desired.agent_availability_timer,
        ),
        "not there yet",
        changes,
        provides=(("id", "RoutingProfileId"), ("arn", "RoutingProfileArn")),
        creates=True,
    )
    base = {"InstanceId": context.instance_id, "RoutingProfileId": context.own()}
    more = associate(base, queues[CONFIGS_A_CALL:], manual[CONFIGS_A_CALL:], ())
    return fields.plan([create, *more], context.tags)


def _least_media(desired: RoutingProfileDesired) -> tuple[Media, ...]:
    """AWS demands concurrencies at creation: one of each channel that a queue is served on, voice if there is none."""
    channels = {config.channel for config in desired.queues or ()} | {pair[1] for pair in desired.manual_queues or ()}
    return tuple(Media(channel, 1) for channel in sorted(channels or {"VOICE"}))


def _update(
    desired: RoutingProfileDesired, found: Found[RoutingProfileState], entry: Entry | None, context: Context
) -> Plan:
    fields = Fields(entry)
    state = found.state
    facets = _update_facets(desired, found, fields, context)
    queues = queue_steps(
        {"InstanceId": context.instance_id, "RoutingProfileId": found.id},
        (desired.queues, desired.manual_queues),
        (state.queues, state.manual_queues),
        fields,
    )
    tags = tag_steps(found, context, entry)
    if desired.media is not None and set(state.media) - {media.channel for media in desired.media}:
        # A channel goes: its queues first.
        steps = [*queues.lose, *facets, *queues.gain, *tags]
    else:
        steps = [*facets, *queues.in_order, *tags]
    return fields.plan(steps, context.tags)


def _update_facets(
    desired: RoutingProfileDesired, found: Found[RoutingProfileState], fields: Fields, context: Context
) -> list[Step]:
    """AWS changes a routing profile facet by facet; only those that differ are called."""
    state = found.state
    base = {"InstanceId": context.instance_id, "RoutingProfileId": found.id}
    steps = []
    name = fields.required("awsName", desired.name, state.name)
    description = fields.required("description", desired.description, state.description)
    if changes := changes_of(name, description):
        params = given(
            **base,
            Name=name.value if name.change else None,
            Description=description.value if description.change else None,
        )
        steps.append(Step(SERVICE, "UpdateRoutingProfileName", params, "differs", changes))
    behaviors = {} if isinstance(state.cross_channel, Unread) else state.cross_channel
    media = fields.optional("media", *_media_compared(desired, state))
    if media.change and desired.media is not None:
        params = {**base, "MediaConcurrencies": _concurrencies(desired.media, behaviors)}
        steps.append(Step(SERVICE, "UpdateRoutingProfileConcurrency", params, "differs", (media.change,)))
    queue = fields.required("defaultOutboundQueue", bare(desired.default_outbound_queue), state.default_outbound_queue)
    if queue.change:
        params = {**base, "DefaultOutboundQueueId": queue.value}
        steps.append(Step(SERVICE, "UpdateRoutingProfileDefaultOutboundQueue", params, "differs", (queue.change,)))
    timer = fields.optional(
        "agentAvailabilityTimer",
        desired.agent_availability_timer,
        state.agent_availability_timer,
        default="TIME_SINCE_LAST_ACTIVITY",
    )
    if timer.change:
        params = {**base, "AgentAvailabilityTimer": timer.value}
        steps.append(Step(SERVICE, "UpdateRoutingProfileAgentAvailabilityTimer", params, "differs", (timer.change,)))
    return steps


def _media_compared(
    desired: RoutingProfileDesired, state: RoutingProfileState
) -> tuple[tuple[Media, ...] | None, tuple[Media, ...]]:
    """Desired and observed media in one form; a behavior that is not managed or not read is left out of both."""
    managed = {media.channel for media in desired.media or () if media.cross_channel is not None}
    behaviors = {} if isinstance(state.cross_channel, Unread) else state.cross_channel
    read = managed if not isinstance(state.cross_channel, Unread) else set()
    wanted = desired.media and tuple(
        Media(media.channel, media.concurrency, media.cross_channel if media.channel in read else None)
        for media in sorted(desired.media, key=lambda media: media.channel)
    )
    observed = tuple(
        Media(channel, concurrency, behaviors.get(channel) if channel in read else None)
        for channel, concurrency in sorted(state.media.items())
    )
    return wanted, observed


def _concurrencies(media: Sequence[Media], observed: Mapping[str, str]) -> list[dict[str, Any]]:
    """All channels in one list; AWS replaces it whole, so a behavior that is not managed is sent as observed."""
    items = []
    for item in sorted(media, key=lambda item: item.channel):
        behavior = item.cross_channel or observed.get(item.channel)
        items.append(
            given(
                Channel=item.channel,
                Concurrency=item.concurrency,
                CrossChannelBehavior={"BehaviorType": behavior} if behavior else None,
            )
        )
    return items


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
