"""How far forecasts were from what came, and the quantiles that follow. Pure.

An error is measured in the deviation that its forecast may have: Poisson's, and one in proportion to the forecast on top
(gamma-Poisson; J. W. Taylor, Management Science 58 (2012)). So small and large hours are one sample, and what was
learned at ten calls says something of ten thousand. Quantiles are those of the sample; beyond it, a normal tail.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, sqrt
from statistics import NormalDist

DAYS = 90  # that are remembered
PRIOR_DAYS = 5  # how many days the prior is worth
PRIOR_DEVIATION = 0.15  # of a forecast that nobody has checked yet
_NORMAL = NormalDist()
_normal = lru_cache(maxsize=64)(_NORMAL.inv_cdf)
_HALF = 0.5

Pair = tuple[float, float]
"""Calls expected and calls that came, in one slot."""


@dataclass(slots=True)
class Errors:
    """Pairs of the last days. Few days widen every quantile: the prior then counts for most of it."""

    _days: deque[array[float]] = field(default_factory=lambda: deque(maxlen=DAYS))  # each pair as two numbers
    _spread: float | None = None  # of what was learned; computed when it is asked for
    _sample: array[float] | None = None

    @property
    def days(self) -> int:
        """How many days were checked."""
        return len(self._days)

    def learn(self, pairs: Sequence[Pair]) -> None:
        """One more day."""
        known = array("d", (number for pair in pairs if pair[0] > 0.0 for number in pair))
        if not known:
            return
        self._days.append(known)
        self._spread = self._sample = None

    def _pairs(self) -> Iterator[Pair]:
        for day in self._days:
            numbers = iter(day)
            yield from zip(numbers, numbers, strict=True)

    def quantile(self, expected: float, share: float) -> float:
        """Calls that are not exceeded with this chance, where so many are expected. Raises ValueError."""
        if not 0.0 < share < 1.0:
            raise ValueError(f"a quantile lies between 0 and 1, not at {share}")
        if expected <= 0.0:
            return 0.0
        least = _normal(share) * sqrt(expected)  # no forecast is better than the calls' own fluctuation
        found = self._score(share) * self._deviation(expected)
        return max(0.0, expected + (max(least, found) if share >= _HALF else min(least, found)))

    def _deviation(self, expected: float) -> float:
        if self._spread is None:
            self._spread = self._squared()
        return sqrt(expected + self._spread * expected * expected)

    def _squared(self) -> float:
        """The square of the share by which forecasts are off beyond Poisson."""
        every = list(self._pairs())
        excess = sum((came - expected) ** 2 - expected for expected, came in every)
        found = max(0.0, excess / sum(expected * expected for expected, _ in every)) if every else 0.0
        days = len(self._days)
        return (days * found + PRIOR_DAYS * PRIOR_DEVIATION**2) / (days + PRIOR_DAYS)

    def _score(self, share: float) -> float:
        """The quantile of the errors, in deviations: of a normal one as long as few days are known, then of the sample."""
        if self._sample is None:
            every = self._pairs()
            off = sorted((came - expected) / self._deviation(expected) for expected, came in every)
            self._sample = array("d", off)
        days, prior = len(self._days), _normal(share)
        # The slots of a day are off together: a few days are a few errors, however many slots they have.
        return (days * self._of_sample(self._sample, share) + PRIOR_DAYS * prior) / (days + PRIOR_DAYS)

    @staticmethod
    def _of_sample(sample: Sequence[float], share: float) -> float:
        if not sample:
            return _normal(share)
        rank = ceil((len(sample) + 1) * share)
        if rank <= len(sample):
            return sample[max(rank, 1) - 1]
        last = len(sample) / (len(sample) + 1)
        if last <= _HALF:  # one error has no tail
            return max(sample[-1], _normal(share))
        return max(sample[-1], 0.0) * _normal(share) / _normal(last)
