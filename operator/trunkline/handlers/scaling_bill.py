"""What a policy's center costs in a month, and what of it the levers do; the budget, and what it leaves the forecast. Pure.

Calls are those of the last 30 days, else the demand of now for a whole month. A lever costs what it is told for the next
two days, as if they went on. Prices are those that were shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import floor
from typing import Any

from trunkline.api.center import ContactCenter
from trunkline.api.scaling_levers import LeverField
from trunkline.api.scaling_policy import OnExceeded, ScalingPolicySpec
from trunkline.capacity.cost.bill import Bill, bill
from trunkline.capacity.cost.money import NOTHING, Range
from trunkline.capacity.cost.prices import PriceList
from trunkline.capacity.cost.usage import Usage, table_capacity, voice
from trunkline.handlers.conditions import Condition
from trunkline.handlers.resources import shortened
from trunkline.handlers.scaling_decision import Decided, Seen
from trunkline.handlers.scaling_functions import lookups, priced, taken

MONTH_SECONDS = 2_628_000.0  # 730 hours, as AWS bills
MONTH_HOURS = 730.0
SPREAD = 0.2  # of calls that nobody counted for a month
STEP = timedelta(hours=1)
HOURS = 48


@dataclass(frozen=True, slots=True)
class Month:
    """A month's bill, and what of it the levers are. assumed: of functions, what nobody wrote."""

    bill: Bill
    levers: Range
    price_date: str
    digits: int = 3  # that are worth showing
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """What is billed. counted: calls of the last 30 days; None if nobody knows."""

    center: ContactCenter
    seen: Seen
    counted: float | None


def month(prices: PriceList, region: str, billed: Calls, decided: tuple[Decided, ...]) -> Month:
    """The bill."""
    center, seen, counted = billed.center, billed.seen, billed.counted
    expected = counted if counted is not None else seen.rate * MONTH_SECONDS
    spread = 0.0 if counted is not None else SPREAD
    calls = Range(expected * (1.0 - spread), expected, expected * (1.0 + spread))
    asked = lookups(_kept_warm(decided), center)
    usages = [*voice(calls, seen.calls.line_seconds), *asked.usages(calls, seen.calls, center)]
    usages += [usage for one in decided if (usage := _lever(one, center)) is not None]
    found = bill(prices, region, usages)
    levers = [part.usd for part in found.levers()]
    whole = NOTHING
    for usd in levers:
        whole = whole.plus(usd)
    assumed = tuple(taken(asked.names, center)) if seen.calls.lookups_per_call > 0.0 else ()
    return Month(found, whole, prices.oldest().isoformat(), 3 if counted is not None else 1, assumed)


def written(found: Month) -> dict[str, Any]:
    """`status.cost`."""
    whole = found.bill.total
    return {
        "leversUSDPerMonth": _short(found.levers.expected, 2),
        "lowUSDPerMonth": _short(whole.low, found.digits),
        "expectedUSDPerMonth": _short(whole.expected, found.digits),
        "highUSDPerMonth": _short(whole.high, found.digits),
        "priceDate": found.price_date,
        **({"assumed": [shortened(one, 400) for one in found.assumed[:8]]} if found.assumed else {}),
    }


def condition(spec: ScalingPolicySpec, found: Month | None) -> Condition:
    """`BudgetExceeded`."""
    if spec.budget is None:
        return Condition("BudgetExceeded", "False", "NoBudget", "no budget is written")
    if found is None:
        return Condition("BudgetExceeded", "Unknown", "NotKnown", "the cost could not be computed")
    usd, budget = round(found.levers.expected), spec.budget.monthly_usd
    if usd <= budget:
        return Condition("BudgetExceeded", "False", "Within", f"the levers stay within {budget} USD a month")
    does = "what the forecast adds is limited" if spec.budget.on_exceeded is OnExceeded.CAP else "nothing is limited"
    return Condition("BudgetExceeded", "True", "Exceeded", f"the levers cost more than {budget} USD a month; {does}")


def caps(spec: ScalingPolicySpec, found: Month, decided: Iterable[Decided]) -> Mapping[str, int]:
    """The most that the forecast may ask for, by field: in proportion to what each is, so that the month fits."""
    if spec.budget is None or spec.budget.on_exceeded is not OnExceeded.CAP:
        return {}
    usd = found.levers.expected
    if usd <= spec.budget.monthly_usd or usd <= 0.0:
        return {}
    part = spec.budget.monthly_usd / usd
    return {one.moved.name: max(one.minimum, floor(one.decision.wanted * part)) for one in decided}


def _kept_warm(decided: Iterable[Decided]) -> Iterable[str]:
    """Functions whose environments a lever keeps: a reservation keeps none."""
    found = (one.moved for one in decided if one.moved.field is LeverField.PROVISIONED_CONCURRENCY)
    return (moved.lever.function for moved in found if moved.lever.function is not None)


def _lever(one: Decided, center: ContactCenter) -> Usage | None:
    moved = one.moved
    mean = _mean(one)
    if moved.field is LeverField.PROVISIONED_CONCURRENCY and moved.lever.function:
        function = priced(moved.lever.function, center)
        return function.provisioned(mean.times(MONTH_SECONDS), lever=moved.name)
    if moved.field is LeverField.READ_CAPACITY_UNITS:
        return table_capacity(_table(one), mean.times(MONTH_HOURS), "read", lever=moved.name)
    if moved.field is LeverField.WRITE_CAPACITY_UNITS:
        return table_capacity(_table(one), mean.times(MONTH_HOURS), "write", lever=moved.name)
    return None


def _mean(one: Decided) -> Range:
    """What the lever is on average: at least its minimums of two days, at most the most of them all the time."""
    if one.minimums is None:
        return Range.of(float(one.desired))
    begins = one.minimums.steps[0].at if one.minimums.steps else None
    if begins is None:
        return Range.of(float(max(one.desired, one.minimums.now)))
    values = [one.minimums.value(begins + hour * STEP) for hour in range(HOURS)]
    mean = sum(values) / len(values)
    return Range(mean, mean, max(mean, float(max(values))))


def _table(one: Decided) -> str:
    return f"{one.moved.table}/{one.moved.index}" if one.moved.index else one.moved.table


def _short(usd: float, digits: int) -> int:
    """To a few digits: status is no time series."""
    return int(round(usd, -max(0, len(str(int(usd))) - digits)))
