"""The bill of a month: by line and service, as low, expected and high, what a lever's part is, and 3 and 12 months. Pure.

Low takes low amounts at low prices, high the opposite. What has no price is named, never counted as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trunkline.api.counted import are, counted
from trunkline.capacity.cost.money import NOTHING, Range, total
from trunkline.capacity.cost.prices import STALE_DAYS, Price, PriceList, UnknownPriceError
from trunkline.capacity.cost.usage import Usage

HORIZONS = (3, 12)  # months


@dataclass(frozen=True, slots=True)
class Line:
    """A usage with its price, and dollars a month."""

    usage: Usage
    price: Price
    usd: Range


@dataclass(frozen=True, slots=True)
class Part:
    """Dollars a month of a service or lever, and its share of the whole bill as expected."""

    name: str
    usd: Range
    share: float


@dataclass(frozen=True, slots=True)
class Bill:
    """A month. unpriced: usage that the price file knows no price of."""

    region: str
    lines: tuple[Line, ...]
    unpriced: tuple[Usage, ...] = ()

    @property
    def total(self) -> Range:
        """Dollars a month."""
        return total(line.usd for line in self.lines)

    def services(self) -> list[Part]:
        """By service, the dearest first."""
        names = dict.fromkeys(line.usage.service for line in self.lines)
        return self._parts((name, [line for line in self.lines if line.usage.service == name]) for name in names)

    def levers(self) -> list[Part]:
        """By lever, the dearest first: what the policy moves, beside a bill that is mostly something else."""
        names = dict.fromkeys(line.usage.lever for line in self.lines if line.usage.lever)
        return self._parts((name, [line for line in self.lines if line.usage.lever == name]) for name in names)

    def lever(self, name: str) -> Part:
        """One lever; nothing if it has no line."""
        return next((part for part in self.levers() if part.name == name), Part(name, NOTHING, 0.0))

    def _parts(self, groups: Iterable[tuple[str, list[Line]]]) -> list[Part]:
        whole = self.total.expected
        found = [(name, total(line.usd for line in lines)) for name, lines in groups]
        parts = [Part(name, usd, usd.expected / whole if whole else 0.0) for name, usd in found]
        return sorted(parts, key=lambda part: -part.usd.expected)

    def over(self, months: int, growth_a_year: Range) -> Range:
        """Dollars of the next so many months. growth_a_year: factors, 1.2 is 20 % more calls in a year.

        What follows calls grows month by month from this one on; capacity that is configured stays as it is.
        """
        if months < 1:
            raise ValueError(f"months must be at least 1, not {months}")
        growing = total(line.usd for line in self.lines if line.usage.grows)
        steady = total(line.usd for line in self.lines if not line.usage.grows)
        factors = Range(
            *(_months(factor, months) for factor in (growth_a_year.low, growth_a_year.expected, growth_a_year.high))
        )
        return growing.times(factors).plus(steady.times(float(months)))

    def exceeds(self, monthly_usd: float) -> bool:
        """Whether the expected month is above a budget."""
        return self.total.expected > monthly_usd

    def notes(self, on: date, stale_days: int = STALE_DAYS) -> list[str]:
        """What whoever reads the figures should know: stale prices, Regions without a price, usage without one."""
        prices = {line.price.sku: line.price for line in self.lines}.values()
        found: list[str] = []
        stale = [price for price in prices if price.age_days(on) > stale_days]
        if stale:
            oldest = max(price.age_days(on) for price in stale)
            found.append(
                f"{len(stale)} of {len(prices)} prices {are(len(stale))} older than {counted(stale_days, 'day')}, the oldest {counted(oldest, 'day')}"
            )
        borrowed = [price for price in prices if not price.exact]
        if borrowed:
            found.append(
                f"{len(borrowed)} of {len(prices)} prices are of another Region, with a factor: none of {self.region}"
            )
        found += [
            f"no price for {item.what} ({item.service}, {item.sku}): not in the figures" for item in self.unpriced
        ]
        return found


def _months(factor: float, months: int) -> float:
    """The sum of so many months' factors, of which the first is 1."""
    return sum(math.pow(factor, month / 12.0) for month in range(months))


def bill(prices: PriceList, region: str, usages: Iterable[Usage]) -> Bill:
    """The bill of a month in a Region. Usage of nothing has no line."""
    lines: list[Line] = []
    unpriced: list[Usage] = []
    for usage in usages:
        if usage.amount.high <= 0.0:
            continue
        try:
            price = prices.find(usage.service, usage.sku, region)
        except UnknownPriceError:
            unpriced.append(usage)
            continue
        lines.append(Line(usage, price, price.cost(usage.amount)))
    return Bill(region, tuple(lines), tuple(unpriced))
