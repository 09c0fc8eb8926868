"""stream-processor: what is counted, what is reported, and that nothing is counted twice or never."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from shared.backoff import Backoff
from shared.failure import DefectError, TransactionCanceledError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from shared.snapshot import Load
from stream_processor.app import StreamProcessor, build
from stream_processor.totals import MOST_ACTIONS, loads
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.stream_processor.streams import AT, FIRST, data, event, record
from tests.lambdas.times import Clock

TABLE = "operations"
POISON = b"poison"
MOST_ERRORS = 15


class World:
    """The function over a table in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.table = FakeDynamoDB()
        self.record = Record()
        dynamodb: Any = self.table
        self.function = StreamProcessor(dynamodb, TABLE, Backoff(lambda: 0.5, self.clock.wait))

    def process(self, records: Any) -> list[str]:
        """The sequence numbers that were reported, as what was added to the first."""
        answer = self.function.answer(event(records), Invocation(self.clock.deadline(30), self.record))
        assert set(answer) == {"batchItemFailures"}
        return [str(int(failure["itemIdentifier"]) - FIRST) for failure in answer["batchItemFailures"]]

    def totals(self) -> dict[tuple[str, str], tuple[int, Load]]:
        return {
            (item["PK"]["S"].removeprefix("TOTALS#"), item["SK"]["S"]): loads(item)
            for item in self.table.items(TABLE, "Totals")
        }

    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.record.line("f", None, None, now=0, milliseconds=1, cold=False))
        return found


def failing(*errors: Exception | None) -> Any:
    """Raises these in turn, then nothing."""
    waiting = iter(errors)

    def fail(_operation: str) -> None:
        error = next(waiting, None)
        if error is not None:
            raise error

    return fail


def test_counts_per_queue_and_minute() -> None:
    world = World()
    reported = world.process(
        [
            record(0, data("sales", AT, Load(1, 10, 2, 1))),
            record(1, data("sales", AT + 59, Load(2, 20, 2, 0))),
            record(2, data("sales", AT + 60, Load(5))),
            record(3, data("support", AT)),
        ]
    )

    assert reported == []
    assert world.totals() == {
        ("sales", "2027-01-15T08:00Z"): (2, Load(3, 30, 4, 1)),
        ("sales", "2027-01-15T08:01Z"): (1, Load(5)),
        ("support", "2027-01-15T08:00Z"): (1, Load(1, 2, 3, 4)),
    }
    assert world.table.calls == ["TransactWriteItems"], "markers and totals are one transaction"


def test_the_same_batch_twice_counts_once() -> None:
    world = World()
    batch = [record(n) for n in range(250)]
    assert world.process(batch) == []
    assert world.process(batch) == []

    assert world.totals() == {("sales", "2027-01-15T08:00Z"): (250, Load(250, 500, 750, 1000))}


def test_markers_expire_once_no_stream_has_the_record_any_more() -> None:
    world = World()
    world.process([record(0)])

    (marker,) = world.table.items(TABLE, "Counted")
    assert int(marker["ExpiresAt"]["N"]) - AT == 8 * 86_400
    assert marker["SK"]["S"] == f"shardId-000000000006#{FIRST}"


def test_the_same_number_in_two_shards_is_two_records() -> None:
    world = World()
    world.process([record(0)])
    world.process([record(0, shard="shardId-000000000007")])

    assert world.totals()["sales", "2027-01-15T08:00Z"][0] == 2


@pytest.mark.parametrize("queues", [1, 7, 60, 1000], ids=lambda n: f"{n} queues")
def test_a_transaction_never_has_more_than_aws_allows(queues: int) -> None:
    world = World()
    batch = [record(n, data(f"q{n % queues}")) for n in range(1000)]

    assert world.process(batch) == [], "the table in memory refuses larger ones"
    assert sum(count for count, _ in world.totals().values()) == 1000
    assert len(world.table.calls) <= 1000 / (MOST_ACTIONS / 2) + 1


def test_poison_is_reported_recorded_once_and_holds_up_only_what_follows() -> None:
    world = World()
    batch = [record(0), record(1, POISON), record(2)]
    assert world.process(batch) == ["1"]
    assert world.process(batch[1:]) == ["1"]

    assert world.totals()["sales", "2027-01-15T08:00Z"][0] == 1, "what follows comes again"
    (failure,) = world.table.items(TABLE, "Failure")
    assert failure["Reason"] == {"S": "not-json"}
    assert failure["PK"]["S"].endswith(f"/shardId-000000000006/{FIRST + 1}")
    assert "poison" not in str(failure), "its content may name somebody"
    assert world.line()["PoisonReason"] == "not-json"


def test_a_failure_that_cannot_be_recorded_is_reported_all_the_same() -> None:
    world = World()
    world.table.before = failing(UnavailableError("timeout"))

    assert world.process([record(0, POISON)]) == ["0"]


def test_reports_the_first_that_was_not_counted() -> None:
    world = World()
    batch = [record(n) for n in range(250)]
    world.table.before = failing(None, *[UnavailableError("server-error")] * 99)

    assert world.process(batch) == ["99"], "the first transaction holds 99 records and one total"
    assert world.line()["Table.server-error"] == 1


