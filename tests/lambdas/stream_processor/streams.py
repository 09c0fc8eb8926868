"""Kinesis events, and a shard that hands out batches as the event source mapping does."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from shared.queue_load import samples
from shared.snapshot import Load, Snapshot

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/load"
AT = 1_800_000_000
FIRST = 9_999_999_999_999_999_990  # so that a digit more comes soon: as text 10… would be before 9…


def data(queue: str = "sales", at: int = AT, load: Load | None = None) -> bytes:
    """A sample, as realtime_metrics writes it."""
    ((encoded, _key),) = samples("arn", Snapshot(at, {queue: load or Load(1, 2, 3, 4)}, {}, {}))
    return encoded


def record(
    number: int, content: bytes | None = None, *, shard: str = "shardId-000000000006", **changed: Any
) -> dict[str, Any]:
    """A record of an event, from the developer guide's example."""
    sequence = str(FIRST + number)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": sequence,
            "data": base64.b64encode(data() if content is None else content).decode(),
            "approximateArrivalTimestamp": AT + 0.5,
            **changed,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
        "awsRegion": "us-east-1",
        "eventSourceARN": STREAM,
    }


def event(records: Sequence[Any]) -> dict[str, Any]:
    """What a function is invoked with."""
    return {"Records": list(records)}
