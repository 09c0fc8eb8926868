"""CloudWatch: what caches measure, by node and minute; everything else is moto's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, refused

NODE = {"CacheClusterId": "acme-001"}


@pytest.fixture
def measured(aws: Offline) -> Offline:
    """The group `acme` of two nodes and the serverless cache `burst`, on the full minute."""
    aws.clock.advance(-aws.clock.now() % 60)
    client = aws.client("elasticache")
    client.create_replication_group(
        ReplicationGroupId="acme",
        ReplicationGroupDescription="lookups",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=2,
    )
    client.create_serverless_cache(ServerlessCacheName="burst", Engine="valkey")
    return aws


def _query(
    metric: str = "CacheHits", *, by: dict[str, str] = NODE, stat: str = "Sum", period: int = 60
) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in by.items()]
    wanted = {"Namespace": "AWS/ElastiCache", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": "a", "MetricStat": {"Metric": wanted, "Period": period, "Stat": stat}}


def _values(aws: Offline, query: dict[str, Any], *, minutes: float = 5, **more: Any) -> list[float]:
    end = datetime.fromtimestamp(aws.clock.now(), UTC)
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=end - timedelta(minutes=minutes), EndTime=end, **more
    )
    (result,) = answer["MetricDataResults"]
    assert len(result["Timestamps"]) == len(result["Values"])
    found: list[float] = result["Values"]
    return found


def test_a_minute_has_what_was_set_by_its_end(measured: Offline) -> None:
    measured.clock.advance(120)
    measured.cloud.extra("cloudwatch", "set", cache="acme", metric="CacheHits", value=900)
    measured.clock.advance(180)
    assert _values(measured, _query()) == [900, 900, 900, 900, 0], (
        "the newest first; set at the end of the second minute"
    )
    assert _values(measured, _query(), ScanBy="TimestampAscending") == [0, 900, 900, 900, 900]


def test_a_node_can_differ_from_its_group(measured: Offline) -> None:
    for cache, value in (("acme", 10), ("acme-002", 20)):
        measured.cloud.extra("cloudwatch", "set", cache=cache, metric="EngineCPUUtilization", value=value)
    measured.clock.advance(60)
    found = [
        _values(measured, _query("EngineCPUUtilization", by={"CacheClusterId": name}, stat="Average"))
        for name in ("acme-001", "acme-002")
    ]
    assert found == [[10], [20]]


@pytest.mark.parametrize(
    ("stat", "value"),
    [
        pytest.param("Sum", 5 * 60, id="sum"),
        pytest.param("Average", 60, id="average"),
        pytest.param("Maximum", 60, id="maximum"),
        pytest.param("SampleCount", 5, id="samples"),
    ],
)
def test_a_period_is_made_of_its_minutes(measured: Offline, stat: str, value: float) -> None:
    measured.clock.advance(-measured.clock.now() % 300)
    measured.cloud.extra("cloudwatch", "set", cache="acme", metric="CacheHits", value=60)
    measured.clock.advance(300)
    assert _values(measured, _query(stat=stat, period=300)) == [value]


@pytest.mark.parametrize(
    ("metric", "by"),
    [
        pytest.param("CacheHits", NODE, id="node"),
        pytest.param("CurrConnections", NODE | {"CacheNodeId": "0001"}, id="node-and-its-id"),
        pytest.param("TotalCmdsCount", {"clusterId": "burst"}, id="serverless"),
    ],
)
def test_data_is_found_by_these_dimensions(measured: Offline, metric: str, by: dict[str, str]) -> None:
    measured.clock.advance(60)
    assert _values(measured, _query(metric, by=by)) == [0]


@pytest.mark.parametrize(
    ("metric", "by"),
    [
        pytest.param("CacheHits", {"CacheClusterId": "none-001"}, id="no-such-node"),
        pytest.param("CacheHits", {"ReplicationGroupId": "acme"}, id="not-measured-by-group"),
        pytest.param("CacheHits", NODE | {"More": "x"}, id="other-dimensions"),
        pytest.param("Sorcery", NODE, id="no-such-metric"),
        pytest.param("ThrottledCmds", NODE, id="metric-of-serverless-caches"),
    ],
)
def test_what_is_not_measured_has_no_values(measured: Offline, metric: str, by: dict[str, str]) -> None:
    measured.clock.advance(60)
    assert _values(measured, _query(metric, by=by)) == []


def test_nothing_is_measured_before_a_cache_is_there(measured: Offline) -> None:
    measured.clock.advance(120)
    assert len(_values(measured, _query(), minutes=60)) == 2
    measured.client("elasticache").delete_replication_group(ReplicationGroupId="acme")
    assert _values(measured, _query(), minutes=60) == []


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        pytest.param({"Id": "A"}, "ValidationError", "lower case", id="id"),
        pytest.param({"Expression": "a * 2"}, "ValidationError", "Exactly one", id="stat-and-expression"),
        pytest.param(_query(period=90), "ValidationError", "multiple of 60", id="period"),
        pytest.param(_query(stat="Middle"), "ValidationError", "not a valid statistic", id="statistic"),
    ],
)
def test_what_is_refused(measured: Offline, change: dict[str, Any], code: str, says: str) -> None:
    measured.clock.advance(60)
    assert says in refused(code, _values, aws=measured, query=_query() | change)


def test_ids_are_unique_and_times_in_order(measured: Offline) -> None:
    call = measured.client("cloudwatch").get_metric_data
    now = datetime.fromtimestamp(measured.clock.now(), UTC)
    early = now - timedelta(minutes=1)
    assert "unique" in refused(
        "ValidationError", call, MetricDataQueries=[_query(), _query()], StartTime=early, EndTime=now
    )
    assert "StartTime" in refused("ValidationError", call, MetricDataQueries=[_query()], StartTime=now, EndTime=early)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"cache": "none", "metric": "CacheHits", "value": 1}, id="no-such-cache"),
        pytest.param({"cache": "acme", "metric": "Sorcery", "value": 1}, id="no-such-metric"),
    ],
)
def test_setting_what_is_not_there_is_said(measured: Offline, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="there is no such"):
        measured.cloud.extra("cloudwatch", "set", **arguments)


def test_other_metrics_are_motos(measured: Offline) -> None:
    client = measured.client("cloudwatch")
    client.put_metric_data(Namespace="Trunkline", MetricData=[{"MetricName": "Lookups", "Value": 1.0}])
    assert [item["MetricName"] for item in client.list_metrics(Namespace="Trunkline")["Metrics"]] == ["Lookups"]


def test_streams_take_records(aws: Offline) -> None:
    """Kinesis is moto's: what functions write to."""
    client = aws.client("kinesis")
    client.create_stream(StreamName="load", ShardCount=1)
    assert (
        client.put_records(StreamName="load", Records=[{"Data": b"x", "PartitionKey": "a"}])["FailedRecordCount"] == 0
    )


