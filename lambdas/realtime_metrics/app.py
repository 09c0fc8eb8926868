"""realtime-metrics: the snapshot of load and opening hours that call-routing reads.

Event: a scheduled one of EventBridge, once a minute; nothing in it is read. One run takes a snapshot every ten seconds
inside its minute, so it needs a timeout of 60 s and a reserved concurrency of 1. Runs that overlap all the same do no
harm: one writes, the others stand by.

Answer, flat strings: Rounds, Written, StoodBy, Failed.

Asks Connect for the load of all standard queues in each round (GetCurrentMetricData, grouped by queue), for the queues
and each hours of operation every five minutes. A round that fails leaves the snapshot as it is, with its time. The load
goes into a Kinesis stream too, one record a queue (`shared.queue_load`).

Environment: TABLE (operations table), INSTANCE (ARN), STREAM (ARN, optional).

IAM: connect:GetCurrentMetricData and connect:SearchQueues on the instance and its queues,
connect:GetEffectiveHoursOfOperations on its hours of operation; dynamodb:GetItem and dynamodb:PutItem on the table;
kinesis:PutRecords on the stream. Raises DefectError once the minute is over, MissingVariableError.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from realtime_metrics.center import ConnectCenter
from realtime_metrics.claim import Claim
from realtime_metrics.collection import Collection
from realtime_metrics.run import Run
from shared.connect_api import ConnectApi
from shared.invocation import Invocation, entry, required
from shared.typed import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.kinesis import Kinesis
    from shared.session import Session


class Answer(TypedDict):
    """What became of the run's rounds."""

    Rounds: str
    Written: str
    StoodBy: str
    Failed: str


class KinesisStream:
    """Implements `realtime_metrics.run.Stream`."""

    def __init__(self, kinesis: Kinesis, arn: str) -> None:
        self._kinesis = kinesis
        self._arn = arn

    def put(self, records: Sequence[tuple[bytes, str]], deadline: Deadline) -> None:
        """See Stream."""
        from shared.kinesis import Record  # noqa: PLC0415  # not every center has a stream

        self._kinesis.put_records(self._arn, [Record(data, key) for data, key in records], deadline)


class RealtimeMetrics:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def answer(self, _event: object, invocation: Invocation) -> Answer:
        """One minute of snapshots."""
        tally = self._run.minute(invocation)
        return Answer(
            Rounds=str(tally.rounds),
            Written=str(tally.written),
            StoodBy=str(tally.stood_by),
            Failed=str(tally.failed),
        )


def build(environ: Mapping[str, str], session: Any, _cache: object) -> RealtimeMetrics:
    """The function as its environment describes it. Raises MissingVariableError."""
    table, instance, stream = required(environ, "TABLE"), required(environ, "INSTANCE"), environ.get("STREAM")
    claim = Claim(session.dynamodb(), table, instance, os.urandom(8).hex())
    center = ConnectCenter(ConnectApi.of(session), instance)
    collection = Collection(center, clock=time.monotonic, wall=time.time, wait=time.sleep)
    target = _stream(session, stream) if stream else None
    return RealtimeMetrics(Run(instance, claim, collection, target, wall=time.time, wait=time.sleep))


def _stream(session: Session, arn: str) -> KinesisStream:
    from shared.kinesis import Kinesis  # noqa: PLC0415  # not every center has a stream

    return KinesisStream(Kinesis.of(session), arn)


handler = entry("realtime-metrics", build)
