"""The main job over the whole column: one YAML to a running contact center, and back."""

from __future__ import annotations

from tests.column.world import World, example
from trunkline.engine.budget import Priority


def test_the_minimal_example_becomes_ready_and_stays_untouched() -> None:
    world = World()
    center = world.make(example("minimal"))
    assert center.ready, center.status
    number = world.cloud.calls.number
    world.run(world.once(center, Priority.DRIFT))
    assert world.mutating(number) == []
