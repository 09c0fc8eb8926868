"""Whole days of whole centers in a few lines each: what callers would notice, and what it says of it."""

from __future__ import annotations

from tests.column.policies import refused_by_the_server
from tests.column.scenarios import Play, steady, surge


def test_five_times_the_calls_within_a_minute() -> None:
    play = Play("2026-09-22 10:00", {"small": surge(steady(20), 5, since="2026-09-22 10:30")})
    small = play["small"]
    play.until("2026-09-22 11:00")
    assert small.uncovered("2026-09-22 10:10", "2026-09-22 10:30") == 0
    assert small.uncovered("2026-09-22 10:30") <= 5
    assert small.short_ppm("2026-09-22 10:36") < 50
    assert small.says("ScalingActive").startswith("True")
    assert play.repeated() == []
    assert refused_by_the_server(small.policy) == []
