"""What functions answer when they are invoked: set by a test, per function or per alias or version of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KEPT = 10_000  # invocations


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function, as a callable that stands for it gets it. `arn` has the qualifier that was asked for."""

    function: str
    arn: str
    version: str
    event: Any
    request_id: str
    asynchronous: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back: JSON-able, with "Handled" or "Unhandled" if it is an error object."""

    payload: Any
    error: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as Lambda's Python runtime reports it."""

    message: str
    kind: str
    trace: tuple[str, ...] = ()

    def shown(self, request_id: str) -> dict[str, Any]:
        return {
            "errorMessage": self.message,
            "errorType": self.kind,
            "requestId": request_id,
            "stackTrace": list(self.trace),
        }


Run = Callable[[Invocation], Any]


class Answers:
    """Answers by function name and qualifier, and the invocations that came, the latest last."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], Run] = {}
        self.invocations: list[Invocation] = []

    def set(self, function: str, run: Run, qualifier: str = "") -> None:
        """Let `run` answer for a function; for one alias or version of it if that is named."""
        self._runs[(function, qualifier)] = run

    def take(self, qualifier: str | None, invocation: Invocation) -> Callable[[Invocation], Answer]:
        """Note an invocation; what will answer it, when nothing is held any more."""
        self.invocations.append(invocation)
        del self.invocations[:-KEPT]
        run = self._runs.get((invocation.function, qualifier or "")) or self._runs.get((invocation.function, ""))
        return _absent if run is None else lambda given: _answered(run, given)

    def clear(self) -> None:
        self._runs.clear()
        self.invocations.clear()


def _absent(invocation: Invocation) -> Answer:
    text = f"the offline AWS runs no functions: set an answer for {invocation.function}"
    return Answer(Failure(text, "Runtime.NoAnswer").shown(invocation.request_id), "Unhandled")


def _answered(run: Run, invocation: Invocation) -> Answer:
    try:
        found = run(invocation)
    except Exception as error:  # whatever a function raises is its answer
        trace = tuple(traceback.format_tb(error.__traceback__)[1:])
        failure = Failure(str(error), type(error).__name__, trace)
        return Answer(failure.shown(invocation.request_id), "Unhandled")
    return found if isinstance(found, Answer) else Answer(found)
