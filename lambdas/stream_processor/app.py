"""stream-processor: totals of the load per queue and minute, each record counted once.

Event: Kinesis's, with samples as `shared.queue_load` writes them. Answer: batchItemFailures, empty, or with the first
record that was not counted; the stream is read again from there, and what was counted before is not counted again. The
event source mapping needs ReportBatchItemFailures, a limit of attempts and an on-failure destination: a record that is
no sample is reported for as long as it comes, and recorded once (as a failure, with its reason, without its content).

Environment: TABLE (operations table). IAM: dynamodb:PutItem and dynamodb:UpdateItem on it (the actions of its
transactions and failures), and reading the stream, which the event source mapping does with the function's role.

Raises MalformedEventError and DefectError: then the whole batch comes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared import entities, keys
from shared.backoff import Backoff
from shared.failure import ConditionFailedError, DefectError, TransactionCanceledError, UnavailableError
from shared.invocation import Invocation, entry, required
from shared.queue_load import Sample
from shared.typed import TYPE_CHECKING, Any, TypedDict
from shared.unavailable import UNAVAILABLE, reason_of
from stream_processor.records import Record, records_of
from stream_processor.totals import actions, chunks, token

if TYPE_CHECKING:
    from shared.dynamodb import DynamoDB

FIRST_PAUSE = 0.05
ATTEMPTS = 6
_CONDITION = "ConditionalCheckFailed"


class Failure(TypedDict):
    """A record, by its sequence number."""

    itemIdentifier: str  # noqa: N815  # AWS's name


class Answer(TypedDict):
    """Empty means all were counted; null would mean so too, hence never."""

    batchItemFailures: list[Failure]  # noqa: N815  # AWS's name


class StreamProcessor:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, dynamodb: DynamoDB, table: str, backoff: Backoff) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._backoff = backoff

    def answer(self, event: object, invocation: Invocation) -> Answer:
        """Count the records of a batch."""
        records = records_of(event)
        good: list[tuple[Record, Sample]] = []
        poison: Record | None = None
        for record in records:
            if record.sample is None:
                poison = record  # what follows comes again anyway
                break
            good.append((record, record.sample))
        for chunk in chunks(good):
            try:
                self._count(chunk, invocation)
            except UNAVAILABLE as error:
                invocation.count(f"Table.{reason_of(error)}")
                return _failed_at(chunk[0][0])
        if poison is None:
            return Answer(batchItemFailures=[])
        self._record(poison, invocation)
        return _failed_at(poison)

    def _count(self, chunk: Sequence[tuple[Record, Sample]], invocation: Invocation) -> None:
        """All of the chunk that was not counted before. Raises UnavailableError, DeadlineExceededError, DefectError."""
        pending = list(chunk)
        attempt = 0
        while pending:
            transaction = actions(self._table, pending)
            try:
                self._dynamodb.transact_write(transaction, invocation.deadline, token=token(transaction))
            except TransactionCanceledError as error:
                counted = [reason == _CONDITION for reason in error.reasons[: len(pending)]]
                if not any(counted):
                    raise DefectError(_lasting(error)) from None
                invocation.count("CountedBefore", counted.count(True))
                pending = [part for part, before in zip(pending, counted, strict=True) if not before]
            except UNAVAILABLE as error:  # often only another transaction that is at the same totals
                invocation.count("Repeated")
                attempt += 1
                if attempt == ATTEMPTS:
                    raise UnavailableError(reason_of(error)) from None
                self._backoff.pause(FIRST_PAUSE, attempt - 1, invocation.deadline)
            else:
                invocation.count("Counted", len(pending))
                return

    def _record(self, poison: Record, invocation: Invocation) -> None:
        """Why a record was not counted; once. That it cannot be written now is no reason to count it."""
        invocation.count("Poison")
        invocation.note("PoisonReason", poison.poison)
        name = f"{poison.stream}/{poison.shard}/{poison.sequence}"
        item = entities.item(
            entities.FAILURE, keys.failure(name, poison.arrived_at), {"Reason": entities.text(poison.poison)}
        )
        try:
            self._dynamodb.put_item(
                self._table, item, invocation.deadline, condition=f"attribute_not_exists({keys.PK})"
            )
        except ConditionFailedError:
            return
        except UNAVAILABLE as error:
            invocation.count(f"Table.{reason_of(error)}")


def _lasting(error: TransactionCanceledError) -> str:
    """Which of a canceled transaction's reasons will not pass by itself."""
    return next((reason for reason in error.reasons if reason != "None"), "TransactionCanceledException")


def _failed_at(record: Record) -> Answer:
    return Answer(batchItemFailures=[Failure(itemIdentifier=record.identifier)])


def build(environ: Mapping[str, str], session: Any, _cache: object) -> StreamProcessor:
    """The function as its environment describes it. Raises MissingVariableError."""
    table = required(environ, "TABLE")
    return StreamProcessor(session.dynamodb(), table, Backoff())


handler = entry("stream-processor", build)
