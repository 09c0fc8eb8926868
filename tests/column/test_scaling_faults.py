"""What goes wrong around a policy while calls go on: sources, AWS, limits, clocks, the operator itself.

None of it takes away what callers use, each is told, and once it is over all goes on without a write too many.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.column.callers import hours, steady, surge
from tests.column.policies import lever
from tests.column.scenarios import FORECAST, LIVE, Play
from tests.column.test_scaling_scenarios import A_THOUSANDTH, sound

LEARNED = {"metrics": [LIVE], "forecast": FORECAST}
DOUBLED = surge(steady(20), 2, since="2026-09-22 10:20")


# --- a source


def test_a_source_that_dies_as_calls_double_takes_nothing_away_and_aws_goes_on_tracking() -> None:
    play = Play("2026-09-22 10:00", {"small": DOUBLED})
    small = play["small"]
    play.until("2026-09-22 10:15")
    play.source("small", lambda _end, _true: None)
    play.until("2026-09-22 11:00")
    assert small.falls("2026-09-22 10:05") == []
    assert small.says("ScalingActive").startswith("False SourceFailing: nothing is lowered")
    assert small.uncovered("2026-09-22 10:20") <= 10
    play.truth("small")
    play.until("2026-09-22 11:10")
    assert small.says("ScalingActive").startswith("True")
    assert small.short_ppm("2026-09-22 11:05") < A_THOUSANDTH
    assert sound(play)


def test_a_source_that_says_zero_takes_nothing_from_calls_that_are_there() -> None:
    """With nothing else to go by its minimum falls, and AWS still keeps what is used at 70 %."""
    play = Play("2026-09-22 10:00", {"small": steady(20)})
    small = play["small"]
    play.until("2026-09-22 10:10")
    play.source("small", lambda _end, _true: 0.0)
    play.until("2026-09-22 11:10")
    assert small.uncovered("2026-09-22 10:05") == 0
    play.truth("small")
    play.until("2026-09-22 11:20")
    assert small.short_ppm("2026-09-22 11:14") < A_THOUSANDTH
    assert sound(play)


def test_a_source_that_says_zero_lowers_nothing_below_the_forecast() -> None:
    play = Play("2026-09-22 10:00", {"small": hours(20)}, history=True, demand=LEARNED)
    small = play["small"]
    play.until("2026-09-22 10:10", every=300)
    play.source("small", lambda _end, _true: 0.0)
    play.until("2026-09-22 11:00", every=300)
    assert small.short_ppm("2026-09-22 10:05") < A_THOUSANDTH
    assert sound(play)


def test_a_source_that_says_a_hundred_times_takes_nothing_from_others() -> None:
    play = Play("2026-09-22 10:00", {"small": steady(20), "other": steady(100)})
    small, other = play["small"], play["other"]
    play.until("2026-09-22 10:10")
    play.source("small", lambda _end, true: 100.0 * true)
    play.until("2026-09-22 10:25")
    assert small.says("ScalingLimited").startswith("True")
    play.truth("small")
    play.until("2026-09-22 11:00")
    assert other.falls("2026-09-22 10:05") == []
    assert other.short_ppm("2026-09-22 10:05") < A_THOUSANDTH
    assert small.now.least == 49, "once it tells the truth again, all is as before"
    assert sound(play)


# --- AWS


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            {"kind": "throttle", "service": "application-autoscaling"},
            {"Ready": "False Progressing: scalable-target/lookup.provisionedConcurrency: DescribeScal"},
            id="throttles all of scaling",
        ),
        pytest.param(
            {"operation": "RegisterScalableTarget", "code": "AccessDeniedException", "status": 400},
            {
                "Ready": "False Blocked",
                "AbleToScale": "False Problem: lookup.provisionedConcurrency: RegisterScalableTarget",
            },
            id="denies what raises it",
        ),
        pytest.param(
            {"operation": "PutScheduledAction", "code": "LimitExceededException", "status": 400},
            {
                "Ready": "False Blocked",
                "AbleToScale": "False Problem: lookup.provisionedConcurrency: PutScheduledAction",
            },
            id="has no room for another scheduled action",
        ),
        pytest.param(
            {"operation": "GetMetricData", "code": "AccessDenied", "status": 403},
            {"Ready": "True", "ScalingActive": "False SourceFailing: nothing is lowered"},
            id="denies metrics",
        ),
        pytest.param(
            {"kind": "drop_after", "mutating_only": True, "times": 5},
            {"Ready": "True"},
            id="does it and does not answer",
        ),
    ],
)
def test_while_aws_refuses_nothing_falls_and_afterwards_all_is_made_up_for(
    fault: dict[str, Any], told: dict[str, str]
) -> None:
    window = {"name": "noon", "start": "0 12 * * *", "end": "0 13 * * *", "concurrentCalls": 15000}
    play = Play("2026-09-22 10:00", {"small": DOUBLED}, demand={"metrics": [LIVE]})
    small = play["small"]
    play.until("2026-09-22 10:15")
    play.refuse(**fault)
    small.policy.edit(demand={"metrics": [LIVE], "schedules": [window]})
    play.until("2026-09-22 10:35")
    assert small.falls("2026-09-22 10:05") == []
    for condition, said in told.items():
        assert small.says(condition).startswith(said), small.says(condition)
    play.mend()
    play.until("2026-09-22 10:55")
    assert lever(small.policy)["nextChange"]["at"] == "2026-09-22T15:50:00Z", "the window that was added meanwhile"
    assert small.policy.ready
    assert small.short_ppm("2026-09-22 10:50") < A_THOUSANDTH
    assert sound(play)


def test_an_account_that_is_full_gives_what_is_left_says_so_and_gives_more_once_there_is_more() -> None:
    """Of 200 executions Lambda keeps 100; 100 calls a second need 190."""
    play = Play("2026-09-22 10:00", {"small": surge(steady(20), 5, since="2026-09-22 10:10")}, account=200)
    small = play["small"]
    play.until("2026-09-22 10:40")
    assert small.now.ready == 100
    assert small.says("ScalingLimited").startswith("True")
    assert "request" in small.says("ScalingLimited")
    play.world.cloud.switches = replace(play.world.cloud.switches, lambda_account_concurrency=1000)
    play.until("2026-09-22 11:00")
    assert small.falls("2026-09-22 10:05") == []
    assert small.short_ppm("2026-09-22 10:50") < A_THOUSANDTH
    assert small.says("ScalingLimited").startswith("False")
    assert sound(play)


# --- time


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        pytest.param(3600.0, "SourceFailing: nothing is lowered", id="ahead: there is no metric of that hour yet"),
        pytest.param(-3600.0, "clock was put back: nothing is lowered", id="back to before the opening"),
    ],
)
def test_a_wall_clock_that_jumps_by_an_hour_takes_nothing_away(seconds: float, told: str) -> None:
    play = Play("2026-09-22 08:10", {"small": hours(20)}, history=True, demand=LEARNED)
    small = play["small"]
    play.until("2026-09-22 08:30", every=300)
    play.clock.skew = seconds
    play.until("2026-09-22 09:00", every=120)
    assert told in small.says("ScalingActive") + " ".join(small.policy.status.get("warnings", ()))
    ready = [one.ready for one in small.between("2026-09-22 08:30", "2026-09-22 09:00")]
    assert ready == sorted(ready), "nothing falls meanwhile"
    play.clock.skew = 0.0
    play.until("2026-09-22 09:30", every=300)
    assert small.uncovered("2026-09-22 08:15") == 0
    assert small.short_ppm("2026-09-22 08:30") < 2 * A_THOUSANDTH, "it stood still while calls grew"
    assert sound(play)


def test_an_operator_that_is_dead_for_a_day_is_missed_by_nobody() -> None:
    """AWS raises what was told, and follows twice as many callers at noon by itself."""
    callers = surge(hours(20), 2, since="2026-09-23 12:00", until="2026-09-23 13:00", within=600)
    play = Play("2026-09-22 17:00", {"small": callers}, history=True, demand=LEARNED)
    small = play["small"]
    play.until("2026-09-22 17:20", every=300)
    play.alive = False
    play.until("2026-09-23 17:20")
    assert small.uncovered("2026-09-23 07:50") <= 5
    assert small.short_ppm("2026-09-23 07:50", "2026-09-23 12:00") < A_THOUSANDTH
    play.alive = True
    play.world.start()
    play.until("2026-09-23 17:50", every=300)
    assert small.uncovered("2026-09-23 17:20") == 0
    assert small.short_ppm("2026-09-23 17:20") < A_THOUSANDTH
    assert sound(play)
