"""A figure as low, expected and high. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """Three figures that do not decrease: dollars, quantities or shares."""

    low: float
    expected: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.expected <= self.high:
            raise ValueError(
                f"a range needs 0 <= low <= expected <= high, not {self.low}, {self.expected}, {self.high}"
            )

    @classmethod
    def of(cls, value: float) -> Range:
        """A figure that is known."""
        return cls(value, value, value)

    def plus(self, other: Range) -> Range:
        """Lows with lows: everything cheap at once, which a bill of a few large lines may well be."""
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def times(self, other: Range | float) -> Range:
        """The product, low with low."""
        by = other if isinstance(other, Range) else Range.of(other)
        return Range(self.low * by.low, self.expected * by.expected, self.high * by.high)


NOTHING = Range.of(0.0)


def total(items: Iterable[Range]) -> Range:
    """The sum."""
    found = NOTHING
    for item in items:
        found = found.plus(item)
    return found
