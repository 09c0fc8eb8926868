"""A new operator with new code of the builtin functions finds every center different at once: a few change at a time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from tests.column.centers import CUSTOMERS, LOOKUP
from tests.column.elsewhere import Neighbor
from tests.column.world import REGION, Object, World
from trunkline.aws.archives import Archive, archives_root, builtin_archives
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Key
from trunkline.handlers.rollout import AT_A_TIME, PATIENCE_SECONDS, Rollout

CENTERS = 7


def next_version() -> Mapping[str, Archive]:
    """The archives of an operator whose functions are other bytes."""
    changed = {}
    for name, archive in builtin_archives(archives_root()).items():
        buffer = io.BytesIO(archive.content)
        with zipfile.ZipFile(buffer, "a") as file:
            file.writestr("NEWS", "another version")
        digest = base64.b64encode(hashlib.sha256(buffer.getvalue()).digest()).decode()
        changed[name] = replace(archive, content=buffer.getvalue(), sha256_base64=digest)
    return changed


def with_a_function(number: int, instance_id: str, **spec: object) -> Object:
    base = {"region": REGION, "instance": {"id": instance_id}, "functions": [LOOKUP], "tables": [CUSTOMERS]}
    return Object(f"center-{number}", {**base, **spec}, uid=f"1111111{number}-2222-4333-8444-555555555555")


def code(world: World, center: Object) -> str:
    """CodeSha256 of the version that flows of this center call."""
    client = world.client("lambda")
    return str(
        client.get_function(FunctionName=f"{center.name}-lookup", Qualifier="live")["Configuration"]["CodeSha256"]
    )


def grown(**spec: object) -> tuple[World, list[Object]]:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    return world, [world.make(with_a_function(number, neighbor.instance_id, **spec)) for number in range(CENTERS)]


async def pass_by_pass(world: World, centers: list[Object], passes: int) -> list[int]:
    """All centers in turns, every few seconds; after each round how many are neither the old nor at rest with the new."""
    moving = []
    for _ in range(passes):
        for center in centers:
            await world.once(center, Priority.PROGRESS)
        states = [center.resource("function", "lookup") for center in centers]
        moving.append(sum(state["state"] == "Changing" for state in states))
        await asyncio.sleep(2.0)
    return moving


class TestNewCode:
    def test_few_centers_change_at_a_time_and_all_of_them_in_the_end(self) -> None:
        world, centers = grown()
        archives = next_version()
        world.start(archives)
        first = [world.run(world.once(center, Priority.DRIFT)) for center in centers]
        waiting = [
            center for center in centers if center.resource("function", "lookup").get("reason") == "WaitingForTurn"
        ]
        assert len(waiting) == CENTERS - AT_A_TIME
        assert all(result.check_after is not None for result in first), "those that wait come again by themselves"
        moving = world.run(pass_by_pass(world, centers, 30))
        assert max(moving) <= AT_A_TIME
        assert {code(world, center) for center in centers} == {archives["customer-lookup"].sha256_base64}
        assert all(center.ready for center in centers)

    def test_a_users_own_edit_does_not_wait_for_the_turns_of_others(self) -> None:
        world, centers = grown()
        archives = next_version()
        world.start(archives)
        for center in centers:
            world.run(world.once(center, Priority.DRIFT))
        late = next(c for c in centers if c.resource("function", "lookup").get("reason") == "WaitingForTurn")
        late.edit(functions=[{**LOOKUP, "memoryMiB": 512}])
        world.run(world.settle(late))
        assert code(world, late) == archives["customer-lookup"].sha256_base64

    def test_where_everything_is_confirmed_new_code_waits_for_the_confirmation(self) -> None:
        world, centers = grown(confirm="Never")
        for center in centers[:1]:
            center.edit(confirm="Always")
            world.run(world.settle(center))
        before, archives = code(world, centers[0]), next_version()
        world.start(archives)
        world.run(world.settle(centers[0], Priority.DRIFT))
        assert code(world, centers[0]) == before
        assert centers[0].condition("ConfirmationRequired")["status"] == "True"
        centers[0].annotations["trunkline.dev/confirm"] = centers[0].status["lastPlan"]["id"]
        world.run(world.settle(centers[0]))  # once is enough for the code, a version of it, and the alias
        assert code(world, centers[0]) == archives["customer-lookup"].sha256_base64


class TestTurns:
    def test_one_that_does_not_come_to_rest_keeps_its_turn_but_not_for_ever(self) -> None:
        rollout = Rollout(at_a_time=1, patience=PATIENCE_SECONDS)
        stuck, other = Key("ContactCenter", "a", "stuck"), Key("ContactCenter", "a", "other")
        assert rollout.take(stuck, 0.0)
        assert not rollout.take(other, PATIENCE_SECONDS - 1)
        assert rollout.take(other, PATIENCE_SECONDS + 1)

    def test_who_has_a_turn_keeps_it(self) -> None:
        rollout = Rollout(at_a_time=1)
        first, second = Key("ContactCenter", "a", "first"), Key("ContactCenter", "a", "second")
        assert rollout.take(first, 0.0)
        assert rollout.take(first, 1.0)
        rollout.rest(first)
        assert rollout.take(second, 2.0)
        assert not rollout.take(first, 3.0)
