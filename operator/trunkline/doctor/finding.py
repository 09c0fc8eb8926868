"""What a check came to: an outcome, one word of why, a sentence for people, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """warning: works, and will hurt. unknown: could not be read. skipped: does not apply, or was not asked for."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """check: its name ("lease"). reason: one word of CamelCase for machines. remedy: a command or a sentence, never
    empty where it failed.
    """

    check: str
    outcome: Outcome
    reason: str
    message: str
    remedy: str = ""


def ok(check: str, message: str, reason: str = "AsItShouldBe") -> Finding:
    """As it should be."""
    return Finding(check, Outcome.OK, reason, message)


def warning(check: str, reason: str, message: str, remedy: str) -> Finding:
    """Works, and will hurt."""
    return Finding(check, Outcome.WARNING, reason, message, remedy)


def failed(check: str, reason: str, message: str, remedy: str) -> Finding:
    """Does not work."""
    return Finding(check, Outcome.FAILED, reason, message, remedy)


def unknown(check: str, message: str, remedy: str = "", reason: str = "CannotBeRead") -> Finding:
    """Could not be read."""
    return Finding(check, Outcome.UNKNOWN, reason, message, remedy)


def skipped(check: str, reason: str, message: str, remedy: str = "") -> Finding:
    """Does not apply here, or was not asked for."""
    return Finding(check, Outcome.SKIPPED, reason, message, remedy)


def exit_code(findings: Iterable[Finding]) -> int:
    """1 if something failed, else 0: what is unknown is said, and is no failure."""
    return int(any(finding.outcome is Outcome.FAILED for finding in findings))
