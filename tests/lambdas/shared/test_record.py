"""The line of an invocation: CloudWatch takes it, and it names nobody, whatever it was given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.failure import DefectError
from shared.record import MOST_METRICS, UNNAMED, WITHHELD, Record, withheld
from tests.lambdas.events import call
from tests.lambdas.shared import emf
from tests.lambdas.shared.callers import numbers, secrets


class Context:
    def __init__(self, request_id: Any = "8f5070d4-1e3a-4a5d-9d7f-000000000003") -> None:
        self.aws_request_id = request_id


def line(record: Record, event: Any = None, context: Any = None, *, cold: bool = False) -> str:
    return record.line("some-function", event, context, now=1_795_243_500.25, milliseconds=12.34567, cold=cold)


def test_a_line_is_a_metric_record() -> None:
    record = Record()
    record.count("CacheHit")
    record.count("Items", 3)
    record.count("Items", 4)
    record.note("source", "cache")

    read = emf.read(line(record, call(), Context(), cold=True))

    assert read["_aws"]["Timestamp"] == 1_795_243_500_250
    (directive,) = read["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Trunkline", [["Function"]])
    assert emf.metrics(read) == {"CacheHit": 1, "Items": 7, "ColdStart": 1, "Duration": 12.346, "Failed": 0}
    assert read["Function"] == "some-function"
    assert read["source"] == "cache"
    assert read["ContactId"] == "4a573372-1f28-4e26-b97b-000000000001"
    assert read["RequestId"] == "8f5070d4-1e3a-4a5d-9d7f-000000000003"


def test_durations_are_milliseconds_and_all_else_is_counted() -> None:
    record = Record()
    record.count("CacheHit")

    (directive,) = emf.read(line(record))["_aws"]["CloudWatchMetrics"]

    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {"CacheHit": "Count", "ColdStart": "Count", "Failed": "Count", "Duration": "Milliseconds"}


def test_a_failed_invocation_says_by_what() -> None:
    record = Record()
    record.failed(DefectError("ResourceNotFoundException"))

    read = emf.read(line(record))

    assert emf.metrics(read)["Failed"] == 1
    assert (read["Error"], read["Code"]) == ("DefectError", "ResourceNotFoundException")


def test_more_metrics_than_cloudwatch_takes_are_counted_under_one_name() -> None:
    record = Record()
    for n in range(3 * MOST_METRICS):
        record.count(f"M{chr(97 + n // 26)}{chr(97 + n % 26)}")

    read = emf.metrics(emf.read(line(record)))

    assert len(read) <= 100
    assert read[UNNAMED] + sum(read[name] for name in read if name.startswith("M")) == 3 * MOST_METRICS


@pytest.mark.parametrize("name", ["Function", "ColdStart", "Duration", "Failed", "ContactId", "RequestId", "_aws"])
def test_a_note_never_takes_the_place_of_what_the_line_must_have(name: str) -> None:
    record = Record()
    record.note(name, "taken")

    assert emf.read(line(record)).get(name) != "taken"


@pytest.mark.parametrize("n", [float("nan"), float("inf"), float("-inf")])
def test_a_metric_that_is_no_number_is_left_out(n: float) -> None:
    record = Record()
    record.count("Lag", n)

    assert "Lag" not in emf.metrics(emf.read(line(record)))


@pytest.mark.parametrize(
    "text",
    ["+12065550100", "0012065550100", "+1 (206) 555-0100", "206.555.0100", "2 0 6 5 5", "a12065550100b", "٢٠٦٥٥٥٠١٠٠"],
)
def test_a_number_is_withheld_however_it_is_written(text: str) -> None:
    assert withheld(f"not for {text}, sorry").endswith(", sorry")
    assert "".join(char for char in withheld(text) if char.isdigit()) == ""


@given(st.data())
def test_no_line_names_a_caller_whatever_it_is_given(data: st.DataObject) -> None:
    secret = data.draw(secrets)
    record = Record()
    for _ in range(data.draw(st.integers(0, 3))):
        record.count(secret)
        record.note("outcome", secret)
        record.note(secret, "outcome")
    if data.draw(st.booleans()):
        record.failed(data.draw(st.sampled_from([ValueError(secret), DefectError(data.draw(numbers))])))
    event = call(secret, CustomerId=secret)
    event["Details"]["ContactData"]["ContactId"] = secret

    text = line(record, event, Context(secret))

    assert secret not in text
    emf.read(text)


def test_what_was_withheld_shows_as_that() -> None:
    record = Record()
    record.note("outcome", "Ada Lovelace")
    record.note("reason", "")

    read = emf.read(line(record))

    assert (read["outcome"], read["reason"]) == (WITHHELD, "")


@pytest.mark.parametrize("event", [None, [], "text", 7, {"Details": None}, {"Details": {"ContactData": []}}])
def test_an_event_of_another_kind_has_no_contact(event: Any) -> None:
    assert emf.read(line(Record(), event))["ContactId"] is None
