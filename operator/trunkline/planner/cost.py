"""`trunkline cost`: what a policy's center costs in a month, in three and in twelve, by service and by lever. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trunkline.capacity.cost.bill import HORIZONS, Bill, Line, bill
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.prices import PriceList
from trunkline.planner.cost_month import Month
from trunkline.planner.cost_usage import Billed, gaps, usages


class Kind(StrEnum):
    """What a row is of."""

    SERVICE = "service"
    TOTAL = "total"
    LEVER = "lever"
    LEVERS = "levers"


@dataclass(frozen=True, slots=True)
class Row:
    """Dollars of a month, and of the next months by `HORIZONS`. share: of the whole bill as expected, 0 to 1."""

    kind: Kind
    name: str
    month: Range
    ahead: tuple[Range, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Cost:
    """rows: services, the dearest first, and all together; then levers likewise. lines: what they are the sums of.

    oldest, newest: dates of the prices that were used; age_days: of the oldest. budget: dollars a month for the levers.
    """

    region: str
    month: Month
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    oldest: date
    newest: date
    age_days: int
    notes: tuple[str, ...]
    budget: int | None = None

    def row(self, kind: Kind) -> Row:
        """The first of a kind."""
        return next(row for row in self.rows if row.kind is kind)

    @property
    def exceeded(self) -> bool:
        """Whether the levers are expected to cost more than their budget."""
        return self.budget is not None and self.row(Kind.LEVERS).month.expected > self.budget


def cost(prices: PriceList, region: str, billed: Billed, today: date) -> Cost:
    """Everything. today: from which on prices have their age. Raises ValueError where nothing has a price."""
    found = bill(prices, region, usages(billed))
    if not found.lines:
        raise ValueError("nothing costs anything: the policy states no calls, and moves nothing")
    dates = [line.price.as_of for line in found.lines]
    budget = billed.spec.budget
    return Cost(
        region,
        billed.month,
        tuple(_rows(found, billed.month.growth)),
        tuple(sorted(found.lines, key=lambda line: -line.usd.expected)),
        min(dates),
        max(dates),
        max(line.price.age_days(today) for line in found.lines),
        (*found.notes(today), *gaps(billed)),
        None if budget is None else budget.monthly_usd,
    )


def _rows(found: Bill, growth: Range) -> Iterator[Row]:
    yield from _parts(Kind.SERVICE, found, growth, ((line, line.usage.service) for line in found.lines))
    yield _row(Kind.TOTAL, "all", found.lines, found, growth)
    levers = [line for line in found.lines if line.usage.lever]
    yield from _parts(Kind.LEVER, found, growth, ((line, line.usage.lever) for line in levers))
    yield _row(Kind.LEVERS, "all levers", levers, found, growth)


def _parts(kind: Kind, whole: Bill, growth: Range, named: Iterable[tuple[Line, str]]) -> list[Row]:
    """The dearest first."""
    groups: dict[str, list[Line]] = {}
    for line, name in named:
        groups.setdefault(name, []).append(line)
    rows = [_row(kind, name, lines, whole, growth) for name, lines in groups.items()]
    return sorted(rows, key=lambda row: -row.month.expected)


def _row(kind: Kind, name: str, lines: Sequence[Line], whole: Bill, growth: Range) -> Row:
    part, expected = Bill(whole.region, tuple(lines)), whole.total.expected
    ahead = tuple(part.over(months, growth) for months in HORIZONS)
    return Row(kind, name, part.total, ahead, part.total.expected / expected if expected > 0.0 else 0.0)
