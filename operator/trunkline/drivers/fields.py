"""Comparing the fields of one resource: managed or not, set by us before, AWS's default, and what the plan remembers.

A field of None is not managed: it is neither diffed nor sent. One that we set before (the record's word `set`) and that
left the spec goes back to AWS's default where AWS has a way, else the plan reports once that it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from trunkline.drivers.tags import TAGS_WORD, tags_word
from trunkline.engine.driver import UNREAD
from trunkline.engine.plan import Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Join, Json, Ref

SET_WORD = "set"


class Default(Enum):
    """Stands for a default that AWS has no way back to."""

    NONE = "none"


NO_WAY_BACK = Default.NONE


@dataclass(frozen=True, slots=True)
class Compared:
    """One field: the value that AWS shall hold (to be sent where one call carries several fields), and the difference."""

    value: Any
    change: Change | None


class Fields:
    """Compares field by field, then makes the plan with the words that it teaches. One object per call of `plan`.

    The word `set` names optional fields only: what a spec always says cannot leave it.
    """

    def __init__(self, entry: Entry | None) -> None:
        self._entry = entry
        self._set_before = set_before(entry.words if entry is not None else {})
        self._set: set[str] = set()
        self._reports: list[Change] = []

    def required(self, path: str, desired: Any, observed: Any) -> Compared:
        """A field that the spec always has."""
        if observed is UNREAD or desired == observed:
            return Compared(desired, None)
        return Compared(desired, Change(path, shown(observed), shown(desired)))

    def optional(self, path: str, desired: Any, observed: Any, *, default: Any = NO_WAY_BACK) -> Compared:
        """A field that may be unmanaged. default: what AWS has if nobody says anything, NO_WAY_BACK if it cannot be
        reached once the field was set.
        """
        if desired is not None:
            self._set.add(path)
            return self.required(path, desired, observed)
        if path not in self._set_before or observed is UNREAD or observed == default:
            return Compared(None if observed is UNREAD else observed, None)
        if default is NO_WAY_BACK:
            if observed is not None:
                self._reports.append(Change(path, shown(observed), None))
            return Compared(observed, None)
        return Compared(default, Change(path, shown(observed), shown(default)))

    def report(self, path: str, observed: Any, desired: Any) -> None:
        """A difference that is somebody else's to mend."""
        self._reports.append(Change(path, shown(observed), shown(desired)))

    def plan(
        self,
        steps: Sequence[Step],
        tags: Mapping[str, str],
        *,
        waiting: Waiting | None = None,
        words: Mapping[str, str] | None = None,
    ) -> Plan:
        """The plan. The last step carries the words: until all is done the record tells of what was set before.

        tags: all tags the resource shall carry. words: the driver's further words.
        """
        now = {SET_WORD: ",".join(sorted(self._set)), TAGS_WORD: tags_word(tags), **(words or {})}
        before = self._entry.words if self._entry is not None else {}
        learnt = tuple((word, value) for word, value in now.items() if before.get(word, "") != value)
        reports = tuple(self._reports)
        if not steps:
            return Plan(waiting=waiting, reports=reports, remembers=learnt)
        *first, last = steps
        last = replace(last, remembers=(*last.remembers, *learnt))
        return Plan(steps=(*first, last), waiting=waiting, reports=reports)


def set_before(words: Mapping[str, str]) -> frozenset[str]:
    """Names of the optional fields that we set, by the record's words."""
    return frozenset(name for name in words.get(SET_WORD, "").split(",") if name)


def changes_of(*compared: Compared) -> tuple[Change, ...]:
    """The differences among compared fields."""
    return tuple(field.change for field in compared if field.change is not None)


def shown(value: Any) -> Any:
    """A value as a change shows it: short, without structure."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Ref | Join | Json):
        return str(value)
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(str(item) for item in value))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(item) for item in value)
    return str(value)
