"""What a paused object's resources are said to be: looked at, compared, and left as they are. Pure."""

from __future__ import annotations

from trunkline.engine.outcome import Outcome
from trunkline.engine.removal import Leaving
from trunkline.engine.resource import Blueprint
from trunkline.engine.result import NodeResult, State
from trunkline.engine.survey import Effect, NodePlan, runnable
from trunkline.handlers.conditions import PAUSED

NAMED_CHANGES = 5
_STATES = {Outcome.RETRY: State.WAITING, Outcome.BLOCKED: State.BLOCKED, Outcome.REJECTED: State.REJECTED}
_LOOK_AGAIN = 30.0  # after a read that failed in passing


def looked_at(plan: NodePlan, blueprint: Blueprint) -> NodeResult:
    """One wanted resource. What a section would not change unpaused either only differs."""
    node = plan.node
    if (refusal := plan.refusal) is not None:
        message = str(refusal) if refusal.service else refusal.message
        again = _LOOK_AGAIN if refusal.outcome is Outcome.RETRY else None
        return NodeResult(
            node.key, node.section, node.name, _STATES[refusal.outcome], refusal.code, f"{message}", again
        )
    if (waiting := plan.plan.waiting) is not None and not plan.plan.steps:
        return NodeResult(
            node.key, node.section, node.name, State.CHANGING, "InProgress", waiting.reason, waiting.check_after
        )
    if not plan.plan.steps:
        return NodeResult(node.key, node.section, node.name, State.READY)
    changes = [change.path for step in plan.plan.steps for change in step.changes if change.path][:NAMED_CHANGES]
    what = "is not there" if plan.effect is Effect.ADD else f"differs: {', '.join(changes) or 'tags'}"
    reason = PAUSED if runnable(plan, blueprint) else "Differs"
    return NodeResult(node.key, node.section, node.name, State.DIFFERS, reason, f"{node.path}: {what}")


def left_standing(item: Leaving) -> NodeResult:
    """One resource that left the spec and would be deleted."""
    entry = item.entry
    message = f"{entry.key}: would be deleted: {item.reason}"
    return NodeResult(entry.key, entry.section, entry.name, State.DIFFERS, PAUSED, message)
