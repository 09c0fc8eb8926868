"""A policy's spec as the capacity model's center: units, defaults, and what nobody names."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.center import Target
from trunkline.capacity.headroom import Chance, Utilization
from trunkline.capacity.limits import Layer
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_center import FUNCTIONS, OTHERS, calls_per_second, center


def spec(**fields: Any) -> ScalingPolicySpec:
    body = {
        "metadata": {"name": "acme"},
        "spec": {"targetRef": {"name": "acme"}, "demand": {"constant": {"callsPerHour": 3600}}, **fields},
    }
    parsed = parse_scaling_policy(body, report_unknown=True)
    assert parsed.policy is not None, parsed.problems
    return parsed.policy.spec


class TestWorkload:
    def test_percent_become_shares_and_milliseconds_seconds(self) -> None:
        calls = center(
            spec(workload={"containedPercent": 20, "lookupMilliseconds": 250, "cacheHitPercent": 90})
        ).workload
        assert (calls.contained_share, calls.lookup_seconds, calls.cache_hit_share) == (0.2, 0.25, 0.9)

    def test_what_is_not_written_is_measured_and_what_is_written_is_not(self) -> None:
        measured = Workload(talk_seconds=222.0, cache_hit_share=0.7)
        calls = center(spec(workload={"talkSeconds": 100}), measured).workload
        assert (calls.talk_seconds, calls.cache_hit_share) == (100.0, 0.7)

    def test_a_cache_is_not_believed_in_without_a_word(self) -> None:
        assert center(spec()).workload.cache_hit_share == 0.0

    @pytest.mark.parametrize(
        ("amount", "rate"),
        [({"callsPerHour": 3600}, 1.0), ({"concurrentCalls": 256}, 1.0), ({"concurrentCalls": 0}, 0.0)],
    )
    def test_an_amount_is_a_rate(self, amount: dict[str, int], rate: float) -> None:
        found = spec(demand={"constant": amount})
        assert found.demand.constant is not None
        calls = Workload(self_service_seconds=40.0, contained_share=0.2, talk_seconds=270.0)
        assert calls_per_second(found.demand.constant, calls) == pytest.approx(rate)


class TestPools:
    def test_without_staffing_all_queues_are_one(self) -> None:
        (pool,) = center(spec()).pools
        assert pool.share == 1.0

    @pytest.mark.parametrize(
        ("shares", "expected"),
        [
            pytest.param([60, 40], {"p0": 0.6, "p1": 0.4}, id="all said"),
            pytest.param([60, None], {"p0": 0.6, "p1": 0.4}, id="the rest"),
            pytest.param([None, None], {"p0": 0.5, "p1": 0.5}, id="equal"),
            pytest.param([60, 20], {"p0": 0.6, "p1": 0.2, OTHERS: 0.2}, id="calls of queues that nobody names"),
        ],
    )
    def test_no_call_is_lost(self, shares: list[int | None], expected: dict[str, float]) -> None:
        staffing = [
            {"name": f"p{index}", "queues": [f"q{index}"], **({} if share is None else {"sharePercent": share})}
            for index, share in enumerate(shares)
        ]
        assert {pool.name: pytest.approx(pool.share) for pool in center(spec(staffing=staffing)).pools} == expected

    def test_a_pool_has_its_own_values_and_else_the_workloads(self) -> None:
        staffing = [{"name": "a", "queues": ["a"], "talkSeconds": 90, "chats": {"perHundredCalls": 20}}]
        (pool,) = center(spec(workload={"talkSeconds": 200, "afterContactSeconds": 30}, staffing=staffing)).pools
        assert (pool.workload.talk_seconds, pool.workload.after_contact_seconds) == (90.0, 30.0)
        assert (pool.chats.per_call, pool.chats.slots_per_agent) == (0.2, 2)


class TestLevers:
    LEVERS = (
        {"name": "f", "function": "lookup", "provisionedConcurrency": {"min": 1, "max": 90, "utilizationPercent": 70}},
        {"name": "t", "table": "customers", "readCapacityUnits": {"min": 1, "max": 500}, "leadSeconds": 900},
        {"name": "i", "table": "customers", "index": "ByPhone", "readCapacityUnits": {"min": 1, "max": 50}},
    )

    def test_are_resources_with_their_own_limit_and_headroom(self) -> None:
        found = center(spec(levers=self.LEVERS))
        function, table = Target(Layer.PROVISIONED, "lookup"), Target(Layer.READS, "customers")
        assert found.headroom(function) == Utilization(0.7)
        assert isinstance(found.headroom(table), Chance)
        limit = found.limit(table)
        assert limit is not None
        assert (limit.value, limit.lead_seconds) == (500.0, 900.0)
        assert limit.source == "spec.levers[name=t].readCapacityUnits.max"

    def test_an_index_is_a_resource_of_its_own(self) -> None:
        assert [use.name for use in center(spec(levers=self.LEVERS)).uses] == [
            "lookup",
            "customers",
            "customers/ByPhone",
        ]

    def test_functions_that_no_lever_moves_still_need_concurrency(self) -> None:
        assert [use.name for use in center(spec()).uses] == [FUNCTIONS]


class TestObjectives:
    @pytest.mark.parametrize(
        ("written", "level"),
        [
            pytest.param(None, 0.8, id="none"),
            pytest.param({"answerSeconds": 30}, 0.8, id="how soon"),
            pytest.param({"maxAbandonedPercent": 3}, None, id="another promise alone"),
            pytest.param({"maxAbandonedPercent": 3, "serviceLevelPercent": 90}, 0.9, id="both"),
        ],
    )
    def test_a_service_level_is_promised_where_nothing_else_is(
        self, written: dict[str, int] | None, level: float | None
    ) -> None:
        found = center(spec(**({} if written is None else {"objectives": written}))).objectives
        assert found.service_level_share == level
