"""The same once and no more, on DynamoDB's own engine, where answers are lost after a write was done: AWS invokes again,
as Connect, SQS and Kinesis do, and several environments do so at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from call_disposition.app import CallDisposition
from event_processor.app import EventProcessor
from shared.backoff import Backoff
from shared.configuration import ConfigurationConflictError, Configurations
from shared.deadline import Deadline
from shared.dynamodb import DynamoDB
from shared.session import Session
from shared.snapshot import Load
from shared.unavailable import UNAVAILABLE
from stream_processor.app import StreamProcessor
from stream_processor.totals import loads
from tests.lambdas.event_processor.test_event_processor import body, message
from tests.lambdas.events import call
from tests.lambdas.operations.lossy import LOSE_ANSWER, Lossy
from tests.lambdas.operations.test_real_table import TABLE, World, at_once, invocation, world
from tests.lambdas.stream_processor.streams import AT, data, event, record
from tests.parts.dynamodb import DynamoDBServer

__all__ = ["world"]
TRIES = 60
SEEDS = pytest.mark.parametrize("seed", range(3))


def behind(world: World, way: Lossy) -> DynamoDB:
    """The table as an environment of its own reaches it, over the lossy way."""
    environ = {**world.account.environment, "AWS_ENDPOINT_URL_DYNAMODB": way.endpoint}
    return Session(environ, jitter=lambda: 0.1).dynamodb()


def until_done(invoke: Callable[[], bool]) -> None:
    """As AWS does it: again and again, whatever was raised."""
    for _ in range(TRIES):
        try:
            if invoke():
                return
        except UNAVAILABLE:
            continue
    raise AssertionError("never done")


@SEEDS
def test_a_record_counts_once(world: World, dynamodb_local: DynamoDBServer, seed: int) -> None:
    batch = [record(n, data("sales", AT, Load(1, 2, 3, 4))) for n in range(120)]
    with Lossy(dynamodb_local.port, seed) as way:

        def read(start: int, end: int) -> None:
            function = StreamProcessor(behind(world, way), TABLE, Backoff(lambda: 0.1))
            rest = batch[start:end]

            def invoke() -> bool:
                nonlocal rest
                failures = function.answer(event(rest), invocation())["batchItemFailures"]
                if failures:
                    first = int(failures[0]["itemIdentifier"])
                    rest = [one for one in rest if int(one["kinesis"]["sequenceNumber"]) >= first]
                return not failures

            until_done(invoke)

        at_once(lambda: read(0, 120), lambda: read(40, 110), lambda: read(0, 60))
        assert LOSE_ANSWER in way.lost, "the test lost nothing"

    (totals,) = world.items("Totals")
    assert loads(totals) == (120, Load(120, 240, 360, 480))
    assert len(world.items("Counted")) == 120


@SEEDS
def test_an_event_is_kept_once_and_refused_once(world: World, dynamodb_local: DynamoDBServer, seed: int) -> None:
    good = [message(f"m{n}", body(id=f"e{n % 10}")) for n in range(30)]
    bad = [message("b1", body(id="e1", detail="other")), message("b2", "no json")]
    with Lossy(dynamodb_local.port, seed) as way:

        def consume() -> None:
            function = EventProcessor(behind(world, way), TABLE)
            until_done(lambda: not function.answer({"Records": good}, invocation())["batchItemFailures"])

            def refused() -> bool:
                failures = function.answer({"Records": bad}, invocation())["batchItemFailures"]
                assert [failure["itemIdentifier"] for failure in failures] == ["b1", "b2"], "never taken for success"
                return len(world.items("Failure")) == 2

            until_done(refused)

        at_once(consume, consume)

    assert len(world.items("Event")) == 10
    assert sorted(item["Reason"]["S"] for item in world.items("Failure")) == ["not-json", "other-content"]


@SEEDS
def test_the_first_outcome_stays_and_whoever_told_it_hears_so(
    world: World, dynamodb_local: DynamoDBServer, seed: int
) -> None:
    heard: dict[str, dict[str, Any]] = {}
    with Lossy(dynamodb_local.port, seed) as way:

        def tell(text: str) -> None:
            function = CallDisposition(behind(world, way), TABLE)

            def invoke() -> bool:
                heard[text] = dict(function.answer(call(Disposition=text), invocation()))
                return heard[text]["Degraded"] == "false"

            until_done(invoke)

        at_once(*[lambda text=text: tell(text) for text in "ABCDEFGH"])  # type: ignore[misc]

    (kept,) = {item["Disposition"]["S"] for item in world.items("Disposition")}
    assert {text for text, answer in heard.items() if answer["Recorded"] == "true"} == {kept}
    assert {answer["Disposition"] for answer in heard.values()} == {kept}


@SEEDS
def test_a_version_is_published_once_with_its_audit_entry(
    world: World, dynamodb_local: DynamoDBServer, seed: int
) -> None:
    published: list[int] = []
    with Lossy(dynamodb_local.port, seed) as way:

        def publish(who: str) -> None:
            configurations = Configurations(behind(world, way), TABLE)
            for n in range(5):

                def invoke(n: int = n) -> bool:
                    deadline = Deadline.after(30)
                    expected = configurations.pointer("routing", deadline, consistent=True).version
                    content = f'{{"who": "{who}", "n": {n}}}'
                    try:
                        number = configurations.publish(
                            "routing", content, who, expected=expected, at=f"{who}-{n}", deadline=deadline
                        )
                    except ConfigurationConflictError:
                        return False
                    published.append(number)
                    return True

                until_done(invoke)

        at_once(lambda: publish("a"), lambda: publish("b"))

    versions = world.items("ConfigVersion")
    audits = [int(item["Version"]["N"]) for item in world.items("ConfigAudit")]
    assert sorted(audits) == sorted(int(item["SK"]["S"].removeprefix("VERSION#")) for item in versions)
    assert len(set(published)) == len(published) == 10
    (pointer,) = world.items("ConfigPointer")
    assert int(pointer["Version"]["N"]) == len(versions)
