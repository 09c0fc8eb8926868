"""kubectl delete, and what of it reaches AWS."""

from __future__ import annotations

from typing import Any

from tests.e2e.world import Value, World, minimal
from trunkline_sandbox.aws.faults import Fault


def deletable(alias: str, **spec: Any) -> Value:
    """A center that deletes its resources, and its instance by the instance's own policy."""
    body = minimal(alias, deletionPolicy="Delete", **spec)
    body["spec"]["instance"]["deletionPolicy"] = "Delete"
    return body


def test_retain_calls_nothing_and_the_same_object_takes_everything_back(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace))
    world.until_ready("hello")
    before, number = world.aws.inventory(), world.aws.sandbox.call_number()

    world.kubectl("delete", "contactcenter", "hello", "--timeout=30s")
    asked = [call["operation"] for call in world.aws.sandbox.calls(number)]
    assert asked == [], "a deletion that retains everything asks AWS for nothing"
    assert world.aws.inventory() == before

    number = world.aws.sandbox.call_number()
    world.apply(minimal(world.namespace))
    world.until_ready("hello")
    assert world.aws.mutating(number) == []
    assert world.aws.inventory() == before


def test_delete_removes_what_was_made_and_leaves_the_instance_to_its_own_policy(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace, deletionPolicy="Delete"))
    world.until_ready("hello")
    _somebody_elses_queue(world)
    number = world.aws.sandbox.call_number()

    world.kubectl("delete", "contactcenter", "hello", "--timeout=50s")
    assert world.aws.inventory() == [f"instance {world.namespace}", "queue Theirs"]
    deleted = world.aws.mutating(number)
    assert (
        deleted.index("DeleteRoutingProfile") < deleted.index("DeleteQueue") < deleted.index("DeleteHoursOfOperation")
    )


def test_an_instance_that_says_so_goes_with_the_object_and_takes_all_along(world: World) -> None:
    world.operator.start()
    world.apply(deletable(world.namespace))
    world.until_ready("hello")
    number = world.aws.sandbox.call_number()

    world.kubectl("delete", "contactcenter", "hello", "--timeout=50s")
    assert world.aws.inventory() == []
    assert world.aws.mutating(number) == ["DeleteInstance"], "what is in the instance is not deleted one by one"


def test_what_aws_refuses_to_delete_is_named_until_it_is_abandoned(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace, deletionPolicy="Delete"))
    world.until_ready("hello")
    held = "Cannot delete the queue: 2 quick connects use it"
    fault = Fault("error", operation="DeleteQueue", times=0, code="ResourceInUseException", message=held, status=409)
    world.aws.sandbox.add_fault(fault)

    world.kubectl("delete", "contactcenter", "hello", "--wait=false")
    blocked = world.until_condition("hello", "False", "Blocked")
    assert "queue/front-desk" in blocked["message"]
    assert held in blocked["message"]
    world.until("an Event of it", lambda: any(held in text for text in world.events("hello")))
    assert "hours always" in world.aws.inventory(), "what the queue stands on was deleted below it"

    world.annotate("hello", "abandon", "true")
    world.until_gone("hello")
    left = world.until("the Event that lists what is left", lambda: world.events("hello", "Abandoned"))
    assert "queue/front-desk" in left[0]
    assert "queue front-desk" in world.aws.inventory()


def test_a_delete_while_it_is_being_made_leaves_nothing_behind(world: World) -> None:
    world.operator.start()
    world.aws.sandbox.add_fault(Fault("delay", operation="CreateQueue", seconds=2.0))
    world.apply(deletable(world.namespace))
    world.until("the create of the queue", lambda: "CreateHoursOfOperation" in world.aws.mutating())
    world.kubectl("delete", "contactcenter", "hello", "--timeout=50s")
    assert world.aws.inventory() == []
    assert world.aws.effects("CreateInstance") == 1


def _somebody_elses_queue(world: World) -> None:
    connect = world.aws.client("connect")
    instance = world.instance_id("hello")
    hours = connect.list_hours_of_operations(InstanceId=instance)["HoursOfOperationSummaryList"]
    basic = next(item for item in hours if item["Name"] == "Basic Hours")
    connect.create_queue(InstanceId=instance, Name="Theirs", HoursOfOperationId=basic["Id"])
