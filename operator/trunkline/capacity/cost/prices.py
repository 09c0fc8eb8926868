"""Prices with their region, usage type, source and age. Pure but for `shipped`, which reads the package's own file once.

A price is never a constant of the code: `prices.json` is data with a date on every row, and may be replaced as a whole by
a newer one of the same form (`parse`), or row by row (`PriceList.replaced`), as for negotiated prices. A stale price is
shown with its age and used all the same. A Region without a row has the home Region's price with factors, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from math import inf, isfinite
from typing import Any

from trunkline.capacity.cost.money import Range

FORMAT = 1
STALE_DAYS = 365


class UnknownPriceError(LookupError):
    """There is no price of a service's usage type, in any Region."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What a unit costs up to an amount a month."""

    up_to: float
    usd: float


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a usage type costs in a Region. low, high: factors by which the price may be off.

    sku: the usage type of AWS's price list without the Region's prefix. exact: the row is of this Region.
    """

    service: str
    sku: str
    region: str
    unit: str
    tiers: tuple[Tier, ...]
    source: str
    as_of: date
    low: float = 1.0
    high: float = 1.0
    note: str = ""
    factor: float = 1.0
    exact: bool = True

    def usd(self, amount: float) -> float:
        """Dollars for so many units in a month, tier by tier, as expected."""
        found, below = 0.0, 0.0
        for tier in self.tiers:
            if amount <= below:
                break
            found += (min(amount, tier.up_to) - below) * tier.usd
            below = tier.up_to
        return found * self.factor

    def cost(self, amount: Range) -> Range:
        """Dollars for an amount that is a range itself."""
        return Range(self.usd(amount.low) * self.low, self.usd(amount.expected), self.usd(amount.high) * self.high)

    def age_days(self, on: date) -> int:
        """How old the price is; 0 if it is newer."""
        return max(0, (on - self.as_of).days)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Factors on the home Region's price for a Region without one."""

    low: float
    expected: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by service, usage type and Region."""

    home_region: str
    elsewhere: Elsewhere
    prices: Mapping[tuple[str, str, str], Price]

    def find(self, service: str, sku: str, region: str) -> Price:
        """The Region's price, else the home Region's with factors. Raises UnknownPriceError."""
        found = self.prices.get((service, sku, region))
        if found is not None:
            return found
        home = self.prices.get((service, sku, self.home_region))
        if home is None:
            raise UnknownPriceError(
                f"the price file has no price of {sku} of {service} in {region} or {self.home_region}"
            )
        by = self.elsewhere
        return replace(
            home,
            region=region,
            factor=by.expected,
            low=home.low * by.low / by.expected,
            high=home.high * by.high / by.expected,
            source=f"{home.region} times {by.low:g} to {by.high:g} ({by.source}); {home.source}",
            exact=False,
        )

    def replaced(self, prices: Iterable[Price]) -> PriceList:
        """The list with other or further rows."""
        rows = {(price.service, price.sku, price.region): price for price in prices}
        return replace(self, prices={**self.prices, **rows})

    def oldest(self) -> date:
        """The date of the oldest row."""
        return min(price.as_of for price in self.prices.values())

    def stale(self, on: date, days: int = STALE_DAYS) -> list[Price]:
        """Rows that are older than so many days."""
        return [price for price in self.prices.values() if price.age_days(on) > days]


def parse(text: str) -> PriceList:
    """A price file. Raises ValueError with the row and what is wrong with it."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the price file is not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"the price file must be an object with format {FORMAT}")
    for name in ("home_region", "elsewhere", "prices"):
        if name not in found:
            raise ValueError(f"the price file lacks {name}")
    rows = [_row(index, row) for index, row in enumerate(found["prices"])]
    prices = {(row.service, row.sku, row.region): row for row in rows}
    if len(prices) < len(rows):
        raise ValueError("the price file has two rows of the same service, sku and region")
    by = found["elsewhere"]
    try:
        elsewhere = Elsewhere(float(by["low"]), float(by["expected"]), float(by["high"]), str(by["source"]))
    except (KeyError, TypeError, ValueError):
        raise ValueError("elsewhere: expected low, expected and high as numbers, and source") from None
    if not 0.0 < elsewhere.low <= elsewhere.expected <= elsewhere.high:
        raise ValueError("elsewhere: expected 0 < low <= expected <= high")
    return PriceList(str(found["home_region"]), elsewhere, prices)


def _row(index: int, row: Any) -> Price:
    where = f"prices[{index}]"
    try:
        words = {name: str(row[name]) for name in ("service", "sku", "region", "unit", "source")}
        as_of = date.fromisoformat(row["as_of"])
        given = row["tiers"] if "tiers" in row else [[None, row["usd"]]]
        tiers = tuple(Tier(inf if up_to is None else float(up_to), float(usd)) for up_to, usd in given)
        usd = tiers[0].usd
        low, high = float(row.get("low", usd)), float(row.get("high", usd))
    except KeyError as error:
        raise ValueError(f"{where}: lacks {error.args[0]}") from None
    except (TypeError, ValueError, IndexError):
        raise ValueError(
            f"{where}: usd, low, high and tiers must be numbers, as_of a date such as 2026-11-21"
        ) from None
    _check(where, tiers, low, high)
    return Price(
        words["service"],
        words["sku"],
        words["region"],
        words["unit"],
        tiers,
        words["source"],
        as_of,
        low / usd,
        high / usd,
        str(row.get("note", "")),
    )


def _check(where: str, tiers: tuple[Tier, ...], low: float, high: float) -> None:
    bounds = [tier.up_to for tier in tiers]
    if any(not (isfinite(tier.usd) and tier.usd > 0.0) for tier in tiers):
        raise ValueError(f"{where}: a price must be above 0")
    if bounds != sorted(set(bounds)) or bounds[-1] != inf:
        raise ValueError(f"{where}: tiers must rise and the last one end with null")
    if not 0.0 < low <= tiers[0].usd <= high:
        raise ValueError(f"{where}: expected 0 < low <= usd <= high")


@cache
def shipped() -> PriceList:
    """The price file of this package."""
    return parse(files(__package__).joinpath("prices.json").read_text(encoding="utf-8"))
