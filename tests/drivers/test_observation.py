"""How many calls it takes to observe a whole center: 5 hours, 20 queues, 5 profiles, 20 flows and the instance."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from tests.drivers.cases.flow import content
from tests.drivers.offline import SWITCHES, OfflineCaller, World
from trunkline.drivers.flow_state import FlowDesired
from trunkline.drivers.hours import HoursDesired
from trunkline.drivers.hours_overrides import OpenHours
from trunkline.drivers.instance import InstanceDesired
from trunkline.drivers.queue_state import QueueDesired
from trunkline.drivers.registry import DRIVERS
from trunkline.drivers.routing_profile_queues import QueueConfig
from trunkline.drivers.routing_profile_state import Media, RoutingProfileDesired
from trunkline.engine.driver import Wanted
from trunkline.engine.resource import Json, Ref
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws

WEEK = tuple(OpenHours(day, "09:00", "18:00") for day in ("MONDAY", "TUESDAY"))
QUEUES = tuple(f"queue-{index:02}" for index in range(20))


def _center() -> list[tuple[str, str, object]]:
    """Kind, name, desired; in an order in which each comes after what it refers to."""
    profiles = [
        RoutingProfileDesired(
            f"profile-{index}",
            "Agents",
            Ref(f"queue/{QUEUES[index]}"),
            (Media("VOICE", 1),),
            tuple(QueueConfig(Ref(f"queue/{name}"), "VOICE", 1 + index) for name in QUEUES[index : index + 12]),
        )
        for index in range(5)
    ]
    attributes = {"CONTACTFLOW_LOGS": True, "INBOUND_CALLS": True}
    return [
        ("instance", "instance", InstanceDesired("center", None, "CONNECT_MANAGED", None, attributes)),
        *(("hours", f"hours-{index}", HoursDesired(f"hours-{index}", "UTC", WEEK)) for index in range(5)),
        *(
            ("queue", name, QueueDesired(name, Ref(f"hours/hours-{i % 5}"), max_contacts=100))
            for i, name in enumerate(QUEUES)
        ),
        *(("routing-profile", profile.name, profile) for profile in profiles),
        *(
            (
                "flow",
                f"flow-{index:02}",
                FlowDesired(f"flow-{index:02}", "CONTACT_FLOW", Json(content(f"Flow {index}."))),
            )
            for index in range(20)
        ),
    ]


@dataclass
class Center:
    """All worlds of one center, sharing what is known."""

    cloud: OfflineAws
    aws: OfflineCaller
    worlds: list[World]

    async def make(self) -> None:
        for world in self.worlds:
            world.scope = self.worlds[0].scope
            await world.converge()
            if world.driver.kind == "instance":
                assert world.entry is not None
                world.scope = replace(world.scope, instance_id=world.entry.id, instance_arn=world.entry.arn)

    async def observe(self, *, deep: bool) -> Sequence[str]:
        """One bulk read of every kind, and what the record learns from it; answers the operations called."""
        self.aws.forget()
        scope = self.worlds[0].scope
        for kind in dict.fromkeys(world.driver.kind for world in self.worlds):
            worlds = [world for world in self.worlds if world.driver.kind == kind]
            wanted = [
                Wanted(
                    world.key,
                    world.aws_name,
                    id=world.entry.id if world.entry else "",
                    desired=world.desired,
                    words=world.entry.words if world.entry else {},
                    deep=deep,
                )
                for world in worlds
            ]
            found = {item.id: item for item in await DRIVERS[kind].observe(self.aws, scope, wanted, exact=False)}
            for world in worlds:
                assert world.entry is not None
                plan = world.plan(found[world.entry.id])
                assert plan.settled, f"{world.key}: {[(step.operation, step.changes) for step in plan.steps]}"
                world.entry = world.entry.remember(dict(plan.remembers))
        return list(self.aws.names)


@pytest.fixture(params=[True, False], ids=["Search shows content", "Search shows no content"])
def center(request: pytest.FixtureRequest) -> Center:
    clock = ManualClock()
    cloud = OfflineAws(clock=clock, switches=replace(SWITCHES, search_returns_flow_content=request.param))
    aws = OfflineCaller(cloud)
    known: dict[Ref, str] = {}
    worlds = [
        World(
            cloud, clock, aws, DRIVERS[kind], f"{kind}/{name}", "center" if kind == "instance" else name, desired, known
        )
        for kind, name, desired in _center()
    ]
    return Center(cloud, aws, worlds)


def test_a_converged_center_is_observed_in_twelve_calls(center: Center) -> None:
    async def scenario() -> None:
        await center.make()
        first = await center.observe(deep=True)
        assert first.count("DescribeContactFlow") in {0, 20}, "each content is described once, if Search hides it"
        steady = await center.observe(deep=True)
        assert len(steady) <= 12, steady
        assert not [name for name in steady if not name.startswith(("Describe", "List", "Search"))]
        shallow = await center.observe(deep=False)
        assert len(shallow) <= 7, shallow

    asyncio.run(scenario())


def test_one_flow_changed_by_hand_costs_one_describe(center: Center) -> None:
    async def scenario() -> None:
        await center.make()
        await center.observe(deep=True)
        changed = next(world for world in center.worlds if world.key == "flow/flow-07")
        assert changed.entry is not None
        center.worlds[0].clock.advance(5.0)
        params = {
            "InstanceId": changed.scope.instance_id,
            "ContactFlowId": changed.entry.id,
            "Content": json.dumps(content("By hand.")),
        }
        await center.aws.mutate("connect", "UpdateContactFlowContent", params)
        center.aws.forget()
        plan = changed.plan(await changed.look(exact=False))
        assert [step.operation for step in plan.steps] == ["UpdateContactFlowContent"]
        assert center.aws.names.count("DescribeContactFlow") <= 1

    asyncio.run(scenario())