def test_a_conflict_with_another_batch_is_tried_again() -> None:
    world = World()
    world.table.before = failing(*[UnavailableError("throttle")] * 3)

    assert world.process([record(0)]) == []
    assert world.clock.waited == [0.025, 0.05, 0.1]


def test_the_deadline_ends_the_tries() -> None:
    world = World()
    world.table.before = failing(*[UnavailableError("throttle")] * 99)
    started = world.clock.now

    answer = world.function.answer(event([record(0)]), Invocation(world.clock.deadline(0.1)))
    assert answer["batchItemFailures"] == [{"itemIdentifier": str(FIRST)}]
    assert world.clock.now - started <= 0.1


def test_a_lost_answer_counts_once() -> None:
    world = World()
    world.table.after = failing(UnavailableError("timeout"))

    assert world.process([record(n) for n in range(50)]) == []
    assert world.totals()["sales", "2027-01-15T08:00Z"][0] == 50


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(DefectError("ResourceNotFoundException"), id="no table"),
        pytest.param(TransactionCanceledError(["None", "ValidationError"]), id="an action that can never work"),
    ],
)
def test_a_defect_is_raised(error: Exception) -> None:
    world = World()
    world.table.before = failing(error)

    with pytest.raises(DefectError):
        world.process([record(0)])


def test_no_records_is_no_failure_and_never_null() -> None:
    world = World()
    for nothing in (None, {}, {"Records": None}):
        answer = world.function.answer(nothing, Invocation(world.clock.deadline()))
        assert answer == {"batchItemFailures": []}


def test_a_missing_table_is_named() -> None:
    with pytest.raises(MissingVariableError, match="TABLE"):
        build({}, None, None)


class Shard:
    """A shard as the event source mapping reads it: batches, again from the first failure, bisected when they fail."""

    def __init__(self, records: list[dict[str, Any]], chance: Random) -> None:
        self.records = records
        self.given_up: list[str] = []
        self._chance = chance

    def deliver(self, world: World) -> None:
        """All of it, in batches; now and then a batch comes once more, or has a record twice."""
        first = 0
        while first < len(self.records):
            size = self._chance.randint(1, 40)
            batch = self.records[first : first + size]
            self._deliver(world, batch + self._chance.sample(batch, k=self._chance.choice([0, 0, 1])))
            if self._chance.random() < 0.1:
                self._deliver(world, batch)
            first += size

    def _deliver(self, world: World, batch: list[dict[str, Any]]) -> None:
        attempts = 0
        while batch:
            reported = self._invoke(world, batch)
            if reported == []:
                return
            if reported is not None:
                batch = [one for one in batch if int(one["kinesis"]["sequenceNumber"]) >= FIRST + int(reported[0])]
            attempts += 1
            if len(batch) > 1 and self._chance.random() < 0.3:  # BisectBatchOnFunctionError
                self._deliver(world, batch[: len(batch) // 2])
                batch = batch[len(batch) // 2 :]
                attempts = 0
            elif attempts > MOST_ERRORS:  # MaximumRetryAttempts: only poison lasts as long
                self.given_up.append(batch[0]["kinesis"]["sequenceNumber"])
                batch = batch[1:]
                attempts = 0

    @staticmethod
    def _invoke(world: World, batch: list[dict[str, Any]]) -> list[str] | None:
        """None if the function was killed."""
        try:
            return world.process(batch)
        except KilledError:
            return None


class KilledError(Exception):
    """The environment is gone."""


class Weather:
    """What goes wrong: now and then an answer is lost, the table is slow or the function is killed, so many times in all."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._left = chance.randint(0, MOST_ERRORS)

    def __call__(self, _operation: str) -> None:
        if self._left and self._chance.random() < 0.4:
            self._left -= 1
            raise self._chance.choice([UnavailableError("timeout"), UnavailableError("throttle"), KilledError()])


@pytest.mark.parametrize("block", [0, *(pytest.param(block, marks=pytest.mark.sweep) for block in range(1, 8))])
def test_whatever_happens_the_totals_are_the_truth(block: int) -> None:
    """Random batches, duplicates, retries, bisection, shards read in turns, kills before and after writes, lost answers."""
    for seed in range(block * 100, block * 100 + 100):
        chance = Random(seed)
        world = World()
        world.table.before = world.table.after = Weather(chance)
        truth: Counter[tuple[str, str]] = Counter()
        poison: set[str] = set()
        shards: list[Shard] = []
        for number in range(chance.randint(1, 3)):
            records = []
            for position in range(chance.randint(1, 150)):
                queue, minute = chance.choice("ab"), chance.randint(0, 2)
                bad = chance.random() < 0.01
                records.append(
                    record(
                        position,
                        POISON if bad else data(queue, AT + 60 * minute),
                        shard=f"shardId-{number:012d}",
                    )
                )
                if bad:
                    poison.add(str(FIRST + position))
                else:
                    truth[queue, f"2027-01-15T08:0{minute}Z"] += 1
            shards.append(Shard(records, chance))
        for shard in chance.sample(shards * 2, k=len(shards) * 2):  # each from the start again
            shard.deliver(world)

        assert {place: count for place, (count, _) in world.totals().items()} == dict(truth), f"seed {seed}"
        assert {number for shard in shards for number in shard.given_up} <= poison, f"seed {seed}: a good one is lost"
        assert len(world.table.items(TABLE, "Counted")) == truth.total(), f"seed {seed}"
