"""Whole days of whole centers in a few lines each: what callers would notice, and what it says of it."""

from __future__ import annotations

import pytest

from tests.column.callers import after, closed, growing, hours, outage, steady, surge
from tests.column.policies import lever, refused_by_the_server
from tests.column.scenarios import FORECAST, LIVE, Play

LEARNED = {"metrics": [LIVE], "forecast": FORECAST}
CLOSED, AFTER = ("2026-08-12", "2026-09-07", "2026-09-23"), ("2026-08-13", "2026-09-08", "2026-09-24")
HOLIDAY = [{"name": f"holiday-{day}", "date": day, "closed": True} for day in CLOSED]
EVERY_DAY = range(7)
A_THOUSANDTH = 1000.0  # per million: the chance that needs are computed with, where no utilization is given


def sound(play: Play) -> bool:
    """What holds of every day: nothing is written twice, and an API server takes every status."""
    assert play.repeated() == []
    assert play.world.cloud.failures == []
    return all(refused_by_the_server(center.policy) == [] for center in play)


def test_five_times_the_calls_within_a_minute() -> None:
    play = Play("2026-09-22 10:00", {"small": surge(steady(20), 5, since="2026-09-22 10:30")})
    small = play["small"]
    play.until("2026-09-22 11:00")
    assert small.uncovered("2026-09-22 10:10", "2026-09-22 10:30") == 0
    assert small.uncovered("2026-09-22 10:30") <= 5
    assert small.short_ppm("2026-09-22 10:36") < A_THOUSANDTH
    assert small.says("ScalingActive").startswith("True")
    events = " ".join(play.notes())
    assert "ScaledUp: lookup.provisionedConcurrency from 49 to " in events
    assert "DriftRepaired" not in events, "a new decision puts nothing back"
    assert sound(play)


def test_a_closed_holiday_and_the_day_after() -> None:
    """A Wednesday; on Thursday a quarter more call, as always after such a day."""
    callers = after(closed(hours(40), *CLOSED), 1.26, *AFTER)
    demand = {**LEARNED, "events": HOLIDAY}
    play = Play("2026-09-23 07:00", {"small": callers}, history=True, demand=demand, resyncSeconds=1200)
    small = play["small"]
    play.until("2026-09-23 18:00", every=3600)
    assert {one.ready for one in small.between("2026-09-23 08:00", "2026-09-23 18:00")} == {5}, "nobody pays for it"
    play.until("2026-09-24 07:30", every=3600).until("2026-09-24 09:30", every=600)
    assert small.uncovered("2026-09-24 07:30") == 0
    assert small.short_ppm("2026-09-24 07:30") < A_THOUSANDTH
    assert sound(play)


def test_growth_is_met_and_told_in_time() -> None:
    """Three percent a week: 5,500 concurrent calls of today are 8,000 in three months."""
    callers = growing(hours(20), 3, since="2026-09-24")
    play = Play("2026-09-24 07:00", {"small": callers}, history=True, demand=LEARNED, quota=8000)
    small = play["small"]
    play.until("2026-09-24 09:30", every=300)
    assert small.uncovered("2026-09-24 07:30") == 0
    assert small.short_ppm("2026-09-24 07:30") < A_THOUSANDTH
    (breach,) = small.policy.status["breaches"]
    assert "2026-11-01" < breach["expected"] < "2027-01-01", breach
    assert breach["requestBy"] < breach["expected"]
    assert small.says("CapacityAtRisk").startswith("True RequestBy")
    assert sound(play)


def test_an_outage_whose_callers_all_come_back() -> None:
    """For 40 minutes one in ten gets through; within 20 minutes after it all others call again."""
    callers = outage(hours(30), since="2026-09-24 10:00", until="2026-09-24 10:40")
    play = Play("2026-09-24 09:30", {"small": callers}, history=True, demand=LEARNED)
    small = play["small"]
    play.until("2026-09-24 11:00")
    usual = min(one.ready for one in small.between("2026-09-24 09:35", "2026-09-24 09:59"))
    assert min(one.ready for one in small.between("2026-09-24 10:00", "2026-09-24 10:40")) >= usual, (
        "that few get through is no reason to go below what the hour needs"
    )
    assert small.uncovered("2026-09-24 10:40") <= 5
    assert small.short_ppm("2026-09-24 10:46") < A_THOUSANDTH
    assert sound(play)


def test_two_centers_share_what_lambda_gives_an_account() -> None:
    """900 of an account's 1,000: the one has 429, since AWS keeps 300 busy ones at 70 %, and so 471 are left."""
    callers = {"small": steady(200), "other": surge(steady(20), 20, since="2026-09-22 10:20")}
    play = Play("2026-09-22 10:00", callers)
    small, other = play["small"], play["other"]
    play.until("2026-09-22 10:40")
    assert small.falls("2026-09-22 10:02") == [], "what is in use is not taken away"
    assert other.now.ready == other.now.least == 900 - small.now.ready, "all that is left, and no more promised"
    for center in (small, other):
        (shared,) = center.policy.status["shared"]
        assert "contact-centers/peak-other 471 of " in shared["message"], "both say who was cut"
        assert "; request " in shared["message"]
    assert other.says("ScalingLimited").startswith("True")
    assert small.says("ScalingLimited").startswith("False")
    assert sound(play)


@pytest.mark.parametrize(
    ("night", "day", "opens_at"),
    [
        pytest.param("2026-10-31 23:00", "2026-11-01", "2026-11-01T12:50:00Z", id="of 25 hours"),
        pytest.param("2027-03-13 23:00", "2027-03-14", "2027-03-14T11:50:00Z", id="of 23 hours"),
    ],
)
@pytest.mark.parametrize(
    "alive",
    [pytest.param(True, id="with the operator", marks=pytest.mark.sweep), pytest.param(False, id="with AWS alone")],
)
def test_the_night_in_which_clocks_are_changed(night: str, day: str, opens_at: str, *, alive: bool) -> None:
    play = Play(night, {"small": hours(20, days=EVERY_DAY)}, history=True, demand=LEARNED, resyncSeconds=600)
    small = play["small"]
    play.until(f"{night[:10]} 23:30", every=600)
    assert lever(small.policy)["nextChange"]["at"] == opens_at
    play.alive = alive
    play.until(f"{day} 07:30", every=1800).until(f"{day} 08:30", every=600)
    assert {one.ready for one in small.between(f"{day} 00:00", f"{day} 07:45")} == {5}, "nobody calls at night"
    assert small.uncovered(f"{day} 07:50") == 0
    assert small.short_ppm(f"{day} 07:50") < A_THOUSANDTH
    assert sound(play)
