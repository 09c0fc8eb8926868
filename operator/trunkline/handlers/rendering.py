"""A preview for people and for programs: `trunkline plan` prints it. Pure; secrets are placeholders already.

The same value is what apply takes its steps from, so what is shown is what would be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trunkline.engine.converge import Preview
from trunkline.engine.plan import Change, Waiting
from trunkline.engine.removal import Action, Leaving
from trunkline.engine.resource import Blueprint, Json, Management, references
from trunkline.engine.survey import Effect, NodePlan, runnable

VALUE_LENGTH = 80
SIGNS = {Effect.ADD: "+", Effect.CHANGE: "~", Effect.ADOPT: "&", Effect.UNCHANGED: " ", Effect.UNKNOWN: "!"}


def as_text(preview: Preview, blueprint: Blueprint, problems: Iterable[str] = ()) -> str:
    """The plan as lines: + add, ~ change, - delete, & adopt, > waits for something else, ! cannot be said, ? waits for a
    confirmation.
    """
    lines = [f"! {problem}" for problem in problems]
    for plan in preview.survey.plans.values():
        lines += _node_lines(plan, blueprint, preview)
    lines += [line for item in preview.leaving for line in _leaving_lines(item, preview)]
    counts = preview.counts
    unchanged = sum(_unchanged(plan, blueprint) for plan in preview.survey.plans.values())
    lines.append(
        f"{counts.add} to add, {counts.change} to change, {counts.delete} to delete, {counts.adopt} to adopt, "
        f"{unchanged} unchanged" + (f", {waiting} waiting" if (waiting := _waiting(preview)) else "")
    )
    if any(any(references(step.params)) for plan in preview.survey.plans.values() for step in plan.plan.steps):
        lines.append("<kind/name.attribute> stands for what is known after apply")
    if preview.confirmation.held:
        lines.append(
            f"{len(preview.confirmation.held)} of these wait for a confirmation: "
            f"kubectl annotate ... trunkline.dev/confirm={preview.confirmation.id}"
        )
    return "\n".join(lines) + "\n"


def _unchanged(plan: NodePlan, blueprint: Blueprint) -> bool:
    if _waits_for(plan) is not None:
        return False
    return plan.effect is Effect.UNCHANGED or (plan.effect is Effect.CHANGE and not runnable(plan, blueprint))


def _waits_for(plan: NodePlan) -> Waiting | None:
    """What has to happen before anything can be planned of it: what will be done then is not in this plan."""
    nothing = plan.refusal is None and not plan.plan.steps and plan.effect is not Effect.ADOPT
    return plan.plan.waiting if nothing else None


def _waiting(preview: Preview) -> int:
    return sum(_waits_for(plan) is not None for plan in preview.survey.plans.values())


def _node_lines(plan: NodePlan, blueprint: Blueprint, preview: Preview) -> Iterator[str]:
    if plan.refusal is not None:
        yield f"! {plan.node.key}: {plan.refusal.message}"
        return
    if (waiting := _waits_for(plan)) is not None:
        yield f"> {plan.node.key}: waits: {waiting.reason}"
        return
    steps = plan.plan.steps
    if not steps and plan.effect is not Effect.ADOPT:
        return
    only_observed = blueprint.mode(plan.node.section) is Management.OBSERVE
    yield f"{SIGNS[plan.effect]} {plan.node.key}{' (only observed: not changed)' if only_observed else ''}"
    for step in steps:
        held = "?" if preview.confirmation.holds_step(plan.node.key, step) else " "
        yield f"  {held} {step.operation}: {step.reason}"
        for change in step.changes:
            yield f"      {change.path or 'name'}: {shown(change.old)} -> {shown(change.new)}"
    for change in plan.plan.reports:
        yield f"    left as it is: {change.path}: {shown(change.old)} (spec: {shown(change.new)})"


def _leaving_lines(item: Leaving, preview: Preview) -> Iterator[str]:
    if item.action is Action.DELETE:
        held = "?" if preview.confirmation.holds_removal(item.entry.key) else "-"
        yield f"{held} {item.entry.key}: deleted: {item.reason}"
    elif item.action is Action.RELEASE:
        yield f"  {item.entry.key}: left where it is: {item.reason}"
    else:
        yield f"  {item.entry.key}: kept: {item.reason}"


def shown(value: Any) -> str:
    """A value short enough for a line; what is not known yet says so."""
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else str(Json(value))
    text = " ".join(text.split())
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def as_json(preview: Preview, blueprint: Blueprint, problems: Iterable[str] = ()) -> dict[str, Any]:
    """The plan as a JSON value. Members may be added; those here stay.

    problems: what is wrong in the file, in words. resources: one for each node, in the order in which they are made:
    key ("queue/sales"), path, awsName, id (null: not there yet), effect (Add, Change, Adopt, Unchanged, Unknown),
    onlyObserved, problem (why it cannot be planned), steps, leftAsItIs (differences that are not ours to mend),
    waitsFor (with steps: what comes after them; without: what has to happen before anything of it can be planned). A
    step: service and operation as AWS spells them, params (a value that is not known yet is "<queue/sales.id>", also
    inside text; code and secrets are placeholders), knownAfterApply (those names), reason, changes (path, old, new),
    interrupts (what it destroys or interrupts), waitsForConfirmation. leaving: what is recorded and no longer in the
    spec: key, id, action (Delete, Release, Keep), reason, waitsForConfirmation. summary: how many to add, change,
    delete, adopt, and how many are waiting: what will be done with those is not in the plan. confirm: the id that the
    annotation trunkline.dev/confirm has to hold.
    """
    counts = preview.counts
    return {
        "problems": list(problems),
        "resources": [_node_value(plan, blueprint, preview) for plan in preview.survey.plans.values()],
        "leaving": [
            {
                "key": item.entry.key,
                "id": item.entry.id,
                "action": item.action.value,
                "reason": item.reason,
                "waitsForConfirmation": preview.confirmation.holds_removal(item.entry.key),
            }
            for item in preview.leaving
        ],
        "summary": {
            "add": counts.add,
            "change": counts.change,
            "delete": counts.delete,
            "adopt": counts.adopt,
            "waiting": _waiting(preview),
        },
        "confirm": preview.confirmation.id if preview.confirmation.held else None,
    }


def _node_value(plan: NodePlan, blueprint: Blueprint, preview: Preview) -> dict[str, Any]:
    found = plan.match.found
    return {
        "key": plan.node.key,
        "path": plan.node.path,
        "awsName": plan.node.aws_name,
        "id": found.id if found is not None else None,
        "effect": plan.effect.value,
        "onlyObserved": blueprint.mode(plan.node.section) is Management.OBSERVE,
        "problem": plan.refusal.message if plan.refusal is not None else None,
        "steps": [
            {
                "service": step.service,
                "operation": step.operation,
                "params": _plain(step.params),
                "knownAfterApply": sorted({f"{ref.node}.{ref.attribute}" for ref in references(step.params)}),
                "reason": step.reason,
                "changes": [_change(change) for change in step.changes],
                "interrupts": step.interrupts,
                "waitsForConfirmation": preview.confirmation.holds_step(plan.node.key, step),
            }
            for step in plan.plan.steps
        ],
        "leftAsItIs": [_change(change) for change in plan.plan.reports],
        "waitsFor": plan.plan.waiting.reason if plan.plan.waiting is not None else None,
    }


def _change(change: Change) -> dict[str, Any]:
    return {"path": change.path, "old": _plain(change.old), "new": _plain(change.new)}


def _plain(value: Any) -> Any:
    """References and placeholders as the words that stand for them."""
    if isinstance(value, dict | tuple | list | frozenset):
        if isinstance(value, dict):
            return {str(key): _plain(item) for key, item in value.items()}
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
