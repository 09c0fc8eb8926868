"""What each layer under a call needs, what it has and may have, and which of them binds first. Pure.

The formulas are in `layers_calls` (quota, trunks, agents) and `layers_data` (functions, tables, caches, streams).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from trunkline.capacity.limits import Layer, Limit


@dataclass(frozen=True, slots=True)
class Need:
    """What a layer, or one resource of it, has to be. formula: with its numbers. binds: the input that decides."""

    layer: Layer
    value: float
    unit: str
    formula: str
    binds: str
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A need beside what there is now and the most that there may be; None is unknown."""

    need: Need
    have: float | None = None
    limit: Limit | None = None

    @property
    def ceiling(self) -> float | None:
        """The most that there may be: the limit, and where there is none, what there is."""
        return self.have if self.limit is None else self.limit.value

    @property
    def growth(self) -> float:
        """How many times the need fits under the ceiling; below 1 it does not. `inf` if there is no need or no ceiling."""
        ceiling = self.ceiling
        return inf if ceiling is None or self.need.value <= 0.0 else ceiling / self.need.value

    @property
    def headroom(self) -> float | None:
        """Share of the ceiling that is left, negative where the need exceeds it."""
        ceiling = self.ceiling
        if ceiling is None:
            return None
        return 1.0 - self.need.value / ceiling if ceiling > 0.0 else (0.0 if self.need.value <= 0.0 else -inf)


def binding(standings: Iterable[Standing]) -> Standing | None:
    """The layer that growth reaches first; None if no layer has a ceiling and a need."""
    return min((standing for standing in standings if standing.growth < inf), key=lambda one: one.growth, default=None)


def total(layer: Layer, needs: Iterable[Need]) -> Need:
    """The needs of several resources that share one limit of the account, as one."""
    parts = tuple(needs)
    terms = " + ".join(f"{need.resource or need.layer} {amount(need.value)}" for need in parts) or "nothing"
    value = sum(need.value for need in parts)
    largest = max(parts, key=lambda need: need.value, default=None)
    return Need(
        layer,
        value,
        parts[0].unit if parts else "",
        f"{terms} = {amount(value)}",
        (largest.resource or largest.binds) if largest else "nothing",
    )


def amount(value: float) -> str:
    """A number for people: whole from a hundred on, else three digits."""
    return f"{value:,.0f}" if abs(value) >= 100.0 or float(value).is_integer() else f"{value:.3g}"
