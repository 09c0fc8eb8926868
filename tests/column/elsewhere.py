"""What somebody else does in the same account with an SDK of their own: makes an instance by hand, changes things."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.column.centers import content, says
from tests.column.world import World


@dataclass
class Neighbor:
    """Somebody with a client of Amazon Connect, and what they made in one instance."""

    world: World
    instance_id: str = ""

    def __post_init__(self) -> None:
        self.connect: Any = self.world.client("connect")

    def instance(self, alias: str = "made-by-hand", **more: Any) -> str:
        """Makes an instance and waits for it."""
        made = self.connect.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias=alias,
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
            **more,
        )
        self.instance_id = made["Id"]
        self.later(120.0)
        return self.instance_id

    def later(self, seconds: float = 30.0) -> None:
        """Time in which everything shows everywhere and buckets fill."""
        self.world.clock.advance(seconds)

    def hours(self, name: str, start: int = 8, end: int = 16, **more: Any) -> str:
        config = [{"Day": "MONDAY", "StartTime": _at(start), "EndTime": _at(end)}]
        made = self.connect.create_hours_of_operation(
            InstanceId=self.instance_id, Name=name, TimeZone="UTC", Config=config, **more
        )
        self.later()
        return str(made["HoursOfOperationId"])

    def queue(self, name: str, hours_id: str, **more: Any) -> str:
        made = self.connect.create_queue(InstanceId=self.instance_id, Name=name, HoursOfOperationId=hours_id, **more)
        self.later()
        return str(made["QueueId"])

    def profile(self, name: str, queue_id: str) -> str:
        made = self.connect.create_routing_profile(
            InstanceId=self.instance_id,
            Name=name,
            Description=name,
            DefaultOutboundQueueId=queue_id,
            MediaConcurrencies=[{"Channel": "VOICE", "Concurrency": 1}],
        )
        self.later()
        return str(made["RoutingProfileId"])

    def flow(self, name: str) -> str:
        made = self.connect.create_contact_flow(
            InstanceId=self.instance_id,
            Name=name,
            Type="CONTACT_FLOW",
            Content=json.dumps(content(says("hello", "Hello from somebody else."))),
        )
        self.later()
        return str(made["ContactFlowId"])

    def queue_as_it_is(self, id_: str) -> dict[str, Any]:
        self.later()
        answer: dict[str, Any] = self.connect.describe_queue(InstanceId=self.instance_id, QueueId=id_)["Queue"]
        return answer

    def queues(self) -> set[str]:
        """Names of the standard queues that exist."""
        self.later()
        listed = self.connect.list_queues(InstanceId=self.instance_id, QueueTypes=["STANDARD"])["QueueSummaryList"]
        return {item["Name"] for item in listed}


def _at(hour: int) -> dict[str, int]:
    return {"Hours": hour, "Minutes": 0}
