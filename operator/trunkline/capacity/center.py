"""A contact center as the capacity model sees it: its pools, what its calls ask of AWS, what it has and may have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trunkline.capacity.headroom import Chance, Headroom
from trunkline.capacity.layers_data import Use
from trunkline.capacity.limits import DEFAULTS, Layer, Limit
from trunkline.capacity.workload import Objectives, Pool, Workload


@dataclass(frozen=True, slots=True)
class Target:
    """A layer, or one resource of it."""

    layer: Layer
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Center:
    """What a plan is made from. workload: of all calls; a pool's own is of the calls that its agents take.

    headrooms and limits: of a target, or of a whole layer under the target without a resource. have: what there is now.
    limits not given are a new account's.
    """

    pools: tuple[Pool, ...]
    workload: Workload = field(default_factory=Workload)
    objectives: Objectives = field(default_factory=Objectives)
    shrinkage_share: float = 0.0
    uses: tuple[Use, ...] = ()
    headrooms: Mapping[Target, Headroom] = field(default_factory=dict)
    limits: Mapping[Target, Limit] = field(default_factory=dict)
    have: Mapping[Target, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        total = sum(pool.share for pool in self.pools)
        if total > 1.0 + 1e-9:
            raise ValueError(
                f"the pools' shares of the calls that go to agents are {100 * total:g} % together; at most 100"
            )
        twice = _first_twice(pool.name for pool in self.pools)
        if twice is not None:
            raise ValueError(f"two pools are called {twice!r}; give each its own name")

    def headroom(self, target: Target) -> Headroom:
        """The headroom of a target, or its layer's; else that everything is busy at most 0.1 % of the time."""
        return self.headrooms.get(target) or self.headrooms.get(Target(target.layer)) or Chance()

    def limit(self, target: Target) -> Limit | None:
        """The limit of a target, or its layer's; None where there is none."""
        return self.limits.get(target) or self.limits.get(Target(target.layer)) or DEFAULTS.get(target.layer)


def _first_twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]
