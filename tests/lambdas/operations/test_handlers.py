"""Every function of the operations table as Lambda calls it: through its shell, with whatever an event may hold."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings

import call_disposition.app
import call_routing.app
import config_fetcher.app
import event_processor.app
import realtime_metrics.app
import stream_processor.app
from shared.failure import DefectError, UnavailableError
from shared.invocation import Entry, FunctionFailedError, MissingVariableError, Surroundings, entry
from tests.lambdas.event_processor.test_event_processor import body, message
from tests.lambdas.events import call
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.shared import emf
from tests.lambdas.shared.callers import secrets
from tests.lambdas.stream_processor.streams import event, record
from tests.lambdas.times import Clock

ENVIRON = {"TABLE": "operations", "INSTANCE": "arn:aws:connect:us-east-1:123456789012:instance/i"}


class Function(NamedTuple):
    """A function and an event that holds a text wherever somebody could put one."""

    name: str
    build: Callable[..., Any]
    event: Callable[[str], Any]


FUNCTIONS = (
    Function(
        "call-routing",
        call_routing.app.build,
        lambda text: call(text, Queue_a=text, DefaultQueue=text, IsVIP=text, **{f"Queue_{text}": text, text: text}),
    ),
    Function("call-disposition", call_disposition.app.build, lambda text: call(text, Disposition=text)),
    Function("config-fetcher", config_fetcher.app.build, lambda text: call(text, Name=text, Who=text, Keys=text)),
    Function(
        "stream-processor",
        stream_processor.app.build,
        lambda text: event([record(0, text.encode()), record(1, partitionKey=text)]),
    ),
    Function(
        "event-processor",
        event_processor.app.build,
        lambda text: {
            "Records": [message("m1", text), message("m2", body(id=text)), message("m3", body(id=text, detail=text))]
        },
    ),
)
EACH = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


class Session:
    """Of an environment: a table in memory."""

    def __init__(self, table: FakeDynamoDB) -> None:
        self._table = table

    def dynamodb(self) -> FakeDynamoDB:
        return self._table

    def warm(self, deadline: Any) -> None:
        """Nothing to connect."""

    reset = dynamodb


class World:
    """A function in its shell."""

    def __init__(self, function: Function, **environ: str) -> None:
        self.table = FakeDynamoDB()
        self.lines: list[str] = []
        self.clock = Clock()
        session: Any = Session(self.table)
        around = Surroundings(
            environ=environ or ENVIRON,
            clock=self.clock,
            wall=self.clock,
            write=self.lines.append,
            open_session=lambda _environ: session,
            open_cache=lambda _environ, _session: session,
            on_snapshot=lambda _before, _after: None,
        )
        self.handler: Entry = entry(function.name, function.build, around)

    def fail(self, error: Exception | None) -> None:
        def before(_operation: str) -> None:
            if error is not None:
                raise error

        self.table.before = before


@EACH
def test_one_line_that_is_a_metric_record(function: Function) -> None:
    world = World(function)
    answer = world.handler(function.event("sales"))

    assert json.loads(json.dumps(answer)) == answer
    (line,) = world.lines
    assert emf.read(line)["Function"] == function.name


@EACH
def test_a_variable_that_is_missing_is_raised_by_the_first_invocation(function: Function) -> None:
    world = World(function, OTHER="x", AWS_LAMBDA_RUNTIME_API="127.0.0.1:9001")

    with pytest.raises(MissingVariableError, match="TABLE"):
        world.handler(function.event("sales"))


FAILURES: Mapping[str, Exception | None] = {
    "well": None,
    "down": UnavailableError("timeout"),
    "missing": DefectError("ResourceNotFoundException"),
}


@EACH
@pytest.mark.parametrize("state", FAILURES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=secrets)
def test_nothing_that_an_event_holds_is_logged_or_raised(function: Function, state: str, text: str) -> None:
    world = World(function)
    world.fail(FAILURES[state])
    raised = ""
    try:
        world.handler(function.event(text))
    except Exception as error:
        raised = "".join(traceback.format_exception_only(error))

    assert len(world.lines) == 1
    said = "".join(world.lines) + raised
    assert text not in said
    assert json.dumps(text)[1:-1] not in said


ODD: list[Any] = [None, [], {}, "text", 7, {"Records": None}, {"Details": []}, {"Details": {"Parameters": []}}]


@EACH
@pytest.mark.parametrize("odd", ODD, ids=json.dumps)
def test_an_event_of_nothing_is_answered(function: Function, odd: Any) -> None:
    world = World(function)

    assert json.dumps(world.handler(odd))
    assert emf.read(world.lines[0])["Failed"] == 0


@pytest.mark.parametrize("function", FUNCTIONS[-2:], ids=lambda function: function.name)
@pytest.mark.parametrize("odd", [None, "text", [], {}, {"kinesis": {}}], ids=json.dumps)
def test_a_record_that_could_not_be_reported_fails_the_batch(function: Function, odd: Any) -> None:
    with pytest.raises(FunctionFailedError, match="MalformedEventError"):
        World(function).handler({"Records": [odd]})


def test_the_scheduled_function_has_a_shell_too() -> None:
    assert realtime_metrics.app.handler is not None
    world = World(Function("realtime-metrics", realtime_metrics.app.build, lambda text: text), OTHER="x")

    with pytest.raises(MissingVariableError, match="TABLE"):
        world.handler({"source": "aws.events"})
