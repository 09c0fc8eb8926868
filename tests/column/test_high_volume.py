"""The example of a large center: it converges without a throttle, stays untouched, and follows its ConfigMaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.column.picture import picture
from tests.column.world import Object, World, example
from trunkline.engine.budget import Priority


@pytest.fixture(scope="module")
def world() -> World:
    """Made once; each test leaves it converged."""
    world = World()
    center = world.make(example("high-volume"))
    assert center.ready, center.condition("Ready")
    return world


@pytest.fixture
def center(world: World) -> Iterator[Object]:
    center = next(iter(world.objects.values()))
    yield center
    assert center.ready, center.condition("Ready")


def test_it_comes_up_at_the_pace_of_the_account(world: World, center: Object) -> None:
    refused = {name: outcomes for name, outcomes in world.cloud.calls.counts().items() if "Throttl" in str(outcomes)}
    assert refused == {}
    assert world.cloud.failures == []
    assert center.status["summary"]["ready"] == center.status["summary"]["resources"] == 45
    assert {item["state"] for item in center.status["resources"]} == {"Ready"}
    assert [note.type for note in center.notes if note.type == "Warning"] == []


def test_each_resource_is_created_by_one_call(world: World) -> None:
    created = [
        call.operation for call in world.cloud.calls.since() if call.effect and call.operation.startswith("Create")
    ]
    wanted = {
        "CreateInstance": 1,
        "CreateHoursOfOperation": 3,
        "CreateHoursOfOperationOverride": 4,
        "CreateQueue": 4,
        "CreateRoutingProfile": 3,
        "CreateContactFlow": 7,
        "CreateContactFlowModule": 3,
        "CreateFunction": 6,
        "CreateAlias": 6,
        "CreateTable": 2,
        "CreateRole": 6,
        "CreateLogGroup": 6,
    }
    assert {operation: created.count(operation) for operation in set(created)} == wanted


@pytest.mark.parametrize("cause", [Priority.CHANGE, Priority.DRIFT])
def test_a_converged_pass_changes_nothing_in_aws_nor_in_status(world: World, center: Object, cause: Priority) -> None:
    world.clock.advance(600.0)
    mark, writes = world.cloud.calls.number, center.status_writes
    world.run(world.once(center, cause))
    assert world.mutating(mark) == []
    assert center.status_writes == writes


def test_a_day_of_checks_changes_nothing(world: World, center: Object) -> None:
    mark, before = world.cloud.calls.number, picture(world)

    async def day() -> None:
        for _ in range(8):
            await asyncio.sleep(3 * 3600.0)
            await world.once(center, Priority.DRIFT)

    world.run(day())
    assert world.mutating(mark) == []
    assert picture(world) == before


def test_a_changed_config_map_updates_just_that_flow(world: World, center: Object) -> None:
    world.clock.advance(600.0)
    flow = json.loads(center.config_maps["acme-flows"]["after-hours.json"])
    spoken = next(action for action in flow["Actions"] if action["Type"] == "MessageParticipant")
    spoken["Parameters"]["Text"] = "We are closed today, and only today."
    center.config_maps["acme-flows"]["after-hours.json"] = json.dumps(flow)
    mark, inputs = world.cloud.calls.number, center.status["inputs"]
    world.run(world.settle(center))
    assert world.mutating(mark) == ["UpdateContactFlowContent"]
    changed = [new["key"] for new, old in zip(center.status["inputs"], inputs, strict=True) if new != old]
    assert changed == ["after-hours.json"]
    assert "We are closed today, and only today." in center.notes[-1].message


def test_a_config_map_that_only_looks_otherwise_changes_nothing(world: World, center: Object) -> None:
    world.clock.advance(600.0)
    text = center.config_maps["acme-flows"]["survey.json"]
    center.config_maps["acme-flows"]["survey.json"] = json.dumps(json.loads(text), indent=8, sort_keys=True)
    mark = world.cloud.calls.number
    world.run(world.settle(center))
    assert world.mutating(mark) == []
