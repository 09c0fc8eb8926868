"""Operator and CRD a version back and forward again: what an older version does not know looks as if a user had removed it.

An older CRD hides fields, and the first status write under it drops them from the object for ever; the generation stays,
and managedFields go on to name them. Nothing may be removed for that, with the record and without.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.column.centers import connect_center, hours, queue
from tests.column.world import Object, World
from trunkline.drivers.registry import DRIVERS
from trunkline.handlers.center import ContactCenterHandler

Value = dict[str, Any]
GONE = ("spec.flowModules[name=identify]", "spec.queues[name=third]", "spec.hoursOfOperation[name=office].overrides")


def made() -> tuple[World, Object, Value]:
    """A center, and its spec as it was applied."""
    world = World()
    given = connect_center(queues=[queue("sales", maxContacts=10), queue("support"), queue("third")])
    center = world.make(given)
    assert center.ready, center.condition("Ready")
    world.clock.advance(600)  # what was made is found by a search now
    return world, center, copy.deepcopy(center.spec)


def pruned(spec: Value) -> Value:
    """What is left of it after a status write under a CRD that knew no modules, overrides or third queue.

    The flows name no module any more, or they would be wrong for another reason.
    """
    left = copy.deepcopy(spec)
    del left["flowModules"]
    left["queues"] = [item for item in left["queues"] if item["name"] != "third"]
    left["hoursOfOperation"] = [hours("office")]
    left["flows"] = [flow for flow in left["flows"] if flow["name"] != "inbound"]
    left["flows"][0]["content"]["inline"]["Actions"][1]["Parameters"]["ContactFlowId"] = "trunkline:flow/after-hours"
    return left


def step_back(center: Object, spec: Value) -> None:
    center.spec = pruned(spec)
    center.vanished = (*GONE, "spec.flows[name=inbound]")


def passes(world: World, center: Object) -> list[str]:
    mark = world.cloud.calls.number
    world.run(world.settle(center))
    return world.mutating(mark)


def deleting(calls: list[str]) -> list[str]:
    return [name for name in calls if name.startswith(("Delete", "Disassociate", "Remove", "Untag"))]


@pytest.mark.parametrize("record", ["intact", "lost"])
def test_what_an_older_crd_dropped_is_not_removed_and_the_object_says_so(record: str) -> None:
    world, center, spec = made()
    step_back(center, spec)
    if record == "lost":
        center.status = {}
    world.start()
    assert deleting(passes(world, center)) == []
    ready = center.condition("Ready")
    assert "apply the object again" in ready["message"], ready
    if record == "intact":
        assert ready["reason"] == "Blocked"
        assert "spec.hoursOfOperation[name=office]: is left as it is" in ready["message"]
        assert center.resource("queue", "third")["state"] == "Kept"
        assert center.resource("module", "identify")["id"], "still recorded"

    # An edit of something else is a new generation, and no wish to remove anything.
    center.edit(queues=[queue("sales", maxContacts=11), queue("support")])
    assert passes(world, center) == ["UpdateQueueMaxContacts"]
    center.edit(management={"queues": "Exclusive"}, confirm="Never")
    assert deleting(passes(world, center)) == [], "nor is what it may have listed unlisted"

    center.spec, center.vanished = spec, ()
    center.generation += 1
    assert deleting(passes(world, center)) == []
    assert center.ready, center.condition("Ready")
    assert center.resource("queue", "third")["state"] == "Ready"
    assert center.status["summary"]["retained"] == 0

    center.edit(queues=spec["queues"][:2])
    assert deleting(passes(world, center)) == ["DeleteQueue"], "who removes it has it removed"


def test_without_a_new_generation_nothing_goes_whatever_managed_fields_say() -> None:
    """A restore keeps no managedFields."""
    world, center, spec = made()
    center.spec = {**spec, "queues": spec["queues"][:2]}
    assert passes(world, center) == []
    assert "not removed: queue/third" in center.condition("Ready")["message"]
    assert center.ready


@pytest.mark.parametrize("record", ["intact", "lost"])
def test_an_older_operator_leaves_alone_what_it_does_not_know(record: str) -> None:
    """It knows no modules: its drivers, and its models, which ignore what it cannot read."""
    world, center, spec = made()
    older = {kind: driver for kind, driver in DRIVERS.items() if kind != "module"}
    newer = world.handler
    world.handler = replaced(newer, older)
    if record == "lost":
        center.status = {}
    center.spec = pruned(spec)  # to this operator, though the CRD has it all
    center.spec["queues"], center.spec["hoursOfOperation"] = spec["queues"], spec["hoursOfOperation"]
    center.spec["queues"][0]["maxContacts"] = 12
    center.generation += 1
    calls = passes(world, center)
    assert "DeleteContactFlowModule" not in calls
    if record == "intact":
        assert "does not know what a module is" in center.condition("Ready")["message"]
    world.start()
    center.spec = spec
    calls = passes(world, center)
    assert {name for name in calls if name.startswith(("Create", "Delete"))} <= {"CreateContactFlow"}
    assert center.ready, center.condition("Ready")
    assert center.resource("module", "identify")["id"]


def replaced(newer: ContactCenterHandler, drivers: Value) -> ContactCenterHandler:
    world = newer._convergence.world
    return ContactCenterHandler(
        world.gate, world.clock, installation=world.installation, builtins=newer.builtins, drivers=drivers
    )


def test_a_field_of_the_whole_object_that_vanished_changes_nothing() -> None:
    """`spec.tags`: no entry is concerned, so all are."""
    world = World()
    center = world.make(connect_center(tags={"costCenter": "CC-1"}))
    del center.spec["tags"]
    center.vanished = ("spec.tags",)
    center.generation += 1
    assert passes(world, center) == []
    assert "spec.tags left the object" in center.condition("Ready")["message"]
    assert center.condition("Ready")["reason"] == "Blocked"
    center.vanished = ()  # applied again, without them
    center.generation += 1
    passes(world, center)
    assert center.ready
