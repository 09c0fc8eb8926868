"""What a new instance contains before anybody makes anything.

Names are those of the admin guide: Basic Hours, BasicQueue, Basic Routing Profile, four security profiles, the default
flows, two agent statuses and the stock prompts. They cannot be deleted.
"""

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.connect.default_flows import DEFAULT_FLOWS, SAMPLE_FLOWS
from trunkline_sandbox.aws.connect.entity import Entity, Kind
from trunkline_sandbox.aws.connect.routing_profile_queues import QueuePair
from trunkline_sandbox.aws.connect.store import Instance, Store

_DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_SECURITY_PROFILES = {
    "Admin": ("The Admin security profile", ("Users.Create", "Users.Edit", "Users.View", "BasicAgentAccess")),
    "Agent": ("The Agent security profile", ("BasicAgentAccess", "OutboundCallAccess")),
    "CallCenterManager": ("The CallCenterManager security profile", ("Users.View", "Queues.View", "AccessMetrics")),
    "QualityAnalyst": ("The QualityAnalyst security profile", ("AccessMetrics", "ListenCallRecordings")),
}
_PROMPTS = (
    "Beep.wav",
    "CustomerHold.wav",
    "CustomerQueue.wav",
    "Music_Jazz_MyTimetoFly_Inst.wav",
    "Music_Pop_ThisAndThatIsLife_Inst.wav",
    "Music_Pop_ThrowYourselfInFrontOfIt_Inst.wav",
    "Music_Rock_EverywhereTheSunShines_Inst.wav",
)


def furnish(store: Store, instance: Instance, now: float) -> None:
    """Put the default contents into a new instance; they exist from `now` on, when it becomes ACTIVE."""

    def add(
        kind: Kind, fields: dict[str, Any], links: dict[str, Any] | None = None, *, built_in: bool = True
    ) -> Entity:
        return store.add(instance, kind, now, fields, links=links, built_in=built_in)

    config = [
        {"Day": day, "StartTime": {"Hours": 0, "Minutes": 0}, "EndTime": {"Hours": 0, "Minutes": 0}} for day in _DAYS
    ]
    hours = add(
        Kind.HOURS,
        {"Name": "Basic Hours", "Description": "Basic Hours", "TimeZone": "UTC", "Config": config},
        {"parents": ()},
    )
    queue = add(
        Kind.QUEUE,
        {
            "Name": "BasicQueue",
            "Description": "A simple, basic voice queue.",
            "HoursOfOperationId": hours.id,
            "Status": "ENABLED",
        },
        {"type": "STANDARD", "quick_connects": ()},
    )
    _routing_profile(add, queue)
    for name, (description, permissions) in _SECURITY_PROFILES.items():
        fields = {"SecurityProfileName": name, "Description": description}
        add(Kind.SECURITY_PROFILE, fields, {"permissions": permissions})
    for position, (name, kind) in enumerate((("Available", "ROUTABLE"), ("Offline", "OFFLINE")), start=1):
        status = {"Name": name, "Type": kind, "State": "ENABLED", "DisplayOrder": position}
        add(Kind.AGENT_STATUS, status)
    for name in _PROMPTS:
        add(Kind.PROMPT, {"Name": name})
    for flows, built_in in ((DEFAULT_FLOWS, True), (SAMPLE_FLOWS, False)):
        for flow in flows:
            fields = {"Name": flow.name, "Type": flow.type, "Description": flow.description, "State": "ACTIVE"}
            links = {"saved": flow.content, "published": flow.content, "versions": (), "aliases": ()}
            add(Kind.FLOW, fields, links, built_in=built_in)


def _routing_profile(add: Callable[..., Entity], queue: Entity) -> None:
    add(
        Kind.ROUTING_PROFILE,
        {
            "Name": "Basic Routing Profile",
            "Description": "A simple routing profile.",
            "MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": 1}, {"Channel": "CHAT", "Concurrency": 2}],
            "DefaultOutboundQueueId": queue.id,
            "AgentAvailabilityTimer": "TIME_SINCE_LAST_ACTIVITY",
        },
        {"queues": (QueuePair(queue.id, "VOICE", 1, 0), QueuePair(queue.id, "CHAT", 1, 0)), "manual": ()},
    )
