"""Events of a ScalingPolicy: what turns is told once, trembling rings nobody, and a new process repeats nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.column.policies import LOOKUP_LEVER, calls, center, policy
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import Object, World
from trunkline.engine.budget import Priority
from trunkline.handlers.conditions import Condition
from trunkline.handlers.port import NoteType
from trunkline.handlers.scaling_memory import Told
from trunkline.handlers.scaling_notes import told_before, turned

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHORT = Condition("ScalingLimited", "True", "Maximum", "lookup.provisionedConcurrency needs more than 20")
FITS = Condition("ScalingLimited", "False", "Within", "calls need no more than the levers may be")
FRESH = Condition("ScalingActive", "True", "Fresh", "its source of demand is fresh")
FAILING = Condition("ScalingActive", "False", "SourceFailing", "nothing is lowered: live: there is no number")
FALLBACK = Condition("ScalingActive", "False", "Fallback", "nothing is lowered: live: the fallback holds")
PAUSED = Condition("ScalingActive", "False", "Paused", "spec.paused is true: AWS goes on with what it was told")
UNKNOWN = Condition("QuotaLimited", "Unknown", "NotKnown", "needs could not be computed")
BREACH = Condition("CapacityAtRisk", "True", "RequestBy", "concurrent-calls: 10,000 calls last until 2027-01-09")


def rung(*minutes_of: tuple[int, Condition], before: dict[str, Told] | None = None) -> list[str]:
    """Reasons of the Events, of conditions at minutes of an hour."""
    known, found = before or {}, []
    for minute, condition in minutes_of:
        notes, known = turned([condition], known, NOON + timedelta(minutes=minute))
        found += [f"{note.type.value} {note.reason}" for note in notes]
    return found


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([(0, FITS), (1, FITS)], [], id="well from the start is no news"),
        pytest.param(
            [(0, SHORT), (1, SHORT), (2, SHORT)], ["Warning ScalingLimited"], id="trouble once, not each minute"
        ),
        pytest.param(
            [(0, FITS), (1, SHORT), (5, FITS), (14, FITS), (16, FITS), (30, FITS)],
            ["Warning ScalingLimited", "Normal ScalingUnlimited"],
            id="over when it has stayed over, once",
        ),
        pytest.param(
            [(minute, SHORT if minute % 2 else FITS) for minute in range(40)],
            ["Warning ScalingLimited"],
            id="calls that tremble about the most of a lever ring once",
        ),
        pytest.param(
            [(0, FRESH), (1, FAILING), (4, FALLBACK), (6, FRESH), (8, FAILING), (11, FALLBACK)],
            ["Warning SourceFailing", "Warning Fallback"],
            id="each stage of a failing source once, also if it fails again soon",
        ),
        pytest.param(
            [(0, FRESH), (1, FAILING), (2, FRESH), (13, FRESH), (14, FAILING)],
            ["Warning SourceFailing", "Normal ScalingActive", "Warning SourceFailing"],
            id="a new failure after a calm one is news",
        ),
        pytest.param(
            [(0, FRESH), (1, PAUSED), (2, PAUSED), (3, FRESH)],
            ["Normal Paused", "Normal ScalingActive"],
            id="a pause and its end are a choice and no trouble",
        ),
        pytest.param([(0, UNKNOWN), (1, UNKNOWN)], [], id="of what is not known nothing has turned"),
        pytest.param([(0, BREACH), (9, BREACH)], ["Warning CapacityAtRisk"], id="months ahead"),
    ],
)
def test_what_turns_is_told_once(seen: list[tuple[int, Condition]], expected: list[str]) -> None:
    assert rung(*seen) == expected


def test_a_new_process_takes_for_told_what_status_says() -> None:
    written = [{"type": one.type, "status": one.status, "reason": one.reason} for one in (SHORT, FALLBACK, BREACH)]
    before = told_before([*written, {"type": "Ready", "status": "False", "reason": "Blocked"}])
    assert rung((0, SHORT), (0, FALLBACK), (0, BREACH), before=before) == []
    assert rung((0, FITS), (11, FITS), before=before) == ["Normal ScalingUnlimited"]


def reasons(of: Object, since: int = 0) -> list[str]:
    return [note.reason for note in of.notes[since:]]


def test_a_policy_says_what_moves_and_what_stands_in_its_way_and_a_restart_says_none_of_it_again() -> None:
    """3,000 calls want 29 warm functions, 4,000 want 36, of at most 30; then the metric dies."""
    world = World()
    world.make(center())
    at_most = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 5, "max": 30}}
    of = world.add(policy(demand=LIVE, levers=[at_most]))

    async def day() -> None:
        calls(world, 3000.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        await minutes(world, of, 5)

    world.run(day())
    assert [reason for reason in reasons(of) if reason != "QuotaLimited"] == ["Ready", "ScaledUp"]
    assert "lookup.provisionedConcurrency from 0 to 29 of at most 30: Live" in of.notes[-1].message
    quota = next(note for note in of.notes if note.reason == "QuotaLimited")
    assert quota.type is NoteType.WARNING, "the offline AWS grants ten calls at the same time"
    assert "request the quota" in quota.message

    since = len(of.notes)
    calls(world, 4000.0)
    world.run(minutes(world, of, 8))
    assert reasons(of, since) == ["ScalingLimited", "ScaledUp"], "the engine's Changed says no more than ScaledUp does"
    assert "raise the lever's max" in of.notes[since].message

    since = len(of.notes)
    calls(world, None)
    world.run(minutes(world, of, 20))
    told = ["SourceFailing", "Fallback", "ScalingUnlimited"]
    assert reasons(of, since) == told, "the 2,000 calls of the fallback fit, and nothing was lowered for them"
    assert "live" in of.notes[since].message
    assert "spec.demand.constant" in of.notes[since].message

    since = len(of.notes)
    world.start()
    world.run(minutes(world, of, 5))
    assert reasons(of, since) == []


def test_a_center_that_goes_is_told_once_and_so_is_a_refusal_that_a_new_process_finds() -> None:
    world = World()
    made = world.make(center())
    other = world.make(policy("first", demand={"constant": {"concurrentCalls": 3000}}))
    other.deleting = True
    world.run(world.settle(other))
    of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}))
    assert [reason for reason in reasons(of) if reason != "QuotaLimited"] == ["Conflict"], "in AWS's words, and once"
    since = len(of.notes)
    world.start()
    world.run(minutes(world, of, 3))
    assert reasons(of, since) == []
    del world.objects[made.key]
    world.run(world.once(of, Priority.CHANGE))
    world.run(world.once(of, Priority.CHANGE))
    assert reasons(of, since) == ["TargetNotReady"]
    assert "ContactCenter small is not there" in of.notes[-1].message
