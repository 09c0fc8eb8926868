"""event-processor: what is kept once, what is refused, and what SQS is told."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_processor.app import EventProcessor, build
from event_processor.messages import MOST_CONTENT, MalformedEventError, NoEventError, event_in
from shared.failure import DefectError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from tests.lambdas.events import NUMBER
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"
EVENT = {"id": "e1", "timestamp": "2026-11-21T10:00:00Z", "detail": {"queue": "sales", "n": 1}}
OTHER = {**EVENT, "detail": {"queue": "sales", "n": 2}}


def body(value: Any = None, **changed: Any) -> str:
    return json.dumps({**EVENT, **changed} if value is None else value)


def message(message_id: str, text: Any, group: str = "") -> dict[str, Any]:
    """A message of an event, from the developer guide's example."""
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1523232000000",
        "SenderId": "123456789012",
        "ApproximateFirstReceiveTimestamp": "1523232000001",
    }
    return {
        "messageId": message_id,
        "receiptHandle": "MessageReceiptHandle",
        "body": text,
        "attributes": {**attributes, "MessageGroupId": group} if group else attributes,
        "messageAttributes": {},
        "md5OfBody": "7b270e59b47ff90a553787216d55d91d",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:MyQueue",
        "awsRegion": "us-east-1",
    }


