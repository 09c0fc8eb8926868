"""Killed or answerless at every mutating call, with and without a lagging list and a surviving record: the next start
ends in the same state and nothing exists twice."""

from __future__ import annotations

import pytest

from tests.engine.passes import Object
from tests.engine.things import Killed, ThingCloud, refused, thing
from trunkline.engine.outcome import Outcome
from trunkline.engine.record import Record
from trunkline.engine.result import State

NODES = (
    thing("s", kind="slow"),
    thing("a", links=["slow/s"]),
    thing("x", later=["thing/y"], links=["slow/s"]),
    thing("y", later=["thing/x"]),
    thing("z", links=["thing/a", "thing/x"], size=3),
)
MUTATIONS = 6  # five creates and the link that closes the circle


def picture(cloud: ThingCloud) -> list[tuple[str, int, tuple[str, ...], dict[str, str]]]:
    names = {item.id: item.name for item in cloud.things.values()}
    return sorted(
        (item.name, item.size, tuple(sorted(names[link] for link in item.links)), item.tags)
        for item in cloud.things.values()
    )


@pytest.fixture(scope="module")
def expected() -> list[tuple[str, int, tuple[str, ...], dict[str, str]]]:
    center = Object(ThingCloud(), NODES)
    center.settle()
    assert len(center.cloud.mutating()) == MUTATIONS
    return picture(center.cloud)


@pytest.mark.parametrize("lag", [0, 120], ids=["list-at-once", "list-lags"])
@pytest.mark.parametrize("record", [True, False], ids=["record-kept", "record-lost"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, MUTATIONS + 1))
@pytest.mark.parametrize("fault", ["killed", "answer-lost"])
def test_every_call(fault: str, number: int, when: str, record: bool, lag: int, expected: object) -> None:
    cloud = ThingCloud(lag=lag)

    def strike(at: str, call: int) -> None:
        if (at, call) == (when, number):
            if fault == "killed":
                raise Killed
            raise refused("Thing", "ConnectionClosed", Outcome.RETRY, unknown_effect=True)

    cloud.at = strike
    center = Object(cloud, NODES)
    try:
        center.settle()
    except (Killed, BaseExceptionGroup):
        center.restart()
    if not record:
        center.record = Record()
        center.restart()
    result = center.settle(40)
    assert {node.state for node in result.nodes} == {State.READY}
    assert picture(cloud) == expected
