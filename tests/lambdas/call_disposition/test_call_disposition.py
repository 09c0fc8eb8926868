"""call-disposition: the first outcome stays, and Connect may ask as often as it likes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from call_disposition.app import CallDisposition, build
from shared.failure import DefectError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from tests.lambdas.events import NUMBER, call, chat
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"
CONTACT = "4a573372-1f28-4e26-b97b-000000000001"


class World:
    """The function over a table in memory."""

    def __init__(self) -> None:
        self.table = FakeDynamoDB()
        self.record = Record()
        dynamodb: Any = self.table
        self.function = CallDisposition(dynamodb, TABLE)

    def tell(self, event: Any) -> dict[str, str]:
        answer = dict(self.function.answer(event, Invocation(Clock().deadline(), self.record)))
        assert all(isinstance(value, str) for value in answer.values())
        return answer


def answered(recorded: str, disposition: str, reason: str, degraded: str = "false") -> dict[str, str]:
    return {"Recorded": recorded, "Disposition": disposition, "Reason": reason, "Degraded": degraded}


def test_the_first_outcome_stays() -> None:
    world = World()

    assert world.tell(call(Disposition="Resolved")) == answered("true", "Resolved", "first")
    assert world.tell(call(Disposition="Resolved")) == answered("true", "Resolved", "again")
    assert world.tell(call(Disposition="Escalated")) == answered("false", "Resolved", "other")
    (kept,) = world.table.items(TABLE)
    assert (kept["PK"]["S"], kept["SK"]["S"]) == (f"DISPOSITION#{CONTACT}", "DISPOSITION"), (
        "no time: the event has none"
    )
    assert kept["Disposition"] == {"S": "Resolved"}


def test_another_contact_has_its_own() -> None:
    world = World()
    other = call(Disposition="Escalated")
    other["Details"]["ContactData"]["ContactId"] = "4a573372-1f28-4e26-b97b-000000000002"
    world.tell(call(Disposition="Resolved"))

    assert world.tell(other) == answered("true", "Escalated", "first")


def test_a_chat_has_an_outcome_too() -> None:
    event = chat()
    event["Details"]["Parameters"] = {"Disposition": "Resolved"}

    assert World().tell(event)["Recorded"] == "true"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        pytest.param(None, "no-contact", id="no event"),
        pytest.param({"Details": None}, "no-contact", id="no details"),
        pytest.param({"Details": {"ContactData": None, "Parameters": {"Disposition": "x"}}}, "no-contact", id="no contact"),
        pytest.param({"Details": {"ContactData": {"ContactId": "c" * 3000}, "Parameters": {"Disposition": "x"}}}, "no-contact", id="a contact id longer than a key may be"),
        pytest.param(call(), "no-disposition", id="no disposition"),
        pytest.param(call(Disposition=None), "no-disposition", id="a null one"),
        pytest.param(call(Disposition=" "), "no-disposition", id="a blank one"),
        pytest.param(call(Disposition={"a": 1}), "no-disposition", id="one that is no string"),
        pytest.param(call(Disposition=NUMBER), "no-disposition", id="a number that a caller typed"),
        pytest.param(call(Disposition="7" * 10_240), "no-disposition", id="ten kilobytes of digits"),
        pytest.param(call(Disposition="Gelöst"), "no-disposition", id="letters that flows cannot compare"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_without_asking_the_table(event: Any, reason: str) -> None:
    world = World()

    assert world.tell(event) == answered("false", "", reason)
    assert world.table.calls == []


@pytest.mark.parametrize("reason", ["timeout", "throttle", "server-error"])
def test_a_table_that_cannot_answer_is_said(reason: str) -> None:
    world = World()

    def before(_operation: str) -> None:
        raise UnavailableError(reason)

    world.table.before = before
    assert world.tell(call(Disposition="Resolved")) == answered("false", "", "unavailable", "true")
    line = json.loads(world.record.line("f", call(), None, now=0, milliseconds=1, cold=False))
    assert (line[f"Table.{reason}"], line["Degraded"], line["Reason"]) == (1, 1, "unavailable")


def test_a_lost_answer_is_found_again() -> None:
    world = World()
    lost = iter([UnavailableError("timeout")])

    def after(_operation: str) -> None:
        for error in lost:
            raise error

    world.table.after = after
    assert world.tell(call(Disposition="Resolved"))["Recorded"] == "false"
    assert world.tell(call(Disposition="Resolved")) == answered("true", "Resolved", "again")


def test_a_defect_is_raised_for_the_flow_s_error_branch() -> None:
    world = World()

    def before(_operation: str) -> None:
        raise DefectError("ResourceNotFoundException")

    world.table.before = before
    with pytest.raises(DefectError):
        world.tell(call(Disposition="Resolved"))


def test_a_missing_table_is_named() -> None:
    with pytest.raises(MissingVariableError, match="TABLE"):
        build({}, None, None)
