"""Policies that share a limit of the account: who gets how much. Pure.

Nothing in use is taken away. What is left goes to minimums first, then to the needs of the highest priority, then of the
next; where it is too little for all of one step, in proportion to what each still lacks. Use by others is given, never
assumed to be zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor


@dataclass(frozen=True, slots=True)
class Ask:
    """What one policy wants of a limit. minimum: what it must not be below. in_use: what it has now. Whole units."""

    policy: str
    priority: int
    minimum: int
    in_use: int
    wanted: int

    @property
    def need(self) -> int:
        return max(self.wanted, self.minimum)

    @property
    def kept(self) -> int:
        """What it has and still needs."""
        return min(self.in_use, self.need)


@dataclass(frozen=True, slots=True)
class Grant:
    """What it gets. others: used by what no policy knows. sharing: the other policies that ask."""

    policy: str
    wanted: int
    granted: int
    others: int
    sharing: tuple[str, ...]

    @property
    def cut(self) -> int:
        return self.wanted - self.granted


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who gets how much of a limit."""

    limit: int
    others: int
    grants: tuple[Grant, ...]

    @property
    def short(self) -> int:
        """By how much the limit is too small."""
        return sum(grant.cut for grant in self.grants)

    def of(self, policy: str) -> Grant:
        """Raises KeyError."""
        for grant in self.grants:
            if grant.policy == policy:
                return grant
        raise KeyError(policy)

    def message(self, quota: str = "", kept_back: int = 0) -> str:
        """Who was cut, and what to request; empty if nobody was. quota: its name. kept_back: what AWS has of it beside."""
        cut = [f"{grant.policy} {grant.granted} of {grant.wanted}" for grant in self.grants if grant.cut > 0]
        if not cut:
            return ""
        others = f", {self.others} are used by others" if self.others else ""
        request = f"request {self.limit + self.short + kept_back} or more" + (f" of {quota}" if quota else "")
        return f"of {self.limit}{others}: {', '.join(cut)}; {request}"


def allocate(limit: int, others: int, asks: Iterable[Ask]) -> Allocation:
    """Who gets how much. The order of the asks does not matter.

    Raises ValueError if a policy asks twice, or for a number below zero.
    """
    ordered = sorted(asks, key=lambda ask: (-ask.priority, ask.policy))
    _check(ordered)
    given = {ask.policy: ask.kept for ask in ordered}
    free = max(0, limit - max(0, others) - sum(given.values()))
    for target in (_minimum, _need):
        for _, level in groupby(ordered, key=lambda ask: ask.priority):
            free -= _serve(list(level), target, given, free)
    sharing = tuple(ask.policy for ask in ordered)
    return Allocation(
        limit,
        others,
        tuple(
            Grant(ask.policy, ask.need, given[ask.policy], others, tuple(one for one in sharing if one != ask.policy))
            for ask in ordered
        ),
    )


def _minimum(ask: Ask) -> int:
    return ask.minimum


def _need(ask: Ask) -> int:
    return ask.need


def _serve(level: Sequence[Ask], target: Callable[[Ask], int], given: dict[str, int], free: int) -> int:
    """Adds to `given` towards the target; answers how much of what is free it took."""
    lacks = {ask.policy: max(0, target(ask) - given[ask.policy]) for ask in level}
    total = sum(lacks.values())
    parts = lacks if total <= free else _proportion(lacks, free)
    for policy, part in parts.items():
        given[policy] += part
    return sum(parts.values())


def _proportion(lacks: dict[str, int], free: int) -> dict[str, int]:
    """Whole parts that sum up to what is free: the largest remainders get the last units, then the first names."""
    total = sum(lacks.values())
    exact = {policy: free * lack / total for policy, lack in lacks.items()}
    parts = {policy: floor(share) for policy, share in exact.items()}
    left = free - sum(parts.values())
    for policy in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[policy] += 1
    return parts


def _check(asks: Sequence[Ask]) -> None:
    for ask in asks:
        if min(ask.minimum, ask.in_use, ask.wanted) < 0:
            raise ValueError(f"{ask.policy} asks for less than nothing")
    if len({ask.policy for ask in asks}) < len(asks):
        raise ValueError("a policy asks twice")
