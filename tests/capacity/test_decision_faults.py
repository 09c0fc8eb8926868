"""Capacity never drops because something has failed: a source that lies, is silent or frozen, an operator that was away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil, sin

import pytest

from trunkline.capacity.backtest.day import Terms, Truth, run
from trunkline.capacity.backtest.ours import Ours
from trunkline.capacity.decision import Lever, Live, Past, decide, made
from trunkline.capacity.forecast.history import Clock, Counts
from trunkline.capacity.forecast.model import Forecaster
from trunkline.capacity.forecast.outlook import expected_calls, outlook, updated

FIRST = date(2026, 1, 5)
DAYS = 41
CLOCK = Clock(UTC)
OPEN, CLOSE = 16, 42  # slots: 08:00 to 21:00


def rate(day: date, minute: float) -> float:
    """Calls a second of a busy day by minutes since it opened; days differ by a few percent, as in no rule."""
    return (1.0 + 0.05 * sin(1.7 * day.toordinal())) * (4.0 + sin(minute / 50.0))


def counts(day: date) -> Counts:
    return tuple(
        sum(60.0 * rate(day, minute + 0.5) for minute in range(30 * (slot - OPEN), 30 * (slot - OPEN + 1)))
        if OPEN <= slot < CLOSE
        else 0.0
        for slot in range(48)
    )


@pytest.fixture(scope="module")
def known() -> Forecaster:
    forecaster = Forecaster(CLOCK)
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        forecaster.learn(day, counts(day))
    return forecaster


def lever() -> Lever:
    return Lever(1, 10_000, lambda rate: ceil(10 * rate))


class Told(Ours):
    """The policy, told something else than the truth from a minute on."""

    lie: float = 0.0
    since: int = 240

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
        told = tuple(rate * self.lie if number >= self.since else rate for number, rate in enumerate(seen))
        return super().at(minute, told, current, provisioned)


def truth(day: date) -> Truth:
    begins = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    return Truth(begins, tuple(rate(day, minute + 0.5) for minute in range(30 * (CLOSE - OPEN))))


@pytest.mark.parametrize("lie", [0.0, 0.1, 0.5])
def test_a_source_that_lies_low_takes_nothing_away(known: Forecaster, lie: float) -> None:
    today = truth(FIRST + timedelta(days=DAYS))
    policy = Told(lever(), outlook(known, today.begins), today)
    policy.lie = lie
    found = run(policy, today, Terms(10.0))
    short = [minute for minute, true in enumerate(today.rates) if found.levels[minute] < 10.0 * true]
    assert not short, f"told {lie:g} of the calls from minute 240 on, capacity was below the mean load at {short[:5]}"


def test_without_a_live_measure_nothing_is_taken_away(known: Forecaster) -> None:
    today = truth(FIRST + timedelta(days=DAYS))
    ahead, current, past = outlook(known, today.begins), 1, Past()
    for minute in range(len(today.rates)):
        now = today.at(minute)
        decision = decide(lever(), current, now, outlook=ahead, live=None, past=past)
        assert decision.desired >= current, f"minute {minute}: a forecast alone lowered {current} to {decision.desired}"
        past, current = made(decision, current, now), decision.desired
    assert current >= 10.0 * max(today.rates), "what the forecast adds is added without a measure too"


@pytest.mark.parametrize(
    ("share", "believed"),
    [
        pytest.param(1.3, True, id="more-calls-than-ever"),
        pytest.param(0.92, True, id="a-quiet-day"),
        pytest.param(0.5, False, id="half-of-the-calls-missing"),
        pytest.param(0.0, False, id="none-at-all"),
    ],
)
def test_what_is_believed_of_the_day_so_far(known: Forecaster, share: float, believed: bool) -> None:
    begins = datetime.combine(FIRST + timedelta(days=DAYS), datetime.min.time(), UTC) + timedelta(hours=12)
    plain = outlook(known, begins)
    wanted = [expected_calls(plain, begins + timedelta(minutes=minute), 60.0) for minute in range(60)]
    seen = updated(plain, [(one, share * one) for one in wanted], begins + timedelta(hours=1))
    assert (seen.off is not None) is believed


def test_a_start_is_no_reason_to_go_down() -> None:
    noon = datetime(2026, 2, 20, 12, tzinfo=UTC)
    first = decide(lever(), 500, noon, outlook=None, live=Live(10.0), past=Past())
    assert first.desired == 500, "who has just started does not know what was wanted a minute ago"
    later = noon + timedelta(seconds=901)
    assert decide(lever(), 500, later, outlook=None, live=Live(10.0), past=made(first, 500, noon)).desired == 100


def test_a_clock_that_is_put_back_neither_lowers_nor_blocks() -> None:
    noon = datetime(2026, 2, 20, 12, tzinfo=UTC)
    wrong = decide(lever(), 500, noon + timedelta(days=300), outlook=None, live=Live(10.0), past=Past())
    again = decide(lever(), 500, noon, outlook=None, live=Live(10.0), past=wrong.past)
    assert again.desired == 500
    later = decide(lever(), 500, noon + timedelta(seconds=901), outlook=None, live=Live(10.0), past=again.past)
    assert later.desired == 100, "what a wrong clock noted for next winter must not hold capacity until then"
