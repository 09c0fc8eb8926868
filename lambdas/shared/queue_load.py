"""A sample of a queue's load, as realtime_metrics puts it into the stream and stream_processor counts it. Pure.

    {"type": "QueueLoad", "version": 1, "instance": "<ARN>", "queue": "<queue id>", "at": <seconds since the epoch>,
     "contactsInQueue": 3, "oldestContactAge": 41, "agentsStaffed": 5, "agentsAvailable": 0}

The queue's id is the partition key, so the samples of one queue stay in order. Ages are in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.snapshot import Load, Snapshot
from shared.typed import Any, NamedTuple

TYPE = "QueueLoad"
VERSION = 1
MOST = 1_000_000_000  # no queue has as many; sums of a minute stay far below what DynamoDB's numbers hold
_MEMBERS = ("contactsInQueue", "oldestContactAge", "agentsStaffed", "agentsAvailable")


class NoSampleError(ValueError):
    """The bytes are no sample. reason: a short word, which quotes nothing of them."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no sample of a queue's load: {reason}")
        self.reason = reason


class Sample(NamedTuple):
    """The load of a queue at a moment, in seconds since the epoch."""

    queue: str
    at: int
    load: Load


def samples(instance: str, snapshot: Snapshot) -> list[tuple[bytes, str]]:
    """Data and partition key of one record for each queue of a snapshot."""
    return [
        (_encoded(instance, queue, snapshot.taken_at, load), queue) for queue, load in sorted(snapshot.load.items())
    ]


def _encoded(instance: str, queue: str, at: int, load: Load) -> bytes:
    value = {"type": TYPE, "version": VERSION, "instance": instance, "queue": queue, "at": at}
    return json.dumps({**value, **dict(zip(_MEMBERS, load, strict=True))}, separators=(",", ":")).encode()


def decoded(data: bytes) -> Sample:
    """The sample in a record. Raises NoSampleError."""
    try:
        value = json.loads(data)
    except ValueError:  # UnicodeDecodeError is one
        raise NoSampleError("not-json") from None
    except RecursionError:
        raise NoSampleError("too-deep") from None
    if not isinstance(value, dict) or value.get("type") != TYPE or value.get("version") != VERSION:
        raise NoSampleError("not-a-sample")
    queue = value.get("queue")
    if not isinstance(queue, str) or not 0 < len(queue) <= 256:
        raise NoSampleError("no-queue")
    return Sample(queue, _whole(value, "at", 1 << 40), Load(*(_whole(value, name, MOST) for name in _MEMBERS)))


def _whole(value: Mapping[str, Any], name: str, most: int) -> int:
    number = value.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise NoSampleError("not-a-number")
    return number
