"""Whoever is on call looks a reason up: each that the code can give has its line in docs/troubleshooting.md."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.reasons import found

PAGE = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"
COMPUTED = {
    "aws/credentials.py: refusal.code": "as AWS said it",
    "aws/refusal.py: code": "a code of AWS",
    "drivers/instance.py: name": "no reason: its _listed lists attributes",
    "drivers/scalable_target_state.py: wanted": "no reason: its _listed lists targets",
    "drivers/scaling_measures.py: code": "a code of AWS",
    "drivers/scaling_reads.py: code": "a code of AWS",
    "engine/apply.py: refusal.code or refusal.outcome.value": "of a Refusal, read where that is made",
    "engine/apply.py: step.operation": "an AWS operation",
    "engine/removal.py: refusal.code": "of a Refusal",
    "engine/apply.py: reason": "the parameter of _result, whose callers are read",
    "engine/removal.py: reason": "the parameter of _result",
    "engine/survey.py: CODE": "Vanished, of engine/vanished.py",
    "handlers/cache_report.py: reason": "a condition's type, or Not before it: Healthy, Warmed",
    "handlers/farewell.py: node.reason or 'Blocked'": "of a NodeResult",
    "handlers/notes.py: reason": "of a NodeResult, or its state",
    "handlers/paused.py: PAUSED": "Paused, of handlers/conditions.py",
    "handlers/paused.py: reason": "PAUSED or Differs",
    "handlers/paused.py: refusal.code": "of a Refusal",
    "handlers/scaling_notes.py: name": "a condition's reason, or of _NAMES",
    "handlers/scaling_notes.py: reason": "the parameter of _listed, whose callers are read",
    "handlers/scaling_notes.py: str(one.get('reason'))": "as status says it",
    "handlers/statement.py: 'Idle' if stalled else moving": "of a Refusal, or Invalid, Idle, Blocked",
    "handlers/statement.py: reason": "of a Refusal, or Invalid",
    "handlers/statement.py: reason if stalled else 'Sound'": "of a Refusal, or Invalid, Sound",
}
"""Places whose reason comes from somewhere else, and from where."""
ELSEWHERE = {"Vanished", "Healthy", "NotHealthy", "Warmed", "NotWarmed"}
"""Reasons that only such places give."""


def explained() -> set[str]:
    """The reasons that stand in the first or second cell of a row, in the tables of reasons."""
    tables = PAGE.read_text().partition("## Reasons of Ready")[2]
    rows = [line for line in tables.splitlines() if line.startswith("|")]
    return {word for row in rows for cell in row.split("|")[1:3] for word in re.findall(r"`([A-Z][A-Za-z0-9]+)`", cell)}


def test_every_reason_that_the_code_gives_is_explained() -> None:
    missing = {reason: place for reason, place in found().reasons.items() if reason not in explained()}
    assert missing == {}, "add a row to docs/troubleshooting.md: what it means, what to do"
    assert explained() >= ELSEWHERE


def test_no_place_gives_a_reason_that_cannot_be_read_off_the_code() -> None:
    assert set(found().unknown) == set(COMPUTED), "say in COMPUTED where it comes from"


def test_the_page_explains_no_reason_that_nobody_gives() -> None:
    types = {"Reconciling", "Stalled", "ConfirmationRequired", "CapacityAtRisk", "CreateQueue"}
    assert explained() - set(found().reasons) - ELSEWHERE - types == set()
