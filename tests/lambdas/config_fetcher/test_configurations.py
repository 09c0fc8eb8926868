"""Configurations: versions that never change, one in force, pins, and an audit entry for every change."""

from __future__ import annotations

from typing import Any

import pytest

from shared.configuration import (
    ConfigurationConflictError,
    Configurations,
    InvalidConfigurationError,
    Pointer,
    UnknownVersionError,
    is_name,
)
from shared.failure import DefectError, TransactionCanceledError, UnavailableError
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"


class World:
    """Configurations in a table in memory."""

    def __init__(self) -> None:
        self.table = FakeDynamoDB()
        self.clock = Clock()
        dynamodb: Any = self.table
        self.configurations = Configurations(dynamodb, TABLE)
        self.moment = 0

    def at(self) -> str:
        self.moment += 1
        return f"2026-11-21T10:00:{self.moment:02d}Z"

    def publish(self, content: str, expected: int, author: str = "ops", at: str = "") -> int:
        return self.configurations.publish(
            "routing", content, author, expected=expected, at=at or self.at(), deadline=self.clock.deadline()
        )

    def activate(self, number: int, expected: int, at: str = "") -> None:
        self.configurations.activate(
            "routing", number, "ops", expected=expected, at=at or self.at(), deadline=self.clock.deadline()
        )

    def pin(self, number: int | None, who: str = "agent-desk") -> None:
        self.configurations.pin("routing", who, number, "ops", at=self.at(), deadline=self.clock.deadline())

    def pointer(self) -> Pointer:
        return self.configurations.pointer("routing", self.clock.deadline())

    def in_force(self) -> str:
        version = self.pointer().version
        return self.configurations.version("routing", version, self.clock.deadline()).content

    def history(self) -> list[tuple[str, int]]:
        found = self.configurations.history("routing", self.clock.deadline())
        return [(entry["Action"]["S"], int(entry["Version"]["N"])) for entry in found]

    def lose_an_answer(self) -> None:
        lost = iter([UnavailableError("timeout")])

        def after(operation: str) -> None:
            if operation == "TransactWriteItems":
                for error in lost:
                    raise error

        self.table.after = after


def test_a_change_is_version_pointer_and_audit_entry_at_once() -> None:
    world = World()
    assert world.publish('{"a": 1}', 0) == 1
    assert world.publish('{"a": 2}', 1) == 2

    assert world.in_force() == '{"a": 2}'
    assert world.pointer() == Pointer(2, 2)
    assert world.history() == [("publish", 2), ("publish", 1)], "newest first"
    keys = {item["SK"]["S"].partition("#")[0] for item in world.table.items(TABLE)}
    assert keys == {"VERSION", "POINTER", "AUDIT"}
    assert world.table.calls.count("TransactWriteItems") == 2


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_who_did_not_see_the_version_in_force_changes_nothing(expected: int) -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    before = world.table.items(TABLE)

    with pytest.raises(ConfigurationConflictError, match="version 1 is in force") as conflict:
        world.publish('{"a": 2}', expected)
    assert conflict.value.version == 1
    assert world.table.items(TABLE) == before


def test_of_two_at_once_one_is_told() -> None:
    """Both read the same pointer; the other's transaction comes between."""
    world = World()
    world.publish('{"a": 1}', 0)
    other = iter(['{"a": "other"}'])

    def before(operation: str) -> None:
        if operation == "TransactWriteItems":
            for content in other:
                world.publish(content, 1, "somebody")

    world.table.before = before
    with pytest.raises(ConfigurationConflictError):
        world.publish('{"a": "mine"}', 1)
    assert world.in_force() == '{"a": "other"}'
    assert world.pointer() == Pointer(2, 2)


def test_the_same_change_told_twice_is_one_version() -> None:
    world = World()
    world.lose_an_answer()
    with pytest.raises(UnavailableError):
        world.publish('{"a": 1}', 0)

    assert world.publish('{"a": 1}', 0) == 1
    assert world.history() == [("publish", 1)]