VOICE = {"InstanceId": "i", "MetricGroup": "VoiceCalls"}
CALLS = {"namespace": "AWS/Connect", "metric": "ConcurrentCalls", "dimensions": VOICE}


def _calls(aws: Offline, *, minutes: float = 5, period: int = 60, by: dict[str, str] = VOICE) -> list[float]:
    query = _query("ConcurrentCalls", by=by, stat="Maximum", period=period)
    query["MetricStat"]["Metric"]["Namespace"] = "AWS/Connect"
    return _values(aws, query, minutes=minutes)


def test_any_metric_can_be_measured_and_missing(aws: Offline) -> None:
    aws.clock.advance(-aws.clock.now() % 60)
    aws.cloud.extra("cloudwatch", "measure", value=40, **CALLS)
    aws.clock.advance(120)
    aws.cloud.extra("cloudwatch", "measure", value=None, **CALLS)
    aws.clock.advance(60)
    assert _calls(aws) == [40, 40], "two minutes of data, then none"
    assert _calls(aws, by={"InstanceId": "i"}) == [], "other dimensions are another metric"


def test_a_metric_can_be_a_function_of_time(aws: Offline) -> None:
    aws.clock.advance(-aws.clock.now() % 60)
    start = aws.clock.now()
    aws.cloud.extra("cloudwatch", "measure", value=lambda at: at - start, **CALLS)
    aws.clock.advance(120)
    assert _calls(aws, minutes=3) == [120, 60, 0]


def test_what_caches_measure_is_set_by_cache(aws: Offline) -> None:
    with pytest.raises(ValueError, match="told by set"):
        aws.cloud.extra("cloudwatch", "measure", namespace="AWS/ElastiCache", metric="CacheHits", value=1)


@pytest.mark.parametrize(
    ("days", "period", "there"),
    [
        pytest.param(14, 60, True, id="minutes-for-two-weeks"),
        pytest.param(16, 60, False, id="minutes-are-gone"),
        pytest.param(16, 300, True, id="five-minutes-for-two-months"),
        pytest.param(64, 300, False, id="five-minutes-are-gone"),
        pytest.param(64, 3600, True, id="hours-for-longer"),
        pytest.param(0.1, 10, True, id="seconds-of-three-hours"),
        pytest.param(0.2, 10, False, id="seconds-are-gone"),
    ],
)
def test_short_periods_are_not_kept_for_long(aws: Offline, days: float, period: int, there: bool) -> None:
    aws.clock.advance(-aws.clock.now() % 3600)
    aws.cloud.extra("cloudwatch", "measure", value=lambda at: 7.0, **CALLS)
    end = datetime.fromtimestamp(aws.clock.now() - days * 86_400, UTC)
    query = _query("ConcurrentCalls", by=VOICE, stat="Maximum", period=period)
    query["MetricStat"]["Metric"]["Namespace"] = "AWS/Connect"
    ask = aws.client("cloudwatch").get_metric_data
    (found,) = ask(MetricDataQueries=[query], StartTime=end - timedelta(hours=1), EndTime=end)["MetricDataResults"]
    assert bool(found["Values"]) is there


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions", "says"),
    [
        pytest.param("AWS/Connect", "Calls", VOICE, "no such metric", id="no-such-metric"),
        pytest.param(
            "AWS/Connect", "CallsPerInterval", {"InstanceId": "i"}, "dimensions", id="a-part-of-the-dimensions"
        ),
        pytest.param("AWS/Connect", "ConcurrentCalls", {**VOICE, "MetricGroup": "Calls"}, "MetricGroup", id="group"),
        pytest.param(
            "AWS/Lambda", "Duration", {"Resource": "f:live"}, "dimensions", id="an-alias-without-its-function"
        ),
        pytest.param("AWS/DynamoDB", "ConsumedReadCapacityUnits", {}, "dimensions", id="units-of-no-table"),
    ],
)
def test_nothing_measures_what_AWS_does_not(
    aws: Offline, namespace: str, metric: str, dimensions: dict[str, str], says: str
) -> None:
    told = {"namespace": namespace, "metric": metric, "dimensions": dimensions, "value": 1}
    with pytest.raises(ValueError, match=says):
        aws.cloud.extra("cloudwatch", "measure", **told)


def test_what_nobody_measured_is_silent(aws: Offline) -> None:
    assert _calls(aws) == [], "AWS answers for any name, and has no values"
