"""What a pass came to, node by node: the value that status, events and metrics are views of. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trunkline.engine.confirm import Confirmation
from trunkline.engine.plan import Change, Step
from trunkline.engine.record import Record
from trunkline.engine.resource import Ref
from trunkline.engine.survey import Effect


class State(StrEnum):
    READY = "Ready"
    CHANGING = "Changing"  # a step was taken or AWS is at work
    WAITING = "Waiting"  # for another node, or for its turn
    BLOCKED = "Blocked"  # quota, permission, conflict, unknown refusal: somebody has to do something
    REJECTED = "Rejected"  # it cannot work as it is written
    HELD = "ConfirmationRequired"
    DIFFERS = "Differs"  # observed only: differs from the spec, and is left as it is
    REMOVING = "Removing"
    KEPT = "Kept"  # left the spec, but is not removed; the message says why


@dataclass(frozen=True, slots=True)
class NodeResult:
    """check_after: seconds until it is worth looking again, None if nothing is pending."""

    key: str
    section: str
    name: str
    state: State
    reason: str = ""
    message: str = ""
    check_after: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was taken."""

    key: str
    step: Step
    effect: Effect


@dataclass(frozen=True, slots=True)
class Counts:
    """What the plan of this pass holds."""

    add: int = 0
    change: int = 0
    delete: int = 0
    adopt: int = 0

    @property
    def empty(self) -> bool:
        return self == Counts()


@dataclass(frozen=True, slots=True)
class Result:
    """record: to be written. done: in the order taken. released: keys of what was left where it is and is no longer
    ours to manage. instance: its attributes, as far as they are known. known: what references were answered with. ended: the gate ended the pass. reports: differences that are somebody else's to mend, by key.
    """

    record: Record
    nodes: tuple[NodeResult, ...]
    counts: Counts = field(default_factory=Counts)
    confirmation: Confirmation = field(default_factory=Confirmation)
    done: tuple[Done, ...] = ()
    released: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reports: tuple[tuple[str, Change], ...] = ()
    instance: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[Ref, str] = field(default_factory=dict)
    ended: bool = False

    @property
    def check_after(self) -> float | None:
        """The earliest time at which something pending may have moved, in seconds."""
        return min((node.check_after for node in self.nodes if node.check_after is not None), default=None)

    def of(self, *states: State) -> tuple[NodeResult, ...]:
        """The nodes in one of these states."""
        return tuple(node for node in self.nodes if node.state in states)
