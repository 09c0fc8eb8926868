"""Queues that share agents: who is a pool, the bounds of its staffing, and what routing makes of it."""

from __future__ import annotations

from random import Random

import pytest

from trunkline.capacity.pooling import QueueLoad, as_routed, bounds, divided, mixed, pools
from trunkline.capacity.simulation import Crew
from trunkline.capacity.workload import Objectives, Workload

CALLS = Workload(talk_seconds=240.0, patience_seconds=120.0)
LEVEL = Objectives(max_occupancy_share=None)
SMALL = [QueueLoad("a", 20.0, CALLS), QueueLoad("b", 10.0, CALLS), QueueLoad("c", 10.0, CALLS)]


class TestPools:
    @pytest.mark.parametrize(
        ("profiles", "queues", "groups"),
        [
            pytest.param({}, ["a"], [("a",)], id="a queue without a profile"),
            pytest.param({"p": ["a"], "q": ["b"]}, [], [("a",), ("b",)], id="apart"),
            pytest.param({"p": ["a", "b"], "q": ["b", "c"]}, ["d"], [("a", "b", "c"), ("d",)], id="joined through b"),
            pytest.param(
                {"p": ["a", "b"], "q": ["c", "d"], "r": ["d", "a"]}, [], [("a", "b", "c", "d")], id="joined last"
            ),
            pytest.param({"p": []}, [], [], id="a profile without queues"),
        ],
    )
    def test_are_connected_through_profiles(
        self, profiles: dict[str, list[str]], queues: list[str], groups: list[tuple[str, ...]]
    ) -> None:
        assert list(pools(profiles, queues)) == groups


class TestBounds:
    def test_one_pool_needs_fewer_than_its_queues_apart(self) -> None:
        found = bounds(SMALL, LEVEL)
        assert found.pooled.agents < found.most
        assert found.far_apart

    def test_under_an_occupancy_cap_pooling_gains_nothing(self) -> None:
        large = [QueueLoad(name, 2_000.0, CALLS) for name in ("a", "b")]
        found = bounds(large, Objectives())
        assert found.pooled.agents == pytest.approx(found.most, abs=1)
        assert not found.far_apart

    def test_calls_of_a_pool_are_a_mixture_by_their_number(self) -> None:
        long, short = Workload(talk_seconds=600.0), Workload(talk_seconds=60.0)
        # One call of 600 s for every nine of 60 s.
        found = mixed([QueueLoad("a", 600.0, long), QueueLoad("b", 540.0, short)])
        assert found.talk_seconds == pytest.approx(114.0)

    def test_a_queue_without_calls_adds_nothing(self) -> None:
        found = bounds([SMALL[0], QueueLoad("z", 0.0, Workload(talk_seconds=9_000.0))], LEVEL)
        assert found.pooled.agents == found.most == bounds(SMALL[:1], LEVEL).most

    def test_a_pool_of_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least one queue"):
            bounds([], LEVEL)


class TestAsRouted:
    def test_lies_between_the_bounds(self) -> None:
        crews = [Crew(20, (("a",),)), Crew(10, (("b", "c"),)), Crew(10, (("a", "b", "c"),))]
        found = as_routed(SMALL, crews, LEVEL, Random(1), calls=40_000)
        assert found.simulated is not None
        assert found.pooled.agents <= found.simulated <= found.most
        assert found.agents == found.simulated

    def test_agents_who_answer_everything_are_one_pool(self) -> None:
        found = as_routed(SMALL, [Crew(1, (("a", "b", "c"),))], LEVEL, Random(1), calls=40_000)
        assert found.simulated == pytest.approx(found.pooled.agents, abs=1)

    def test_agents_of_one_queue_each_are_separate(self) -> None:
        separate = bounds(SMALL, LEVEL).separate
        crews = [Crew(staffing.agents, ((name,),)) for name, staffing in separate.items()]
        found = as_routed(SMALL, crews, LEVEL, Random(1), calls=40_000)
        assert found.simulated == pytest.approx(found.most, abs=2)

    def test_is_not_simulated_where_it_hardly_matters(self) -> None:
        large = [QueueLoad(name, 2_000.0, CALLS) for name in ("a", "b")]
        assert as_routed(large, [Crew(1, (("a", "b"),))], Objectives(), Random(1)).simulated is None

    def test_a_seed_gives_the_same_answer(self) -> None:
        crews = [Crew(1, (("a", "b"),)), Crew(1, (("b", "c"),))]
        once, again = (as_routed(SMALL, crews, LEVEL, Random(3), calls=5_000).simulated for _ in range(2))
        assert once == again


@pytest.mark.parametrize(
    ("agents", "parts", "whole"),
    [(10, (1, 1), [5, 5]), (10, (1, 2), [3, 7]), (7, (1, 1, 1), [3, 2, 2]), (0, (1, 1), [0, 0])],
)
def test_agents_are_divided_as_crews_are(agents: int, parts: tuple[int, ...], whole: list[int]) -> None:
    crews = [Crew(part, (("a",),)) for part in parts]
    assert [crew.agents for crew in divided(agents, crews)] == whole
