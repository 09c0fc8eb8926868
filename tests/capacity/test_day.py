"""A center through its day: what holds what, what binds, and what changes it."""

from __future__ import annotations

from dataclasses import replace
from math import inf, pi, sin

import pytest

from trunkline.capacity.center import Center, Target
from trunkline.capacity.day import Day, LayerDay, plan
from trunkline.capacity.headroom import Chance, Utilization
from trunkline.capacity.layers_data import EVENTUAL, CacheUse, FunctionUse, TableUse
from trunkline.capacity.limits import DEFAULTS, Layer
from trunkline.capacity.staffing import exact, service
from trunkline.capacity.workload import Chats, Objectives, Pool, Traffic, Workload

CALLS = Workload(
    self_service_seconds=40.0,
    contained_share=0.2,
    talk_seconds=270.0,
    after_contact_seconds=30.0,
    patience_seconds=120.0,
    redial_share=0.5,
)
RATE = 10.0
STEADY = [Traffic(RATE, RATE)] * 8
HALF_HOUR = 1800.0
NO_HEADROOM = {Target(layer): Utilization(1.0) for layer in Layer}


def center(agents: int | None = None, **changes: object) -> Center:
    whole = Center((Pool("sales", ("sales",), 1.0, CALLS, agents),), CALLS, headrooms=NO_HEADROOM)
    return replace(whole, **changes)  # type: ignore[arg-type]


def layer(day: Day, which: Layer, resource: str = "") -> LayerDay:
    return next(
        one for one in day.layers if one.standing.need.layer is which and one.standing.need.resource == resource
    )


def value(day: Day, which: Layer, resource: str = "") -> float:
    return layer(day, which, resource).standing.need.value


def steady(whole: Center, *, redials: bool = False, rate: float = RATE) -> Day:
    return plan(whole, [Traffic(rate, rate)] * 4, HALF_HOUR, cyclic=True, redials=redials)


class TestWhatHoldsWhat:
    def test_the_quota_holds_self_service_and_talk_but_not_work_after_the_call(self) -> None:
        # With agents to spare: 10/s x (40 s + 0.8 x 270 s).
        assert value(steady(center(4_000)), Layer.CALLS) == pytest.approx(2_560, abs=1)

    def test_an_agent_is_held_by_talk_and_by_work_after_the_call(self) -> None:
        (slot, *_) = steady(center()).pools["sales"].slots
        assert slot.erlangs == pytest.approx(10.0 * 0.8 * 300.0, rel=1e-5)
        assert slot.agents == exact(slot.erlangs, CALLS, Objectives()).agents

    def test_too_few_agents_fill_the_quota_with_their_queue(self) -> None:
        met = service(1_800, 2_400.0, CALLS, 20.0)
        expected = 10.0 * 40.0 + met.queue + (1.0 - met.abandoned) * 10.0 * 0.8 * 270.0
        assert met.queue > 150.0
        assert value(steady(center(1_800)), Layer.CALLS) == pytest.approx(expected, rel=0.01)

    def test_a_few_too_few_for_small_pools_as_well(self) -> None:
        met = service(20, 24.0, CALLS, 20.0)
        expected = 0.1 * 40.0 + met.queue + (1.0 - met.abandoned) * 0.1 * 0.8 * 270.0
        assert value(steady(center(20), rate=0.1), Layer.CALLS) == pytest.approx(expected, abs=1.5)

    def test_callbacks_leave_the_quota_and_stay_agent_work(self) -> None:
        asks = replace(CALLS, callback_share=1.0)
        waiting = steady(center(1_800))
        called_back = steady(center(pools=(Pool("sales", ("sales",), 1.0, asks, 1_800),), workload=asks))
        assert value(called_back, Layer.CALLS) < value(waiting, Layer.CALLS) - 150
        assert value(called_back, Layer.AGENTS) == value(waiting, Layer.AGENTS)

    def test_a_chat_fills_a_slot(self) -> None:
        chatting = Pool("sales", ("sales",), 1.0, CALLS, chats=Chats(per_call=1.0, seconds=600.0, slots_per_agent=3))
        more = steady(center(pools=(chatting,))).pools["sales"].slots[0]
        assert more.voice == steady(center()).pools["sales"].slots[0].voice
        # 8 chats a second of 600 s, three at once: 1,600 agents, at 85 %.
        assert more.chat == pytest.approx(1_600 / 0.85, abs=2)

    def test_people_who_call_again_are_more_calls_but_counted_calls_have_them_in(self) -> None:
        counted, people = steady(center(1_800)), steady(center(1_800), redials=True)
        assert value(people, Layer.CALLS) > value(counted, Layer.CALLS) + 50
        assert people.pools["sales"].service(0).abandoned > counted.pools["sales"].service(0).abandoned


