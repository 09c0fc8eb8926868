"""Records into a Kinesis data stream: cut to AWS's limits, failed ones again until the deadline.

Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from shared.aws import THROTTLES, AwsClient, RefusedError, defect
from shared.backoff import Backoff
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, PartialBatchError, UnavailableError
from shared.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from shared.session import Session

AT_ONCE = 500
BYTES_AT_ONCE = 5 * 1024 * 1024  # with partition keys
MOST_BYTES = 1024 * 1024  # of one record
FIRST_PAUSE_SECONDS = 0.05


class Record(NamedTuple):
    """Records with the same partition key stay in order."""

    data: bytes
    partition_key: str


class Kinesis:
    """Puts records."""

    def __init__(self, client: AwsClient, backoff: Backoff) -> None:
        self._client = client
        self._backoff = backoff

    @classmethod
    def of(cls, session: Session) -> Kinesis:
        """With a session's client. Raises what Session.client raises."""
        return cls(session.client("kinesis"), session.backoff)

    def put_records(self, stream: str, records: Sequence[Record], deadline: Deadline) -> None:
        """All of them, each at least once. stream: its ARN, or its name.

        Raises PartialBatchError with the records that were not taken by the deadline, DefectError.
        """
        for record in records:
            if len(record.data) > MOST_BYTES:
                raise DefectError("RecordTooLarge")
        waiting, attempt, reason = list(records), 0, "timeout"
        while waiting:
            some = _first(waiting)
            rest = waiting[len(some) :]
            try:
                left = self._put(stream, some, deadline)
                waiting, reason = [*left, *rest], "throttle" if left else reason
                attempt = attempt + 1 if left else 0
                if left:
                    self._backoff.pause(FIRST_PAUSE_SECONDS, attempt - 1, deadline)
            except DeadlineExceededError:
                raise PartialBatchError(waiting, reason) from None
            except UnavailableError as error:
                attempt, reason = attempt + 1, error.reason
                try:
                    self._backoff.pause(FIRST_PAUSE_SECONDS, attempt - 1, deadline)
                except DeadlineExceededError:
                    raise PartialBatchError(waiting, reason) from None

    def _put(self, stream: str, records: Sequence[Record], deadline: Deadline) -> list[Record]:
        """Those that were not taken."""
        name = "StreamARN" if stream.startswith("arn:") else "StreamName"
        entries = [
            {"Data": base64.b64encode(record.data).decode(), "PartitionKey": record.partition_key} for record in records
        ]
        params: dict[str, Any] = {name: stream, "Records": entries}
        try:
            body = self._client.call_json("Kinesis_20131202.PutRecords", params, deadline, "1.1")
        except RefusedError as error:
            raise defect(error) from None
        if not body.get("FailedRecordCount"):
            return []
        results = body.get("Records") or ()
        if len(results) != len(records):
            raise UnavailableError("corrupt")
        left = []
        for record, result in zip(records, results, strict=True):
            code = result.get("ErrorCode")
            if code and code not in THROTTLES and code != "InternalFailure":
                raise DefectError(str(code))
            if code:
                left.append(record)
        return left


def _first(records: Sequence[Record]) -> list[Record]:
    return list(_within(records))


def _within(records: Sequence[Record]) -> Iterator[Record]:
    size = 0
    for record in records[:AT_ONCE]:
        size += len(record.data) + len(record.partition_key.encode())
        if size > BYTES_AT_ONCE:
            return
        yield record
