"""What the day so far says of the hours to come. Pure.

The last slots against what was expected of them, shrunk: by how much is learned for each lead, as the slope of later
errors on earlier ones. Half an hour ahead most of the error of a day carries over, after four hours nothing does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from trunkline.capacity.forecast.errors import Errors, Pair
from trunkline.capacity.forecast.history import Counts

LEADS = (1, 2, 4, 8)  # slots ahead that are learned; in between the next larger one counts
SEEN = 2  # slots that are looked back
DAYS = 60  # from which slopes are learned
PRIOR_SLOPE, PRIOR_WEIGHT = 0.5, 0.01  # what is believed before: as much as half a day of errors of 5 %
LOWEST, LEAST_LOWS = -0.3, 20  # what a day may be behind before so many days are known
BELIEVED, LEAST_BEHIND = 1.5, 0.1  # times what one day in twenty was behind; so far any day may be
LEAST = 20.0  # calls expected in what is looked back at: fewer say nothing


@dataclass(slots=True)
class _Lead:
    errors: Errors = field(default_factory=Errors)
    products: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=DAYS))

    slope: float = PRIOR_SLOPE

    def learn(self, pairs: Sequence[Pair], product: float, square: float) -> None:
        self.errors.learn(pairs)
        self.products.append((product, square))
        above = PRIOR_SLOPE * PRIOR_WEIGHT + sum(product for product, _ in self.products)
        below = PRIOR_WEIGHT + sum(square for _, square in self.products)
        self.slope = min(1.0, max(0.0, above / below))


@dataclass(slots=True)
class Intraday:
    """Slopes and errors by lead."""

    _leads: dict[int, _Lead] = field(default_factory=lambda: {lead: _Lead() for lead in LEADS})
    _lows: deque[float] = field(default_factory=lambda: deque(maxlen=DAYS))  # of each day, how far it fell behind

    def learn(self, expected: Sequence[float], came: Counts) -> None:
        """One more day: as it was expected the day before, and as it came. Checked first, learned then."""
        behind = [off for end in range(SEEN, len(expected)) if (off := deviation(expected, came, end)) is not None]
        if behind:
            self._lows.append(min(behind))
        for lead, known in self._leads.items():
            pairs, products, squares = [], 0.0, 0.0
            for slot in range(SEEN + lead - 1, len(expected)):
                count, off = came[slot], deviation(expected, came, slot - lead + 1)
                if count is None or off is None or expected[slot] < LEAST:
                    continue
                pairs.append((expected[slot] * (1.0 + known.slope * off), count))
                products += off * (count / expected[slot] - 1.0)
                squares += off * off
            if pairs:
                known.learn(pairs, products, squares)

    def believable(self, off: float) -> bool:
        """Whether a day may be behind by this share. A measure that says less than nearly every day did is taken for
        broken: that nobody calls is rare, that a source fails is not, and what is kept too long costs cents.
        """
        if len(self._lows) < LEAST_LOWS:
            return off >= LOWEST
        usual = sorted(self._lows)[len(self._lows) // 20]
        return off >= min(BELIEVED * usual, -LEAST_BEHIND)

    def factor(self, lead: int, off: float) -> float:
        """By what the expectation so many slots ahead is multiplied, after the last slots were off by this share."""
        found = self._at(lead)
        return 1.0 if found is None else max(0.0, 1.0 + found.slope * off)

    def errors(self, lead: int) -> Errors | None:
        """Of updated expectations so many slots ahead; None beyond what is learned: the day before knows as much."""
        found = self._at(lead)
        return None if found is None else found.errors

    def _at(self, lead: int) -> _Lead | None:
        for ahead, known in self._leads.items():
            if ahead >= lead:
                return known
        return None


def deviation(expected: Sequence[float], came: Counts, end: int) -> float | None:
    """By what share the slots before `end` were off; None if too little is known."""
    slots = [(expected[slot], came[slot]) for slot in range(max(0, end - SEEN), end)]
    known = [(wanted, count) for wanted, count in slots if count is not None and wanted > 0.0]
    wanted = sum(each for each, _ in known)
    return sum(count for _, count in known) / wanted - 1.0 if wanted >= LEAST else None
