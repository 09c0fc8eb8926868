"""Effects that come due on the clock: what makes a resource go from one status to the next. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Due:
    """Effects to come, in order of time; those of one time keep their order."""

    _effects: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def later(self, when: float, effect: Callable[[], None]) -> None:
        self._effects.append((when, effect))
        self._effects.sort(key=lambda item: item[0])

    def settle(self, now: float) -> None:
        """Let happen what is due. An effect may add others."""
        while self._effects and self._effects[0][0] <= now:
            _, effect = self._effects.pop(0)
            effect()

    def clear(self) -> None:
        """Nothing more is to come."""
        self._effects.clear()
