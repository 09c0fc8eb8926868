"""What each layer needs, under one headroom, with its words and its limit."""

from __future__ import annotations

from math import exp, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.capacity.headroom import Chance, Headroom, Utilization, log_reaches
from trunkline.capacity.layers import Need, Standing, binding, total
from trunkline.capacity.layers_calls import concurrent_calls, trunk_lines
from trunkline.capacity.layers_data import (
    EVENTUAL,
    STRONG,
    TRANSACTIONAL,
    CacheUse,
    ConsumerUse,
    FunctionUse,
    StreamUse,
    TableUse,
    Use,
    cache_connections,
    need,
    units,
)
from trunkline.capacity.limits import DEFAULTS, Layer, Limit
from trunkline.capacity.workload import Traffic

PEAK = 10_000 / 300  # calls a second of 10,000 concurrent calls of five minutes
NONE = Utilization(1.0)


class TestHeadroom:
    @pytest.mark.parametrize(
        ("mean", "servers"), [(0.0, 0), (0.001, 1), (0.3, 4), (5.0, 14), (50.0, 74), (500.0, 572), (10_000.0, 10_311)]
    )
    def test_all_are_busy_at_most_once_in_a_thousand(self, mean: float, servers: int) -> None:
        assert Chance(0.001).servers(mean) == servers

    @given(st.floats(0.01, 2_000.0), st.sampled_from([0.1, 0.01, 0.001, 1e-6]))
    def test_one_server_fewer_would_be_too_few(self, mean: float, share: float) -> None:
        servers = Chance(share).servers(mean)
        assert log_reaches(servers + 1, mean) <= log(share) + 1e-6
        assert log_reaches(servers - 2, mean) >= log(share) - 1e-6

    @given(st.integers(0, 120), st.floats(0.01, 100.0))
    def test_the_chance_is_poissons(self, servers: int, mean: float) -> None:
        term, below = exp(-mean), 0.0
        for count in range(servers):
            below += term
            term *= mean / (count + 1)
        assert exp(log_reaches(servers, mean)) == pytest.approx(1.0 - below, abs=1e-10)

    @pytest.mark.parametrize(("share", "lines"), [(0.01, 9_970), (0.001, 10_170), (0.0001, 10_273)])
    def test_trunk_lines_are_erlang_bs(self, share: float, lines: int) -> None:
        assert trunk_lines({"talk": 10_000.0}, Chance(share)).value == pytest.approx(lines, abs=1)

    def test_is_never_stacked(self) -> None:
        """The quantile with Poisson, or the user's utilization of what is expected; not one upon the other."""
        traffic, use = Traffic(expected=10.0, high=14.0), FunctionUse("lookup", 5.0, 1.0)
        assert need(use, traffic, Chance(0.001)).value == Chance(0.001).servers(70.0)
        assert need(use, traffic, Utilization(0.5)).value == 100

    @pytest.mark.parametrize(
        "make", [lambda: Chance(0.0), lambda: Chance(1.0), lambda: Utilization(0.0), lambda: Utilization(1.2)]
    )
    def test_an_impossible_one_is_refused(self, make: object) -> None:
        assert callable(make)
        with pytest.raises(ValueError, match="must be above 0"):
            make()


