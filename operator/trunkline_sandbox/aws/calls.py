"""The log of calls: what was asked, by whom, when, and what came of it. For people and for assertions of tests.

Parameters are kept as a digest only; secrets never reach the log.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 200_000  # calls; older ones are counted but no longer listed

# Outcomes besides "ok" and error codes.
PENDING = "pending"
NO_ANSWER = "no answer"


@dataclass(slots=True)
class Call:
    """One call. `outcome` is "ok", an error code, or "no answer"; `effect` whether the service was reached."""

    number: int
    time: float
    account: str
    region: str
    principal: str
    service: str
    operation: str
    mutating: bool
    digest: str = ""
    status: int = 0
    outcome: str = PENDING
    effect: bool = False


def digest(params: dict[str, Any]) -> str:
    """Twelve hex digits that tell equal parameters from others."""
    text = json.dumps(params, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: object) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)


class CallLog:
    """Calls in order, with counts that outlive the list."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._number = 0
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def open(self, **known: Any) -> Call:
        """A new call; `known` are the fields of `Call` that are known on arrival."""
        self._number += 1
        call = Call(number=self._number, **known)
        self._calls.append(call)
        return call

    def close(self, call: Call, outcome: str, status: int) -> None:
        """Note what came of a call."""
        call.outcome, call.status = outcome, status
        self._counts[(call.service, call.operation, outcome)] += 1

    @property
    def number(self) -> int:
        """The number of the latest call; `since(number)` lists what comes after it."""
        return self._number

    def since(self, number: int = 0) -> list[Call]:
        return [call for call in tuple(self._calls) if call.number > number]  # other threads add meanwhile

    def counts(self) -> dict[str, dict[str, int]]:
        """How often each outcome was seen, by "service:Operation"."""
        found: dict[str, dict[str, int]] = {}
        for (service, operation, outcome), count in sorted(self._counts.items()):
            found.setdefault(f"{service}:{operation}", {})[outcome] = count
        return found

    def reset(self) -> None:
        self._calls.clear()
        self._counts.clear()
        self._number = 0


def as_json(calls: list[Call]) -> list[dict[str, Any]]:
    return [asdict(call) for call in calls]
