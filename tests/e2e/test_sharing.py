"""Two objects that want one thing: the first has it, the second is told, and nothing of the first is touched."""

from __future__ import annotations

import pytest

from tests.e2e.world import INSTALLATION, World, minimal


@pytest.mark.sweep  # the next one shows the same of another claim
def test_an_alias_has_one_center(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace, "first"))
    world.until_ready("first")
    before, number = world.aws.inventory(), world.aws.sandbox.call_number()

    world.apply(minimal(world.namespace, "second"))
    told = world.until_condition("second", "False", "Blocked")
    assert "spec.instance" in told["message"]
    assert f"e2e/{world.namespace}/first" in told["message"]
    assert world.aws.mutating(number) == []
    assert world.aws.inventory() == before
    world.until_ready("first")


def test_a_queue_of_a_shared_instance_has_one_center(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace, "first"))
    first = world.until_ready("first")
    second = minimal(world.namespace, "second", instance={"centerRef": {"name": "first"}})
    second["spec"]["queues"].append({"name": "back-office", "hours": "always"})
    second["spec"]["queues"][0]["maxContacts"] = 3
    number = world.aws.sandbox.call_number()

    world.apply(second)
    told = world.until_condition("second", "False", "Blocked")
    assert f"belongs to {INSTALLATION}/{world.namespace}/first" in told["message"]
    assert world.resource("second", "queue/front-desk").get("id") is None
    assert "MaxContacts" not in world.queue("first", "front-desk")
    assert "UpdateQueueMaxContacts" not in world.aws.mutating(number)
    assert world.center("first")["metadata"]["generation"] == first["metadata"]["generation"]

    # with names of its own it is served, in the instance of the other
    for section in ("hoursOfOperation", "queues", "routingProfiles", "flows"):
        for entry in second["spec"][section]:
            entry["awsName"] = f"second {entry['name']}"
    world.apply(second)
    world.until_ready("second")
    assert "queue second front-desk" in world.aws.inventory()
    assert "queue front-desk" in world.aws.inventory()
