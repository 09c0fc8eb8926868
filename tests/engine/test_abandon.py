"""A deletion that AWS refuses: it waits, and once it is abandoned it leaves behind only what was refused."""

from __future__ import annotations

import pytest

from tests.engine.passes import DRIVERS, OWNER
from tests.engine.things import ThingCloud
from tests.virtual_time import run
from trunkline.engine.converge import Farewell, dismantle
from trunkline.engine.driver import Scope
from trunkline.engine.memory import Memory
from trunkline.engine.outcome import Outcome, Refusal
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Where, bequest
from trunkline.engine.resource import DeletionPolicy

REFUSED = Refusal(Outcome.BLOCKED, "things", "DeleteThing", "InUse", "somebody else holds it")


@pytest.fixture
def cloud() -> ThingCloud:
    """A thing, made last, that AWS refuses to delete, and slow ones that go only after all things."""
    cloud = ThingCloud()
    held = cloud.add("thing", "held")
    for kind, name in (("thing", "free"), ("slow", "first"), ("slow", "second")):
        cloud.add(kind, name)
    cloud.refuse[held.id] = REFUSED
    return cloud


def _farewell(cloud: ThingCloud, *, abandon: bool) -> Farewell:
    entries = [Entry(thing.kind, "things", thing.name, thing.id) for thing in cloud.things.values()]
    record = Record({entry.key: entry for entry in entries}, "123456789012")
    where = Where(DRIVERS, Scope("123456789012", "us-east-1", OWNER), Memory(started=cloud.now), cloud.now)
    items = bequest(record, DeletionPolicy.DELETE, DRIVERS)
    return run(dismantle(where, cloud, record, items, abandon=abandon))


def test_what_is_refused_holds_up_what_may_be_held_by_it(cloud: ThingCloud) -> None:
    farewell = _farewell(cloud, abandon=False)
    assert not farewell.finished
    assert {thing.name for thing in cloud.things.values()} == {"held", "first", "second"}
    assert "thing/held" in farewell.record.entries


def test_abandoned_the_rest_goes_and_the_refused_is_named(cloud: ThingCloud) -> None:
    farewell = _farewell(cloud, abandon=True)
    assert {thing.name for thing in cloud.things.values()} == {"held"}, "all that AWS lets go has to go"
    assert farewell.finished, "nothing is left to wait for"
    assert [node.key for node in farewell.left_behind] == ["thing/held"]
    assert "somebody else holds it" in farewell.left_behind[0].message
