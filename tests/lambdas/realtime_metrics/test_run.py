"""A run of realtime-metrics: its rounds, its calls to Connect, and what a failure leaves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from shared.deadline import DeadlineExceededError
from shared.failure import DefectError, PartialBatchError, UnavailableError
from shared.snapshot import Load, Queue
from tests.lambdas.realtime_metrics.world import INSTANCE, TABLE, World


def failing(call: str, error: Exception, *numbers: int) -> Any:
    """Raises at these of the calls of that name, counted from 1; without numbers at all of them."""
    seen = []

    def fail(name: str) -> None:
        if name.startswith(call):
            seen.append(name)
            if not numbers or len(seen) in numbers:
                raise error

    return fail


def test_a_minute_is_six_snapshots_ten_seconds_apart() -> None:
    world = World()
    started = world.clock.now

    assert world.minute(world.environment()) == (6, 6, 0, 0)
    assert world.written().generation == 6
    loads = [at - started for at in world.center.times("load")]
    assert len(loads) == 6
    assert all(9 <= second - first <= 11 for first, second in pairwise(loads))
    assert world.clock.now - started < 60, "the next minute's run must find nobody"


def test_the_snapshot_has_load_queues_and_hours_with_their_times() -> None:
    world = World()
    world.minute(world.environment())
    found = world.snapshot()

    assert found.load == {"q0": Load(1, 2, 3, 4)}
    assert found.queues == {"q0": Queue("h0"), "q1": Queue("h0")}
    assert found.open_at("q0", world.clock.now) is True
    assert 0 <= world.clock.now - found.taken_at <= 2, "as old as its load"


@pytest.mark.parametrize(("seconds", "rounds"), [(59.9, 6), (30, 3), (9, 1), (3, 1), (899, 6)])
def test_the_deadline_says_how_many_rounds(seconds: float, rounds: int) -> None:
    world = World()
    started = world.clock.now

    assert world.minute(world.environment(), seconds).rounds == rounds
    assert world.clock.now - started < seconds


def test_hours_and_queues_are_asked_for_every_five_minutes() -> None:
    world = World(queues=3, hours=3)
    run = world.environment()
    for _ in range(10):
        started = world.clock.now
        world.minute(run)
        world.clock.now = started + 60

    assert len(world.center.times("hours")) == 6, "three hours, twice in ten minutes"
    assert len(world.center.times("queues")) == 2
    assert len(world.center.times("load")) == 60


def test_a_new_environment_knows_the_hours_from_the_snapshot() -> None:
    world = World()
    world.minute(world.environment())
    world.center.calls.clear()
    world.minute(world.environment("second"))

    assert world.center.times("hours") == []
    assert world.snapshot().open_at("q0", world.clock.now) is True


@pytest.mark.parametrize(("queues", "hours"), [(2, 1), (100, 5), (101, 20), (950, 100)])
def test_rates_are_kept_however_large_the_center(queues: int, hours: int) -> None:
    world = World(queues=queues, hours=hours)
    run = world.environment()
    for _ in range(6):
        started = world.clock.now
        assert world.minute(run).written == 6, "hours never cost the load its round"
        world.clock.now = started + 60

    for call, rate in (("load", 5), ("hours", 2), ("queues", 2)):
        times = world.center.times(call)
        assert all(second - first >= 1 / rate for first, second in pairwise(times)), call
    asked = {name for name, _ in world.center.calls if name.startswith("hours")}
    assert len(asked) == hours
    assert len(world.snapshot().hours) == hours


def test_a_round_that_fails_leaves_the_snapshot_and_its_time() -> None:
    world = World()
    run = world.environment()
    world.minute(run, 9)
    before = world.written()
    world.center.fail = failing("load", UnavailableError("throttle"))
    world.clock.now += 51

    assert world.minute(run) == (6, 0, 0, 6)
    assert world.written() == before
    assert world.line()["Round.throttle"] == 6


@pytest.mark.parametrize(
    "error", [UnavailableError("timeout"), DeadlineExceededError(), UnavailableError("server-error")]
)
def test_the_next_round_tries_again(error: Exception) -> None:
    world = World()
    world.center.fail = failing("load", error, 2, 3)

    assert world.minute(world.environment()) == (6, 4, 0, 2)


def test_a_call_that_hangs_costs_its_round_only() -> None:
    world = World()

    def hang(name: str) -> None:
        if name == "load" and len(world.center.times("load")) == 2:
            world.clock.now += 9.4
            raise DeadlineExceededError

    world.center.fail = hang
    assert world.minute(world.environment()) == (6, 5, 0, 1)


def test_hours_that_cannot_be_asked_keep_their_last_answer() -> None:
    world = World()
    run = world.environment()
    world.minute(run)
    known = world.snapshot().hours
    world.clock.now += 3600
    world.center.fail = failing("hours", UnavailableError("server-error"))

    assert world.minute(run).written == 6
    assert world.snapshot().hours == known
    assert world.snapshot().open_at("q0", world.clock.now) is True


def test_queues_that_cannot_be_listed_keep_their_last_list() -> None:
    world = World()
    world.minute(world.environment())
    world.clock.now += 3600
    world.center.fail = failing("queues", UnavailableError("timeout"))

    assert world.minute(world.environment("second")).written == 6
    assert set(world.snapshot().queues) == {"q0", "q1"}


def test_hours_that_were_deleted_are_unknown_and_stop_nothing() -> None:
    world = World(hours=2)
    world.center.fail = failing("hours h1", DefectError("ResourceNotFoundException"))

    assert world.minute(world.environment()).written == 6
    assert world.snapshot().open_at("q0", world.clock.now) is True
    assert world.snapshot().open_at("q1", world.clock.now) is None
    assert len(world.center.times("hours h1")) == 1, "not asked again in every round"


def test_a_queue_that_was_deleted_is_missed_for_a_round() -> None:
    world = World()
    run = world.environment()
    world.minute(run)
    del world.center.known["q1"]
    world.center.fail = failing("load", DefectError("ResourceNotFoundException"), 1)

    assert world.minute(run) == (6, 5, 0, 1)
    assert set(world.snapshot().queues) == {"q0"}


def test_what_connect_refuses_again_with_new_queues_is_a_defect() -> None:
    world = World()
    world.center.fail = failing("load", DefectError("InvalidParameterException"), 1, 2)

    with pytest.raises(DefectError, match="InvalidParameterException"):
        world.minute(world.environment())
    assert world.line()["Written"] == 4


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException"])
def test_a_defect_is_raised_when_the_minute_is_over(code: str) -> None:
    world = World()
    world.center.fail = failing("hours", DefectError(code))

    with pytest.raises(DefectError, match=code):
        world.minute(world.environment())
    assert world.written().generation == 6, "the load was kept fresh"
    world.center.fail = lambda _call: None
    assert world.minute(world.environment("second")).written == 6


def test_a_zone_that_nobody_knows_is_a_defect() -> None:
    world = World()
    world.center.zone = "Mars/Olympus"

    with pytest.raises(DefectError, match="UnknownTimeZone"):
        world.minute(world.environment())
    assert world.snapshot().open_at("q0", world.clock.now) is None


def test_a_disabled_queue_is_known_and_not_asked_for() -> None:
    world = World()
    world.center.known["q0"] = Queue("h0", enabled=False)
    world.minute(world.environment())

    assert world.snapshot().open_at("q0", world.clock.now) is False
    assert world.snapshot().load == {}


def test_the_load_goes_into_the_stream_by_queue() -> None:
    world = World()
    world.center.loads["q1"] = Load(7)
    world.minute(world.environment(), 9)

    assert [(one["queue"], one["key"], one["contactsInQueue"]) for one in world.stream.records] == [
        ("q0", "q0", 1),
        ("q1", "q1", 7),
    ]
    assert {one["instance"] for one in world.stream.records} == {INSTANCE}
    assert {one["at"] for one in world.stream.records} == {world.snapshot().taken_at}


@pytest.mark.parametrize(
    ("error", "reason", "lost"),
    [
        pytest.param(PartialBatchError(["r"], "throttle"), "throttle", 6, id="some records"),
        pytest.param(UnavailableError("timeout"), "timeout", 6, id="all records"),
    ],
)
def test_a_stream_that_fails_costs_no_snapshot(error: Exception, reason: str, lost: int) -> None:
    world = World()
    world.stream.error = error

    assert world.minute(world.environment()).written == 6
    line = world.line()
    assert (line[f"Stream.{reason}"], line["StreamLost"]) == (6, lost)


def test_a_stream_that_is_not_there_is_raised_when_the_minute_is_over() -> None:
    world = World()
    world.stream.error = DefectError("ResourceNotFoundException")

    with pytest.raises(DefectError):
        world.minute(world.environment())
    assert world.written().generation == 6


def test_a_table_that_fails_costs_its_round_only() -> None:
    world = World()

    def before(_operation: str) -> None:
        if len(world.table.calls) in {1, 4}:
            raise UnavailableError("throttle")

    world.table.before = before
    assert world.minute(world.environment()) == (6, 4, 0, 2)
    assert len(world.table.items(TABLE)) == 1


@pytest.mark.parametrize("reason", ["corrupt", "server-error", "timeout"])
def test_hours_that_never_answer_do_not_keep_the_others_from_being_asked(reason: str) -> None:
    world = World(queues=4, hours=4)
    world.center.fail = failing("hours h0", UnavailableError(reason))
    world.minute(world.environment())

    assert sorted(world.snapshot().hours) == ["h1", "h2", "h3"]


def test_hours_that_did_not_answer_are_asked_for_again_within_the_minute() -> None:
    world = World(queues=2, hours=2)
    world.center.fail = failing("hours h0", UnavailableError("server-error"), 1)
    world.minute(world.environment())

    assert sorted(world.snapshot().hours) == ["h0", "h1"]
