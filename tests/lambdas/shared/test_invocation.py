"""What every function has around it: INIT that never fails, one deadline, one line, errors that name nobody."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deadline import Deadline
from shared.failure import DefectError
from shared.invocation import (
    DeploymentError,
    Entry,
    FunctionFailedError,
    Invocation,
    MissingVariableError,
    Surroundings,
    entry,
    required,
)
from tests.lambdas.events import call
from tests.lambdas.shared import emf
from tests.lambdas.shared.callers import secrets


class Clock:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Connected:
    """Session and cache in one: counts what happened to it, takes its time to warm, fails if told to."""

    def __init__(self, clock: Clock, warm_seconds: float = 0.0, error: Exception | None = None) -> None:
        self._clock = clock
        self._seconds = warm_seconds
        self._error = error
        self.hash_key = None
        self.reason = ""
        self.warmed = 0
        self.resets = 0

    def warm(self, deadline: Deadline) -> None:
        self._clock.now += max(0.0, min(self._seconds, deadline.remaining()))
        if self._error:
            raise self._error
        self.warmed += 1

    def reset(self) -> None:
        self.resets += 1


class World:
    """What a function stands in, with everything that happened to it."""

    def __init__(
        self, *, on_lambda: bool = False, warm_seconds: float = 0.0, warm_error: Exception | None = None, **more: str
    ) -> None:
        self.clock = Clock()
        self.lines: list[str] = []
        self.sessions: list[Connected] = []
        self.caches: list[Connected] = []
        self.hooks: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._warm = (warm_seconds, warm_error)
        self.environ = {**({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"} if on_lambda else {}), **more}

    def _connected(self, kept: list[Connected]) -> Any:
        kept.append(Connected(self.clock, *self._warm))
        return kept[-1]

    def _register(self, before: Callable[[], None], after: Callable[[], None]) -> None:
        self.hooks = before, after

    def around(self) -> Surroundings:
        return Surroundings(
            environ=self.environ,
            clock=self.clock,
            wall=lambda: 1_795_243_500.0,
            write=self.lines.append,
            open_session=lambda environ: self._connected(self.sessions),
            open_cache=lambda environ, session: self._connected(self.caches),
            on_snapshot=self._register,
        )


class Scripted:
    """A function that does what it is told."""

    def __init__(self, does: Callable[[Any, Invocation], Mapping[str, Any]]) -> None:
        self._does = does

    def answer(self, event: Any, invocation: Invocation) -> Mapping[str, Any]:
        return self._does(event, invocation)


def made(world: World, does: Callable[[Any, Invocation], Mapping[str, Any]] = lambda event, invocation: {}) -> Entry:
    return entry("some-function", lambda environ, session, cache: Scripted(does), world.around())


class Context:
    aws_request_id = "8f5070d4-1e3a-4a5d-9d7f-000000000003"

    def __init__(self, milliseconds: int = 3000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def test_answers_and_writes_one_line() -> None:
    world = World()

    def does(event: Any, invocation: Invocation) -> dict[str, str]:
        world.clock.now += 0.25
        invocation.count("Items", 2)
        invocation.note("source", "table")
        return {"Got": event["a"]}

    assert made(world, does)({"a": "b"}, Context()) == {"Got": "b"}
    (text,) = world.lines
    read = emf.read(text)
    assert emf.metrics(read) == {"Items": 2, "ColdStart": 1, "Duration": 250.0, "Failed": 0}
    assert (read["Function"], read["source"], read["RequestId"]) == ("some-function", "table", Context.aws_request_id)


def test_only_the_first_invocation_is_a_cold_start() -> None:
    world = World()
    handler = made(world)
    for _ in range(3):
        handler({}, Context())

    assert [emf.read(text)["ColdStart"] for text in world.lines] == [1, 0, 0]
    assert len(world.sessions) == len(world.caches) == 1, "built once per environment"


@pytest.mark.parametrize(
    ("context", "seconds"),
    [
        pytest.param(Context(3000), 2.95, id="what is left, less the margin"),
        pytest.param(Context(20), -0.03, id="nothing is left"),
        pytest.param(None, 2.95, id="without a context, Lambda's default timeout"),
    ],
)
def test_the_deadline_is_the_functions_own_end(context: Any, seconds: float) -> None:
    left: list[float] = []

    def does(event: Any, invocation: Invocation) -> dict[str, str]:
        left.append(invocation.deadline.remaining())
        return {}

    made(World(), does)({}, context)
    assert left == [pytest.approx(seconds)]


class TestInit:
    def test_connects_before_the_first_caller(self) -> None:
        world = World(on_lambda=True)
        made(world)

        assert (world.sessions[0].warmed, world.caches[0].warmed) == (1, 1)
        assert world.lines == []

    def test_elsewhere_nothing_is_opened_before_the_first_call(self) -> None:
        world = World()
        made(world)

        assert world.sessions == []

    def test_waits_half_a_second_at_most_for_all_of_it(self) -> None:
        world = World(on_lambda=True, warm_seconds=60.0)
        made(world)

        assert world.clock.now - 100.0 <= 0.5
        assert world.caches[0].warmed, "a slow AWS leaves time for the cache"

    def test_does_not_fail_with_what_it_connects_to(self) -> None:
        world = World(on_lambda=True, warm_error=OSError("no route to +12065550100"))

        assert made(world)({}, Context()) == {}

    def test_a_missing_variable_is_raised_by_the_first_invocation_with_its_name(self) -> None:
        world = World(on_lambda=True)
        handler = entry(
            "some-function",
            lambda environ, session, cache: Scripted(lambda event, invocation: {"Table": required(environ, "TABLE")}),
            world.around(),
        )
        build_fails = entry(
            "some-function",
            lambda environ, session, cache: Scripted(_answering(required(environ, "TABLE"))),
            world.around(),
        )

        for failing in (handler, build_fails):
            with pytest.raises(MissingVariableError, match="TABLE"):
                failing({}, Context())
        assert [emf.read(text)["Error"] for text in world.lines] == ["MissingVariableError"] * 2

    def test_what_could_not_be_built_is_built_by_the_next_invocation(self) -> None:
        world = World()
        handler = entry(
            "some-function",
            lambda environ, session, cache: Scripted(_answering(required(environ, "TABLE"))),
            world.around(),
        )
        with pytest.raises(MissingVariableError):
            handler({}, Context())
        world.environ["TABLE"] = "acme"

        assert handler({}, Context()) == {"Table": "acme"}

    @pytest.mark.parametrize("value", [None, ""])
    def test_an_empty_variable_is_a_missing_one(self, value: str | None) -> None:
        with pytest.raises(MissingVariableError, match="TABLE"):
            required({} if value is None else {"TABLE": value}, "TABLE")


def _answering(table: str) -> Callable[[Any, Invocation], Mapping[str, Any]]:
    return lambda event, invocation: {"Table": table}


class TestSnapStart:
    def test_after_a_restore_connections_credentials_and_function_are_new(self) -> None:
        world = World(on_lambda=True)
        handler = made(world)
        assert world.hooks is not None
        before, after = world.hooks

        before()
        assert (world.sessions[0].resets, world.caches[0].resets) == (1, 1), "no socket goes into the snapshot"
        after()
        handler({}, Context())

        assert (len(world.sessions), len(world.caches)) == (2, 2)
        assert (world.sessions[1].warmed, world.caches[1].warmed) == (1, 1)
        assert emf.read(world.lines[0])["ColdStart"] == 1

    def test_a_restore_without_network_does_not_fail(self) -> None:
        world = World(on_lambda=True, warm_error=OSError("down"))
        handler = made(world)
        assert world.hooks is not None
        for hook in world.hooks:
            hook()

        assert handler({}, Context()) == {}


def raising(error: BaseException) -> Callable[[Any, Invocation], Mapping[str, Any]]:
    def does(event: Any, invocation: Invocation) -> Mapping[str, Any]:
        raise error

    return does


class TestErrors:
    def test_a_defect_is_raised_as_it_is(self) -> None:
        world = World()
        with pytest.raises(DefectError, match="ResourceNotFoundException"):
            made(world, raising(DefectError("ResourceNotFoundException")))({}, Context())
        read = emf.read(world.lines[0])
        assert (read["Failed"], read["Error"], read["Code"]) == (1, "DefectError", "ResourceNotFoundException")

    def test_what_is_wrong_with_the_deployment_is_raised_with_its_path(self) -> None:
        with pytest.raises(DeploymentError, match=r"RULES\[3\]\.when"):
            made(World(), raising(DeploymentError("RULES[3].when is not an object")))({}, Context())

    def test_any_other_error_keeps_its_type_and_its_place_but_not_its_words(self) -> None:
        with pytest.raises(FunctionFailedError) as raised:
            made(World(), raising(KeyError("Ada Lovelace")))({}, Context())
        assert str(raised.value) == "some-function failed: KeyError"
        assert any(frame.name == "does" for frame in traceback.extract_tb(raised.value.__traceback__)), "where it was"

    def test_leaving_the_process_is_not_held_up(self) -> None:
        with pytest.raises(SystemExit):
            made(World(), raising(SystemExit(1)))({}, Context())


@given(st.data())
def test_nothing_that_leaves_names_a_caller(data: st.DataObject) -> None:
    """Numbers, names and tokens in the event, in metrics, in notes and in errors of every kind."""
    secret = data.draw(secrets)
    inner = ValueError(f"was sent {secret}")
    kinds: list[Callable[[], BaseException]] = [
        lambda: KeyError(secret),
        lambda: ValueError("refused", {"number": secret}),
        lambda: UnicodeDecodeError("utf-8", secret.encode(), 0, 1, secret),
        lambda: OSError(5, secret, secret),
        lambda: ExceptionGroup("several", [inner, TypeError(secret)]),
        lambda: DefectError("AccessDeniedException"),
    ]
    error = data.draw(st.sampled_from(kinds))()
    chained = data.draw(st.booleans())
    event = data.draw(
        st.sampled_from(
            [call(secret, CustomerId=secret), {"Records": [{"body": secret}]}, secret, [secret], {secret: secret}]
        )
    )

    def does(event: Any, invocation: Invocation) -> Mapping[str, Any]:
        invocation.count(secret)
        invocation.note(secret, "word")
        invocation.note("word", secret)
        try:
            raise inner
        except ValueError as first:
            if chained:
                raise error from first
            raise error  # noqa: B904  # the context is what is tested

    world = World()
    with pytest.raises(Exception) as raised:  # noqa: PT011  # of whatever type
        made(world, does)(event, Context())

    formatted = "".join(traceback.format_exception(raised.value))
    everything = [*world.lines, str(raised.value), repr(raised.value), formatted, repr(raised.value.args)]
    assert not any(secret in text for text in everything)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    del raised
    gc.collect(0)  # a traceback holds frames, and these hold the next example's clock
