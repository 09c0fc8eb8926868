"""What is asked of Connect's API, held to botocore's model of it, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from realtime_metrics.app import KinesisStream, RealtimeMetrics, build
from realtime_metrics.center import METRICS, ConnectCenter
from realtime_metrics.collection import LocalHours
from realtime_metrics.opening import Slot
from shared.connect_api import ConnectApi
from shared.failure import UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.kinesis import Record
from shared.snapshot import Load, Queue
from tests.lambdas.realtime_metrics.world import INSTANCE, World

MODEL = botocore.session.get_session().get_service_model("connect")


class Client:
    """Answers a page at a time; holds every request to the model."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.asked: list[tuple[str, str, Any, Any]] = []

    def call_rest(self, method: str, path: str, query: Any, params: Any, deadline: Any) -> dict[str, Any]:
        deadline.require()
        self.asked.append((method, path, dict(query), params))
        return self.pages.pop(0)


def center(*pages: dict[str, Any]) -> tuple[ConnectCenter, Client]:
    client: Any = Client(*pages)
    return ConnectCenter(ConnectApi(client), INSTANCE), client


def deadline() -> Any:
    return World().clock.deadline()


def valid(operation: str, params: dict[str, Any]) -> None:
    report = ParamValidator().validate(params, MODEL.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


def metric(queue: str, **values: float | None) -> dict[str, Any]:
    return {
        "Dimensions": {"Queue": {"Id": queue, "Arn": f"{INSTANCE}/queue/{queue}"}},
        "Collections": [{"Metric": {"Name": name, "Unit": METRICS[name]}, "Value": v} for name, v in values.items()],
    }


def test_lists_queues_page_by_page() -> None:
    one = {"QueueId": "q1", "QueueArn": "arn", "Name": "Sales", "HoursOfOperationId": "h1", "Status": "ENABLED"}
    other = {**one, "QueueId": "q2", "HoursOfOperationId": "h2", "Status": "DISABLED"}
    asked, client = center({"Queues": [one], "NextToken": "t"}, {"Queues": [other]})
    paced: list[int] = []

    assert asked.queues(deadline(), lambda: paced.append(1)) == {"q1": Queue("h1"), "q2": Queue("h2", enabled=False)}
    assert len(paced) == 2, "the rate counts pages"
    assert [params.get("NextToken") for _, _, _, params in client.asked] == [None, "t"]
    for _, _, _, params in client.asked:
        valid("SearchQueues", params)


def test_asks_for_load_grouped_by_queue() -> None:
    asked, client = center(
        {
            "MetricResults": [
                metric("q1", CONTACTS_IN_QUEUE=3.0, OLDEST_CONTACT_AGE=41.0, AGENTS_STAFFED=5.0, AGENTS_AVAILABLE=0.0)
            ],
            "NextToken": "t",
        },
        {"MetricResults": [metric("q2", CONTACTS_IN_QUEUE=None), metric("somebody-else", CONTACTS_IN_QUEUE=9.0)]},
    )

    assert asked.load(("q1", "q2", "q3"), deadline(), lambda: None) == {"q1": Load(3, 41, 5, 0), "q2": Load()}
    for method, path, _, params in client.asked:
        assert (method, path) == ("POST", "/metrics/current/i")
        assert params["Groupings"] == ["QUEUE"], "ungrouped, ages would be milliseconds"
        valid("GetCurrentMetricData", {**params, "InstanceId": "i"})


def test_asks_for_hours_by_date() -> None:
    asked, client = center(
        {
            "TimeZone": "Europe/Berlin",
            "EffectiveHoursOfOperationList": [
                {
                    "Date": "2026-11-21",
                    "OperationalHours": [
                        {"Start": {"Hours": 9, "Minutes": 0}, "End": {"Hours": 12, "Minutes": 30}},
                        {"Start": {"Hours": 14, "Minutes": 0}, "End": {"Hours": 0, "Minutes": 0}},
                    ],
                },
                {"Date": "2026-11-22", "OperationalHours": []},
                {"Date": "2026-11-23", "OperationalHours": None},
            ],
        }
    )
    found = asked.hours("h1", date(2026, 11, 21), date(2026, 11, 23), deadline())

    day = date(2026, 11, 21)
    assert found == LocalHours("Europe/Berlin", (Slot(day, (9, 0), (12, 30)), Slot(day, (14, 0), (0, 0))))
    assert client.asked == [
        ("GET", "/effective-hours-of-operations/i/h1", {"fromDate": "2026-11-21", "toDate": "2026-11-23"}, None)
    ]
    valid(
        "GetEffectiveHoursOfOperations",
        {"InstanceId": "i", "HoursOfOperationId": "h1", "FromDate": "2026-11-21", "ToDate": "2026-11-23"},
    )


@pytest.mark.parametrize(
    ("ask", "page"),
    [
        pytest.param(lambda c: c.queues(deadline(), lambda: None), {"Queues": [], "NextToken": "t"}, id="queues"),
        pytest.param(lambda c: c.load(("q",), deadline(), lambda: None), {"NextToken": "t"}, id="load"),
    ],
)
def test_pages_without_end_are_no_answer(ask: Callable[[Any], Any], page: dict[str, Any]) -> None:
    asked, _ = center(*[page] * 200)

    with pytest.raises(UnavailableError, match="corrupt"):
        ask(asked)


def test_dates_that_are_none_are_no_answer() -> None:
    slot = {"Start": {"Hours": 9, "Minutes": 0}, "End": {"Hours": 12, "Minutes": 30}}
    page = {"TimeZone": "UTC", "EffectiveHoursOfOperationList": [{"Date": "tomorrow", "OperationalHours": [slot]}]}
    asked, _ = center(page)

    with pytest.raises(UnavailableError, match="corrupt"):
        asked.hours("h1", date(2026, 11, 21), date(2026, 11, 23), deadline())


def test_answers_what_became_of_the_rounds() -> None:
    world = World()
    function = RealtimeMetrics(world.environment())
    scheduled = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}

    answer = function.answer(scheduled, Invocation(world.clock.deadline(59.9)))
    assert answer == {"Rounds": "6", "Written": "6", "StoodBy": "0", "Failed": "0"}
    assert json.dumps(answer)


def test_records_go_to_the_stream_that_was_named() -> None:
    put: list[Any] = []

    class Kinesis:
        def put_records(self, stream: str, records: Any, _deadline: Any) -> None:
            put.append((stream, records))

    kinesis: Any = Kinesis()
    KinesisStream(kinesis, "arn:stream").put([(b"data", "q1")], deadline())
    assert put == [("arn:stream", [Record(b"data", "q1")])]


@pytest.mark.parametrize("missing", ["TABLE", "INSTANCE"])
def test_a_missing_variable_is_named(missing: str) -> None:
    environ = {"TABLE": "operations", "INSTANCE": INSTANCE}
    del environ[missing]
    with pytest.raises(MissingVariableError, match=missing):
        build(environ, None, None)
