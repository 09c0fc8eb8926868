"""An object of ours as a reader of the API server sees it: a value of plain members, from JSON that may lack any of them.

What a newer operator writes and this build does not know is passed over, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.names import KINDS, PAUSE_REASON, KindName

Value = Mapping[str, Any]

_PLAN_ID = re.compile(r"[0-9a-f]{12}")  # as trunkline.engine.confirm makes them

SETTLED_STATES = frozenset({"Ready", "Differs", "Kept"})
"""States of a resource that nobody has to look at."""

_GOOD = {
    "Ready": "True",
    "Reconciling": "False",
    "Stalled": "False",
    "ConfirmationRequired": "False",
    "Healthy": "True",
    "Warmed": "True",
    "Published": "True",
    "AbleToScale": "True",
    "ScalingActive": "True",
    "ScalingLimited": "False",
    "QuotaLimited": "False",
    "CapacityAtRisk": "False",
    "BudgetExceeded": "False",
}
"""By condition, the status in which all is well."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `status.conditions`. since: as the API server writes times. generation: None if it names none."""

    type: str
    status: str
    reason: str
    message: str
    since: str
    generation: int | None

    @property
    def good(self) -> bool | None:
        """Whether all is well with it; None of one that is not known here, or that nobody could tell."""
        if self.status == "Unknown" or self.type not in _GOOD:
            return None
        return self.status == _GOOD[self.type]


@dataclass(frozen=True, slots=True)
class Resource:
    """One of `status.resources`. key: kind and name, as messages have it."""

    section: str
    key: str
    state: str
    id: str
    reason: str
    message: str
    adopted: bool
    leaving: bool

    @property
    def settled(self) -> bool:
        return self.state in SETTLED_STATES


@dataclass(frozen=True, slots=True)
class Seen:
    """The object. raw: all of it, for the parts that only one kind has. plan: id of the plan that waits, empty if none."""

    kind: KindName
    namespace: str
    name: str
    generation: int
    observed: int
    created: str
    deleting: bool
    paused: bool
    pause_reason: str
    conditions: tuple[Condition, ...]
    resources: tuple[Resource, ...]
    plan: str
    to_confirm: tuple[str, ...]
    spec: Value
    status: Value
    raw: Value

    @property
    def short(self) -> str:
        """As commands take it."""
        return f"{self.kind.short}/{self.name}"

    def condition(self, type_: str) -> Condition | None:
        """What the status says of this generation; None if it speaks of an earlier one or says nothing."""
        return next(
            (item for item in self.conditions if item.type == type_ and item.generation in (None, self.generation)),
            None,
        )

    def holds(self, type_: str, status: str = "True") -> bool:
        """Whether a condition of this generation has that status."""
        found = self.condition(type_)
        return found is not None and found.status == status

    @property
    def taken_up(self) -> bool:
        """Whether the operator has seen this generation."""
        return self.observed == self.generation and self.condition("Ready") is not None

    @property
    def waiting(self) -> str:
        """The id of the plan that a person can confirm now; empty if there is none."""
        return self.plan if self.holds("ConfirmationRequired") and not self.deleting else ""


def seen(raw: Value) -> Seen:
    """An object as the API server has it. Raises ValueError of one that is not of our kinds."""
    kind = next((item for item in KINDS if item.kind == raw.get("kind")), None)
    if kind is None:
        raise ValueError(f"{raw.get('kind')!r} is none of our kinds")
    metadata, spec, status = _mapping(raw, "metadata"), _mapping(raw, "spec"), _mapping(raw, "status")
    plan = _mapping(status, "lastPlan")
    return Seen(
        kind=kind,
        namespace=str(metadata.get("namespace", "")),
        name=str(metadata.get("name", "")),
        generation=number(metadata.get("generation"), 0),
        observed=number(status.get("observedGeneration"), -1),
        created=str(metadata.get("creationTimestamp", "")),
        deleting=bool(metadata.get("deletionTimestamp")),
        paused=spec.get("paused") is True,
        pause_reason=str(_mapping(metadata, "annotations").get(PAUSE_REASON, "")),
        conditions=tuple(_condition(item) for item in entries(status, "conditions")),
        resources=tuple(_resource(item) for item in entries(status, "resources")),
        plan=_plan_id(plan.get("id")),
        to_confirm=tuple(str(item) for item in plan.get("toConfirm") or ()),
        spec=spec,
        status=status,
        raw=raw,
    )


def _plan_id(value: object) -> str:
    """Only one as the operator makes them: it goes into a command that people copy, and whoever may write status may write
    anything there.
    """
    return value if isinstance(value, str) and _PLAN_ID.fullmatch(value) else ""


def _condition(item: Value) -> Condition:
    generation = item.get("observedGeneration")
    return Condition(
        type=str(item.get("type", "")),
        status=str(item.get("status", "")),
        reason=str(item.get("reason", "")),
        message=str(item.get("message", "")),
        since=str(item.get("lastTransitionTime", "")),
        generation=generation if isinstance(generation, int) else None,
    )


def _resource(item: Value) -> Resource:
    kind, name = str(item.get("kind") or ""), str(item.get("name", ""))
    return Resource(
        section=str(item.get("section", "")),
        key=f"{kind}/{name}" if kind else name,
        state=str(item.get("state") or "Unknown"),
        id=str(item.get("id") or item.get("arn") or ""),
        reason=str(item.get("reason") or ""),
        message=str(item.get("message") or ""),
        adopted=item.get("origin") == "Adopted",
        leaving=item.get("leaving") is True,
    )


def entries(value: Value, name: str) -> tuple[Value, ...]:
    """A list of objects; what is none is not there."""
    found = value.get(name)
    return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, list | tuple) else ()


def _mapping(value: Value, name: str) -> Value:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def mapping(value: Value, name: str) -> Value:
    """A member that is an object; what is none is an empty one."""
    return _mapping(value, name)


def number(value: object, otherwise: int) -> int:
    """A whole number, or what stands for it."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
