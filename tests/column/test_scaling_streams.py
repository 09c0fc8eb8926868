"""Streams of contact records and agent events: nobody here sets their shards, and nobody is silent about them."""

from __future__ import annotations

import copy
from typing import Any

from tests.column.centers import small_spec
from tests.column.policies import CENTER, policy, refused_by_the_server
from tests.column.world import REGION, Object, World, quick

ARN = f"arn:aws:kinesis:{REGION}:123456789012:stream/contacts"
CALLS = {"constant": {"concurrentCalls": 150_000}}  # 500 calls a second


def test_a_stream_that_is_too_small_is_told_with_the_steps_that_aws_takes() -> None:
    world = World(quick())
    kinesis = world.client("kinesis")
    kinesis.create_stream(StreamName="contacts", ShardCount=2)
    spec: dict[str, Any] = copy.deepcopy(small_spec())
    spec["instance"]["storage"] = [{"type": "CONTACT_TRACE_RECORDS", "kinesisStream": {"arn": ARN}}]
    world.make(Object(CENTER, spec))
    of = world.add(policy(demand=CALLS))
    world.run(world.once(of))
    (layer,) = [one for one in of.status["layers"] if one["layer"] == "stream-shards"]
    assert (layer["resource"], layer["need"], layer["have"], layer["limit"]) == ("contacts", 10, 2, 200)
    (said,) = [text for text in of.status["warnings"] if "stream" in text]
    assert said.endswith(
        "needs 10 shards and has 2: nobody here sets them; call UpdateShardCount with 4, then 8, then 10"
    )
    assert refused_by_the_server(of) == []
    assert kinesis.describe_stream_summary(StreamName="contacts")["StreamDescriptionSummary"]["OpenShardCount"] == 2
