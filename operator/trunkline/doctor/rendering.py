"""Findings as text of 80 columns, or as JSON. Pure."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from trunkline.doctor.finding import Finding, Outcome, exit_code

COLUMNS = 80
_OUTCOME, _CHECK = 8, 13


def as_text(findings: Sequence[Finding]) -> str:
    """One paragraph a finding, its remedy below, and how many there are of each outcome."""
    lines = [line for finding in findings for line in _lines(finding)]
    counts = Counter(finding.outcome for finding in findings)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return "\n".join([*lines, "", told, ""])


def _lines(finding: Finding) -> Iterable[str]:
    head = f"{finding.outcome:<{_OUTCOME}} {finding.check:<{_CHECK}} "
    yield from _wrapped(finding.message, head, " " * len(head))
    if finding.remedy and finding.outcome is not Outcome.OK:
        indent = " " * (_OUTCOME + 1)
        yield from _wrapped(finding.remedy, f"{indent}-> ", f"{indent}   ")


def _wrapped(text: str, first: str, other: str) -> list[str]:
    """Words are broken only where one alone is too long: a command can be copied. Control characters go: servers, proxies
    and whoever may write a Lease have a part in what is said, and none in the terminal.
    """
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return textwrap.wrap(plain, COLUMNS, initial_indent=first, subsequent_indent=other, break_on_hyphens=False) or [
        first.rstrip()
    ]


def as_json(findings: Iterable[Finding], version: str) -> str:
    """`{"version", "failed", "findings": [{"check", "outcome", "reason", "message", "remedy"}]}`."""
    listed = list(findings)
    value = {"version": version, "failed": bool(exit_code(listed)), "findings": [as_value(one) for one in listed]}
    return json.dumps(value, indent=2) + "\n"


def as_value(finding: Finding) -> dict[str, str]:
    """One finding for programs."""
    found = {
        "check": finding.check,
        "outcome": str(finding.outcome),
        "reason": finding.reason,
        "message": finding.message,
    }
    return {**found, "remedy": finding.remedy} if finding.remedy else found
