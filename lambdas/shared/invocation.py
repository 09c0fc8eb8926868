"""What every function has around it: INIT, the deadline, the one line per invocation, what may be raised.

    handler = entry("customer-lookup", build)

where `build(environ, session, cache)` makes the function's own object once per environment of Lambda, and its
`answer(event, invocation)` answers one invocation. INIT never fails and waits half a second at most for cache, secret
and table; what is wrong with the deployment is raised by the first invocation instead, where it can be read.

Nothing that names a caller leaves through here but the answer itself: see `shared.record` for the line, `raisable` for
errors.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping

from shared.deadline import Deadline
from shared.failure import DefectError
from shared.record import Record, withheld
from shared.typed import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shared.cache import Cache, NoCache
    from shared.session import Session

MARGIN_SECONDS = 0.05  # of the function's timeout, for writing the line and handing over the answer
WARM_SECONDS = 0.5  # most that INIT waits for what it connects to, in all
AWS_SHARE_SECONDS = 0.25  # of that, for AWS
UNKNOWN_SECONDS = 3.0  # Lambda's default timeout, where the context does not say what is left


class DeploymentError(Exception):
    """The function is not set up as it must be. The message names the variable or the path of a configuration and what
    to write there; it is shown to operators, so it quotes nothing of an event.
    """


class MissingVariableError(DeploymentError):
    """A required environment variable is not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment variable {name} is not set: give the function a value for it")
        self.name = name


class FunctionFailedError(Exception):
    """The function failed; the message is the type of what was raised, because its text may quote what was sent."""


def required(environ: Mapping[str, str], name: str) -> str:
    """The value of a variable. Raises MissingVariableError if it is not set or empty."""
    value = environ.get(name)
    if not value:
        raise MissingVariableError(name)
    return value


class Invocation:
    """One invocation, as a function's `answer` sees it. deadline: everything that waits takes it from here."""

    __slots__ = ("_record", "deadline")

    def __init__(self, deadline: Deadline, record: Record | None = None) -> None:
        self.deadline = deadline
        self._record = record if record is not None else Record()

    def count(self, name: str, n: float = 1) -> None:
        """Add to a metric of this invocation. name: words of letters, 32 at most: "CacheHit",
        "Table.server-error".
        """
        self._record.count(name, n)

    def note(self, name: str, value: str) -> None:
        """Say something of this invocation beside its metrics: an outcome, a reason, never content. A value that is no
        short word in small letters ("not-found"), or has five digits in a row, is withheld.
        """
        self._record.note(name, value)


class Function(Protocol):
    """What `build` returns."""

    def answer(self, event: Any, invocation: Invocation) -> Mapping[str, Any]:
        """The answer to one event. Raises DefectError, DeploymentError, or anything else that is a defect."""


if TYPE_CHECKING:
    Build = Callable[[Mapping[str, str], Session, Cache | NoCache], Function]


class Surroundings:
    """What a function stands in; tests give their own. wall: seconds since the epoch. write: of standard output."""

    __slots__ = ("clock", "environ", "on_snapshot", "open_cache", "open_session", "wall", "write")

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
        wall: Callable[[], float],
        write: Callable[[str], object],
        open_session: Callable[[Mapping[str, str]], Session],
        open_cache: Callable[[Mapping[str, str], Session], Cache | NoCache],
        on_snapshot: Callable[[Callable[[], None], Callable[[], None]], None],
    ) -> None:
        self.environ = environ
        self.clock = clock
        self.wall = wall
        self.write = write
        self.open_session = open_session
        self.open_cache = open_cache
        self.on_snapshot = on_snapshot


def lambda_surroundings() -> Surroundings:
    """Those of a real environment of Lambda."""
    from shared.cache import Cache  # noqa: PLC0415  # imported by whoever runs, not by who only looks at this module
    from shared.jitter import jitter  # noqa: PLC0415
    from shared.session import Session  # noqa: PLC0415

    return Surroundings(
        environ=os.environ,
        clock=time.monotonic,
        wall=time.time,
        write=_write,
        open_session=lambda environ: Session.from_environment(environ, clock=time.monotonic, jitter=jitter),
        open_cache=lambda environ, session: Cache.from_environment(
            environ, session, clock=time.monotonic, jitter=jitter
        ),
        on_snapshot=_register,
    )


