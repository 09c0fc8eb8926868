"""Streams: how far and how often the number of shards may change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, refused


@pytest.fixture
def stream(aws: Offline) -> Offline:
    """The stream `load` of four shards."""
    aws.client("kinesis").create_stream(StreamName="load", ShardCount=4)
    return aws


def _update(aws: Offline, count: int) -> Any:
    return aws.client("kinesis").update_shard_count(
        StreamName="load", TargetShardCount=count, ScalingType="UNIFORM_SCALING"
    )


def _shards(aws: Offline) -> int:
    summary = aws.client("kinesis").describe_stream_summary(StreamName="load")["StreamDescriptionSummary"]
    return int(summary["OpenShardCount"])


@pytest.mark.parametrize(
    ("count", "says"), [pytest.param(9, "over double", id="more"), pytest.param(1, "below half", id="fewer")]
)
def test_shards_double_or_halve_at_most(stream: Offline, count: int, says: str) -> None:
    assert says in refused("InvalidArgumentException", _update, aws=stream, count=count)
    _update(stream, 8)
    assert _shards(stream) == 8


def test_a_stream_changes_ten_times_in_24_hours(stream: Offline) -> None:
    for number in range(10):
        _update(stream, 5 if number % 2 == 0 else 4)
        stream.clock.advance(3600)
    assert "10 times" in refused("LimitExceededException", _update, aws=stream, count=5)
    stream.clock.advance(14 * 3600)
    _update(stream, 5)


def test_streams_share_the_accounts_shards(stream: Offline) -> None:
    stream.switch(service_quotas={"kinesis/Shards per Region": 10})
    stream.client("kinesis").create_stream(StreamName="other", ShardCount=3)
    assert "shard limit" in refused("LimitExceededException", _update, aws=stream, count=8)
    _update(stream, 7)
