"""call-routing as Connect invokes it: what it answers and raises, and what it asks the table for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from call_routing.app import CallRouting, RulesInForce, build
from call_routing.rules import InvalidRulesError
from shared.configuration import Configurations
from shared.configuration_copy import ConfigurationCopies
from shared.failure import DefectError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from shared.snapshot import Hours, Load, Queue, Snapshot, Snapshots, Written, item
from tests.lambdas.events import NUMBER, call
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"
INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/i"
ARN = f"{INSTANCE}/queue/"
QUEUES = {f"Queue_{name}": ARN + name for name in ("sales", "vip")}
RULES = '{"vip": {"queues": ["vip"]}}'


class World:
    """The function over a table in memory, and its clock."""

    def __init__(self, rules: str | None = RULES) -> None:
        self.clock = Clock()
        self.table = FakeDynamoDB()
        self.rules = rules
        self.record = Record()
        self.restart()

    def restart(self) -> None:
        """A new environment of Lambda."""
        dynamodb: Any = self.table
        copies = ConfigurationCopies(Configurations(dynamodb, TABLE), clock=self.clock, jitter=lambda: 0.5)
        snapshots = Snapshots(dynamodb, TABLE, INSTANCE, clock=self.clock, jitter=lambda: 0.5)
        self.function = CallRouting(RulesInForce(self.rules, copies, "routing"), snapshots, self.clock)

    def snapshot(self, *, closed: tuple[str, ...] = (), age: int = 5, **load: Load) -> None:
        now = int(self.clock.now)
        hours = {"day": Hours(now, now + 9999, ((0, now + 9999),)), "night": Hours(now, now + 9999, ())}
        queues = {name: Queue("night" if name in closed else "day") for name in ("sales", "vip")}
        written = item(INSTANCE, Written(Snapshot(now - age, load, queues, hours), 1, "run", now))
        self.table.put_item(TABLE, written, None)
        self.table.calls.clear()

    def publish(self, content: str, expected: int) -> None:
        Configurations(self.table, TABLE).publish(  # type: ignore[arg-type]
            "routing", content, "ops", expected=expected, at=str(expected), deadline=self.clock.deadline()
        )
        self.table.calls.clear()

    def ask(self, event: Any) -> dict[str, str]:
        answer = self.function.answer(event, Invocation(self.clock.deadline(), self.record))
        assert all(isinstance(value, str) for value in answer.values())
        return dict(answer)

    def fail(self, error: Exception | None) -> None:
        def before(_operation: str) -> None:
            if error is not None:
                raise error

        self.table.before = before

    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.record.line("call-routing", call(), None, now=0, milliseconds=1, cold=False)
        )
        return found


def answered(queue: str, reason: str, degraded: str = "false") -> dict[str, str]:
    return {"Queue": queue, "QueueArn": ARN + queue if queue else "", "Reason": reason, "Degraded": degraded}


def test_answers_a_queue_by_rules_load_and_hours() -> None:
    world = World()
    world.snapshot()

    assert world.ask(call(IsVIP="true", DefaultQueue="sales", **QUEUES)) == answered("vip", "vip")
    assert world.ask(call(IsVIP=None, DefaultQueue="sales", **QUEUES)) == answered("sales", "default")
    assert world.table.calls == ["GetItem"], "the snapshot is kept for a few seconds"


def test_all_closed_is_no_queue() -> None:
    world = World()
    world.snapshot(closed=("sales", "vip"))

    assert world.ask(call(IsVIP="true", **QUEUES)) == answered("", "all-closed")
    assert world.line()["NoQueue"] == 1


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="no event"),
        pytest.param({"Details": None}, id="no details"),
        pytest.param({"Details": {"ContactData": None, "Parameters": None}}, id="neither contact nor parameters"),
        pytest.param(call(IsVIP="true"), id="no queue passed"),
        pytest.param(call(Queue_sales=None), id="a queue that is null"),
        pytest.param(call(Queue_sales={"arn": ARN}), id="a queue that is no string"),
    ],
)
def test_without_a_queue_nothing_is_chosen(event: Any) -> None:
    world = World()
    world.snapshot()

    assert world.ask(event) == answered("", "no-queue-passed")


def test_reads_the_snapshot_again_after_a_few_seconds() -> None:
    world = World()
    world.snapshot()
    world.ask(call(**QUEUES))
    world.snapshot(closed=("sales", "vip"))
    world.clock.now += 4

    assert world.ask(call(**QUEUES))["Reason"] == "all-closed"


@pytest.mark.parametrize("reason", ["timeout", "throttle", "server-error", "connection", "corrupt"])
def test_a_table_that_cannot_answer_leaves_the_weights(reason: str) -> None:
    world = World()
    world.fail(UnavailableError(reason))

    assert world.ask(call(DefaultQueue="sales", **QUEUES)) == answered("sales", "default", "true")
    line = world.line()
    assert (line[f"Table.{reason}"], line["Degraded"]) == (1, 1)


def test_a_dead_table_is_not_asked_for_every_caller() -> None:
    world = World()
    world.fail(UnavailableError("timeout"))
    for _ in range(20):
        world.ask(call(DefaultQueue="sales", **QUEUES))

    assert world.table.calls == ["GetItem"]


def test_a_snapshot_outlives_the_table_for_a_minute() -> None:
    world = World()
    world.snapshot(age=0)
    world.ask(call(**QUEUES))
    world.fail(UnavailableError("timeout"))
    degraded = []
    for seconds in (10, 60, 61):
        world.clock.now = 1_800_000_000 + seconds
        degraded.append(world.ask(call(**QUEUES))["Degraded"])

    assert degraded == ["false", "false", "true"]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"])
def test_a_defect_is_raised_for_the_flow_s_error_branch(code: str) -> None:
    world = World()
    world.fail(DefectError(code))

    with pytest.raises(DefectError, match=code):
        world.ask(call(**QUEUES))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="no json"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param('{"load": {"sales": [1, 2, 3, 4, 5]}, "queues": {}, "hours": {}}', id="of a newer version"),
        pytest.param('{"load": {"sales": ["1", 2, 3, 4]}, "queues": {}, "hours": {}}', id="load that is no number"),
        pytest.param('{"load": {}, "queues": {"sales": ["day", 1]}, "hours": {"day": [1, "x", []]}}', id="no time"),
        pytest.param('{"load": {}, "queues": {"sales": ["day", 1]}, "hours": {"day": [1, 9, [["x", 9]]]}}', id="span"),
    ],
)
def test_a_snapshot_that_cannot_be_read_sends_no_call_away(body: str) -> None:
    """A function of another version wrote it: that passes with the roll-out, and callers are there now."""
    world = World()
    world.snapshot()
    (stored,) = world.table.items(TABLE)
    world.table.put_item(TABLE, {**stored, "Body": {"S": body}}, None)

    assert world.ask(call(DefaultQueue="sales", **QUEUES)) == answered("sales", "default", degraded="true")
    assert world.line()["Table.corrupt"] == 1


def test_rules_come_from_the_configuration_in_force() -> None:
    world = World(rules=None)
    world.snapshot()
    event = call(DefaultQueue="sales", Topic="legal", **QUEUES)
    assert world.ask(event)["Queue"] == "sales", "nothing was published: no rules"

    world.publish('{"rules": [{"when": {"Topic": "legal"}, "queue": "vip"}]}', 0)
    assert world.ask(event)["Queue"] == "sales", "a copy is kept for five minutes"
    world.clock.now += 301
    assert world.ask(event)["Queue"] == "vip"


def test_rules_that_may_not_be_those_in_force_are_degraded() -> None:
    world = World(rules=None)
    world.publish(RULES, 0)
    world.snapshot()
    world.ask(call(**QUEUES))
    world.clock.now += 301
    world.snapshot()
    configurations_fail = iter([UnavailableError("timeout")])

    def before(_operation: str) -> None:
        for error in configurations_fail:
            raise error

    world.table.before = before
    assert world.ask(call(IsVIP="true", **QUEUES)) == answered("vip", "vip", "true")


def test_a_wrong_rule_is_raised_with_its_place() -> None:
    world = World(rules=None)
    world.publish('{"rules": [{"queue": "vip"}, {}]}', 0)
    world.snapshot()

    with pytest.raises(InvalidRulesError, match=r"routing\.rules\[1\] names no queue"):
        world.ask(call(**QUEUES))
    with pytest.raises(InvalidRulesError, match=r"RULES\[0\] names no queue"):
        World(rules="[{}]")


@pytest.mark.parametrize("missing", ["TABLE", "INSTANCE"])
def test_a_missing_variable_is_named(missing: str) -> None:
    environ = {"TABLE": TABLE, "INSTANCE": INSTANCE}
    del environ[missing]
    with pytest.raises(MissingVariableError, match=missing):
        build(environ, None, None)


def test_the_line_names_the_choice_and_nobody() -> None:
    world = World()
    world.snapshot()
    world.ask(call(Name="Ada", **QUEUES))

    line = world.line()
    assert line["Reason"] == "weight"
    assert NUMBER not in str(line)
    assert "Ada" not in str(line)
