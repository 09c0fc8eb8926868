"""The functions of the operations table on DynamoDB's own engine: that it takes their expressions and transactions, and
that runs which truly overlap count once and write once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from call_disposition.app import CallDisposition
from call_routing.app import build as build_call_routing
from config_fetcher.app import build as build_config_fetcher
from event_processor.app import EventProcessor
from realtime_metrics.claim import Claim
from shared.backoff import Backoff
from shared.configuration import ConfigurationConflictError, Configurations, UnknownVersionError
from shared.deadline import Deadline
from shared.dynamodb import DynamoDB
from shared.entities import EXPIRES_AT, OPERATIONS, entity_of
from shared.failure import DefectError
from shared.invocation import Invocation
from shared.session import Session
from shared.snapshot import Hours, Load, Queue, Snapshot
from stream_processor.app import StreamProcessor
from stream_processor.totals import loads
from tests.lambdas.event_processor.test_event_processor import body, message
from tests.lambdas.events import call
from tests.lambdas.stream_processor.streams import AT, FIRST, data, event, record
from tests.parts.dynamodb import Account, DynamoDBServer

TABLE = "operations"
INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/i"


class World:
    """An empty operations table in an account of its own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.boto = account.client()
        self.boto.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def session(self) -> Session:
        """Of a new environment of Lambda."""
        return Session.from_environment(self.account.environment)

    def dynamodb(self) -> DynamoDB:
        return self.session().dynamodb()

    def items(self, type_: str = "") -> list[dict[str, Any]]:
        pages = self.boto.get_paginator("scan").paginate(TableName=TABLE)
        found = [item for page in pages for item in page["Items"]]
        for item in found:
            entity = entity_of(OPERATIONS, item["PK"]["S"], item["SK"]["S"])
            assert entity is not None, item
            assert item["Type"]["S"] == entity.type
            assert (EXPIRES_AT in item) == entity.expires
        return [item for item in found if not type_ or item["Type"]["S"] == type_]


@pytest.fixture
def world(dynamodb_local: DynamoDBServer) -> World:
    return World(dynamodb_local.account())


def invocation(seconds: float = 30) -> Invocation:
    return Invocation(Deadline.after(seconds))


def at_once(*jobs: Callable[[], object]) -> None:
    """All of them in threads of their own; raises what the first raised."""
    barrier = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_streams_are_counted_once_by_readers_that_overlap(world: World) -> None:
    """Four environments are given the same three hundred records of one queue, in batches that overlap."""
    batch = [record(n, data("sales", AT + n % 3 * 60, Load(1, 2, 3, 4))) for n in range(300)]

    def read(first: int) -> None:
        function = StreamProcessor(world.dynamodb(), TABLE, Backoff())
        rest = batch[first:] + batch[:first]
        while rest:
            answer = function.answer(event(rest), invocation())
            reported = [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]
            rest = [one for one in rest if reported and int(one["kinesis"]["sequenceNumber"]) >= reported[0]]

    at_once(*[lambda first=first: read(first) for first in (0, 0, 100, 201)])  # type: ignore[misc]

    assert {item["SK"]["S"]: loads(item) for item in world.items("Totals")} == {
        f"2027-01-15T08:0{minute}Z": (100, Load(100, 200, 300, 400)) for minute in range(3)
    }
    assert len(world.items("Counted")) == 300


def test_poison_is_recorded_once(world: World) -> None:
    function = StreamProcessor(world.dynamodb(), TABLE, Backoff())
    for _ in range(2):
        answer = function.answer(event([record(0), record(1, b"poison"), record(2)]), invocation())
        assert answer == {"batchItemFailures": [{"itemIdentifier": str(FIRST + 1)}]}

    (failure,) = world.items("Failure")
    assert failure["Reason"] == {"S": "not-json"}
    assert loads(world.items("Totals")[0])[0] == 1


def test_a_stream_without_its_table_is_a_defect(world: World) -> None:
    function = StreamProcessor(world.dynamodb(), "missing", Backoff())
    with pytest.raises(DefectError, match="ResourceNotFoundException"):
        function.answer(event([record(0)]), invocation())


def test_events_are_kept_once(world: World) -> None:
    function = EventProcessor(world.dynamodb(), TABLE)
    messages = [message("m1", body()), message("m2", body()), message("m3", body(detail={"n": 2}))]

    for _ in range(2):
        answer = function.answer({"Records": messages}, invocation())
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m3"}]}
    assert len(world.items("Event")) == 1
    assert [item["Reason"]["S"] for item in world.items("Failure")] == ["other-content"]


def test_the_largest_event_fits(world: World) -> None:
    function = EventProcessor(world.dynamodb(), TABLE)
    large = body(detail="ä" * 150_000)

    assert function.answer({"Records": [message("m1", large)]}, invocation()) == {"batchItemFailures": []}


def test_the_first_outcome_stays(world: World) -> None:
    function = CallDisposition(world.dynamodb(), TABLE)
    answers = [function.answer(call(Disposition=text), invocation()) for text in ("Resolved", "Resolved", "Lost")]

    assert [(answer["Recorded"], answer["Disposition"]) for answer in answers] == [
        ("true", "Resolved"),
        ("true", "Resolved"),
        ("false", "Resolved"),
    ]


