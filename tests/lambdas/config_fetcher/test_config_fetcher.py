"""config-fetcher: what flows are answered, how old it may be, and what is said when the table cannot say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config_fetcher.app import AnswerTooLargeError, ConfigFetcher, build
from shared.configuration import Configurations
from shared.configuration_copy import MOST_COPIES, ConfigurationCopies
from shared.failure import DefectError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from tests.lambdas.events import call
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"
CONTENT = {"greeting": "Hello", "retries": 3, "open": True, "none": None, "topics": ["a", "b"], "deep": {"x": 1}}
MEMBERS = {"greeting": "Hello", "retries": "3", "open": "true", "topics": '["a","b"]', "deep": '{"x":1}'}


class World:
    """The function over a table in memory, and its clock."""

    def __init__(self, jitter: float = 0.5) -> None:
        self.clock = Clock()
        self.table = FakeDynamoDB()
        self.record = Record()
        dynamodb: Any = self.table
        self.configurations = Configurations(dynamodb, TABLE)
        copies = ConfigurationCopies(self.configurations, clock=self.clock, jitter=lambda: jitter)
        self.function = ConfigFetcher(copies)

    def publish(self, content: Any, expected: int, name: str = "ivr") -> None:
        self.configurations.publish(
            name, json.dumps(content), "ops", expected=expected, at=f"t{expected}", deadline=self.clock.deadline()
        )
        self.table.calls.clear()

    def ask(self, name: Any = "ivr", **parameters: Any) -> dict[str, str]:
        event = call(Name=name, **parameters)
        answer = dict(self.function.answer(event, Invocation(self.clock.deadline(), self.record)))
        assert all(isinstance(value, str) for value in answer.values()), "flows read nothing but strings"
        return answer

    def fail(self, error: Exception | None) -> None:
        def before(_operation: str) -> None:
            if error is not None:
                raise error

        self.table.before = before

    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.record.line("f", call(), None, now=0, milliseconds=1, cold=False))
        return found


def answered(version: str, source: str, pinned: str = "false", degraded: str = "false") -> dict[str, str]:
    return {
        "Found": "true",
        "Name": "ivr",
        "Version": version,
        "Pinned": pinned,
        "Source": source,
        "Degraded": degraded,
    }


def absent(degraded: str = "false") -> dict[str, str]:
    return {
        "Found": "false",
        "Name": "",
        "Version": "",
        "Pinned": "false",
        "Source": "none",
        "Degraded": degraded,
    }


def test_answers_the_members_as_flat_strings() -> None:
    world = World()
    world.publish(CONTENT, 0)

    assert world.ask() == {**answered("1", "table"), **MEMBERS}


def test_answers_only_the_keys_that_are_asked_for() -> None:
    world = World()
    world.publish(CONTENT, 0)

    assert world.ask(Keys="retries, greeting,missing") == {
        **answered("1", "table"),
        "retries": "3",
        "greeting": "Hello",
    }


@pytest.mark.parametrize("name", [None, "", "nobody", "../ivr", "ivr#1", "x" * 10_240, {"S": "ivr"}, "+12065550100"])
def test_a_configuration_that_is_none_is_not_found(name: Any) -> None:
    world = World()
    world.publish(CONTENT, 0)

    assert world.ask(name) == absent()


def test_what_cannot_be_a_name_does_not_cost_a_read() -> None:
    world = World()
    for name in ("../ivr", "x" * 10_240, "", "a b"):
        world.ask(name)

    assert world.table.calls == []


def test_an_event_of_nothing_is_not_found() -> None:
    world = World()
    for event in (None, {}, {"Details": None}, {"Details": {"Parameters": None}}):
        nothing: Any = event
        assert world.function.answer(nothing, Invocation(world.clock.deadline())) == absent()


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 270), (0.5, 300), (0.999999, 330)])
def test_a_copy_is_kept_for_five_minutes_give_or_take_a_tenth(jitter: float, seconds: int) -> None:
    world = World(jitter)
    world.publish(CONTENT, 0)
    world.ask()
    world.publish({"greeting": "Hi"}, 1)

    world.clock.now += seconds - 1
    assert world.ask()["Version"] == "1"
    assert world.ask()["Source"] == "local"
    assert world.table.calls == []
    world.clock.now += 2
    assert world.ask() == {**answered("2", "table"), "greeting": "Hi"}


def test_a_version_that_is_still_in_force_is_not_read_again() -> None:
    world = World()
    world.publish(CONTENT, 0)
    world.ask()
    world.table.calls.clear()
    world.clock.now += 400

    assert world.ask()["Source"] == "table"
    assert world.table.calls == ["GetItem"], "the pointer alone: versions never change"


def test_a_pin_holds_its_reader_and_nobody_else() -> None:
    world = World()
    world.publish({"greeting": "old"}, 0)
    world.publish({"greeting": "new"}, 1)
    world.configurations.pin("ivr", "test-line", 1, "ops", at="t9", deadline=world.clock.deadline())
    world.table.consistent.clear()

    assert world.ask(Who="test-line") == {**answered("1", "table", pinned="true"), "greeting": "old"}
    assert world.table.consistent[0], "who was just pinned must see it"
    assert world.ask(Who="other")["greeting"] == "new"
    assert world.ask()["greeting"] == "new"


def test_the_last_good_one_is_answered_for_an_hour_and_flagged() -> None:
    world = World()
    world.publish(CONTENT, 0)
    started = world.clock.now
    world.ask()
    world.fail(UnavailableError("timeout"))

    world.clock.now = started + 299
    assert world.ask()["Degraded"] == "false", "a copy that is young enough is as good as ever"
    for seconds in (301, 3599):
        world.clock.now = started + seconds
        assert world.ask() == {**answered("1", "local", degraded="true"), **MEMBERS}
    world.clock.now = started + 3601
    assert world.ask() == absent("true")
    assert world.line()["Table.timeout"] == 3


def test_a_dead_table_is_not_asked_for_every_caller() -> None:
    world = World()
    world.publish(CONTENT, 0)
    world.ask()
    world.fail(UnavailableError("timeout"))
    world.clock.now += 400
    world.table.calls.clear()
    for _ in range(20):
        assert world.ask()["Degraded"] == "true"
        assert world.ask("other")["Degraded"] == "true"

    assert len(world.table.calls) == 2, "once for the copy, once for what has none"
    world.clock.now += 6
    world.fail(None)
    assert world.ask()["Degraded"] == "false"
    assert world.ask("other")["Degraded"] == "false"


@pytest.mark.parametrize("reason", ["timeout", "throttle", "server-error", "connection"])
def test_without_a_copy_it_is_not_found_and_degraded(reason: str) -> None:
    world = World()
    world.fail(UnavailableError(reason))

    assert world.ask() == absent("true")
    assert (world.line()[f"Table.{reason}"], world.line()["Degraded"]) == (1, 1)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_defect_is_raised_also_over_a_good_copy(code: str) -> None:
    world = World()
    world.publish(CONTENT, 0)
    world.ask()
    world.clock.now += 400
    world.fail(DefectError(code))

    with pytest.raises(DefectError, match=code):
        world.ask()


def test_a_pin_to_what_is_not_there_is_a_defect() -> None:
    world = World()
    world.publish(CONTENT, 0)
    world.configurations.pin("ivr", "desk", 1, "ops", at="t9", deadline=world.clock.deadline())
    del world.table.tables[TABLE]["CONFIG#ivr", "VERSION#000000000001"]

    with pytest.raises(DefectError, match="UnknownConfigurationVersion"):
        world.ask(Who="desk")


def test_more_than_connect_takes_is_said() -> None:
    world = World()
    world.publish({"a": "x" * 20_000, "b": "ä" * 10_000}, 0)

    with pytest.raises(AnswerTooLargeError, match="pass Keys"):
        world.ask()
    assert len(world.ask(Keys="a")["a"]) == 20_000


def test_a_member_never_stands_for_one_of_ours() -> None:
    world = World()
    world.publish({"Degraded": "maybe", "Found": "no", "greeting": "Hello"}, 0)

    assert world.ask() == {**answered("1", "table"), "greeting": "Hello"}
    assert world.line()["Shadowed"] == 2


def test_copies_are_bounded() -> None:
    world = World()
    for number in range(MOST_COPIES + 5):
        world.ask(f"name-{number}")
    world.table.calls.clear()
    world.ask("name-0")
    world.ask(f"name-{MOST_COPIES + 4}")

    assert len(world.table.calls) == 1, "the oldest was let go, the newest is there"


def test_a_missing_table_is_named() -> None:
    with pytest.raises(MissingVariableError, match="TABLE"):
        build({}, None, None)


def test_half_a_character_does_not_end_the_environment() -> None:
    """Lambda's runtime writes answers as UTF-8; what cannot be written ends the process, and the next one, ..."""
    world = World()
    world.publish({"greeting": "Hello \ud83d", "half \ud83d": "x", "deep": ["\ud83d"]}, 0)

    answer = world.ask()
    json.dumps(answer, ensure_ascii=False).encode()
    assert (answer["greeting"], answer["half ?"], answer["deep"]) == ("Hello ?", "x", '["?"]')


