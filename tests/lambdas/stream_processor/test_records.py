"""Reading Kinesis's events: what is a record, what is poison, and that sequence numbers are numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.snapshot import Load
from stream_processor.records import MalformedEventError, records_of
from tests.lambdas.stream_processor.streams import AT, FIRST, STREAM, data, event, record


def test_reads_a_record() -> None:
    (found,) = records_of(event([record(0)]))

    assert (found.stream, found.shard, found.sequence) == (STREAM, "shardId-000000000006", FIRST)
    assert found.identifier == str(FIRST)
    assert found.arrived_at == "2027-01-15T08:00:00Z"
    assert found.sample is not None
    assert (found.sample.queue, found.sample.at, found.sample.load) == ("sales", AT, Load(1, 2, 3, 4))


def test_orders_by_number_and_not_by_text() -> None:
    found = records_of(event([record(11), record(9), record(10)]))

    assert [one.sequence - FIRST for one in found] == [9, 10, 11]
    assert sorted(one.identifier for one in found) != [one.identifier for one in found], (
        "text would order them otherwise"
    )


def test_of_a_record_that_is_there_twice_one_stays() -> None:
    padded = record(1)
    padded["kinesis"]["sequenceNumber"] = "00" + padded["kinesis"]["sequenceNumber"]

    assert len(records_of(event([record(1), record(1), padded]))) == 1


@pytest.mark.parametrize("nothing", [None, {}, {"Records": None}, {"Records": []}, []])
def test_an_event_without_records_has_none(nothing: Any) -> None:
    assert records_of(nothing) == []


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(None, id="null"),
        pytest.param({"kinesis": None, "eventID": "s:1", "eventSourceARN": STREAM}, id="no kinesis"),
        pytest.param(record(1, sequenceNumber=None), id="no sequence number"),
        pytest.param(record(1, sequenceNumber=""), id="an empty one: reporting it would fail the batch without a word"),
        pytest.param(record(1, sequenceNumber="12a"), id="one that is no number"),
        pytest.param(record(1, sequenceNumber="1" * 200), id="one longer than any"),
        pytest.param({**record(1), "eventID": None}, id="no event id, hence no shard"),
        pytest.param({**record(1), "eventSourceARN": None}, id="no stream"),
    ],
)
def test_what_could_not_be_reported_fails_all(broken: Any) -> None:
    with pytest.raises(MalformedEventError):
        records_of(event([record(0), broken]))


SAMPLE = json.loads(data())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "not-json", id="empty"),
        pytest.param(b"{", "not-json", id="cut off"),
        pytest.param(b"\xff\xfe\xfd", "not-json", id="no text"),
        pytest.param(b"[" * 100_000, "too-deep", id="nested until the parser gives up"),
        pytest.param(b"[]", "not-a-sample", id="a list"),
        pytest.param(b'{"type": "QueueLoad", "version": 2}', "not-a-sample", id="another version"),
        pytest.param(json.dumps({**SAMPLE, "queue": ""}).encode(), "no-queue", id="no queue"),
        pytest.param(json.dumps({**SAMPLE, "queue": None}).encode(), "no-queue", id="a null queue"),
        pytest.param(json.dumps({**SAMPLE, "at": "now"}).encode(), "not-a-number", id="a time that is text"),
        pytest.param(json.dumps({**SAMPLE, "contactsInQueue": -1}).encode(), "not-a-number", id="fewer than none"),
        pytest.param(json.dumps({**SAMPLE, "agentsStaffed": True}).encode(), "not-a-number", id="true is no 1"),
        pytest.param(json.dumps({**SAMPLE, "agentsStaffed": 10**40}).encode(), "not-a-number", id="more than DynamoDB's numbers hold"),
        pytest.param(json.dumps({**SAMPLE, "agentsStaffed": float("nan")}).encode(), "not-a-number", id="not a number"),
    ],
)  # fmt: skip
def test_poison_is_told_in_a_word(content: bytes, reason: str) -> None:
    (found,) = records_of(event([record(0, content)]))

    assert (found.sample, found.poison) == (None, reason)


@pytest.mark.parametrize(("given", "reason"), [(None, "no-data"), ("%%%", "not-base64"), (5, "no-data")])
def test_data_that_is_none_is_poison(given: Any, reason: str) -> None:
    (found,) = records_of(event([record(0, data=given)]))

    assert (found.sample, found.poison) == (None, reason)


@pytest.mark.parametrize("arrived", [None, "yesterday", -1, float("inf"), float("nan")])
def test_a_time_of_arrival_that_is_none_is_no_failure(arrived: Any) -> None:
    (found,) = records_of(event([record(0, approximateArrivalTimestamp=arrived)]))

    assert found.arrived == 0


def test_a_record_is_the_same_whether_it_is_polled_or_pushed_to_a_consumer() -> None:
    """The mapping may be switched to a consumer of its own while records are under way; their stream is named otherwise."""
    pushed = {**record(1), "eventSourceARN": f"{STREAM}/consumer/trunkline:1800000000"}

    (one,) = records_of(event([record(1), pushed]))
    assert one.stream == STREAM
