"""How many agents a load needs: by service level, occupancy cap or abandonment, whichever asks for most. Pure.

Shrinkage is applied once, to the result. `exact` searches; `Planner` answers many loads of one pool from a staircase of
thresholds, within one agent of the search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import ceil, inf

from trunkline.capacity.erlang import Load, Service, erlang_a
from trunkline.capacity.staircase import TOLERANCE, Staircase
from trunkline.capacity.workload import Objectives, Workload

FEWEST_SECONDS = 1e-9


class Binding(StrEnum):
    """The promise that asks for the most agents. OFFERED: none was made, so one agent for each Erlang."""

    SERVICE_LEVEL = "service level"
    OCCUPANCY = "occupancy"
    ABANDONMENT = "abandonment"
    OFFERED = "offered load"


@dataclass(frozen=True, slots=True)
class Staffing:
    """Agents on the phone, why so many, and what callers then meet."""

    agents: int
    binds: Binding
    service: Service

    def rostered(self, shrinkage_share: float) -> int:
        """People to plan for, of whom so many are away."""
        return rostered(self.agents, shrinkage_share)


def rostered(agents: float, shrinkage_share: float) -> int:
    """N / (1 - shrinkage), up to whole people. Raises ValueError unless 0 <= shrinkage_share < 1."""
    if not 0.0 <= shrinkage_share < 1.0:
        raise ValueError(f"the share of paid time away must be at least 0 and below 1, not {shrinkage_share}")
    return ceil(agents / (1.0 - shrinkage_share) - TOLERANCE)


def service(agents: int, erlangs: float, workload: Workload, answer_seconds: float) -> Service:
    """What callers meet where agents are asked for so many Erlangs, their modified offered load."""
    handle = max(workload.handle_seconds, FEWEST_SECONDS)
    return erlang_a(agents, Load(erlangs / handle, handle), workload.patience_seconds, answer_seconds)


def exact(erlangs: float, workload: Workload, objectives: Objectives) -> Staffing:
    """The fewest agents that keep every promise, by search."""
    if erlangs <= 0.0:
        return Staffing(0, Binding.OFFERED, service(0, 0.0, workload, objectives.answer_seconds))
    found = {
        binding: _search(lambda agents, margin=margin: margin(agents, erlangs) >= 0.0, erlangs)  # type: ignore[misc]
        for binding, margin in _margins(workload, objectives).items()
    }
    return _most(found, erlangs, workload, objectives)


@dataclass(slots=True)
class Planner:
    """Staffing of many loads of one pool: the thresholds of a rule are computed once and kept."""

    workload: Workload
    objectives: Objectives
    _stairs: dict[Binding, Staircase] = field(init=False)

    def __post_init__(self) -> None:
        self._stairs = {
            binding: Staircase(margin)
            for binding, margin in _margins(self.workload, self.objectives).items()
            if binding in (Binding.SERVICE_LEVEL, Binding.ABANDONMENT)
        }

    def agents(self, erlangs: float) -> tuple[int, Binding]:
        """The fewest agents, within one of `exact`, and why."""
        return max(self._by_rule(erlangs), key=lambda item: item[0])

    def staffing(self, erlangs: float) -> Staffing:
        """With what callers then meet."""
        agents, binds = self.agents(erlangs)
        return Staffing(agents, binds, service(agents, erlangs, self.workload, self.objectives.answer_seconds))

    def _by_rule(self, erlangs: float) -> list[tuple[int, Binding]]:
        found = [(stairs.fewest(erlangs), binding) for binding, stairs in self._stairs.items()]
        cap = self.objectives.max_occupancy_share
        if cap is not None:
            found.append((ceil(erlangs / cap - TOLERANCE), Binding.OCCUPANCY))
        return found or [(ceil(erlangs - TOLERANCE), Binding.OFFERED)]


@lru_cache(maxsize=64)  # a measured workload is another one each time
def planner_of(workload: Workload, objectives: Objectives) -> Planner:
    """The planner of equal pools: what it has computed stays for all of them."""
    return Planner(workload, objectives)


def _margins(workload: Workload, objectives: Objectives) -> dict[Binding, Callable[[int, float], float]]:
    """By how much so many agents keep each promise at a load."""
    found: dict[Binding, Callable[[int, float], float]] = {}
    level, most = objectives.service_level_share, objectives.max_abandoned_share
    handle, patience, answer = (
        max(workload.handle_seconds, FEWEST_SECONDS),
        workload.patience_seconds,
        objectives.answer_seconds,
    )
    if level:
        found[Binding.SERVICE_LEVEL] = lambda agents, erlangs: (
            erlang_a(agents, Load(erlangs / handle, handle), patience, answer).answered_in_time - level
        )
    if most is not None and most < 1.0 and patience != inf:
        found[Binding.ABANDONMENT] = lambda agents, erlangs: (
            most - erlang_a(agents, Load(erlangs / handle, handle), patience, 0.0).abandoned
        )
    if objectives.max_occupancy_share is not None:
        cap = objectives.max_occupancy_share
        # Offered over agents: nobody's rest may depend on callers who hang up.
        found[Binding.OCCUPANCY] = lambda agents, erlangs: cap * agents - erlangs + TOLERANCE
    return found or {Binding.OFFERED: lambda agents, erlangs: agents - erlangs + TOLERANCE}


def _most(found: dict[Binding, int], erlangs: float, workload: Workload, objectives: Objectives) -> Staffing:
    binds = max(found, key=lambda binding: found[binding])
    return Staffing(found[binds], binds, service(found[binds], erlangs, workload, objectives.answer_seconds))


def _search(enough: Callable[[int], bool], erlangs: float) -> int:
    low, high = 0, max(1, ceil(erlangs))
    step = max(1, int(erlangs**0.5))
    if enough(high):
        while high - step > 0 and enough(high - step):
            high, step = high - step, 2 * step
        low = max(0, high - step)
    else:
        while not enough(high):
            low, high, step = high, high + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
