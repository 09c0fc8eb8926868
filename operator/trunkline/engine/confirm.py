"""Which steps wait for a person: what destroys or interrupts, and deletes that come in numbers.

Pure. The id of what waits changes with those steps, so a confirmation can never be meant for something else.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trunkline.engine.plan import Step
from trunkline.engine.resource import Json

DELETES_A_SECTION = (
    3  # one wrong overlay must not empty a section: a plain kustomize patch of one entry drops all others
)


class ConfirmMode(StrEnum):
    NEVER = "Never"
    DESTRUCTIVE = "Destructive"
    ALWAYS = "Always"


@dataclass(frozen=True, slots=True)
class Removal:
    """A delete that the spec asks for. name: of the entry, which may be several resources; id: the resource's in AWS;
    why: destructive by itself, if it is.
    """

    key: str
    section: str
    aws_name: str
    why: str | None = None
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that waits: the node, the operation (or `Delete`), and why."""

    key: str
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """id: what the annotation has to hold. held: everything that waits for it; empty once confirmed."""

    id: str = ""
    held: tuple[Held, ...] = ()

    def holds_step(self, key: str, step: Step) -> bool:
        """One of several steps with the same operation may wait alone: an index is dropped, a capacity is raised."""
        return Held(key, step.operation, _reason(step)) in self.held

    def holds_removal(self, key: str) -> bool:
        return any(held.key == key and held.operation == "Delete" for held in self.held)


def confirmation(
    mode: ConfirmMode,
    confirmed: str,
    steps: Mapping[str, Iterable[Step]],
    removals: Iterable[Removal],
    generation: int = 0,
) -> Confirmation:
    """What has to wait. `steps` by node key; `confirmed` is the id that a person has put into the annotation.

    generation: of the spec. A confirmation that was given stays in the annotation, perhaps in Git: it must not be good
    for the same steps when a later edit asks for them again.
    """
    leaving = list(removals)
    held = [*_held_steps(mode, steps), *_held_removals(mode, leaving)]
    if not held:
        return Confirmation()
    # Of what leaves only what waits: the rest goes meanwhile, and the id that a person was told has to stay good.
    waiting = {item.key for item in held if item.operation == "Delete"}
    lines = [f"generation {generation}", *(f"{item.key}\0{item.id}" for item in leaving if item.key in waiting)]
    lines += [f"{item.key}\0{item.operation}\0{item.reason}" for item in held]
    lines += [
        f"{key}\0{step.operation}\0{Json(step.params)}"
        for key, many in steps.items()
        for step in many
        if Held(key, step.operation, _reason(step)) in held
    ]
    plan_id = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]
    return Confirmation(plan_id, () if confirmed == plan_id else tuple(held))


def _held_steps(mode: ConfirmMode, steps: Mapping[str, Iterable[Step]]) -> Iterable[Held]:
    if mode is ConfirmMode.NEVER:
        return
    for key, many in steps.items():
        for step in many:
            if step.interrupts or mode is ConfirmMode.ALWAYS:
                yield Held(key, step.operation, _reason(step))


def _reason(step: Step) -> str:
    return step.interrupts or step.reason


def _held_removals(mode: ConfirmMode, removals: list[Removal]) -> Iterable[Held]:
    if mode is ConfirmMode.NEVER:
        return
    # Entries as the user counts them: one may be a function with its role, log group and permission.
    per_section = Counter(section for section, _ in {(item.section, item.name or item.key) for item in removals})
    for removal in removals:
        number = per_section[removal.section]
        if removal.why:
            yield Held(removal.key, "Delete", f"deletes {removal.aws_name}: {removal.why}")
        elif number > DELETES_A_SECTION:
            yield Held(
                removal.key, "Delete", f"deletes {removal.aws_name}: one of {number} deletes in {removal.section}"
            )
        elif mode is ConfirmMode.ALWAYS:
            yield Held(removal.key, "Delete", f"deletes {removal.aws_name}")