def _write(line: str) -> None:
    """In one piece: the runtime sends each write as a line of its own."""
    sys.stdout.write(line)
    sys.stdout.flush()


def _register(before_snapshot: Callable[[], None], after_restore: Callable[[], None]) -> None:
    """SnapStart's hooks; the module is the runtime's own and is not there elsewhere."""
    try:
        import snapshot_restore_py as hooks  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError:
        return
    hooks.register_before_snapshot(before_snapshot)
    hooks.register_after_restore(after_restore)


class _Built:
    __slots__ = ("cache", "function", "session")

    def __init__(self, function: Function, session: Session, cache: Cache | NoCache) -> None:
        self.function = function
        self.session = session
        self.cache = cache


class Entry:
    """A function's handler: callable as Lambda calls it."""

    def __init__(self, name: str, build: Build, around: Surroundings | None) -> None:
        self._name = name
        self._build = build
        self._around = around
        self._built: _Built | None = None
        self._cold = True

    def __call__(self, event: Any, context: Any = None) -> Mapping[str, Any]:
        """Answer one invocation and write its line. What it raises names no caller; its stack is kept."""
        around = self._surroundings()
        record = Record()
        started = around.clock()
        failed: Exception | None = None
        answer: Mapping[str, Any] = {}
        cold, self._cold = self._cold, False
        try:
            built = self._built or self._construct(around)
            answer = built.function.answer(event, Invocation(_deadline(context, around.clock), record))
        except Exception as error:
            failed = raisable(self._name, error)
            record.failed(error)
        milliseconds = (around.clock() - started) * 1000
        around.write(record.line(self._name, event, context, now=around.wall(), milliseconds=milliseconds, cold=cold))
        if failed is not None:
            raise failed  # out of the handler above, so that it does not carry the error it replaces
        return answer

    def initialize(self) -> None:
        """INIT: construct, connect, register for snapshots. Never raises."""
        around = self._surroundings()
        around.on_snapshot(self._before_snapshot, self._after_restore)
        self._warm(around)

    def _surroundings(self) -> Surroundings:
        if self._around is None:
            self._around = lambda_surroundings()
        return self._around

    def _construct(self, around: Surroundings) -> _Built:
        session = around.open_session(around.environ)
        cache = around.open_cache(around.environ, session)
        self._built = _Built(self._build(around.environ, session, cache), session, cache)
        return self._built

    def _warm(self, around: Surroundings) -> None:
        deadline = Deadline.after(WARM_SECONDS, around.clock)
        try:
            built = self._built or self._construct(around)
            built.session.warm(deadline.within(AWS_SHARE_SECONDS))
            built.cache.warm(deadline)
        except Exception:  # the first invocation constructs again, and raises what is wrong
            return

    def _before_snapshot(self) -> None:
        """Sockets and credentials must not go into a snapshot that many environments are restored from."""
        built, self._built = self._built, None
        if built is not None:
            built.cache.reset()
            built.session.reset()

    def _after_restore(self) -> None:
        self._cold = True
        self._warm(self._surroundings())


def entry(name: str, build: Build, around: Surroundings | None = None) -> Entry:
    """The handler of a function. name: the builtin's, "customer-lookup".

    In an environment of Lambda this is INIT; elsewhere nothing is opened before the first call.
    """
    made = Entry(name, build, around)
    if "AWS_LAMBDA_RUNTIME_API" in (around.environ if around else os.environ):
        made.initialize()
    return made


def raisable(name: str, error: Exception) -> Exception:
    """What may be raised in the place of this error: Lambda logs the message, and the flow's owner reads it."""
    if isinstance(error, (DefectError, DeploymentError)) and withheld(str(error)) == str(error):
        safe: Exception = error
        safe.__cause__ = safe.__context__ = None
    else:
        safe = FunctionFailedError(f"{name} failed: {type(error).__name__}")
    return safe.with_traceback(error.__traceback__)


def _deadline(context: Any, clock: Callable[[], float]) -> Deadline:
    """The function's own end less a margin: nothing that waits may be cut off by Lambda."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = remaining() / 1000 if remaining is not None else UNKNOWN_SECONDS
    return Deadline.after(seconds - MARGIN_SECONDS, clock)