@pytest.mark.parametrize(
    ("type_", "broken"),
    [
        pytest.param("ConfigPointer", {"Version": {"S": "two"}}, id="pointer-that-is-text"),
        pytest.param("ConfigPointer", {"Version": {"N": "1.5"}}, id="pointer-that-is-a-fraction"),
        pytest.param("ConfigPointer", {"Latest": {"NULL": True}}, id="latest-that-is-null"),
    ],
)
def test_what_somebody_broke_by_hand_leaves_the_last_good_one(type_: str, broken: dict[str, Any]) -> None:
    world = World()
    world.publish(CONTENT, 0)
    world.ask()
    (item,) = world.table.items(TABLE, type_)
    world.table.put_item(TABLE, {**item, **broken}, None)
    world.clock.now += 331

    assert world.ask() == {**answered("1", "local", degraded="true"), **MEMBERS}
    assert world.line()["Table.corrupt"] == 1


def test_a_version_without_its_content_leaves_the_last_good_one() -> None:
    world = World()
    world.publish({"greeting": "one"}, 0)
    world.ask()
    world.publish({"greeting": "two"}, 1)
    second = world.table.items(TABLE, "ConfigVersion")[1]
    del second["Content"]
    world.clock.now += 331

    assert world.ask() == {**answered("1", "local", degraded="true"), "greeting": "one"}