def test_configurations_are_changed_as_a_whole_and_read(world: World) -> None:
    configurations = Configurations(world.dynamodb(), TABLE)

    def publish(content: str, expected: int, at: str) -> int:
        return configurations.publish("ivr", content, "ops", expected=expected, at=at, deadline=Deadline.after(10))

    assert publish('{"greeting": "old"}', 0, "t1") == 1
    assert publish('{"greeting": "new"}', 1, "t2") == 2
    with pytest.raises(ConfigurationConflictError):
        publish('{"greeting": "late"}', 1, "t3")
    with pytest.raises(UnknownVersionError):
        configurations.activate("ivr", 7, "ops", expected=2, at="t4", deadline=Deadline.after(10))
    configurations.pin("ivr", "desk", 1, "ops", at="t5", deadline=Deadline.after(10))

    fetcher = build_config_fetcher({"TABLE": TABLE}, world.session(), None)
    assert fetcher.answer(call(Name="ivr"), invocation())["greeting"] == "new"
    assert fetcher.answer(call(Name="ivr", Who="desk"), invocation())["greeting"] == "old"
    configurations.activate("ivr", 1, "ops", expected=2, at="t6", deadline=Deadline.after(10))
    configurations.pin("ivr", "desk", None, "ops", at="t7", deadline=Deadline.after(10))
    again = build_config_fetcher({"TABLE": TABLE}, world.session(), None)
    assert again.answer(call(Name="ivr", Who="desk"), invocation())["Pinned"] == "false"
    assert again.answer(call(Name="ivr"), invocation())["greeting"] == "old"
    actions = [entry["Action"]["S"] for entry in configurations.history("ivr", Deadline.after(10))]
    assert actions == ["unpin", "activate", "pin", "publish", "publish"]


def test_of_publishers_at_once_one_wins_each_version(world: World) -> None:
    won: list[int] = []
    lost: list[int] = []

    def publish(number: int) -> None:
        configurations = Configurations(world.dynamodb(), TABLE)
        for attempt in range(100):
            in_force = configurations.pointer("ivr", Deadline.after(10), consistent=True).version
            try:
                content = json.dumps({"by": number})
                at = f"t{number}-{attempt}"
                won.append(
                    configurations.publish(
                        "ivr", content, f"p{number}", expected=in_force, at=at, deadline=Deadline.after(10)
                    )
                )
            except ConfigurationConflictError:
                lost.append(number)
            else:
                return

    at_once(*[lambda number=number: publish(number) for number in range(4)])  # type: ignore[misc]

    assert sorted(won) == [1, 2, 3, 4], f"after {len(lost)} conflicts"
    assert len(world.items("ConfigVersion")) == len(world.items("ConfigAudit")) == 4


def test_one_of_two_runs_writes_the_snapshot_that_calls_are_routed_by(world: World) -> None:
    now = int(time.time())
    taken = Snapshot(
        now,
        {"sales": Load(50, 300, 2, 0)},
        {"sales": Queue("h"), "backup": Queue("h"), "night": Queue("n")},
        {"h": Hours(now, now + 9999, ((now - 60, now + 9999),)), "n": Hours(now, now + 9999, ())},
    )
    first, second = (Claim(world.dynamodb(), TABLE, INSTANCE, name) for name in ("first", "second"))
    standing = [claim.held(now, Deadline.after(10)) for claim in (first, second)]
    written = [
        claim.write(taken, before, now, Deadline.after(10), last=False)
        for claim, before in zip((first, second), standing, strict=True)
        if before is not None
    ]
    assert written == [True, False]
    assert second.held(now + 1, Deadline.after(10)) is None

    rules = '{"capacity": {"sales": {"maxContactsInQueue": 40}}, "overflow": {"sales": ["night", "backup"]}}'
    routing = build_call_routing({"TABLE": TABLE, "INSTANCE": INSTANCE, "RULES": rules}, world.session(), None)
    queues = {f"Queue_{name}": f"{INSTANCE}/queue/{name}" for name in ("sales", "night", "backup")}
    assert routing.answer(call(DefaultQueue="sales", **queues), invocation()) == {
        "Queue": "backup",
        "QueueArn": f"{INSTANCE}/queue/backup",
        "Reason": "overflow",
        "Degraded": "false",
    }


def test_a_thousand_queues_fit_one_item(world: World) -> None:
    now = 1_800_000_000
    names = [f"aaaaaaaa-bbbb-cccc-dddd-{number:012d}" for number in range(1000)]
    days = tuple((now + day * 86_400, now + day * 86_400 + 43_200) for day in range(4))
    taken = Snapshot(
        now,
        {name: Load(999, 99_999, 999, 999) for name in names},
        {name: Queue(names[index % 100]) for index, name in enumerate(names)},
        {name: Hours(now, now + 300_000, days) for name in names[:100]},
    )
    claim = Claim(world.dynamodb(), TABLE, INSTANCE, "first")
    standing = claim.held(now, Deadline.after(10))
    assert standing is not None

    assert claim.write(taken, standing, now, Deadline.after(10), last=True)
    read = Claim(world.dynamodb(), TABLE, INSTANCE, "second").held(now, Deadline.after(10))
    assert read is not None
    assert read.snapshot == taken
