"""Records as Kinesis hands them to a function: which are there, in which order. Pure.

A record is known by its stream, its shard and its sequence number. That is a number of up to 128 digits in text; as text
"9" would come after "10", so it is compared as the number it is. Of a record that is there twice the first stays.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Mapping

from shared.queue_load import NoSampleError, Sample, decoded
from shared.typed import Any, NamedTuple, TypeGuard

MOST_DIGITS = 128


class MalformedEventError(Exception):
    """The event is not Kinesis's: without a sequence number nothing could be reported, so all of it must come again."""

    def __init__(self) -> None:
        super().__init__("a record of the event has no sequence number, event id or stream")


class Record(NamedTuple):
    """One record. identifier: its sequence number as it came, for the report. arrived: seconds since the epoch, 0 where
    the event does not say. sample is None for a poison record; poison says why in a word.
    """

    stream: str
    shard: str
    sequence: int
    identifier: str
    arrived: int
    sample: Sample | None
    poison: str = ""

    @property
    def arrived_at(self) -> str:
        """ISO 8601, UTC."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.arrived))


def records_of(event: object) -> list[Record]:
    """The records of an event in the order of the shard, each once. Raises MalformedEventError."""
    entries = event.get("Records") if isinstance(event, dict) else None
    found: dict[tuple[str, str, int], Record] = {}
    for entry in entries or ():
        record = _record(entry)
        found.setdefault((record.stream, record.shard, record.sequence), record)
    return sorted(found.values(), key=lambda record: record.sequence)


def _record(entry: Any) -> Record:
    kinesis = entry.get("kinesis") if isinstance(entry, dict) else None
    if not isinstance(kinesis, dict):
        raise MalformedEventError
    stream, shard = entry.get("eventSourceARN"), _shard(entry.get("eventID"))
    identifier = kinesis.get("sequenceNumber")
    if not isinstance(stream, str) or not stream or not shard or not _is_number(identifier):
        raise MalformedEventError
    arrived = kinesis.get("approximateArrivalTimestamp")
    sample, poison = _sample(kinesis)
    at = int(arrived) if isinstance(arrived, (int, float)) and 0 <= arrived < 1 << 40 else 0
    stream = stream.partition("/consumer/")[0]  # of a consumer with a throughput of its own the ARN says so
    return Record(stream, shard, int(identifier), identifier, at, sample, poison)


def _is_number(identifier: object) -> TypeGuard[str]:
    return (
        isinstance(identifier, str)
        and 0 < len(identifier) <= MOST_DIGITS
        and identifier.isascii()
        and identifier.isdigit()
    )


def _shard(event_id: object) -> str:
    """Of "shardId-000000000006:49590338271490256608559692538361571095921575989136588898" what is before the colon."""
    return event_id.partition(":")[0] if isinstance(event_id, str) else ""


def _sample(kinesis: Mapping[str, Any]) -> tuple[Sample | None, str]:
    data = kinesis.get("data")
    if not isinstance(data, str):
        return None, "no-data"
    try:
        return decoded(b64decode(data, validate=True)), ""
    except NoSampleError as error:
        return None, error.reason
    except ValueError:
        return None, "not-base64"
