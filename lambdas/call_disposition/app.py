"""call-disposition: how a contact ended, kept once.

Event: Amazon Connect's, with the parameter Disposition (1 to 64 letters, digits, spaces, dashes, underscores, dots).
Connect repeats invocations and its event has no time, so the contact's id alone is the key: the first outcome stays.

Answer, flat strings: Recorded ("true" also when the same is told again; "false" for a different one, and if nothing
could be kept), Disposition (the one that stands, empty if that is not known), Reason ("first", "again", "other",
"no-contact", "no-disposition", "unavailable") and Degraded ("true" if the table cannot answer; asking again is safe).

Environment: TABLE (operations table). IAM: dynamodb:PutItem on it. Raises DefectError, MissingVariableError.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared import entities, keys
from shared.connect_event import ConnectEvent, contact_id, parameter
from shared.failure import ConditionFailedError
from shared.invocation import Invocation, entry, required
from shared.typed import TYPE_CHECKING, Any, TypedDict
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from shared.dynamodb import DynamoDB

MOST = 64
MOST_CONTACT_ID = 256  # as long as Connect's own parameter
_MARKS = " -_."


class Answer(TypedDict):
    """What the flow reads under $.External."""

    Recorded: str
    Disposition: str
    Reason: str
    Degraded: str


def disposition_of(text: str | None) -> str | None:
    """The disposition in a parameter; None if it is none, for what a caller typed may stand there."""
    if text is None or not 0 < len(text) <= MOST or not text.isascii():
        return None
    return text if all(character.isalnum() or character in _MARKS for character in text) and text.strip() else None


def _answer(recorded: bool, disposition: str, reason: str, *, degraded: bool = False) -> Answer:
    return Answer(
        Recorded="true" if recorded else "false",
        Disposition=disposition,
        Reason=reason,
        Degraded="true" if degraded else "false",
    )


class CallDisposition:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, dynamodb: DynamoDB, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def answer(self, event: ConnectEvent | None, invocation: Invocation) -> Answer:
        """Keep the outcome of one contact."""
        answer = self._keep(event, invocation)
        invocation.note("Reason", answer["Reason"])
        return answer

    def _keep(self, event: ConnectEvent | None, invocation: Invocation) -> Answer:
        contact = contact_id(event)
        if contact is None or len(contact) > MOST_CONTACT_ID:
            return _answer(False, "", "no-contact")
        told = disposition_of(parameter(event, "Disposition"))
        if told is None:
            return _answer(False, "", "no-disposition")
        item = entities.item(entities.DISPOSITION, keys.disposition(contact), {"Disposition": entities.text(told)})
        try:
            self._dynamodb.put_item(
                self._table, item, invocation.deadline, condition=f"attribute_not_exists({keys.PK})"
            )
        except ConditionFailedError as error:
            return _standing(error, told)
        except UNAVAILABLE as error:
            invocation.count(f"Table.{reason_of(error)}")
            invocation.count("Degraded")
            return _answer(False, "", "unavailable", degraded=True)
        return _answer(True, told, "first")


def _standing(error: ConditionFailedError, told: str) -> Answer:
    """The answer where an outcome was kept before; that may have been this very write, its answer lost."""
    kept = str((error.item or {}).get("Disposition", {}).get("S", ""))
    return _answer(kept == told, kept, "again" if kept == told else "other")


def build(environ: Mapping[str, str], session: Any, _cache: object) -> CallDisposition:
    """The function as its environment describes it. Raises MissingVariableError."""
    table = required(environ, "TABLE")
    return CallDisposition(session.dynamodb(), table)


handler = entry("call-disposition", build)
