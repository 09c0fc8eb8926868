"""Formulas against calls that are simulated one by one, within stated confidence and by fixed seeds."""

from __future__ import annotations

from math import inf
from random import Random

import pytest

from trunkline.capacity.erlang import Load, erlang_a, erlang_c
from trunkline.capacity.simulation import Crew, Line, Met, interval, simulate

RUNS = 8
CONFIDENCE = 0.999  # of each comparison; seeds are fixed, so each is right or wrong for good


def runs(line: Line, agents: int, calls: int) -> list[Met]:
    return [
        simulate([line], [Crew(agents, ((line.name,),))], 20.0, calls, Random(seed))[line.name] for seed in range(RUNS)
    ]


class TestErlangA:
    @pytest.mark.parametrize(
        ("agents", "rate", "handle", "patience", "calls"),
        [
            pytest.param(50, 48 / 60, 60.0, 120.0, 25_000, id="Garnett, Mandelbaum and Reiman's example"),
            pytest.param(45, 0.2, 240.0, 180.0, 20_000, id="overloaded"),
            pytest.param(5, 0.01, 300.0, 60.0, 20_000, id="small"),
            pytest.param(1_000, 1_010 / 300, 300.0, 180.0, 30_000, id="a thousand agents, all busy"),
        ],
    )
    def test_holds(self, agents: int, rate: float, handle: float, patience: float, calls: int) -> None:
        met = runs(Line("line", rate, handle, patience), agents, calls)
        formula = erlang_a(agents, Load(rate, handle), patience, 20.0)
        for name in ("abandoned", "answered_in_time", "mean_wait_seconds"):
            low, high = interval([getattr(run, name) for run in met], CONFIDENCE)
            assert low <= getattr(formula, name) <= high, f"{name}: {getattr(formula, name)} is not in {low}..{high}"


def test_erlang_c_holds_where_it_is_not_brittle() -> None:
    """At 86 % occupancy; near 100 % a queue of endless patience takes hours to settle, and proves nothing."""
    met = runs(Line("line", 0.1, 300.0, inf), 35, 25_000)
    low, high = interval([run.answered_in_time for run in met], CONFIDENCE)
    assert low <= erlang_c(35, Load(0.1, 300.0), 20.0).answered_in_time <= high


class TestRouting:
    def test_a_seed_gives_the_same_calls_each_time(self) -> None:
        lines, crews = [Line("a", 0.1, 200.0, 60.0), Line("b", 0.1, 100.0, 60.0)], [Crew(30, (("a", "b"),))]
        once = simulate(lines, crews, 20.0, 5_000, Random(7))
        assert once == simulate(lines, crews, 20.0, 5_000, Random(7))
        assert once != simulate(lines, crews, 20.0, 5_000, Random(8))

    def test_the_more_urgent_queue_is_answered_first(self) -> None:
        lines = [Line("gold", 0.1, 200.0, 120.0), Line("rest", 0.1, 200.0, 120.0)]
        met = simulate(lines, [Crew(36, (("gold",), ("rest",)))], 20.0, 20_000, Random(1))
        assert met["gold"].mean_wait_seconds < 0.3 * met["rest"].mean_wait_seconds

    def test_equal_queues_wait_equally(self) -> None:
        lines = [Line("one", 0.1, 200.0, 120.0), Line("other", 0.1, 200.0, 120.0)]
        met = simulate(lines, [Crew(36, (("one", "other"),))], 20.0, 40_000, Random(1))
        assert met["one"].mean_wait_seconds == pytest.approx(met["other"].mean_wait_seconds, rel=0.1)

    def test_agents_take_only_what_their_profile_has(self) -> None:
        lines = [Line("a", 0.1, 200.0, 60.0), Line("b", 0.1, 200.0, 60.0)]
        met = simulate(lines, [Crew(40, (("a",),)), Crew(5, (("b",),))], 20.0, 10_000, Random(1))
        assert met["a"].abandoned < 0.01
        assert met["b"].abandoned == pytest.approx(0.75, abs=0.05)  # 20 Erlangs, 5 agents

    def test_every_call_is_answered_or_gone(self) -> None:
        met = simulate(
            [Line("a", 1.0, 300.0, 30.0)], [Crew(100, (("a",),))], 10_000.0, 5_000, Random(1), warm_share=0.0
        )
        assert met["a"].calls == 5_000
        assert met["a"].answered_in_time + met["a"].abandoned == pytest.approx(1.0)

    def test_a_queue_that_nobody_answers_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no agents answer b"):
            simulate([Line("a", 1, 1), Line("b", 1, 1)], [Crew(1, (("a",),))], 20.0, 10, Random(1))
