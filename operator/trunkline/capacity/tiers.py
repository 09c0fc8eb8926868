"""What is different above a size, with a gap between beginning and end so that it does not flap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tier:
    """Begins above a rate (calls a second) and ends below `until_share` of it. minimums: of levers by name."""

    name: str
    above: float
    until_share: float = 0.9
    minimums: Mapping[str, int] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()


def holding(tiers: Iterable[Tier], rate: float, before: frozenset[str]) -> frozenset[str]:
    """The names of the tiers that hold at a rate. before: those that held."""
    return frozenset(
        tier.name
        for tier in tiers
        if rate > tier.above or (tier.name in before and rate >= tier.above * tier.until_share)
    )


def least(tiers: Iterable[Tier], held: frozenset[str], lever: str) -> int:
    """The least that a lever is while these tiers hold."""
    return max((tier.minimums.get(lever, 0) for tier in tiers if tier.name in held), default=0)


def tasks(tiers: Iterable[Tier], held: frozenset[str]) -> tuple[str, ...]:
    """What people have to do while these tiers hold, each once."""
    return tuple(dict.fromkeys(task for tier in tiers if tier.name in held for task in tier.tasks))
