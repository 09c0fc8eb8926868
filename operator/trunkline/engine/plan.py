"""A plan as a value: the steps that lead from observed to desired, and what has to be waited for.

One value serves apply, `trunkline plan`, the dry run, status, events and the check of permissions. Nothing here calls
AWS; `Step.params` name the operation's own parameters and may hold open references and placeholders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference as a person reads it: `path` in the words of the spec, old and new short and free of secrets.

    An old of None means it was absent, a new of None that it goes.
    """

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One mutating AWS call.

    operation: AWS's own name ("CreateQueue") of `service` (botocore's name, "connect"). reason: why, in a few words.
    changes: what it changes for the user. provides: attributes of this node that its answer fills, as (attribute, path
    in the answer, dots between members); later steps, of this node too, refer to them by `Ref`. remembers: words for
    the record once it succeeded. settles: afterwards the resource is observed until it is still and planned anew.
    interrupts: what it destroys or interrupts, if it does; such a step may have to wait for a confirmation.
    deletes: the resource is gone afterwards (requested).
    creates: the resource did not exist before. takes_turn: what of the operator's own it brings ("code of
    customer-lookup"), if it does: a new operator brings it to all objects at once, so they take turns.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    reason: str
    changes: tuple[Change, ...] = ()
    provides: tuple[tuple[str, str], ...] = ()
    remembers: tuple[tuple[str, str], ...] = ()
    settles: bool = False
    interrupts: str | None = None
    creates: bool = False
    deletes: bool = False
    takes_turn: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """AWS is still at work, or something has to come first; look again after so many seconds.

    blocks: what stands on this resource has to wait too (an instance being created); False where only further changes
    of the resource itself have to (an index being built). idle: AWS is not at work on it: something else has to come first.
    """

    reason: str
    check_after: float
    blocks: bool = True
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole way to convergence: steps in order, then what to wait for.

    reports: differences that are somebody else's to mend (another owner's field outside its limits, a field that AWS
    cannot change in place); shown, never sent. remembers: words for the record that observing alone taught; only where
    there are no steps, which carry their own.
    """

    steps: tuple[Step, ...] = ()
    waiting: Waiting | None = None
    reports: tuple[Change, ...] = ()
    remembers: tuple[tuple[str, str], ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing to do and nothing to wait for."""
        return not self.steps and self.waiting is None


NOTHING = Plan()


class CannotPlanError(Exception):
    """Desired and observed cannot be reconciled in place (an immutable field differs). The message names the way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an AWS call answered, and its request id."""

    body: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""

    def at(self, path: str) -> Any:
        """The member at a dotted path, None if any part of it is absent."""
        value: Any = self.body
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value