class TestData:
    @pytest.mark.parametrize(
        ("use", "value", "unit", "binds"),
        [
            pytest.param(FunctionUse("f", 5.0, 0.3), 50, "environments", "duration", id="0.3 s"),
            pytest.param(FunctionUse("f", 5.0, 3.0), 500, "environments", "duration", id="3 s"),
            pytest.param(
                FunctionUse("f", 5.0, 0.01), 17, "environments", "requests a second", id="10 a second at most"
            ),
            pytest.param(TableUse("t", Layer.READS, 1.0, 900, EVENTUAL), 17, "RCU", "requests a second", id="eventual"),
            pytest.param(TableUse("t", Layer.READS, 1.0, 900, STRONG), 34, "RCU", "requests a second", id="strong"),
            pytest.param(
                TableUse("t", Layer.READS, 1.0, 4097, TRANSACTIONAL), 136, "RCU", "item size", id="two units, twice"
            ),
            pytest.param(
                TableUse("t", Layer.READS, 5.0, 900, STRONG, 0.9), 17, "RCU", "requests a second", id="cached"
            ),
            pytest.param(TableUse("t", Layer.WRITES, 3.0, 900), 100, "WCU", "requests a second", id="writes"),
            pytest.param(
                TableUse("t", Layer.WRITES, 3.0, 900, STRONG, 0.9),
                100,
                "WCU",
                "requests a second",
                id="a cache takes no writes",
            ),
            pytest.param(
                TableUse("t", Layer.WARM_WRITES, 1.0, 2000), 68, "write units a second", "item size", id="on demand"
            ),
            pytest.param(CacheUse("c", 4.0, 10_000, 900, 1e6, 1e5), 12, "shards", "memory", id="cache by memory"),
            pytest.param(
                CacheUse("c", 40.0, 10, 900, 1e6, 1e3), 2, "shards", "operations a second", id="cache by operations"
            ),
            pytest.param(StreamUse("s", 30.0, 500, 1), 1, "shards", "records in", id="small records"),
            pytest.param(StreamUse("s", 30.0, 2000, 1), 2, "shards", "bytes in", id="large records"),
            pytest.param(StreamUse("s", 30.0, 500, 5), 2, "shards", "bytes out", id="many readers"),
            pytest.param(ConsumerUse("q", 3.0, 0.5, 10), 5, "concurrent consumers", "duration", id="consumers"),
        ],
    )
    def test_needs_at_10000_concurrent_calls_without_headroom(
        self, use: Use, value: int, unit: str, binds: str
    ) -> None:
        found = use.at(PEAK, NONE)
        assert (found.value, found.unit, found.binds) == (value, unit, binds)
        assert f"{value:,}" in found.formula or use.layer is Layer.SHARDS

    @pytest.mark.parametrize("headroom", [Chance(0.001), Utilization(0.7)])
    def test_a_lever_gets_the_amount_that_the_table_shows(self, headroom: Headroom) -> None:
        uses: list[Use] = [
            FunctionUse("f", 5.0, 0.3),
            TableUse("t", Layer.READS, 5.0, 5000, EVENTUAL, 0.5),
            CacheUse("c", 4.0, 1e5, 900, 1e6, 1e3),
            StreamUse("s", 30.0, 2000, 3),
            ConsumerUse("q", 3.0, 0.5, 10),
        ]
        for use in uses:
            assert units(use, headroom)(PEAK) == use.at(PEAK, headroom).value
            assert units(use, headroom)(0.0) <= units(use, headroom)(1.0) <= units(use, headroom)(PEAK)

    def test_a_formula_can_be_followed_by_hand(self) -> None:
        found = FunctionUse("lookup", 5.0, 0.3).at(20.0, Utilization(0.7))
        assert found.formula == "100 requests/s × 0.3 s = 30 busy; 70 % utilization: 43"

    def test_connections_come_from_environments(self) -> None:
        assert cache_connections("c", 500.0).value == 500.0


class TestCalls:
    def test_self_service_queue_and_talk_hold_a_call(self) -> None:
        found = concurrent_calls({"self-service": 1_300.0, "queue": 200.0, "talk": 8_500.0}, Chance(0.001))
        assert (found.value, found.binds) == (10_311, "talk")
        assert found.formula.startswith("self-service 1,300 + queue 200 + talk 8,500 = 10,000 calls")


def standing(value: float, limit: float | None, have: float | None = None, layer: Layer = Layer.CALLS) -> Standing:
    most = None if limit is None else DEFAULTS[Layer.CALLS].at(limit, "the account")
    return Standing(Need(layer, value, "calls", "", ""), have, most)


class TestBinding:
    def test_is_the_layer_that_growth_reaches_first(self) -> None:
        tight, loose = standing(90.0, 100.0), standing(9_000.0, 100_000.0)
        assert binding([loose, tight, standing(5.0, None)]) is tight

    def test_without_a_limit_what_there_is_binds(self) -> None:
        agents = standing(90.0, None, have=80.0)
        assert binding([agents, standing(90.0, 100.0)]) is agents
        assert agents.headroom == pytest.approx(-0.125)

    def test_nothing_binds_where_nothing_is_limited_or_needed(self) -> None:
        assert binding([standing(5.0, None), standing(0.0, 100.0)]) is None
        assert standing(5.0, None).growth == inf

    def test_a_limit_of_zero_is_no_room(self) -> None:
        assert standing(5.0, 0.0).headroom == -inf
        assert standing(0.0, 0.0).headroom == 0.0

    def test_resources_that_share_a_limit_are_added(self) -> None:
        needs = [FunctionUse(name, 5.0, 0.3).at(PEAK, NONE) for name in ("a", "b")]
        found = total(Layer.LAMBDA, needs)
        assert (found.value, found.formula, found.unit) == (100, "a 50 + b 50 = 100", "environments")


class TestLimits:
    def test_each_says_where_it_comes_from_and_how_long_more_takes(self) -> None:
        for layer, limit in DEFAULTS.items():
            assert limit.layer is layer
            assert limit.source
            assert limit.unit
            assert limit.lead_seconds >= 0.0
            assert limit.adjustable or limit.lead_seconds == 0.0

    def test_an_accounts_own_value_keeps_the_lead_time(self) -> None:
        mine = DEFAULTS[Layer.CALLS].at(10_000, "Service Quotas, read today")
        assert (mine.value, mine.lead_seconds) == (10_000, DEFAULTS[Layer.CALLS].lead_seconds)
        assert isinstance(mine, Limit)
