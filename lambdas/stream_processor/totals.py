"""From records to what a transaction writes: markers that hold only once, and totals per queue and minute. Pure.

A marker and what its record adds are in one transaction, so a record is counted with its marker or not at all, however
often, split or in parallel it comes. A transaction has a hundred actions at most and names no item twice.

Totals are sums over the samples of a minute (`Samples` says how many), so their order does not matter; an average is a
sum divided by Samples.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared import entities, keys
from shared.digest import blake2b
from shared.queue_load import Sample
from shared.snapshot import Load
from shared.typed import Any
from stream_processor.records import Record

MOST_ACTIONS = 100
GROUPS = 32  # partitions over which the markers of a stream are spread
KEPT_SECONDS = 8 * 86_400  # longer than a stream keeps a record for a week
SUMS = ("ContactsInQueue", "OldestContactAge", "AgentsStaffed", "AgentsAvailable")

Place = tuple[str, str]  # queue and minute


def minute_of(at: int) -> str:
    """ISO 8601, UTC."""
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(at))


def place_of(sample: Sample) -> Place:
    """Where a sample is counted."""
    return sample.queue, minute_of(sample.at)


def chunks(records: Iterable[tuple[Record, Sample]]) -> Iterator[list[tuple[Record, Sample]]]:
    """The records in order, in parts of which each fits one transaction."""
    chunk: list[tuple[Record, Sample]] = []
    places: set[Place] = set()
    for record, sample in records:
        place = place_of(sample)
        if len(chunk) + 1 + len(places | {place}) > MOST_ACTIONS:
            yield chunk
            chunk, places = [], set()
        chunk.append((record, sample))
        places.add(place)
    if chunk:
        yield chunk


def actions(table: str, chunk: Sequence[tuple[Record, Sample]]) -> list[Mapping[str, Any]]:
    """The transaction of a chunk: first a marker for each record, in their order, then the totals."""
    sums: dict[Place, list[int]] = {}
    for _, sample in chunk:
        added = sums.setdefault(place_of(sample), [0] * (1 + len(SUMS)))
        for index, value in enumerate((1, *sample.load)):
            added[index] += value
    markers = [_marker(table, record, sample) for record, sample in chunk]
    return [*markers, *(_added(table, place, values) for place, values in sorted(sums.items()))]


def token(transaction: Sequence[Mapping[str, Any]]) -> str:
    """The client token: the same transaction once more within ten minutes is done once, whoever sends it."""
    return blake2b(json.dumps(transaction, sort_keys=True).encode(), digest_size=16).hexdigest()


def loads(item: entities.Item) -> tuple[int, Load]:
    """How many samples were counted for a queue and minute, and the sum of their loads."""
    samples, *sums = (int(item[name]["N"]) for name in ("Samples", *SUMS))
    return samples, Load(*sums)


def _marker(table: str, record: Record, sample: Sample) -> Mapping[str, Any]:
    sequence = str(record.sequence)
    group = blake2b(sequence.encode(), digest_size=1).digest()[0] % GROUPS
    # From the record, not from a clock: the same transaction must be the same when it is sent again.
    expires = (record.arrived or sample.at) + KEPT_SECONDS
    item = entities.item(
        entities.COUNTED,
        keys.counted(record.stream, f"{group:02d}", record.shard, sequence),
        {entities.EXPIRES_AT: entities.number(expires)},
    )
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": f"attribute_not_exists({keys.PK})"}}


def _added(table: str, place: Place, values: Sequence[int]) -> Mapping[str, Any]:
    names = ("Samples", *SUMS)
    return {
        "Update": {
            "TableName": table,
            "Key": dict(keys.totals(*place)),
            "UpdateExpression": "SET #type = :type ADD " + ", ".join(f"{name} :{name}" for name in names),
            "ExpressionAttributeNames": {"#type": entities.TYPE},
            "ExpressionAttributeValues": {
                ":type": entities.text(entities.TOTALS.type),
                **{f":{name}": entities.number(value) for name, value in zip(names, values, strict=True)},
            },
        }
    }