class TestLayers:
    USES = (
        FunctionUse("lookup", 5.0, 0.3),
        FunctionUse("route", 1.0, 0.1),
        TableUse("customers", Layer.READS, 5.0, 900, EVENTUAL, 0.9),
        CacheUse("cache", 5.0, 1e4, 900, 1e9, 1e5),
    )

    def test_functions_share_the_accounts_concurrency(self) -> None:
        day = steady(center(uses=self.USES))
        assert value(day, Layer.PROVISIONED, "lookup") == 15
        assert value(day, Layer.LAMBDA) == 15 + value(day, Layer.PROVISIONED, "route")

    def test_each_environment_is_a_connection_of_the_cache(self) -> None:
        day = steady(center(uses=self.USES))
        assert value(day, Layer.CACHE_CONNECTIONS, "cache") == value(day, Layer.LAMBDA)

    def test_the_quota_of_a_new_account_binds_first(self) -> None:
        day = steady(center(uses=self.USES))
        assert day.binding is not None
        assert day.binding.standing.need.layer is Layer.CALLS

    def test_with_a_large_quota_users_bind(self) -> None:
        quota = DEFAULTS[Layer.CALLS].at(20_000, "Service Quotas")
        day = steady(center(uses=self.USES, limits={Target(Layer.CALLS): quota}))
        assert day.binding is not None
        assert day.binding.standing.need.layer is Layer.USERS

    def test_agents_are_limited_by_how_many_there_are(self) -> None:
        few = layer(steady(center(1_800)), Layer.AGENTS).standing
        assert few.limit is not None
        assert (few.have, few.limit.value) == (1_800, 1_800)
        assert few.growth < 1.0
        assert layer(steady(center()), Layer.AGENTS).standing.limit is None

    def test_everybody_who_is_rostered_is_a_user(self) -> None:
        day = steady(center(shrinkage_share=0.3))
        assert value(day, Layer.USERS) == pytest.approx(value(day, Layer.AGENTS) / 0.7, abs=1)

    def test_the_quota_plans_for_the_quantile_and_people_for_what_is_expected(self) -> None:
        traffic = [Traffic(10.0, 13.0)] * 4
        high = plan(center(4_000, headrooms={}), traffic, HALF_HOUR, cyclic=True)
        assert value(high, Layer.CALLS) == Chance().servers(13.0 * 256.0)
        assert value(high, Layer.AGENTS) == value(steady(center(4_000)), Layer.AGENTS)

    def test_the_peak_is_where_the_need_is_highest(self) -> None:
        traffic = [Traffic(rate, rate) for rate in (1.0, 5.0, 3.0)]
        found = layer(plan(center(uses=self.USES), traffic, HALF_HOUR), Layer.PROVISIONED, "lookup")
        assert (found.peak, found.standing.need.value) == (1, max(found.values))

    def test_a_handful_of_patient_callers_make_no_endless_line(self) -> None:
        """Below a thousandth of an Erlang nobody is planned, and of endless patience nobody would hang up."""
        patient = replace(CALLS, patience_seconds=inf)
        whole = replace(center(), pools=(Pool("sales", ("sales",), 1.0, patient),))
        day = plan(whole, [Traffic(1e-7, 2e-7)] * 4, HALF_HOUR)
        assert {slot.agents for slot in day.pools["sales"].slots} == {0}
        assert value(day, Layer.CALLS) <= 1.0


class TestAYear:
    def test_its_queues_are_those_of_the_formula(self) -> None:
        """The year's short cut against the formula at loads of all sizes, on both sides of the agents there are."""
        for rate in (0.02, 0.3, 2.0, 9.0, 40.0):
            for slack in (0.7, 0.95, 1.0, 1.05):
                agents = max(1, round(slack * rate * 240.0))
                day = steady(center(agents), rate=rate)
                met = service(agents, rate * 240.0, CALLS, 20.0)
                expected = rate * 40.0 + met.queue + (1.0 - met.abandoned) * rate * 216.0
                assert value(day, Layer.CALLS) == pytest.approx(expected, rel=0.01, abs=1.5), (rate, slack)

    def test_a_day_of_nothing_needs_nothing(self) -> None:
        day = plan(center(), [Traffic(0.0, 0.0)] * 4, HALF_HOUR)
        assert value(day, Layer.CALLS) == value(day, Layer.AGENTS) == 0
        assert day.binding is None

    def test_every_slot_has_its_values(self) -> None:
        traffic = [Traffic(x := 5 + 4 * sin(pi * slot / 48), 1.1 * x) for slot in range(96)]
        day = plan(center(uses=TestLayers.USES), traffic, 900.0)
        assert {len(one.values) for one in day.layers} == {96}
        assert len(day.pools["sales"].slots) == 96


class TestWrongInput:
    def test_a_plan_of_no_slots_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least one slot"):
            plan(center(), [], HALF_HOUR)

    def test_shares_above_the_whole_are_refused(self) -> None:
        with pytest.raises(ValueError, match="120 % together"):
            Center((Pool("a", (), 0.6), Pool("b", (), 0.6)))

    def test_two_pools_of_one_name_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two pools are called 'a'"):
            Center((Pool("a", (), 0.5), Pool("a", (), 0.5)))

    def test_endless_patience_and_too_few_agents_are_refused_with_the_remedy(self) -> None:
        endless = replace(CALLS, patience_seconds=inf)
        with pytest.raises(ValueError, match="give more agents, or the seconds after which callers hang up"):
            steady(center(pools=(Pool("sales", ("sales",), 1.0, endless, 100),), workload=endless))
