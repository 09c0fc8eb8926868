"""Conditions from what a pass came to: Ready, Reconciling, Stalled as kstatus reads them, and ConfirmationRequired.

Pure. `lastTransitionTime` is kept while a condition's status stays, so an unchanged status is written once.
kstatus: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trunkline.api.counted import are, counted
from trunkline.engine.confirm import Confirmation
from trunkline.engine.result import NodeResult, State
from trunkline.engine.vanished import Vanished
from trunkline.handlers.resources import shortened

NAMED_CULPRITS = 5
CONDITION_LENGTH = 2048

PAUSED = "Paused"  # the reason of a node that is not as the spec says because nothing is changed
SETTLED = frozenset({State.READY, State.DIFFERS, State.KEPT})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of `status.conditions`; status is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the conditions are made from. problems: what is wrong with the spec, in words for people. vanished: what
    left it although nobody removed it.
    """

    nodes: Sequence[NodeResult]
    problems: Sequence[str] = ()
    confirmation: Confirmation = field(default_factory=Confirmation)
    paused: bool = False
    ended: bool = False
    vanished: Vanished | None = None


def conditions(situation: Situation) -> tuple[Condition, ...]:
    """The conditions of a live object."""
    rejected = [node for node in situation.nodes if node.state is State.REJECTED]
    blocked = [node for node in situation.nodes if node.state is State.BLOCKED]
    moving = [node for node in situation.nodes if node.state in (State.CHANGING, State.WAITING, State.REMOVING)]
    held = situation.confirmation.held
    unsettled = [node for node in situation.nodes if node.state not in SETTLED or node.reason == PAUSED]
    wrong = list(dict.fromkeys([*situation.problems, *(node.message or node.key for node in rejected)]))
    if wrong:
        ready = Condition("Ready", "False", "Invalid", _listed(wrong))
    elif situation.paused and unsettled:
        ready = Condition(
            "Ready", "False", "Paused", "spec.paused is true: nothing is changed; " + _culprits(unsettled)
        )
    elif blocked:
        ready = Condition("Ready", "False", "Blocked", _culprits(blocked))
    elif moving or situation.ended:
        ready = Condition("Ready", "False", "Progressing", _culprits(moving) or "the pass was ended and goes on")
    elif held:
        ready = Condition("Ready", "False", "ConfirmationRequired", _confirm(situation.confirmation))
    else:
        ready = Condition("Ready", "True", "Converged", _converged(situation))
    return (ready, _reconciling(situation, moving, blocked), _stalled(wrong), _confirmation(situation.confirmation))


def _converged(situation: Situation) -> str:
    """With what is kept although the spec names it no more, for nobody would look for it."""
    kept = [node for node in situation.nodes if node.state is State.KEPT]
    texts = [as_the_spec_says(len(situation.nodes) - len(kept))]
    if situation.vanished is not None:
        texts.append(situation.vanished.why)
    return _listed([*texts, *(f"not removed: {node.key}: {node.message}" for node in kept)])


def as_the_spec_says(resources: int) -> str:
    """The sentence of a condition and an event."""
    return f"{counted(resources, 'resource')} {are(resources)} as the spec says"


def _reconciling(situation: Situation, moving: Sequence[NodeResult], blocked: Sequence[NodeResult]) -> Condition:
    if situation.paused:
        return Condition("Reconciling", "False", "Paused", "spec.paused is true")
    if moving or situation.ended:
        return Condition("Reconciling", "True", "Progressing", _culprits(moving) or "the pass was ended and goes on")
    if blocked:
        return Condition("Reconciling", "True", "Blocked", _culprits(blocked))
    return Condition("Reconciling", "False", "Idle", "nothing is being changed")


def _stalled(wrong: Sequence[str]) -> Condition:
    if wrong:
        return Condition("Stalled", "True", "Invalid", _listed(wrong))
    return Condition("Stalled", "False", "Sound", "nothing is known that cannot work")


def _confirmation(confirmation: Confirmation) -> Condition:
    if confirmation.held:
        return Condition("ConfirmationRequired", "True", "Waiting", _confirm(confirmation))
    return Condition("ConfirmationRequired", "False", "None", "nothing waits for a confirmation")


def _confirm(confirmation: Confirmation) -> str:
    what = _listed([f"{held.key}: {held.reason}" for held in confirmation.held])
    return f"annotate trunkline.dev/confirm: {confirmation.id} to allow: {what}"


def _culprits(nodes: Iterable[NodeResult]) -> str:
    return _listed([f"{node.key}: {node.message or node.reason}" for node in nodes])


def _listed(texts: Sequence[str]) -> str:
    named = "; ".join(texts[:NAMED_CULPRITS])
    more = len(texts) - NAMED_CULPRITS
    return shortened(named + (f"; and {more} more" if more > 0 else ""), CONDITION_LENGTH)


def reason_of(code: str) -> str:
    """An AWS code as the reason of a condition: a word of letters and digits that begins with a letter."""
    word = "".join(letter for letter in code if letter.isascii() and letter.isalnum())
    return word if word[:1].isalpha() else f"Code{word}"


def written(
    current: Iterable[Condition], previous: Iterable[Mapping[str, Any]], generation: int, now: float
) -> list[dict[str, Any]]:
    """`status.conditions` as the API server takes them."""
    before = {str(item.get("type")): item for item in previous}
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        {
            "type": condition.type,
            "status": condition.status,
            "reason": reason_of(condition.reason),
            "message": condition.message,
            "observedGeneration": generation,
            "lastTransitionTime": _since(before.get(condition.type), condition, stamp),
        }
        for condition in current
    ]


def _since(before: Mapping[str, Any] | None, condition: Condition, stamp: str) -> str:
    if before is not None and before.get("status") == condition.status and before.get("lastTransitionTime"):
        return str(before["lastTransitionTime"])
    return stamp
