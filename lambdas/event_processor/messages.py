"""Events as messages of SQS: what identifies them, what they say. Pure.

A message's body is a JSON object with `id` and `timestamp` (strings; EventBridge's `time` will do for the latter).
Everything in it is the event's content, and two bodies say the same if they are equal as JSON values.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.digest import blake2b
from shared.typed import Any, NamedTuple

MOST_ID = 256
MOST_TIMESTAMP = 64
MOST_CONTENT = 300 * 1024  # bytes; an item may have 400 KB


class MalformedEventError(Exception):
    """The event is not SQS's: without a message id nothing could be reported, so all of it must come again."""

    def __init__(self) -> None:
        super().__init__("a record of the event has no message id")


class NoEventError(ValueError):
    """A body is no event. reason: a short word, which quotes nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no event: {reason}")
        self.reason = reason


class Message(NamedTuple):
    """One message. sent: milliseconds since the epoch, as text. group: of a FIFO queue, else empty."""

    message_id: str
    body: str
    sent: str
    group: str


class Event(NamedTuple):
    """One event. content: its canonical JSON. digest: of that."""

    id: str
    timestamp: str
    content: str
    digest: str


def messages_of(event: object) -> list[Message]:
    """The messages in their order. Raises MalformedEventError."""
    entries = event.get("Records") if isinstance(event, dict) else None
    return [_message(entry) for entry in entries or ()]


def _message(entry: Any) -> Message:
    message_id = entry.get("messageId") if isinstance(entry, dict) else None
    if not isinstance(message_id, str) or not message_id:
        raise MalformedEventError
    attributes = entry.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    body = entry.get("body")
    return Message(
        message_id,
        body if isinstance(body, str) else "",
        _text(attributes.get("SentTimestamp")) or "0",
        _text(attributes.get("MessageGroupId")),
    )


def event_in(body: str) -> Event:
    """The event in a message's body. Raises NoEventError."""
    try:
        value = json.loads(body, parse_constant=_refuse)
        content = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        encoded = content.encode()
    except ValueError:  # half a surrogate pair is one too, when it is encoded, and 1e999, which is read as infinite
        raise NoEventError("not-json") from None
    except RecursionError:
        raise NoEventError("too-deep") from None
    if not isinstance(value, dict):
        raise NoEventError("not-an-object")
    event_id, timestamp = _identity(value)
    if len(encoded) > MOST_CONTENT:
        raise NoEventError("too-large")
    return Event(event_id, timestamp, content, blake2b(encoded, digest_size=32).hexdigest())


def _identity(value: Mapping[str, Any]) -> tuple[str, str]:
    event_id = value.get("id")
    if not isinstance(event_id, str) or not 0 < len(event_id) <= MOST_ID:
        raise NoEventError("no-id")
    timestamp = value["timestamp"] if "timestamp" in value else value.get("time")
    if not isinstance(timestamp, str) or not 0 < len(timestamp) <= MOST_TIMESTAMP:
        raise NoEventError("no-timestamp")
    return event_id, timestamp


def _refuse(constant: str) -> None:
    """NaN and the infinities: Python reads them, JSON has none."""
    raise ValueError(constant)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
