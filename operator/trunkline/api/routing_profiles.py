"""Routing profiles.

Limits: https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateRoutingProfile.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import ATOMIC, Handle, Model, Rule, absent, entries, integer, list_map, required, unmanaged
from trunkline.api.entry import InstanceEntry, unless_external

MAX_QUEUES_OF_PROFILE = 120


class Channel(StrEnum):
    VOICE = "VOICE"
    CHAT = "CHAT"
    TASK = "TASK"
    EMAIL = "EMAIL"


class CrossChannelBehavior(StrEnum):
    ROUTE_CURRENT_CHANNEL_ONLY = "ROUTE_CURRENT_CHANNEL_ONLY"
    ROUTE_ANY_CHANNEL = "ROUTE_ANY_CHANNEL"


class AgentAvailabilityTimer(StrEnum):
    TIME_SINCE_LAST_ACTIVITY = "TIME_SINCE_LAST_ACTIVITY"
    TIME_SINCE_LAST_INBOUND = "TIME_SINCE_LAST_INBOUND"


class MediaConcurrency(Model):
    """How many contacts of a channel an agent takes at once."""

    rules = (
        Rule(
            "self.channel != 'VOICE' || self.concurrency == 1",
            "VOICE takes one contact at a time: write concurrency: 1",
            ".concurrency",
            holds=lambda m: m.channel is not Channel.VOICE or m.concurrency == 1,
        ),
    )

    channel: Channel = required("VOICE, CHAT, TASK or EMAIL.")
    concurrency: Annotated[int, integer(1, 10)] = required("Contacts at once; VOICE takes 1.")
    cross_channel_behavior: CrossChannelBehavior | None = unmanaged(
        "Whether contacts of other channels are offered meanwhile.", "AWS's default is ROUTE_CURRENT_CHANNEL_ONLY"
    )


class QueueConfig(Model):
    """A queue that agents are offered contacts of."""

    queue: Handle = required("Queue, by name in queues.")
    channel: Channel = required("Channel of these contacts.")
    priority: Annotated[int, integer(1, 99)] = required("1 goes first.")
    delay_seconds: Annotated[int, integer(0, 9999)] = required(
        "Seconds that a contact waits before these agents are offered it."
    )


class ManualAssignmentQueue(Model):
    """A queue that agents pick contacts from."""

    queue: Handle = required("Queue, by name in queues.")
    channel: Channel = required("Channel of these contacts.")


def _each_once(field: str) -> Rule:
    """A queue stands once per channel. A map refuses the second key, and the API server shows it."""
    return Rule(
        f"!has(self.{field}) || size(self.{field}.transformMapEntry(i, q, {{q.queue + ' ' + q.channel: true}})) >= 0",
        f"a queue stands twice for one channel in {field}: drop one of the two",
        f".{field}",
    )


class RoutingProfile(InstanceEntry):
    """Which contacts agents are offered, and how many at once."""

    rules = (
        *unless_external("defaultOutboundQueue", "media"),
        _each_once("queues"),
        _each_once("manualAssignmentQueues"),
    )

    default_outbound_queue: Handle | None = absent(
        "Queue of outbound calls, by name in queues. Required.", "the profile is external"
    )
    media: Annotated[tuple[MediaConcurrency, ...], entries(len(Channel), 1), list_map("channel")] | None = absent(
        "Channels and how many contacts at once. Required.", "the profile is external"
    )
    queues: Annotated[tuple[QueueConfig, ...], entries(MAX_QUEUES_OF_PROFILE), ATOMIC] | None = unmanaged(
        "Queues with priority and delay; each queue and channel once. [] removes all."
    )
    manual_assignment_queues: (
        Annotated[tuple[ManualAssignmentQueue, ...], entries(MAX_QUEUES_OF_PROFILE), ATOMIC] | None
    ) = unmanaged("Queues to pick from by hand; each queue and channel once. [] removes all.")
    agent_availability_timer: AgentAvailabilityTimer | None = unmanaged(
        "What decides which agent has waited longest.", "AWS's default is TIME_SINCE_LAST_ACTIVITY"
    )
