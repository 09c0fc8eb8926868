"""GetMetricDataV2: what contacts were, how far back and how much at once one may ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, refused
from trunkline_sandbox.aws.switches import Switches

QUEUED = {"Name": "CONTACTS_QUEUED"}
HANDLE = {"Name": "AVG_HANDLE_TIME"}


@pytest.fixture
def aws() -> Offline:
    return Offline(Switches(throttling=False, connect_quotas={"Queues per instance": 10}))


class Center:
    """An instance with the queues sales and service, on a full day of UTC, four days after it was made."""

    def __init__(self, aws: Offline) -> None:
        self.aws, self.client = aws, aws.client("connect")
        made = self.client.create_instance(
            IdentityManagementType="CONNECT_MANAGED", InstanceAlias="acme", InboundCallsEnabled=True, OutboundCallsEnabled=True
        )  # fmt: skip
        self.id, self.arn = made["Id"], made["Arn"]
        hours = self.client.create_hours_of_operation(InstanceId=self.id, Name="h", TimeZone="UTC", Config=[])
        self.queues = {
            name: self.client.create_queue(
                InstanceId=self.id, Name=name, HoursOfOperationId=hours["HoursOfOperationId"]
            )["QueueId"]
            for name in ("sales", "service")
        }
        aws.clock.advance(86_400 * 5 - aws.clock.now() % 86_400)

    def told(self, name: str, values: Any) -> None:
        self.aws.cloud.extra("connect", "history", queue=self.queues[name], values=values)

    def ask(self, back: float = 86_400, length: float = 3600, period: str | None = "FIFTEEN_MIN", **more: Any) -> Any:
        start = datetime.fromtimestamp(self.aws.clock.now(), UTC) - timedelta(seconds=back)
        params: dict[str, Any] = {
            "ResourceArn": self.arn,
            "StartTime": start,
            "EndTime": start + timedelta(seconds=length),
            "Filters": [{"FilterKey": "QUEUE", "FilterValues": list(self.queues.values())}],
            "Metrics": [QUEUED],
        }
        if period is not None:
            params["Interval"] = {"TimeZone": "UTC", "IntervalPeriod": period}
        return self.client.get_metric_data_v2(**(params | more))["MetricResults"]


@pytest.fixture
def center(aws: Offline) -> Center:
    return Center(aws)


def _values(results: Any) -> list[list[float | None]]:
    return [[item.get("Value") for item in result["Collections"]] for result in results]


def test_quarters_are_those_that_were_told(center: Center) -> None:
    start = center.aws.clock.now() - 86_400
    center.told(
        "sales", {"start": start, "CONTACTS_QUEUED": [10, 20, 0, 40], "AVG_HANDLE_TIME": 300, "CONTACTS_HANDLED": 1}
    )
    found = center.ask(Metrics=[QUEUED, HANDLE])
    assert _values(found) == [[10, 300], [20, 300], [0, 300], [40, 300]]
    first = found[0]["MetricInterval"]
    assert (first["Interval"], first["StartTime"].timestamp()) == ("FIFTEEN_MIN", start)
    assert first["EndTime"].timestamp() == start + 900


@pytest.mark.parametrize(
    ("period", "length", "expected"),
    [
        pytest.param("THIRTY_MIN", 3600, [30, 40], id="half-hours"),
        pytest.param("HOUR", 3600, [70], id="hour"),
        pytest.param("DAY", 86_400, [70], id="day"),
        pytest.param("TOTAL", 86_400, [70], id="total"),
        pytest.param(None, 86_400, [70], id="total-by-default"),
    ],
)
def test_counts_add_up_to_the_interval(
    center: Center, period: str | None, length: float, expected: list[float]
) -> None:
    center.told("sales", {"start": center.aws.clock.now() - 86_400, "CONTACTS_QUEUED": [10, 20, 0, 40]})
    assert _values(center.ask(length=length, period=period)) == [[value] for value in expected]


def test_averages_are_weighted_by_their_contacts_and_null_without(center: Center) -> None:
    start = center.aws.clock.now() - 86_400
    center.told("sales", {"start": start, "CONTACTS_HANDLED": [1, 3, 0, 0], "AVG_HANDLE_TIME": [100, 200, 0, 0]})
    assert _values(center.ask(period="THIRTY_MIN", Metrics=[HANDLE])) == [[175], [None]]


def test_queues_are_apart_if_grouped_and_one_sum_else(center: Center) -> None:
    for name, calls in (("sales", 10), ("service", 5)):
        center.told(name, lambda at, calls=calls: {"CONTACTS_QUEUED": calls})
    assert _values(center.ask(period="HOUR")) == [[60]]
    found = {item["Dimensions"]["QUEUE"]: item for item in center.ask(period="HOUR", Groupings=["QUEUE"])}
    assert _values([found[center.queues[name]] for name in ("sales", "service")]) == [[40], [20]]


def test_other_channels_have_none_of_the_calls(center: Center) -> None:
    center.told("sales", lambda at: {"CONTACTS_QUEUED": 1})
    by_queue = {"FilterKey": "QUEUE", "FilterValues": [center.queues["sales"]]}
    chats = {"FilterKey": "CHANNEL", "FilterValues": ["CHAT"]}
    assert center.ask(period="HOUR", Filters=[by_queue, chats]) == []


def test_what_is_not_over_is_not_counted(center: Center) -> None:
    center.told("sales", lambda at: {"CONTACTS_QUEUED": 1})
    center.aws.clock.advance(1000)
    now = datetime.fromtimestamp(center.aws.clock.now(), UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = center.ask(period="HOUR", StartTime=midnight, EndTime=midnight + timedelta(seconds=900))
    assert _values(found) == [[1]]


def test_days_are_those_of_the_time_zone(center: Center) -> None:
    center.told("sales", lambda at: {"CONTACTS_QUEUED": 1})
    interval = {"TimeZone": "America/New_York", "IntervalPeriod": "DAY"}
    found = center.ask(back=2 * 86_400, length=2 * 86_400, Interval=interval)
    assert _values(found) == [[16], [96], [80]], "midnight is at four o'clock of UTC"


def test_pages_follow_one_another(center: Center) -> None:
    center.told("sales", lambda at: {"CONTACTS_QUEUED": 1})
    start = datetime.fromtimestamp(center.aws.clock.now(), UTC) - timedelta(days=2)
    params = {
        "ResourceArn": center.arn,
        "StartTime": start,
        "EndTime": start + timedelta(days=1),
        "Filters": [{"FilterKey": "QUEUE", "FilterValues": [center.queues["sales"]]}],
        "Metrics": [QUEUED],
        "Interval": {"IntervalPeriod": "FIFTEEN_MIN"},
        "MaxResults": 60,
    }
    first = center.client.get_metric_data_v2(**params)
    second = center.client.get_metric_data_v2(NextToken=first["NextToken"], **params)
    assert (len(first["MetricResults"]), len(second["MetricResults"])) == (60, 36)
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"length": 3 * 86_400, "back": 3 * 86_400}, "less than 3 days", id="three-days-of-quarters"),
        pytest.param({"length": 35 * 86_400, "back": 35 * 86_400, "period": "DAY"}, "less than 35", id="35-days"),
        pytest.param({"back": 100 * 86_400}, "3 months", id="too-long-ago"),
        pytest.param({"back": 1800}, "later than the current", id="future"),
        pytest.param({"length": 1000}, "15 minutes", id="uneven"),
        pytest.param({"length": -900}, "before EndTime", id="backwards"),
        pytest.param({"Filters": [{"FilterKey": "CHANNEL", "FilterValues": ["VOICE"]}]}, "is required", id="no-queue"),
        pytest.param({"Metrics": [{"Name": "SERVICE_LEVEL"}]}, "Threshold", id="no-threshold"),
        pytest.param({"Interval": {"TimeZone": "Mars/Olympus"}}, "time zone", id="zone"),
    ],
)
def test_what_may_not_be_asked(center: Center, change: dict[str, Any], says: str) -> None:
    assert says in refused("InvalidParameterException", center.ask, **change)


def test_a_queue_that_is_not_there_is_not_found(center: Center) -> None:
    filters = [{"FilterKey": "QUEUE", "FilterValues": ["nothing"]}]
    refused("ResourceNotFoundException", center.ask, Filters=filters)
    with pytest.raises(ValueError, match="there is no queue"):
        center.aws.cloud.extra("connect", "history", queue="nothing", values={"start": 0})
    with pytest.raises(ValueError, match="no metric"):
        center.told("sales", {"start": 0, "CALLS": [1]})
