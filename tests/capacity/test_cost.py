"""Prices with their age, and the bill as a range: by service and lever, over months, and in Regions without a price."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from trunkline.capacity.cost.bill import Bill, bill
from trunkline.capacity.cost.break_even import capacity_units, provisioned_concurrency
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.prices import PriceList, UnknownPriceError, parse, shipped
from trunkline.capacity.cost.usage import (
    CONNECT,
    DYNAMODB,
    ELASTICACHE,
    HOURS,
    LAMBDA,
    S3,
    Function,
    Usage,
    cache_nodes,
    numbers,
    storage,
    stream,
    table_capacity,
    table_requests,
    table_storage,
    transfer,
    voice,
)

HOME = "us-east-1"
LOOKUP = Function("lookup", memory_gb=1.0, seconds=0.3)


def _file(*rows: dict[str, Any], **changes: Any) -> str:
    every = [
        {"service": "s", "sku": "k", "region": HOME, "unit": "hour", "source": "a page", "as_of": "2026-01-01"} | row
        for row in rows
    ]
    by = {"low": 0.9, "expected": 1.0, "high": 1.5, "source": "a guess"}
    return json.dumps({"format": 1, "home_region": HOME, "elsewhere": by, "prices": every} | changes)


def _bill(*usages: Usage, region: str = HOME, prices: PriceList | None = None) -> Bill:
    return bill(prices or shipped(), region, usages)


def _figures(found: Range) -> tuple[float, float, float]:
    return found.low, found.expected, found.high


# --- prices


def test_every_shipped_price_says_what_it_is_of_where_it_is_from_and_how_old() -> None:
    for price in shipped().prices.values():
        assert price.region
        assert price.unit
        assert len(price.source) > 20, price.sku
        assert date(2024, 1, 1) <= price.as_of <= date(2026, 12, 31), price.sku
        assert price.low <= 1.0 <= price.high, price.sku


@pytest.mark.parametrize(
    "usages",
    [
        pytest.param(voice(Range.of(1), 60, plan="legacy", number="tollfree"), id="voice-legacy"),
        pytest.param(voice(Range.of(1), 60), id="voice"),
        pytest.param(numbers(1) + numbers(1, "tollfree"), id="numbers"),
        pytest.param(LOOKUP.invocations(Range.of(1), provisioned_share=0.5), id="function"),
        pytest.param(Function("x", 1.0, 1.0, arm64=True).invocations(Range.of(1), provisioned_share=0.5), id="arm64"),
        pytest.param([LOOKUP.provisioned(Range.of(1))], id="provisioned"),
        pytest.param([Function("x", 1.0, 1.0, arm64=True).provisioned(Range.of(1))], id="provisioned-arm64"),
        pytest.param([table_capacity("t", Range.of(1), "read"), table_capacity("t", Range.of(1), "write")], id="table"),
        pytest.param(
            [table_requests("t", Range.of(1), "read"), table_requests("t", Range.of(1), "write")], id="on-demand"
        ),
        pytest.param([table_storage("t", Range.of(1))], id="table-storage"),
        pytest.param([cache_nodes("c", "cache.r7g.large", "valkey", Range.of(1))], id="cache"),
        pytest.param(stream("s", Range.of(1), Range.of(1)), id="stream"),
        pytest.param([storage(Range.of(1)), transfer(Range.of(1))], id="storage-and-transfer"),
    ],
)
def test_what_a_center_uses_has_a_price(usages: list[Usage]) -> None:
    found = _bill(*usages)
    assert found.unpriced == ()
    assert found.total.low > 0


def test_tiers_are_paid_one_after_the_other() -> None:
    price = shipped().find(S3, "TimedStorage-ByteHrs", HOME)
    assert price.usd(51_200) == pytest.approx(51_200 * 0.023)
    assert price.usd(60_000) == pytest.approx(51_200 * 0.023 + 8_800 * 0.022)


def test_a_region_without_a_row_has_the_home_price_with_factors_and_says_so() -> None:
    prices = parse(_file({"usd": 2.0}))
    price = prices.find("s", "k", "sa-east-1")
    assert _figures(price.cost(Range.of(10))) == pytest.approx((18, 20, 30))
    assert (price.exact, price.region) == (False, "sa-east-1")
    found = _bill(Usage("s", "k", "it", Range.of(10)), region="sa-east-1", prices=prices)
    assert found.notes(date(2026, 2, 1)) == ["1 of 1 prices are of another Region, with a factor: none of sa-east-1"]


def test_a_row_of_ones_own_replaces_the_shipped_one() -> None:
    theirs = parse(_file({"service": DYNAMODB, "sku": "ReadCapacityUnit-Hrs", "usd": 0.0001, "source": "our contract"}))
    prices = shipped().replaced(theirs.prices.values())
    assert prices.find(DYNAMODB, "ReadCapacityUnit-Hrs", HOME).usd(1) == 0.0001
    assert prices.find(DYNAMODB, "WriteCapacityUnit-Hrs", HOME).usd(1) == 0.00065


def test_old_prices_are_used_and_their_age_is_told() -> None:
    prices = parse(_file({"usd": 2.0, "as_of": "2024-01-01"}, {"sku": "new", "usd": 2.0}))
    found = _bill(Usage("s", "k", "a", Range.of(1)), Usage("s", "new", "b", Range.of(1)), prices=prices)
    assert found.total.expected == 4.0
    assert found.notes(date(2026, 1, 31)) == ["1 of 2 prices is older than 365 days, the oldest 761 days"]
    assert [price.sku for price in prices.stale(date(2026, 1, 31))] == ["k"]
    assert prices.oldest() == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "not JSON", id="json"),
        pytest.param("[]", "format 1", id="no-object"),
        pytest.param(_file({"usd": 1}, format=2), "format 1", id="newer-format"),
        pytest.param('{"format": 1}', "lacks home_region", id="nothing-in-it"),
        pytest.param(_file({}), r"prices\[0\]: lacks usd", id="no-price"),
        pytest.param(_file({"usd": 1}, {"sku": "b", "usd": "x"}), r"prices\[1\]: usd", id="no-number"),
        pytest.param(_file({"usd": 1, "as_of": "soon"}), "as_of a date", id="no-date"),
        pytest.param(_file({"usd": 0}), "above 0|must be numbers", id="free"),
        pytest.param(_file({"usd": -1}), "above 0", id="negative"),
        pytest.param(_file({"usd": 1, "low": 2}), "low <= usd", id="low-above"),
        pytest.param(_file({"tiers": [[10, 1], [5, 2], [None, 3]]}), "must rise", id="tiers-fall"),
        pytest.param(_file({"tiers": [[10, 1]]}), "end with null", id="tiers-end"),
        pytest.param(_file({"usd": 1}, {"usd": 2}), "two rows", id="twice"),
        pytest.param(_file({"usd": 1}, elsewhere={"low": 1}), "elsewhere", id="no-factors"),
    ],
)
def test_a_price_file_that_is_wrong_says_where(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(text)


def test_what_has_no_price_is_named_and_not_nothing() -> None:
    found = _bill(cache_nodes("c", "cache.x9.huge", "valkey", Range.of(730)), storage(Range.of(1)))
    assert [item.what for item in found.unpriced] == ["nodes of c"]
    assert "no price for nodes of c" in found.notes(date(2024, 12, 1))[0]
    with pytest.raises(UnknownPriceError, match=r"cache\.x9\.huge"):
        shipped().find(ELASTICACHE, "NodeUsage:cache.x9.huge:valkey", HOME)


# --- bills


def _center() -> Bill:
    """A million calls of five minutes, five lookups each, twenty environments and a table, as a range of the calls."""
    calls = Range(900_000, 1_000_000, 1_200_000)
    return _bill(
        *voice(calls, 300, plan="legacy"),
        *LOOKUP.invocations(calls.times(5.0), provisioned_share=1.0),
        LOOKUP.provisioned(Range.of(20 * HOURS * 3600), lever="lookup"),
        table_capacity("customers", Range.of(100 * HOURS), "read", lever="customers"),
    )


def test_the_bill_is_a_range_by_service_and_adds_up() -> None:
    found = _center()
    assert [part.name for part in found.services()] == [CONNECT, LAMBDA, DYNAMODB]
    assert sum(part.share for part in found.services()) == pytest.approx(1.0)
    assert _figures(found.services()[0].usd) == pytest.approx((90_900, 101_000, 121_200))
    assert found.total.low < found.total.expected < found.total.high


def test_a_lever_is_dollars_beside_a_bill_of_something_else() -> None:
    part = _center().lever("lookup")
    assert part.usd.expected == pytest.approx(219, rel=0.001)
    assert part.share == pytest.approx(0.00216, rel=0.01)
    assert [item.name for item in _center().levers()] == ["lookup", "customers"]
    assert _center().lever("none").usd.expected == 0


@pytest.mark.parametrize(
    ("months", "growth", "factor"),
    [
        pytest.param(3, 1.0, 3.0, id="quarter"),
        pytest.param(12, 1.0, 12.0, id="year"),
        pytest.param(12, 1.2, 13.07, id="growing-year"),
        pytest.param(12, 0.8, 10.86, id="shrinking-year"),
    ],
)
def test_months_to_come_grow_where_calls_do(months: int, growth: float, factor: float) -> None:
    calls = _bill(*voice(Range.of(1000), 60))
    assert calls.over(months, Range.of(growth)).expected == pytest.approx(calls.total.expected * factor, rel=0.001)
    fixed = _bill(table_capacity("t", Range.of(730), "write"))
    assert fixed.over(months, Range.of(growth)).expected == pytest.approx(fixed.total.expected * months)


def test_uncertain_growth_widens_the_year() -> None:
    year = _bill(*voice(Range.of(1000), 60)).over(12, Range(1.0, 1.2, 1.5))
    assert year.low < year.expected < year.high
    with pytest.raises(ValueError, match="at least 1"):
        _center().over(0, Range.of(1.0))


def test_a_budget_is_held_against_the_expected_month() -> None:
    assert _center().exceeds(100_000)
    assert not _center().exceeds(110_000)


def test_nothing_used_is_no_line() -> None:
    assert _bill(storage(Range.of(0))).lines == ()
    assert _bill().total.expected == 0


def test_a_range_does_not_fall() -> None:
    with pytest.raises(ValueError, match="low <= expected <= high"):
        Range(2, 1, 3)


def test_capacity_in_advance_pays_from_published_utilizations_on() -> None:
    """28.9 % for DynamoDB's units, about 60 % for provisioned concurrency."""
    assert capacity_units(shipped(), HOME, "read") == pytest.approx(0.289, abs=0.0005)
    assert capacity_units(shipped(), HOME, "write") == pytest.approx(0.289, abs=0.0005)
    assert provisioned_concurrency(shipped(), HOME) == pytest.approx(0.6, abs=0.001)