class World:
    """The function over a table in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.table = FakeDynamoDB()
        self.record = Record()
        dynamodb: Any = self.table
        self.function = EventProcessor(dynamodb, TABLE)

    def process(self, *messages: Any, seconds: float = 10) -> list[str]:
        answer = self.function.answer(
            {"Records": list(messages)}, Invocation(self.clock.deadline(seconds), self.record)
        )
        assert set(answer) == {"batchItemFailures"}
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def failures(self) -> dict[str, str]:
        return {
            item["PK"]["S"].removeprefix("FAILURE#"): item["Reason"]["S"] for item in self.table.items(TABLE, "Failure")
        }

    def fail_at(self, *numbers: int, error: Exception) -> None:
        def before(_operation: str) -> None:
            if len(self.table.calls) in numbers:
                raise error

        self.table.before = before


def test_keeps_an_event_under_its_id_and_timestamp() -> None:
    world = World()

    assert world.process(message("m1", body())) == []
    (kept,) = world.table.items(TABLE)
    assert (kept["PK"]["S"], kept["SK"]["S"], kept["Type"]["S"]) == ("EVENT#e1", EVENT["timestamp"], "Event")
    assert json.loads(kept["Content"]["S"]) == EVENT


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(body(), id="the same bytes"),
        pytest.param(json.dumps(dict(reversed(EVENT.items())), indent=4), id="the same value, spelled otherwise"),
    ],
)
def test_the_same_content_again_is_success(again: str) -> None:
    world = World()
    world.process(message("m1", body()))

    assert world.process(message("m2", again)) == []
    assert len(world.table.items(TABLE)) == 1


def test_other_content_is_refused_recorded_once_and_changes_nothing() -> None:
    world = World()
    world.process(message("m1", body()))

    assert world.process(message("m2", body(OTHER))) == ["m2"]
    assert world.process(message("m2", body(OTHER))) == ["m2"], "SQS moves it to the dead-letter queue in the end"
    assert world.failures() == {"e1": "other-content"}
    (kept,) = world.table.items(TABLE, "Event")
    assert json.loads(kept["Content"]["S"]) == EVENT


def test_the_same_id_at_another_time_is_another_event() -> None:
    world = World()

    assert world.process(message("m1", body()), message("m2", body(timestamp="2026-11-21T10:00:01Z"))) == []
    assert len(world.table.items(TABLE, "Event")) == 2


def test_within_one_batch_the_first_stays() -> None:
    world = World()

    assert world.process(message("m1", body()), message("m2", body()), message("m3", body(OTHER))) == ["m3"]


def test_only_failed_ids_come_back() -> None:
    world = World()
    world.fail_at(2, error=UnavailableError("throttle"))
    batch = [message(f"m{n}", body(id=f"e{n}")) for n in range(4)]

    assert world.process(*batch) == ["m1"]
    world.table.before = lambda _operation: None
    assert world.process(*batch) == []
    assert len(world.table.items(TABLE, "Event")) == 4
    assert world.failures() == {}, "a table that cannot be reached is no failure of the event"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(None, "not-json", id="null"),
        pytest.param("", "not-json", id="empty"),
        pytest.param("{", "not-json", id="cut off"),
        pytest.param('{"id": "e", "timestamp": "t", "n": NaN}', "not-json", id="not a number is no JSON"),
        pytest.param('{"id": "\\ud800", "timestamp": "t"}', "not-json", id="half a character"),
        pytest.param("[" * 100_000, "too-deep", id="nested until the parser gives up"),
        pytest.param("[]", "not-an-object", id="a list"),
        pytest.param(body(id=None), "no-id", id="a null id"),
        pytest.param(body(id=""), "no-id", id="an empty id"),
        pytest.param(body(id=7), "no-id", id="a numeric id"),
        pytest.param(body(id="x" * 300), "no-id", id="an id longer than a key may be"),
        pytest.param(body(timestamp=None), "no-timestamp", id="a null timestamp"),
        pytest.param(body(timestamp=1523232000), "no-timestamp", id="a numeric timestamp"),
        pytest.param('{"id": "e1"}', "no-timestamp", id="no timestamp"),
        pytest.param(body(detail="x" * MOST_CONTENT), "too-large", id="more than an item may have"),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused_and_recorded_once(text: Any, reason: str) -> None:
    world = World()
    for _ in range(3):
        assert world.process(message("m1", text)) == ["m1"]

    assert world.failures() == {"m1": reason}
    assert world.table.items(TABLE, "Event") == []


def test_events_of_eventbridge_say_time() -> None:
    assert event_in('{"id": "e", "time": "2026-11-21T10:00:00Z", "detail": {}}').timestamp == "2026-11-21T10:00:00Z"


def test_a_refused_event_that_cannot_be_recorded_comes_again() -> None:
    world = World()
    world.fail_at(1, error=UnavailableError("timeout"))
    assert world.process(message("m1", "{")) == ["m1"]
    assert world.process(message("m1", "{")) == ["m1"]

    assert world.failures() == {"m1": "not-json"}


def test_a_lost_answer_is_success_the_next_time() -> None:
    world = World()
    lost = iter([UnavailableError("timeout")])

    def after(_operation: str) -> None:
        for error in lost:
            raise error

    world.table.after = after
    assert world.process(message("m1", body())) == ["m1"]
    assert world.process(message("m1", body())) == []
    assert world.failures() == {}


def test_what_there_is_no_time_for_comes_again() -> None:
    world = World()

    assert world.process(message("m1", body()), seconds=0.1) == ["m1"]
    assert world.table.calls == []


def test_of_a_fifo_queue_nothing_overtakes_a_failure_in_its_group() -> None:
    world = World()
    batch = [
        message("m1", "{", "a"),
        message("m2", body(id="e2"), "a"),
        message("m3", body(id="e3"), "b"),
        message("m4", body(id="e4"), "a"),
    ]

    assert world.process(*batch) == ["m1", "m2", "m4"]
    assert [item["PK"]["S"] for item in world.table.items(TABLE, "Event")] == ["EVENT#e3"]


def test_a_defect_is_raised() -> None:
    world = World()
    world.fail_at(1, error=DefectError("AccessDeniedException"))

    with pytest.raises(DefectError):
        world.process(message("m1", body()))


@pytest.mark.parametrize("nothing", [None, {}, {"Records": None}, {"Records": []}])
def test_no_messages_is_no_failure_and_never_null(nothing: Any) -> None:
    world = World()

    assert world.function.answer(nothing, Invocation(world.clock.deadline())) == {"batchItemFailures": []}


@pytest.mark.parametrize("broken", [None, {}, {"messageId": ""}, {"messageId": None, "body": "{}"}])
def test_a_message_that_could_not_be_reported_fails_all(broken: Any) -> None:
    with pytest.raises(MalformedEventError):
        World().process(message("m1", body()), broken)


def test_neither_line_nor_failure_quotes_the_content() -> None:
    world = World()
    world.process(message("m1", body(caller=NUMBER)), message("m2", body(caller=NUMBER + "1")), message("m3", NUMBER))

    line = world.record.line("event-processor", None, None, now=0, milliseconds=1, cold=False)
    assert NUMBER not in line
    assert NUMBER not in str(world.table.items(TABLE, "Failure"))
    assert json.loads(line)["Refused"] == 2


@given(st.text() | st.binary().map(repr) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_body_is_an_event_or_says_why_not(text: str) -> None:
    with contextlib.suppress(NoEventError):
        event_in(text)


def test_a_missing_table_is_named() -> None:
    with pytest.raises(MissingVariableError, match="TABLE"):
        build({}, None, None)


def test_what_stands_under_an_event_without_a_digest_is_other_content_and_spares_the_rest_of_the_batch() -> None:
    world = World()
    world.table.put_item(
        TABLE, {"PK": {"S": "EVENT#e1"}, "SK": {"S": EVENT["timestamp"]}, "Type": {"S": "Event"}}, None
    )

    assert world.process(message("m1", body()), message("m2", body(id="e2"))) == ["m1"]
    assert world.failures() == {"e1": "other-content"}


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_that_no_reader_of_the_content_could_read_is_no_event(number: str) -> None:
    with pytest.raises(NoEventError, match="not-json"):
        event_in(f'{{"id": "e1", "timestamp": "t", "n": {number}}}')


def test_a_message_that_is_there_twice_is_reported_once() -> None:
    assert World().process(message("m1", "{"), message("m1", "{")) == ["m1"]
