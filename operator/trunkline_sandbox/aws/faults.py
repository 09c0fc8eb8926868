"""Faults to inject: which call, and what goes wrong with it.

A rule counts the calls that match it and strikes from the `nth` on, `times` times. The first rule that strikes wins.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from trunkline_sandbox.aws.clock import wait
from trunkline_sandbox.aws.messages import AnswerTooLate, NoAnswer, ProcessKilled
from trunkline_sandbox.aws.service import Clock

Kind = Literal[
    "throttle",  # the service's own throttling answer
    "error",  # `code`, `message`, `status`; default: the service's 5xx
    "drop_before",  # the connection closes and nothing happened
    "drop_after",  # the connection closes and it happened
    "timeout_before",  # as drop_before, after `seconds`
    "timeout_after",  # as drop_after, after `seconds`
    "delay",  # the answer comes `seconds` late
    "kill_before",  # the caller's process dies (`pid`, or ProcessKilled in this process) and nothing happened
    "kill_after",  # the same, and it happened
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule. `service` and `operation` are globs; `times` 0: from `nth` on forever."""

    kind: Kind
    service: str = "*"
    operation: str = "*"
    nth: int = 1
    times: int = 1
    mutating_only: bool = False
    account: str = "*"
    code: str = ""
    message: str = "injected"
    status: int = 500
    seconds: float = 0.0
    pid: int = 0

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Fault:
        """From JSON. Raises ValueError with the field's name."""
        known = {item.name: item for item in fields(cls)}
        for name, given in value.items():
            if name not in known:
                raise ValueError(f"{name}: a fault has no such field; it has {', '.join(known)}")
            wanted = {"int": int, "float": (int, float), "bool": bool}.get(str(known[name].type), str)
            if not isinstance(given, wanted):  # type: ignore[arg-type]
                raise ValueError(f"{name}: expected {known[name].type}, found {given!r}")  # noqa: TRY004 - from JSON
        if value.get("kind") not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}, found {value.get('kind')!r}")
        if value.get("pid", 0) < 0:
            raise ValueError("pid: expected one process, not a group")
        return cls(**value)


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._seen: list[int] = []

    def add(self, fault: Fault) -> None:
        self._rules.append(fault)
        self._seen.append(0)

    def clear(self) -> None:
        self._rules.clear()
        self._seen.clear()

    def strike(self, service: str, operation: str, account: str, *, mutating: bool) -> Fault | None:
        """Count a call and say what goes wrong with it, if anything."""
        struck: Fault | None = None
        for index, rule in enumerate(self._rules):
            if rule.mutating_only and not mutating:
                continue
            given = ((service, rule.service), (operation, rule.operation), (account, rule.account))
            if not all(fnmatchcase(text, glob) for text, glob in given):
                continue
            self._seen[index] += 1
            due = self._seen[index] >= rule.nth and (not rule.times or self._seen[index] < rule.nth + rule.times)
            struck = struck or (rule if due else None)
        return struck

    def inspect(self) -> list[dict[str, Any]]:
        return [asdict(rule) | {"seen": seen} for rule, seen in zip(self._rules, self._seen, strict=True)]


def suffer_before(fault: Fault, clock: Clock) -> None:
    """What a fault does before the call. Raises NoAnswer, AnswerTooLate or ProcessKilled; a delay passes."""
    if fault.kind == "drop_before":
        raise NoAnswer(effect=False)
    if fault.kind == "timeout_before":
        raise AnswerTooLate(effect=False, seconds=fault.seconds)
    if fault.kind == "kill_before":
        _kill(fault, effect=False)
    if fault.kind == "delay":
        wait(clock, fault.seconds)


def suffer_after(fault: Fault | None) -> None:
    """What a fault does once the call took effect. Raises as `suffer_before`."""
    if fault is None:
        return
    if fault.kind == "drop_after":
        raise NoAnswer(effect=True)
    if fault.kind == "timeout_after":
        raise AnswerTooLate(effect=True, seconds=fault.seconds)
    if fault.kind == "kill_after":
        _kill(fault, effect=True)


def _kill(fault: Fault, *, effect: bool) -> None:
    if not fault.pid:
        raise ProcessKilled
    os.kill(fault.pid, signal.SIGKILL)
    raise NoAnswer(effect=effect)
