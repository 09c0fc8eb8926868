"""Routing profiles: which queues an agent serves, in which order, and how much at once.

Plans what is called; how a profile is read is in `routing_profile_state`, its queues are in `routing_profile_queues`.
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
    tag_steps,
)
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.reads import together
from trunkline.drivers.routing_profile_queues import (
    CONFIGS_A_CALL,
    associate,
    config_params,
    manual_params,
    ordered,
    pair_key,
    pair_told,
    queue_steps,
    told,
)
from trunkline.drivers.routing_profile_state import FAMILY, Media, RoutingProfileDesired, RoutingProfileState, completed
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref


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
            bodies = await describe_wanted(aws, scope, FAMILY, wanted)
        else:
            bodies = await search_all(aws, scope, FAMILY)
        return await together(completed(aws, scope, wanted, body, exact=exact) for body in bodies)

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
