"""Runs that overlap: one writes, nobody overwrites a newer snapshot, and a dead one is followed."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_metrics.claim import HELD_SECONDS, Claim
from shared.failure import UnavailableError
from shared.snapshot import Load, Snapshot
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.realtime_metrics.world import INSTANCE, TABLE, World
from tests.lambdas.times import NOW, Clock


class Table:
    """The table in memory, and claims on it."""

    def __init__(self) -> None:
        self.dynamodb = FakeDynamoDB()
        self.clock = Clock()

    def claim(self, holder: str) -> Claim:
        dynamodb: Any = self.dynamodb
        return Claim(dynamodb, TABLE, INSTANCE, holder)

    def held(self, claim: Claim, now: float) -> Any:
        return claim.held(now, self.clock.deadline())

    def write(self, claim: Claim, after: Any, now: float, *, last: bool = False) -> bool:
        taken = Snapshot(int(now), {"q": Load(int(now) % 1000)}, {}, {})
        return claim.write(taken, after, now, self.clock.deadline(), last=last)

    def taken_at(self) -> int:
        return int(self.dynamodb.items(TABLE)[0]["TakenAt"]["N"])


def test_of_two_runs_one_holds_and_the_other_stands_by() -> None:
    table = Table()
    first, second = table.claim("first"), table.claim("second")
    assert table.write(first, table.held(first, NOW), NOW)

    assert table.held(second, NOW + 1) is None
    assert table.held(first, NOW + 1).generation == 1
    assert table.held(second, NOW + HELD_SECONDS) is not None, "silent for longer than two rounds"


def test_two_that_begin_together_write_once() -> None:
    table = Table()
    first, second = table.claim("first"), table.claim("second")
    both = table.held(first, NOW), table.held(second, NOW)

    assert table.write(first, both[0], NOW)
    assert not table.write(second, both[1], NOW)
    assert len(table.dynamodb.items(TABLE)) == 1


def test_an_older_run_never_overwrites_a_newer_snapshot() -> None:
    """The first was frozen in the middle of its round; the second took over meanwhile."""
    table = Table()
    first, second = table.claim("first"), table.claim("second")
    assert table.write(first, table.held(first, NOW), NOW)
    frozen = table.held(first, NOW + 10)
    assert table.write(second, table.held(second, NOW + 40), NOW + 40)

    assert not table.write(first, frozen, NOW + 10)
    assert table.taken_at() == NOW + 40
    assert table.held(first, NOW + 41) is None, "and it knows now"


def test_the_last_round_lets_go_at_once() -> None:
    table = Table()
    first, second = table.claim("first"), table.claim("second")
    table.write(first, table.held(first, NOW), NOW, last=True)

    assert table.held(second, NOW) is not None


def test_a_write_whose_answer_was_lost_is_found_to_be_done() -> None:
    """The client sends the write once more, and its condition fails because of the first."""
    table = Table()
    first = table.claim("first")
    standing = table.held(first, NOW)
    assert table.write(first, standing, NOW)

    assert table.write(first, standing, NOW), "the same write again"
    assert table.held(first, NOW + 1).generation == 1


def test_a_write_that_failed_is_read_again() -> None:
    table = Table()
    first = table.claim("first")
    standing = table.held(first, NOW)

    def after(_operation: str) -> None:
        raise UnavailableError("timeout")

    table.dynamodb.after = after
    with pytest.raises(UnavailableError):
        table.write(first, standing, NOW)
    table.dynamodb.after = lambda _operation: None
    assert table.held(first, NOW + 10).generation == 1, "it had its effect all the same"


@pytest.mark.parametrize("broken", [{"Body": {"S": "{"}}, {"Body": {"S": "{}"}}, {"Holder": {"N": "1"}}])
def test_a_snapshot_that_nobody_can_read_is_replaced(broken: dict[str, Any]) -> None:
    table = Table()
    first = table.claim("first")
    table.write(first, table.held(first, NOW), NOW)
    (stored,) = table.dynamodb.items(TABLE)
    table.dynamodb.put_item(TABLE, {**stored, **broken}, None)
    second = table.claim("second")

    assert table.write(second, table.held(second, NOW + 1), NOW + 1)
    assert table.taken_at() == NOW + 1


def test_runs_that_overlap_ask_connect_once() -> None:
    """One is in its minute; another environment is started beside it and sees it at work in each of its rounds."""
    world = World()
    first, second = world.environment("first"), world.environment("second")
    world.minute(first, 9)
    world.table.tables[TABLE][f"SNAPSHOT#{INSTANCE}", "LATEST"]["HeldUntil"] = {"N": str(int(world.clock.now) + 999)}
    world.center.calls.clear()

    assert world.minute(second) == (6, 0, 6, 0)
    assert world.center.calls == []


def test_a_run_that_dies_is_followed_within_its_claim() -> None:
    world = World()

    def die(name: str) -> None:
        if name == "load" and len(world.center.times("load")) == 2:
            raise KeyboardInterrupt

    world.center.fail = die
    with pytest.raises(KeyboardInterrupt):
        world.minute(world.environment("first"))
    world.center.fail = lambda _call: None
    tally = world.minute(world.environment("second"))

    assert tally.stood_by <= 2
    assert tally.written >= 4
