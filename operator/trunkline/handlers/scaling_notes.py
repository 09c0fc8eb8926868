"""Events of a ScalingPolicy: its conditions as they turn, and its levers as they move. Pure.

Whoever is woken by one reads what is wrong, what goes on meanwhile, and what to do. Bad news is told at once and each kind
of it once; that it is over is told when it has stayed over for a while, so that calls that tremble about a limit do not ring
each minute. What was told already is read off the conditions that stand in status: a new process repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from trunkline.api.scaling_levers import Through
from trunkline.engine.result import Done, State
from trunkline.handlers.conditions import Condition, reason_of
from trunkline.handlers.port import Note, NoteType
from trunkline.handlers.resources import shortened
from trunkline.handlers.scaling_decision import Decided
from trunkline.handlers.scaling_memory import PolicyMemory, Told

CALM = timedelta(minutes=10)
"""So long a trouble has to be gone until it counts as over."""
NOTE_LENGTH = 1000
NAMED = 8
CHANGED = "Changed"

_TROUBLE = {  # the status of a condition that somebody has to know of
    "AbleToScale": "False",
    "ScalingActive": "False",
    "ScalingLimited": "True",
    "QuotaLimited": "True",
    "CapacityAtRisk": "True",
    "BudgetExceeded": "True",
}
_CHOSEN = frozenset({"Recommend", "Paused"})
"""Reasons of ScalingActive that a user wrote: no trouble."""
_STAGES = {"Fallback": ("SourceFailing",)}
"""What came before a trouble: a new process counts failures from the first again."""
_NAMES = {  # the Event's reason: in trouble, and when it is over
    "AbleToScale": ("UnableToScale", "AbleToScale"),
    "ScalingActive": ("SourceFailing", "ScalingActive"),
    "ScalingLimited": ("ScalingLimited", "ScalingUnlimited"),
    "QuotaLimited": ("QuotaLimited", "WithinQuota"),
    "CapacityAtRisk": ("CapacityAtRisk", "CapacityFits"),
    "BudgetExceeded": ("BudgetExceeded", "WithinBudget"),
}
_ADVICE = {
    "AbleToScale": "What cannot be moved stays as it is, and AWS goes on with what it was told; to have more now, "
    "set it in AWS by hand",
    "ScalingActive": "Mend the source; to be safe meanwhile, state the calls in spec.demand.constant",
    "ScalingLimited": "Callers wait for cold starts or throttled reads; raise the lever's max if it is that, else request "
    "what status.shared names",
    "QuotaLimited": "Calls beyond it are refused or wait; request the quota, or for agents and users plan more people, now",
    "CapacityAtRisk": "Nothing is short today; request it in working hours, before that date",
    "BudgetExceeded": "Callers are served; raise spec.budget.monthlyUSD, or lower coverPercent or the levers' max",
}


@dataclass(frozen=True, slots=True)
class Moves:
    """What became of the levers in a pass. before: what each field was told last. done: the steps that were taken. refused:
    whether the engine's own Events say all that cannot be moved.
    """

    decided: Sequence[Decided] = ()
    before: Mapping[str, int] = field(default_factory=dict)
    done: Sequence[Done] = ()
    refused: bool = False


def events(
    engine: Iterable[Note], conditions: Iterable[Condition], moves: Moves, memory: PolicyMemory, now: datetime
) -> tuple[Note, ...]:
    """All Events of a pass. engine: its own, whose words on what was changed are left out where the levers' are there."""
    said = frozenset({"AbleToScale"} if moves.refused else ())
    turns, memory.told_of = turned(conditions, memory.told_of, now, said)
    levers = moved(moves)
    others = (note for note in engine if not (levers and note.reason == CHANGED))
    return (*others, *turns, *levers)


def told_before(written: Iterable[Any]) -> dict[str, Told]:
    """What a process before this one told, as `status.conditions` says."""
    found: dict[str, Told] = {}
    for one in written:
        if not isinstance(one, Mapping) or str(one.get("type")) not in _TROUBLE:
            continue
        condition = Condition(str(one["type"]), str(one.get("status")), str(one.get("reason")), "")
        reasons = {condition.reason, *_STAGES.get(condition.reason, ())} if _is_trouble(condition) else ()
        found[condition.type] = Told(condition.reason, frozenset(reasons))
    return found


