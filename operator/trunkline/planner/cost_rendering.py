"""A bill as aligned text for people, and as JSON or CSV with the units in the names. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from trunkline.api.counted import counted
from trunkline.capacity.cost.bill import HORIZONS, Line
from trunkline.capacity.cost.money import Range
from trunkline.planner.cost import Cost, Kind, Row
from trunkline.planner.rendering import Value, aligned, values_as_csv

_MONTHS = tuple(f"{months} months" for months in HORIZONS)
_HEADINGS = ("low", "expected", "high", "% of bill", *_MONTHS)
_LINE_HEADINGS = ("service", "what", "amount", "unit", "low", "expected", "high", "price of", "days old")
_CENTS_BELOW = 100.0  # dollars


def cost_as(output: str, policy: str, found: Cost, *, lines: bool = False) -> str:
    """output: table, json or csv. lines: what the rows are the sums of, too; csv has them instead."""
    if output == "csv":
        return values_as_csv([_line_values(line, found) for line in found.lines] if lines else _values(found))
    if output == "json":
        return json.dumps(_about(policy, found), indent=2) + "\n"
    month = found.month
    head = [
        f"{policy}, USD of a month of 730 hours from {month.first} in {found.region}",
        f"calls: {month.calls.expected:,.0f} ({month.calls.low:,.0f} to {month.calls.high:,.0f}), {month.source}"
        + (f" ({month.thin})" if month.thin else ""),
        *([f"not asked, since this is offline: {', '.join(month.silent)}"] if month.silent else []),
        f"growth: {month.growth_source}",
        f"prices: of {found.oldest} to {found.newest}; the oldest is {counted(found.age_days, 'day')} old",
    ]
    parts = ["\n".join(head), _table("service", found, (Kind.SERVICE, Kind.TOTAL))]
    parts.append(_table("lever", found, (Kind.LEVER, Kind.LEVERS)) + _budget(found))
    if lines:
        parts.append(aligned(_LINE_HEADINGS, [_line_cells(line, found) for line in found.lines], left=(0, 1, 3)))
    parts.append("\n".join(found.notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(name: str, found: Cost, kinds: Sequence[Kind]) -> str:
    return aligned((name, *_HEADINGS), [_cells(row) for row in found.rows if row.kind in kinds], left=(0,))


def _cells(row: Row) -> tuple[str, ...]:
    share = f"{100.0 * row.share:.2f}" if row.share < 0.1 else f"{100.0 * row.share:.1f}"
    return (row.name, *_dollars(row.month), share, *(_usd(ahead.expected) for ahead in row.ahead))


def _budget(found: Cost) -> str:
    if found.budget is None:
        return ""
    return f"\nbudget of the levers: {found.budget:,} USD a month, {'exceeded' if found.exceeded else 'kept'}"


def _dollars(usd: Range) -> tuple[str, str, str]:
    return _usd(usd.low), _usd(usd.expected), _usd(usd.high)


def _usd(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars < _CENTS_BELOW else f"{dollars:,.0f}"


def _line_cells(line: Line, found: Cost) -> tuple[str, ...]:
    usage, price = line.usage, line.price
    amount = usage.amount.expected
    return (
        usage.service,
        usage.what,
        f"{amount:,.0f}" if amount >= 10.0 else f"{amount:.3g}",
        price.unit,
        *_dollars(line.usd),
        price.as_of.isoformat(),
        str(_age(line, found)),
    )


def _age(line: Line, found: Cost) -> int:
    """Days: the oldest price's, less what this one is newer."""
    return max(0, found.age_days - (line.price.as_of - found.oldest).days)


def _values(found: Cost) -> list[dict[str, Value]]:
    return [_row_values(row) for row in found.rows]


def _row_values(row: Row) -> dict[str, Value]:
    values: dict[str, Value] = {"kind": row.kind.value, "name": row.name, **_range("USDPerMonth", row.month)}
    values["percentOfBill"] = round(100.0 * row.share, 5)
    for months, ahead in zip(HORIZONS, row.ahead, strict=True):
        values |= _range(f"USD{months}Months", ahead)
    return values


def _line_values(line: Line, found: Cost) -> dict[str, Value]:
    usage, price = line.usage, line.price
    return {
        "service": usage.service,
        "usageType": usage.sku,
        "what": usage.what,
        "lever": usage.lever,
        "unit": price.unit,
        **_range("Amount", usage.amount),
        **_range("USDPerMonth", line.usd),
        "priceDate": price.as_of.isoformat(),
        "priceAgeDays": _age(line, found),
        "priceOfRegion": price.exact,
        "priceSource": price.source,
    }


def _range(unit: str, found: Range) -> dict[str, Value]:
    return {
        f"low{unit}": round(found.low, 4),
        f"expected{unit}": round(found.expected, 4),
        f"high{unit}": round(found.high, 4),
    }


def _about(policy: str, found: Cost) -> dict[str, object]:
    month = found.month
    return {
        "policy": policy,
        "region": found.region,
        "firstDay": month.first.isoformat(),
        **_range("CallsPerMonth", month.calls),
        "callsFrom": month.source,
        "notAsked": list(month.silent),
        **_range("GrowthFactorPerYear", month.growth),
        "growthFrom": month.growth_source,
        "oldestPriceDate": found.oldest.isoformat(),
        "newestPriceDate": found.newest.isoformat(),
        "oldestPriceAgeDays": found.age_days,
        "budgetUSDPerMonth": found.budget,
        "budgetExceeded": found.exceeded,
        "rows": _values(found),
        "lines": [_line_values(line, found) for line in found.lines],
        "notes": list(found.notes),
    }
