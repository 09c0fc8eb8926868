"""All fields of a policy decided, those last that depend on others: a reservation covers what is provisioned of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trunkline.api.scaling_levers import LeverField
from trunkline.handlers.scaling_decision import Decided, Deciding
from trunkline.handlers.scaling_levers import Moved
from trunkline.handlers.scaling_standing import Standing


@dataclass(frozen=True, slots=True)
class Fields:
    """What is moved, what stands there of each, and what each was told last, by name."""

    moved: Sequence[Moved]
    standing: Mapping[str, Standing]
    told: Mapping[str, int]

    def decided(self, deciding: Deciding) -> tuple[Decided, ...]:
        """In the order of the spec."""
        found: dict[str, Decided] = {}
        for one in sorted(self.moved, key=_reserves):
            decide = self._reserved if _reserves(one) else self._plain
            found[one.name] = decide(one, deciding, found)
        return tuple(found[one.name] for one in self.moved)

    def cut(self, deciding: Deciding, before: Sequence[Decided], granted: Mapping[str, int]) -> tuple[Decided, ...]:
        """Decided again with no more than was granted. What calls need stays what it is."""
        deciding.granted = granted
        needed = {one.moved.name: one.decision.wanted for one in before}
        return tuple(
            replace(one, decision=replace(one.decision, wanted=needed[one.moved.name]))
            if one.moved.name in granted
            else one
            for one in self.decided(deciding)
        )

    def _plain(self, one: Moved, deciding: Deciding, _found: Mapping[str, Decided]) -> Decided:
        return deciding.field(one, self.standing[one.name], self.told.get(one.name))

    def _reserved(self, one: Moved, deciding: Deciding, found: Mapping[str, Decided]) -> Decided:
        """Lambda refuses to reserve less than is provisioned, and refuses calls above what is reserved."""
        provisioned = max((other.desired for other in found.values() if _same(one, other)), default=0)
        standing = self.standing[one.name]
        standing = replace(standing, least=max(standing.least, provisioned))
        if standing.least > one.span.max and not one.problem:
            problem = f"{standing.least} are provisioned or in use: write a max of that or more"
            one = replace(one, problem=problem)
        decided = deciding.field(one, standing, self.told.get(one.name))
        free = min(decided.desired, decided.maximum)
        if not decided.moved.problem and free < standing.least:
            problem = f"{standing.least} are provisioned or in use, and the account has no more than {free} to reserve"
            decided = replace(decided, moved=replace(decided.moved, problem=problem, waits=True))
        return replace(decided, standing=decided.standing or None)  # no reservation is not one of 0


def _reserves(one: Moved) -> bool:
    return one.field is LeverField.RESERVED_CONCURRENCY


def _same(one: Moved, other: Decided) -> bool:
    return other.moved.function == one.function and not other.moved.problem
