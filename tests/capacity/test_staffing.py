"""Agents for a load: published figures, each promise, and the fast way against the search."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.capacity.staffing import Binding, Planner, exact, rostered, service
from trunkline.capacity.workload import Objectives, Workload

ENDLESS = Workload(talk_seconds=300.0, patience_seconds=inf)
PATIENT = Workload(talk_seconds=270.0, after_contact_seconds=30.0, patience_seconds=120.0)
LEVEL = Objectives(max_occupancy_share=None, max_abandoned_share=None)
CAPPED = Objectives(max_abandoned_share=None)
LOYAL = Objectives(service_level_share=None, max_occupancy_share=None, max_abandoned_share=0.01)


class TestPublishedFigures:
    @pytest.mark.parametrize(
        ("erlangs", "agents"),
        [(100.0, 108), (1_000.0, 1_015), (10_000.0, 10_021), (10.0, 14), (487.0, 500), (379.0, 391), (568.0, 582)],
    )
    def test_80_percent_in_20_seconds_with_erlang_c(self, erlangs: float, agents: int) -> None:
        assert exact(erlangs, ENDLESS, LEVEL).agents == agents

    def test_ten_queues_and_a_hundred_need_more_than_one(self) -> None:
        assert 10 * exact(1_000.0, ENDLESS, LEVEL).agents == 10_150
        assert 100 * exact(100.0, ENDLESS, LEVEL).agents == 10_800

    def test_an_occupancy_cap_decides_for_a_large_pool(self) -> None:
        found = exact(10_000.0, ENDLESS, CAPPED)
        assert (found.agents, found.binds) == (11_765, Binding.OCCUPANCY)
        assert found.service.occupancy <= 0.85

    def test_a_whole_published_example(self) -> None:
        found = exact(10.0, Workload(talk_seconds=180.0, patience_seconds=inf), LEVEL)
        assert found.agents == 14
        assert found.service.answered_in_time == pytest.approx(0.8883500191794669, rel=1e-12)
        assert found.rostered(0.3) == 20

    def test_impatience_needs_fewer_and_loses_some(self) -> None:
        found = exact(1_000.0, PATIENT, LEVEL)
        assert found.agents < exact(1_000.0, ENDLESS, LEVEL).agents
        assert found.service.abandoned > 0.0


class TestPromises:
    @pytest.mark.parametrize(
        ("objectives", "binds"),
        [
            pytest.param(LEVEL, Binding.SERVICE_LEVEL, id="service level alone"),
            pytest.param(LOYAL, Binding.ABANDONMENT, id="abandonment alone"),
            pytest.param(CAPPED, Binding.OCCUPANCY, id="a cap over a large pool"),
            pytest.param(
                Objectives(service_level_share=None, max_occupancy_share=None, max_abandoned_share=None),
                Binding.OFFERED,
                id="none: an agent for each Erlang",
            ),
        ],
    )
    def test_one_fewer_would_break_the_one_that_binds(self, objectives: Objectives, binds: Binding) -> None:
        found = exact(200.0, PATIENT, objectives)
        assert found.binds is binds
        fewer = service(found.agents - 1, 200.0, PATIENT, objectives.answer_seconds)
        broken = {
            Binding.SERVICE_LEVEL: fewer.answered_in_time < 0.8 <= found.service.answered_in_time,
            Binding.ABANDONMENT: fewer.abandoned > 0.01 >= found.service.abandoned,
            Binding.OCCUPANCY: 200.0 / (found.agents - 1) > 0.85 >= 200.0 / found.agents,
            Binding.OFFERED: found.agents - 1 < 200.0 <= found.agents,
        }
        assert broken[binds]

    def test_a_service_level_counts_those_who_hang_up_as_not_answered(self) -> None:
        found = service(10, 20.0, Workload(talk_seconds=300.0, patience_seconds=5.0), 20.0)
        assert found.answered_in_time <= 1.0 - found.abandoned

    def test_no_calls_need_nobody(self) -> None:
        assert exact(0.0, PATIENT, Objectives()).agents == 0
        assert Planner(PATIENT, Objectives()).agents(0.0)[0] == 0


class TestPlanner:
    @settings(deadline=None)  # a table grows while it is asked
    @given(st.floats(0.01, 4_000.0), st.sampled_from([LEVEL, LOYAL, CAPPED, Objectives()]), st.booleans())
    def test_is_within_one_agent_of_the_search(self, erlangs: float, objectives: Objectives, endless: bool) -> None:
        calls = ENDLESS if endless else PATIENT
        assert abs(PLANNERS[endless, objectives].agents(erlangs)[0] - exact(erlangs, calls, objectives).agents) <= 1

    def test_is_exact_where_one_agent_matters_most(self) -> None:
        planner = Planner(PATIENT, LEVEL)
        wrong = [a / 7 for a in range(1, 400) if planner.agents(a / 7)[0] != exact(a / 7, PATIENT, LEVEL).agents]
        assert wrong == []

    def test_more_calls_never_need_fewer_agents(self) -> None:
        planner = Planner(PATIENT, Objectives(max_occupancy_share=None))
        agents = [planner.agents(0.37 * index)[0] for index in range(4_000)]
        assert agents == sorted(agents)


PLANNERS = {
    (endless, objectives): Planner(ENDLESS if endless else PATIENT, objectives)
    for endless in (True, False)
    for objectives in (LEVEL, LOYAL, CAPPED, Objectives())
}


class TestShrinkage:
    @pytest.mark.parametrize(
        ("agents", "share", "people"), [(14, 0.3, 20), (70, 0.3, 100), (10, 0.0, 10), (1, 0.5, 2), (0, 0.3, 0)]
    )
    def test_is_applied_to_the_result_once(self, agents: int, share: float, people: int) -> None:
        assert rostered(agents, share) == people

    def test_nobody_can_be_away_all_the_time(self) -> None:
        with pytest.raises(ValueError, match="below 1"):
            rostered(10, 1.0)


class TestWrongInput:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"talk_seconds": -1.0}, "talk_seconds must be a number >= 0"),
            ({"contained_share": 1.5}, "contained_share must be a share from 0 to 1"),
            ({"patience_seconds": 0.0}, "patience_seconds must be a number > 0"),
            ({"lookup_seconds": inf}, "lookup_seconds must be a number >= 0"),
            ({"redial_share": float("nan")}, "redial_share must be a share"),
        ],
    )
    def test_names_what_is_wrong_with_a_workload(self, values: dict[str, float], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            Workload(**values)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"service_level_share": 1.0}, "service_level_share must be at least 0 and below 1"),
            ({"max_occupancy_share": 0.0}, "max_occupancy_share must be above 0"),
            ({"answer_seconds": -1.0}, "answer_seconds must be"),
        ],
    )
    def test_names_what_is_wrong_with_a_promise(self, values: dict[str, float], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            Objectives(**values)
