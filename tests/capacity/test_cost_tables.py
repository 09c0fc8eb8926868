"""Published cost tables of two designs, recomputed from their own inputs: where they differ, and why.

A designer's table is what people come with. Each row has what the table says, what the inputs that it names cost by the
price file, and the reason for the difference; a row whose difference is gone, or has changed, fails here.
"""

from __future__ import annotations

import pytest

from trunkline.capacity.cost.bill import bill
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.prices import shipped
from trunkline.capacity.cost.usage import (
    HOURS,
    Function,
    Usage,
    cache_nodes,
    storage,
    stream,
    table_capacity,
    table_requests,
    table_storage,
    transfer,
    voice,
)

CALLS = Range.of(1_000_000)


def _usd(usages: list[Usage]) -> float:
    found = bill(shipped(), "us-east-1", usages)
    assert found.unpriced == ()
    return found.total.expected


def _units(read: float, write: float, gigabytes: float = 0.0) -> list[Usage]:
    return [
        table_capacity("t", Range.of(read * HOURS), "read"),
        table_capacity("t", Range.of(write * HOURS), "write"),
        table_storage("t", Range.of(gigabytes)),
    ]


def _lambda(count: float, seconds: float, memory_gb: float) -> list[Usage]:
    return Function("f", memory_gb, seconds).invocations(Range.of(count))


def _provisioned(environments: float, memory_gb: float) -> list[Usage]:
    return [Function("f", memory_gb, 0.3).provisioned(Range.of(environments * HOURS * 3600))]


def _gateway(sku: str, amount: float) -> list[Usage]:
    return [Usage("Amazon API Gateway", sku, "gateway", Range.of(amount))]


# --- a million calls a month of five minutes


@pytest.mark.parametrize(
    ("said", "usages", "costs"),
    [
        pytest.param(90_000, voice(CALLS, 300, plan="legacy", number="did"), 101_000, id="telephony is left out: DID minutes"),
        pytest.param(90_000, voice(CALLS, 300, plan="legacy", number="tollfree"), 150_000, id="telephony is left out: toll-free minutes"),
        pytest.param(90_000, voice(CALLS, 300, plan="customer", number="did"), 201_000, id="new instances have the plan of $0.038"),
        pytest.param(150, _lambda(5e6, 3.0, 1.0), 251, id="5 M x 3 s of 1 GB"),
        pytest.param(150, _lambda(5e6, 3.0, 0.5), 126, id="5 M x 3 s of 512 MB: about what is said"),
        pytest.param(150, _lambda(5e6, 0.3, 1.0), 26, id="5 M x 0.3 s, which the design promises"),
        pytest.param(0, _provisioned(100, 1.0), 1_095, id="the design's 100 provisioned environments are left out"),
        pytest.param(3_650, _units(10_000, 10_000), 5_694, id="10,000 of each: reads are 949, writes 4,745"),
        pytest.param(3_650, _units(1_000, 500) + _units(500, 100), 427, id="where the design's own autoscaling stands"),
        pytest.param(3_650, _units(10_000, 5_000) + _units(5_000, 100), 3_843, id="where its autoscaling ends"),
        pytest.param(3_650, [table_requests("t", CALLS, "read"), table_requests("t", CALLS.times(3.0), "write")], 2, id="what a million calls ask of it, on demand"),
        pytest.param(730, [cache_nodes("c", "cache.r6g.xlarge", "redis", Range.of(3 * HOURS))], 900, id="three nodes of Redis OSS"),
        pytest.param(730, [cache_nodes("c", "cache.r6g.xlarge", "valkey", Range.of(3 * HOURS))], 720, id="the same with Valkey: about what is said"),
        pytest.param(150, stream("s", Range.of(10 * HOURS), Range.of(20e6)), 109.8, id="ten shards and their records"),
        pytest.param(2_300, [storage(Range.of(102_400))], 2_304, id="100 TB in S3: right"),
        pytest.param(4_500, [transfer(Range.of(51_200))], 4_403, id="50 TB out: right within 2 %"),
    ],
)  # fmt: skip
def test_a_million_calls(said: float, usages: list[Usage], costs: float) -> None:
    assert _usd(usages) == pytest.approx(costs, rel=0.005, abs=0.5), f"the table says {said}"


