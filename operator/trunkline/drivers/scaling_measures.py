"""What AWS measured of the calls of a center: contacts by queue, and any metrics of CloudWatch hour by hour. Reads only.

Both are read a few times a day. Sources: API references of Amazon Connect (GetMetricDataV2: less than 35 days a call for
TOTAL, times on the quarter hour, 100 queues a call), Amazon CloudWatch (GetMetricData: 500 metrics and 100,800 points a
call; periods of an hour are kept for 455 days), Amazon DynamoDB (DescribeTable: sizes are updated about every six hours).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trunkline.drivers.scaling_reads import QUEUES_PER_CALL, MetricQuery
from trunkline.engine.driver import Reader, pages
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal

HOUR = 3600
METRICS_PER_CALL = 500
_METRICS = {
    "queued": "CONTACTS_QUEUED",
    "handled": "CONTACTS_HANDLED",
    "abandoned": "CONTACTS_ABANDONED",
    "talk_seconds": "AVG_INTERACTION_AND_HOLD_TIME",
    "after_contact_seconds": "AVG_AFTER_CONTACT_WORK_TIME",
    "answer_seconds": "AVG_QUEUE_ANSWER_TIME",
    "abandon_seconds": "AVG_ABANDON_TIME",
    "contact_seconds": "AVG_CONTACT_DURATION",
}

Hours = Mapping[datetime, float]
"""Values by the hour that begins at a time; an hour without data is not in it."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Voice contacts of a queue. Counts; and seconds on average, None where AWS has nothing to average.

    talk_seconds: interaction and hold, of those handled. answer_seconds, abandon_seconds: in the queue, of those handled
    and of those who hung up. contact_seconds: from the beginning of the call to its end.
    """

    queue_id: str
    queued: float = 0.0
    handled: float = 0.0
    abandoned: float = 0.0
    talk_seconds: float | None = None
    after_contact_seconds: float | None = None
    answer_seconds: float | None = None
    abandon_seconds: float | None = None
    contact_seconds: float | None = None


async def contacts_by_queue(
    aws: Reader, instance_arn: str, queue_ids: Sequence[str], since: datetime, until: datetime
) -> tuple[Contacts, ...]:
    """The queues that had any, between two full hours less than 35 days apart. Raises CallRefusedError."""
    found: list[Contacts] = []
    for first in range(0, len(queue_ids), QUEUES_PER_CALL):
        question = {
            "ResourceArn": instance_arn,
            "StartTime": since,
            "EndTime": until,
            "Interval": {"TimeZone": "UTC", "IntervalPeriod": "TOTAL"},
            "Filters": [
                {"FilterKey": "QUEUE", "FilterValues": list(queue_ids[first : first + QUEUES_PER_CALL])},
                {"FilterKey": "CHANNEL", "FilterValues": ["VOICE"]},
            ],
            "Groupings": ["QUEUE"],
            "Metrics": [{"Name": name} for name in _METRICS.values()],
            "MaxResults": 100,
        }
        async for answer in pages(aws, "connect", "GetMetricDataV2", question):
            found += [_contacts(result) for result in answer.at("MetricResults") or ()]
    return tuple(found)


def _contacts(result: Mapping[str, Any]) -> Contacts:
    said = {one["Metric"]["Name"]: one.get("Value") for one in result.get("Collections") or ()}
    known = {field: float(said[name]) for field, name in _METRICS.items() if said.get(name) is not None}
    counts = {name: known.pop(name, 0.0) for name in ("queued", "handled", "abandoned")}
    return Contacts(str(result["Dimensions"]["QUEUE"]), **counts, **known)


async def by_hour(
    aws: Reader, queries: Sequence[MetricQuery], since: datetime, until: datetime
) -> Mapping[MetricQuery, Hours]:
    """Each metric by full hours between two times. Raises CallRefusedError, also where AWS looked at a part only."""
    found: dict[MetricQuery, Hours] = {}
    for first in range(0, len(queries), METRICS_PER_CALL):
        found |= await _by_hour(aws, queries[first : first + METRICS_PER_CALL], since, until)
    return found


async def _by_hour(
    aws: Reader, queries: Sequence[MetricQuery], since: datetime, until: datetime
) -> dict[MetricQuery, Hours]:
    hours: list[dict[datetime, float]] = [{} for _ in queries]
    states: dict[int, Mapping[str, Any]] = {}
    question = {
        "MetricDataQueries": [_query(number, query) for number, query in enumerate(queries)],
        "StartTime": since,
        "EndTime": until,
        "ScanBy": "TimestampAscending",
    }
    async for answer in pages(aws, "cloudwatch", "GetMetricData", question):
        for result in answer.at("MetricDataResults") or ():
            number = int(str(result["Id"])[1:])
            states[number] = result  # "PartialData" while more pages come
            for at, value in zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False):
                hours[number][at.astimezone(UTC)] = float(value)
    _check(states.values())
    return dict(zip(queries, hours, strict=True))


def _query(number: int, query: MetricQuery) -> dict[str, Any]:
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": query.namespace,
                "MetricName": query.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions],
            },
            "Period": query.period_seconds,
            "Stat": query.statistic,
        },
    }


def _check(results: Iterable[Mapping[str, Any]]) -> None:
    for result in results:
        code = str(result.get("StatusCode") or "Complete")
        if code != "Complete":
            said = "; ".join(str(one.get("Value") or "") for one in result.get("Messages") or ()) or "a part is missing"
            raise CallRefusedError(Refusal(Outcome.RETRY, "cloudwatch", "GetMetricData", code, said))


@dataclass(frozen=True, slots=True)
class Stored:
    """Items of a table or an index, and their bytes."""

    items: int
    bytes: int


async def stored(aws: Reader, table: str) -> Mapping[str, Stored]:
    """Of a table under the empty name, and of its indexes by theirs; none if there is no such table.

    Raises CallRefusedError.
    """
    try:
        answer = await aws.read("dynamodb", "DescribeTable", {"TableName": table})
    except CallRefusedError as error:
        if error.absent:
            return {}
        raise
    return dict(_stored(answer.at("Table") or {}))


def _stored(body: Mapping[str, Any]) -> Iterator[tuple[str, Stored]]:
    yield "", Stored(int(body.get("ItemCount") or 0), int(body.get("TableSizeBytes") or 0))
    for index in body.get("GlobalSecondaryIndexes") or ():
        yield str(index["IndexName"]), Stored(int(index.get("ItemCount") or 0), int(index.get("IndexSizeBytes") or 0))