def states_before(status: Mapping[str, Any]) -> dict[str, State]:
    """The states of what AWS was told, as a process before this one wrote them: what was told of them is told."""
    return {
        f"{one.get('kind')}/{one.get('name')}": State(one["state"])
        for one in status.get("resources") or ()
        if isinstance(one, Mapping) and one.get("state") in set(State)
    }


def turned(
    conditions: Iterable[Condition], before: Mapping[str, Told], now: datetime, said: frozenset[str] = frozenset()
) -> tuple[tuple[Note, ...], dict[str, Told]]:
    """The Events of conditions that turned, and what was told with them. said: types whose trouble others have told."""
    notes: list[Note] = []
    after = dict(before)
    for condition in conditions:
        if condition.type not in _TROUBLE or condition.status == "Unknown":
            continue  # of what is not known nothing has turned
        reason = reason_of(condition.reason)
        if _is_trouble(condition):
            known = before[condition.type].troubles if condition.type in before else frozenset()
            after[condition.type] = Told(reason, known | {reason})
            if reason not in known and condition.type not in said:
                notes.append(_warned(condition))
            continue
        note, after[condition.type] = _well(condition, before.get(condition.type), now)
        if note is not None:
            notes.append(note)
    return tuple(notes), after


def _well(condition: Condition, before: Told | None, now: datetime) -> tuple[Note | None, Told]:
    """No trouble: from the start, for a while, for good, or by somebody's choice."""
    reason = reason_of(condition.reason)
    well = Told(reason)
    if before is None:
        return None, well
    if reason in _CHOSEN or not before.troubles:
        chosen = condition.type == "ScalingActive" and reason != before.reason
        return (_calm(condition) if chosen else None), well
    since = before.well_since
    if since is None or since > now:
        return None, replace(before, well_since=now)
    return (None, before) if now - since < CALM else (_calm(condition), well)


def _is_trouble(condition: Condition) -> bool:
    return _TROUBLE[condition.type] == condition.status and condition.reason not in _CHOSEN


def _warned(condition: Condition) -> Note:
    name = "TargetNotReady" if condition.reason == "TargetNotReady" else _NAMES[condition.type][0]
    if condition.type == "ScalingActive":
        name = reason_of(condition.reason)
    advice = _ADVICE[condition.type]
    said = shortened(condition.message, NOTE_LENGTH - len(advice) - 4).rstrip(".")
    return Note(NoteType.WARNING, name, f"{said}. {advice}.")


def _calm(condition: Condition) -> Note:
    chosen = condition.reason in _CHOSEN
    name = condition.reason if chosen else _NAMES[condition.type][1]
    return Note(NoteType.NORMAL, name, shortened(condition.message, NOTE_LENGTH))


# --- levers


def moved(moves: Moves) -> tuple[Note, ...]:
    """One Event for those that went up, and one for those that went down; of what AWS refused there is none."""
    up: list[str] = []
    down: list[str] = []
    taken = _taken(moves.done)
    for one in moves.decided:
        name = one.moved.name
        if one.moved.problem:
            continue
        tracked = one.moved.through is Through.APPLICATION_AUTO_SCALING
        if tracked and name not in taken:
            continue
        old = moves.before.get(name, one.standing)
        if old is None or old == one.desired:
            continue
        said = f"{name} from {old} to {one.desired} of at most {one.maximum}: {one.decision.why.value}"
        if one.decision.held is not None:
            said += f", {one.decision.held.value} ({one.decision.wanted} wanted)"
        (up if one.desired > old else down).append(said)
    return tuple(_listed(up, "ScaledUp")) + tuple(_listed(down, "ScaledDown"))


def _taken(done: Iterable[Done]) -> frozenset[str]:
    """The fields whose minimum AWS was told."""
    return frozenset(
        item.key.partition("/")[2] for item in done if any(change.path == "min" for change in item.step.changes)
    )


def _listed(said: Sequence[str], reason: str) -> Iterator[Note]:
    if said:
        more = len(said) - NAMED
        text = "; ".join(said[:NAMED]) + (f"; and {more} more" if more > 0 else "")
        yield Note(NoteType.NORMAL, reason, shortened(text, NOTE_LENGTH))
