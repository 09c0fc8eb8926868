"""Centers that somebody else made, and objects that come anew: taken over or taken back without a deleted resource."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.column.centers import connect_center, hours, queue
from tests.column.elsewhere import Neighbor
from tests.column.world import REGION, Object, World
from trunkline.handlers.center import ContactCenterHandler

ANOTHER = "99999999-2222-4333-8444-555555555555"


def passes(world: World, center: Object) -> list[str]:
    """The mutating calls that took effect."""
    mark = world.cloud.calls.number
    world.run(world.settle(center))
    return [call.operation for call in world.cloud.calls.since(mark) if call.mutating and call.effect]


def test_as_the_migration_says_nothing_is_made_and_nothing_is_deleted() -> None:
    """docs/migrate.md, step by step, with what another tool made and does not know of us."""
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    office = neighbor.hours("office-eu", 9, 17)
    neighbor.queue("sales", office, MaxContacts=7)
    neighbor.queue("legacy", office)
    spec: dict[str, Any] = {
        "region": REGION,
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "management": {"default": "Observe"},
        "instance": {"id": neighbor.instance_id},
        "hoursOfOperation": [{**hours("office"), "awsName": "office-eu"}],
        "queues": [queue("sales", maxContacts=5)],
    }
    monday = [{"days": ["MONDAY"], "start": "09:00", "end": "17:00"}]
    center = world.add(Object("taken", spec))
    assert passes(world, center) == [], "1: it only looks"
    center.edit(
        hoursOfOperation=[{"name": "office", "awsName": "office-eu", "timeZone": "UTC", "hours": monday}],
        queues=[queue("sales", maxContacts=7)],
    )
    assert passes(world, center) == [], "2: it agrees"
    center.edit(adoptionPolicy="Adopt", management={"default": "Listed"})
    assert set(passes(world, center)) == {"TagResource"}, "4: it is taken over as it is"
    assert center.ready, center.condition("Ready")
    center.edit(adoptionPolicy="Refuse", queues=[])
    assert passes(world, center) == [], "what was adopted is let go, not deleted"
    center.edit(deletionPolicy="Delete")
    center.deleting = True
    assert not [name for name in passes(world, center) if name.startswith("Delete")]
    assert neighbor.queues() >= {"sales", "legacy"}


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("replaced", id="kubectl replace --force, Flux force, Argo CD Force and Replace"),
        pytest.param("restored", id="a restore without status"),
        pytest.param("restored elsewhere", id="a restore into a new cluster that keeps the installation id"),
    ],
)
def test_an_object_that_comes_anew_takes_back_what_is_its_own(way: str) -> None:
    world = World()
    first = world.make(connect_center())
    ids = {line["name"]: line["id"] for line in first.status["resources"]}
    world.clock.advance(600)
    if way == "replaced":
        first.deleting = True
        assert passes(world, first) == []
        assert first.gone
    else:
        world.objects.clear()
        world.start()
    second = world.add(replace(connect_center(), uid=ANOTHER if way != "restored" else first.uid))
    assert passes(world, second) == []
    assert second.ready, second.condition("Ready")
    assert {line["name"]: line["id"] for line in second.status["resources"]} == ids


def test_a_second_cluster_with_the_same_git_touches_nothing() -> None:
    world = World()
    first = world.make(connect_center())
    before = copy.deepcopy(first.status["resources"])
    world.clock.advance(600)
    other = world.handler._convergence.world
    world.handler = ContactCenterHandler(
        other.gate, world.clock, installation="second-cluster", builtins=world.handler.builtins
    )
    second = world.add(replace(connect_center(), uid=ANOTHER, status={}))
    assert passes(world, second) == []
    assert second.condition("Ready")["reason"] == "Blocked"
    assert "test/contact-centers/small" in second.condition("Ready")["message"], "it says whose it is"
    second.spec["deletionPolicy"] = "Delete"
    second.deleting = True
    assert passes(world, second) == []
    world.start()
    world.objects = {first.key: first}
    assert passes(world, first) == []
    assert first.status["resources"] == before
