"""`status` of an object from what a pass came to. Pure; the runtime writes it only if it differs.

Nothing here changes for the clock's sake: a plan's time is kept while the plan is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trunkline.engine.confirm import Held
from trunkline.engine.driver import INSTANCE_KEY
from trunkline.engine.outcome import Outcome, Refusal
from trunkline.engine.result import NodeResult, Result, State
from trunkline.handlers.conditions import Condition, Situation, conditions, written
from trunkline.handlers.notes import notes
from trunkline.handlers.port import Named, Note, Snapshot
from trunkline.handlers.remembered import Remembered
from trunkline.handlers.resources import shortened, write_resources

MAX_TO_CONFIRM = 100
TO_CONFIRM_LENGTH = 500
_CHANGING = (State.CHANGING, State.WAITING, State.REMOVING, State.HELD)
_BLOCKED = (State.BLOCKED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Statement:
    """All that a status is made from. contents: SHA-256 of each ConfigMap key that was read. own: what only this kind
    says; told: conditions of its own, in further detail than those of every kind.
    """

    snapshot: Snapshot
    known: Remembered
    result: Result
    problems: Sequence[str]
    paused: bool
    contents: Mapping[Named, str]
    resync: float
    now: float
    drift: bool
    own: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[Condition, ...] = ()


def stated(this: Statement) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """The status value, and the Events that go with it."""
    snapshot, result = this.snapshot, this.result
    situation = Situation(
        result.nodes,
        this.problems,
        result.confirmation,
        paused=this.paused,
        ended=result.ended,
        vanished=snapshot.vanished,
    )
    found = (*conditions(situation), *this.told)
    previous = snapshot.status.get("conditions") or ()
    status = {
        "observedGeneration": snapshot.generation,
        "appliedGeneration": this.known.record.generation if this.known.record.generation >= 0 else None,
        "conditions": written(found, previous, snapshot.generation, this.now),
        **this.own,
        "summary": _summary(result),
        "lastPlan": _last_plan(this),
        "account": this.known.record.account,
        "resync": int(this.resync),
        "inputs": [
            {"name": named.name, "key": named.key, "sha256": digest} for named, digest in sorted(this.contents.items())
        ],
        "resources": write_resources(this.known.record, result.nodes),
    }
    was = {str(item.get("type")): item.get("status") for item in previous}.get("Ready")
    told = notes(
        result,
        this.known.states,
        was_ready=None if was is None else was == "True",
        ready=found[0].status == "True",
        drift=this.drift,
    )
    return {name: value for name, value in status.items() if value not in (None, "", {})}, told


_SHOWN_OF_INSTANCE = {"id": "id", "arn": "arn", "status": "status", "access_url": "accessUrl"}


def instance_status(known: Remembered, attributes: Mapping[str, str]) -> dict[str, str]:
    """What is known of the instance; what this pass did not read stays as it was."""
    entry = known.record.entries.get(INSTANCE_KEY)
    seen = {shown: attributes[name] for name, shown in _SHOWN_OF_INSTANCE.items() if attributes.get(name)}
    if entry is not None:
        seen = {"id": entry.id, **({"arn": entry.arn} if entry.arn else {}), **seen}
    known.instance = {**known.instance, **seen}
    return dict(known.instance)


def _summary(result: Result) -> dict[str, int]:
    return {
        "resources": len(result.nodes),
        "ready": len(result.of(State.READY, State.DIFFERS)),
        "changing": len(result.of(*_CHANGING)),
        "blocked": len(result.of(*_BLOCKED)),
        "retained": len(result.of(State.KEPT)),
    }


def _last_plan(this: Statement) -> dict[str, Any]:
    """The last plan that had anything in it."""
    counts, confirmation = this.result.counts, this.result.confirmation
    before = this.known.last_plan or dict(this.snapshot.status.get("lastPlan") or {})
    if counts.empty and not confirmation.held:
        plan = {name: value for name, value in before.items() if name not in ("toConfirm", "id")}
    else:
        plan = {"add": counts.add, "change": counts.change, "delete": counts.delete, "adopt": counts.adopt}
        if confirmation.held:
            plan["id"] = confirmation.id
            plan["toConfirm"] = to_confirm_lines(confirmation.held)
        same = plan == {name: value for name, value in before.items() if name != "time"}
        plan["time"] = before["time"] if same and "time" in before else _stamp(this.now)
    this.known.last_plan = plan
    return plan


def to_confirm_lines(held: Sequence[Held]) -> list[str]:
    """What waits, one line each, at most MAX_TO_CONFIRM: the last says how many more there are, as all of it is confirmed."""
    lines = [shortened(f"{one.key}: {one.operation}: {one.reason}", TO_CONFIRM_LENGTH) for one in held[:MAX_TO_CONFIRM]]
    if len(held) > MAX_TO_CONFIRM:
        lines[-1] = f"and {len(held) - MAX_TO_CONFIRM + 1} more"
    return lines


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def partial_status(snapshot: Snapshot, known: Remembered) -> dict[str, Any]:
    """The status as it was, with the record as it is now: written while a pass goes on. A record that grows must not
    claim a generation that was not worked through yet.
    """
    nodes = [
        NodeResult(key, entry.section, entry.name, State.CHANGING, "InProgress")
        for key, entry in known.record.entries.items()
        if known.states.get(key) is not State.READY
    ]
    status = dict(snapshot.status)
    status["resources"] = write_resources(known.record, nodes)
    status["account"] = known.record.account
    status.setdefault("observedGeneration", -1)
    if instance := instance_status(known, {}):
        status["instance"] = instance
    if not status.get("conditions"):
        working = Condition("Ready", "False", "Progressing", "resources are being made")
        moving = Condition("Reconciling", "True", "Progressing", "resources are being made")
        status["conditions"] = written((working, moving), (), snapshot.generation, known.memory.started)
    return status


def refused_status(
    snapshot: Snapshot, known: Remembered, problems: Sequence[str], now: float, refusal: Refusal | None = None
) -> dict[str, Any]:
    """The status of an object of which nothing could be done: it does not parse, or AWS cannot be reached.

    What is known of it stays as it was; the record above all.
    """
    reason = refusal.code if refusal is not None else "Invalid"
    message = shortened("; ".join(problems), 2048)
    stalled = refusal is None or refusal.outcome is Outcome.REJECTED
    # Whether somebody has to do something is not in AWS's code: readers go by this word, as after a pass.
    moving = "Blocked" if refusal is not None and refusal.outcome is Outcome.BLOCKED else reason
    found = (
        Condition("Ready", "False", reason, message),
        Condition("Reconciling", "False" if stalled else "True", "Idle" if stalled else moving, message),
        Condition("Stalled", "True" if stalled else "False", reason if stalled else "Sound", message),
    )
    status = dict(snapshot.status)
    status["observedGeneration"] = snapshot.generation
    status["conditions"] = written(found, snapshot.status.get("conditions") or (), snapshot.generation, now)
    if known.record.entries:
        status["resources"] = write_resources(known.record, ())
        status["account"] = known.record.account
    return status