def test_an_earlier_version_comes_back_and_its_number_is_not_given_again() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    world.publish('{"a": 2}', 1)
    world.activate(1, expected=2)
    assert world.in_force() == '{"a": 1}'
    assert world.publish('{"a": 3}', 1) == 3

    assert world.configurations.version("routing", 2, world.clock.deadline()).content == '{"a": 2}'
    assert world.history() == [("publish", 3), ("activate", 1), ("publish", 2), ("publish", 1)]


def test_activating_what_is_in_force_is_no_change() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    world.activate(1, expected=1)

    assert world.history() == [("publish", 1)]


def test_a_version_that_is_not_there_is_neither_activated_nor_pinned() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    before = world.table.items(TABLE)

    with pytest.raises(UnknownVersionError, match="routing has no version 9"):
        world.activate(9, expected=1)
    with pytest.raises(UnknownVersionError, match="routing has no version 9"):
        world.pin(9)
    assert world.table.items(TABLE) == before


def test_activating_over_a_change_is_a_conflict() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    world.publish('{"a": 2}', 1)
    with pytest.raises(ConfigurationConflictError):
        world.activate(1, expected=1)


def test_a_pin_is_read_strongly_and_let_go_again() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    world.pin(1)
    world.table.consistent.clear()
    deadline = world.clock.deadline()

    assert world.configurations.pinned("routing", "agent-desk", deadline) == 1
    assert world.table.consistent == [True]
    assert world.configurations.pinned("routing", "somebody-else", deadline) is None
    world.pin(None)
    assert world.configurations.pinned("routing", "agent-desk", deadline) is None
    assert [action for action, _ in world.history()] == ["unpin", "pin", "publish"]


def test_a_version_that_a_replica_does_not_have_yet_is_read_strongly() -> None:
    world = World()
    world.publish('{"a": 1}', 0)
    stored = world.table.tables[TABLE]
    version = stored["CONFIG#routing", "VERSION#000000000001"]

    def before(operation: str) -> None:
        first = operation == "GetItem" and world.table.calls.count("GetItem") == 2
        if first:
            del stored["CONFIG#routing", "VERSION#000000000001"]
        else:
            stored["CONFIG#routing", "VERSION#000000000001"] = version

    world.table.calls.clear()
    world.table.consistent.clear()
    world.table.before = before
    world.configurations.pointer("routing", world.clock.deadline())
    assert world.configurations.version("routing", 1, world.clock.deadline()).content == '{"a": 1}'
    assert world.table.consistent == [False, False, True]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("{", "not JSON", id="not JSON"),
        pytest.param("[]", "not a JSON object", id="a list"),
        pytest.param('{"a": "' + "x" * 300_000 + '"}', "more than 256 KiB", id="more than an item should have"),
    ],
)
def test_content_that_is_none_is_refused_without_quoting_it(content: str, says: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=says) as error:
        World().publish(content, 0)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "a#b", "x" * 65])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    world = World()
    assert not is_name(name)
    with pytest.raises(InvalidConfigurationError, match="a name is"):
        world.configurations.publish(name, "{}", "ops", expected=0, at="t", deadline=world.clock.deadline())
    with pytest.raises(InvalidConfigurationError, match="a name is"):
        world.publish("{}", 0, author=name)


def test_what_canceled_a_transaction_but_a_condition_is_raised_as_it_is() -> None:
    world = World()

    def before(operation: str) -> None:
        if operation == "TransactWriteItems":
            raise TransactionCanceledError(["None", "ValidationError", "None"])

    world.table.before = before
    with pytest.raises(TransactionCanceledError):
        world.publish("{}", 0)


def test_a_defect_is_raised() -> None:
    world = World()

    def before(_operation: str) -> None:
        raise DefectError("AccessDeniedException")

    world.table.before = before
    with pytest.raises(DefectError):
        world.publish("{}", 0)


def test_two_who_are_pinned_at_the_same_moment_do_not_meet() -> None:
    world = World()
    world.publish("{}", 0)
    for who in ("desk-1", "desk-2"):
        world.configurations.pin("routing", who, 1, "ops", at="2026-11-21T11:00:00Z", deadline=world.clock.deadline())

    assert world.history()[:2] == [("pin", 1), ("pin", 1)]
