"""Routing profiles: entries of `spec.routingProfiles` to nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.api.routing_profiles import RoutingProfile
from trunkline.blueprints.entries import aws_name, instance_entry_node
from trunkline.drivers.routing_profile_queues import QueueConfig
from trunkline.drivers.routing_profile_state import Media, RoutingProfileDesired
from trunkline.engine.resource import Node, Ref

SECTION = "routingProfiles"


def routing_profile_node(entry: RoutingProfile, tags: Mapping[str, str]) -> Node:
    """The node of one routing profile. AWS demands a description: the name, if there is none."""
    queues = entry.queues
    manual = entry.manual_assignment_queues
    timer = entry.agent_availability_timer
    desired = RoutingProfileDesired(
        name=aws_name(entry),
        description=entry.description or aws_name(entry),
        default_outbound_queue=Ref(f"queue/{entry.default_outbound_queue}"),
        media=None
        if entry.media is None
        else tuple(
            Media(
                item.channel.value,
                item.concurrency,
                item.cross_channel_behavior.value if item.cross_channel_behavior is not None else None,
            )
            for item in entry.media
        ),
        queues=None
        if queues is None
        else tuple(
            QueueConfig(Ref(f"queue/{item.queue}"), item.channel.value, item.priority, item.delay_seconds)
            for item in queues
        ),
        manual_queues=None
        if manual is None
        else tuple((Ref(f"queue/{item.queue}"), item.channel.value) for item in manual),
        agent_availability_timer=timer.value if timer is not None else None,
    )
    return instance_entry_node("routing-profile", SECTION, entry, desired, tags)