@pytest.mark.parametrize(
    ("plan", "costs", "short"),
    [
        pytest.param("legacy", 115_757, 0.12, id="12 % too low"),
        pytest.param("customer", 215_757, 0.53, id="53 % too low with the plan of new instances"),
    ],
)
def test_the_whole_month_of_a_million_calls(plan: str, costs: float, short: float) -> None:
    """Of the total of $101,480 the rows add up; what is wrong is what is left out."""
    usages = [
        *voice(CALLS, 300, plan="legacy" if plan == "legacy" else "customer"),
        *_lambda(5e6, 3.0, 1.0),
        *_provisioned(100, 1.0),
        *_units(10_000, 10_000),
        cache_nodes("c", "cache.r6g.xlarge", "redis", Range.of(3 * HOURS)),
        *stream("s", Range.of(10 * HOURS), Range.of(20e6)),
        storage(Range.of(102_400)),
        transfer(Range.of(51_200)),
    ]
    found = _usd(usages)
    assert found == pytest.approx(costs, rel=0.001)
    assert 1 - 101_480 / found == pytest.approx(short, abs=0.005)


# --- a capacity guide by number of customers


@pytest.mark.parametrize(
    ("said", "usages", "costs"),
    [
        pytest.param(120, _units(25, 25, 1), 14.5, id="100 customers: tables are 8 times too dear"),
        pytest.param(350, _units(75, 75, 10), 45, id="1,000 customers: 8 times"),
        pytest.param(2_500, _units(300, 300, 100), 196, id="10,000 customers: 13 times"),
        pytest.param(2_500, _units(500, 500, 200), 335, id="10,000 customers and more: 7 times"),
        pytest.param(15, _lambda(1e4 * 30.4, 0.3, 0.5), 0.82, id="100 customers: functions are 18 times too dear"),
        pytest.param(80, _lambda(1e5 * 30.4, 0.3, 0.5), 8.2, id="1,000 customers: 10 times"),
        pytest.param(650, _lambda(1e6 * 30.4, 0.3, 0.5), 82, id="10,000 customers: 8 times"),
        pytest.param(650, _lambda(2e6 * 30.4, 0.3, 0.5), 164, id="10,000 customers and more: 4 times"),
        pytest.param(118.75, _units(95, 95, 11.5), 57, id="all tables at their baseline: twice"),
        pytest.param(0.83, _lambda(1e6, 0.32, 0.5), 2.87, id="a million tickets: at 100 ms and without request fee"),
        pytest.param(1.67, _lambda(1e6, 1.1, 1.0), 18.5, id="a million forecasts of three months: the same"),
        pytest.param(1.67, _lambda(1e6, 1.8, 1.0), 30.2, id="a million forecasts of twelve months: the same"),
        pytest.param(0.83, _lambda(1e6, 1.2, 0.5), 10.2, id="a million webhooks: the same"),
        pytest.param(50, [cache_nodes("c", "cache.t3.micro", "redis", Range.of(HOURS))], 12.41, id="one t3.micro: 4 times"),
        pytest.param(12, _gateway("ApiGatewayCacheUsage:0.5GB", HOURS), 14.6, id="the gateway's cache: 18 % too cheap"),
        pytest.param(175, _provisioned(15, 0.5), 82, id="15 provisioned environments of 512 MB: twice"),
        pytest.param(0, _gateway("ApiGatewayMinute", 10_000 * HOURS * 60), 109.5, id="connection-minutes of 10,000 WebSockets are left out"),
    ],
)  # fmt: skip
def test_a_capacity_guide(said: float, usages: list[Usage], costs: float) -> None:
    assert _usd(usages) == pytest.approx(costs, rel=0.01), f"the table says {said}"


def test_the_guides_rows_add_up_but_to_another_total_than_its_thresholds() -> None:
    """158, 515 and 3,695 dollars; the same document names 150, 650 and 5,000 as it grows: neither follows from its units."""
    rows = {
        100: (15, 120, 5, 10, 5, 2, 1),
        1_000: (80, 350, 25, 30, 15, 10, 5),
        10_000: (650, 2_500, 200, 150, 80, 75, 40),
    }
    totals = {customers: sum(row) for customers, row in rows.items()}
    assert totals == {100: 158, 1_000: 515, 10_000: 3_695}
    assert totals[100] / 100 > 1, "'below a dollar a customer' fails at a hundred"
