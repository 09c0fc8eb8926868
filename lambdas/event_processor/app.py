"""event-processor: keeps each event of a queue once.

Event: SQS's; bodies as in `event_processor.messages`. Answer: batchItemFailures, the ids of the messages that were not
kept. An event is known by (id, timestamp): the same content again is success; other content under a known identity, and a
body that is no event, are failures, recorded once with their reason and without the content. They are reported each
time, so SQS moves them to the dead-letter queue. The event source mapping needs ReportBatchItemFailures, the queue a
redrive policy. Of a FIFO queue, what follows a failure in its group is reported with it, so that the order holds.

Environment: TABLE (operations table). IAM: dynamodb:PutItem on it, and what the event source mapping does with the
function's role: sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes on the queue.

Raises MalformedEventError and DefectError: then all messages come again.
"""

from __future__ import annotations

from collections.abc import Mapping

from event_processor.messages import Event, Message, NoEventError, event_in, messages_of
from shared import entities, keys
from shared.failure import ConditionFailedError, UnavailableError
from shared.invocation import Invocation, entry, required
from shared.typed import TYPE_CHECKING, Any, TypedDict
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from shared.dynamodb import DynamoDB

OTHER_CONTENT = "other-content"
LEAST_SECONDS = 0.2  # with less a write does not begin; its message comes again
_ABSENT = f"attribute_not_exists({keys.PK})"


class Failure(TypedDict):
    """A message, by its id."""

    itemIdentifier: str  # noqa: N815  # AWS's name


class Answer(TypedDict):
    """Empty means all were kept; null would mean so too, hence never."""

    batchItemFailures: list[Failure]  # noqa: N815  # AWS's name


class EventProcessor:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, dynamodb: DynamoDB, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def answer(self, event: object, invocation: Invocation) -> Answer:
        """Keep the events of a batch."""
        failed: dict[str, None] = {}
        held_groups: set[str] = set()
        for message in messages_of(event):
            if message.group not in held_groups and self._keep(message, invocation):
                continue
            failed[message.message_id] = None
            if message.group:
                held_groups.add(message.group)
        invocation.count("Returned", len(failed))
        return Answer(batchItemFailures=[Failure(itemIdentifier=message_id) for message_id in failed])

    def _keep(self, message: Message, invocation: Invocation) -> bool:
        """Whether the message is done with."""
        if invocation.deadline.remaining() < LEAST_SECONDS:
            invocation.count("Table.timeout")
            return False
        try:
            return self._kept(message, invocation)
        except UNAVAILABLE as error:
            invocation.count(f"Table.{reason_of(error)}")
            return False

    def _kept(self, message: Message, invocation: Invocation) -> bool:
        try:
            event = event_in(message.body)
        except NoEventError as error:
            self._record(message.message_id, message.sent, error.reason, invocation)
            return False
        try:
            self._dynamodb.put_item(self._table, _item(event), invocation.deadline, condition=_ABSENT)
        except ConditionFailedError as error:
            if _digest(error) == event.digest:
                invocation.count("Again")
                return True
            self._record(event.id, event.timestamp, OTHER_CONTENT, invocation)
            return False
        invocation.count("Kept")
        return True

    def _record(self, event_id: str, timestamp: str, reason: str, invocation: Invocation) -> None:
        """Why a message is refused; once, however often it comes."""
        invocation.count("Refused")
        invocation.note("RefusedReason", reason)
        item = entities.item(entities.FAILURE, keys.failure(event_id, timestamp), {"Reason": entities.text(reason)})
        try:
            self._dynamodb.put_item(self._table, item, invocation.deadline, condition=_ABSENT)
        except ConditionFailedError:
            return


def _digest(error: ConditionFailedError) -> str:
    """Of the content that stands under the event's identity. Raises UnavailableError if nothing does any more."""
    if error.item is None:
        raise UnavailableError("corrupt")
    return str((error.item.get("Digest") or {}).get("S", ""))  # what has none is no event of ours: other content


def _item(event: Event) -> Mapping[str, Mapping[str, Any]]:
    return entities.item(
        entities.EVENT,
        keys.event(event.id, event.timestamp),
        {"Content": entities.text(event.content), "Digest": entities.text(event.digest)},
    )


def build(environ: Mapping[str, str], session: Any, _cache: object) -> EventProcessor:
    """The function as its environment describes it. Raises MissingVariableError."""
    table = required(environ, "TABLE")
    return EventProcessor(session.dynamodb(), table)


handler = entry("event-processor", build)
