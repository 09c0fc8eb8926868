"""The nights on which the clock is changed: callers go by the clock on the wall, capacity goes with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import cos, pi
from zoneinfo import ZoneInfo

import pytest

from trunkline.capacity.backtest.day import Terms, Truth, run
from trunkline.capacity.backtest.ours import Ours
from trunkline.capacity.decision import Lever
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.model import Forecaster
from trunkline.capacity.forecast.outlook import outlook
from trunkline.capacity.headroom import Chance
from trunkline.capacity.schedule import Rule, minimums

ZONE = ZoneInfo("America/New_York")
CLOCK = Clock(ZONE)
CHANCE = Chance()
PER_RATE = 10.0


def rate(instant: datetime) -> float:
    """Open day and night; fewest at three, most at three in the afternoon. No two days are quite alike."""
    local = instant.astimezone(ZONE)
    hour = local.hour + local.minute / 60.0
    return (10.0 - 8.0 * cos(2.0 * pi * (hour - 3.0) / 24.0)) * (1.0 + 0.01 * (local.toordinal() * 7 % 5 - 2))


def units(calls: float) -> int:
    return CHANCE.servers(calls * PER_RATE)


def learned(day: date) -> Forecaster:
    start = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC) - timedelta(days=50)
    slots = [start + timedelta(minutes=30 * number) for number in range(50 * 48 + 4)]
    counts = [(slot, 1800.0 * rate(slot + timedelta(minutes=15))) for slot in slots]
    forecaster = Forecaster(CLOCK)
    forecaster.learn_all(History.counted(counts, CLOCK).before(day))
    return forecaster


DAYS = [
    pytest.param(date(2026, 3, 7), id="the-eve-of-the-day-with-23-hours"),
    pytest.param(date(2026, 3, 8), id="the-day-with-23-hours"),
    pytest.param(date(2026, 3, 9), id="the-day-after-it"),
    pytest.param(date(2026, 11, 1), id="the-day-with-25-hours"),
    pytest.param(date(2026, 11, 2), id="the-day-after-that"),
]


@pytest.mark.parametrize("day", DAYS)
def test_capacity_is_there_in_every_minute(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    after = day + timedelta(days=1)
    ends = datetime(after.year, after.month, after.day, tzinfo=ZONE).astimezone(UTC)
    minutes = (ends - begins) // timedelta(minutes=1)
    truth = Truth(begins, tuple(rate(begins + timedelta(minutes=minute)) for minute in range(minutes)))
    policy = Ours(Lever(1, 1000, units), outlook(learned(day), begins), truth)
    found = run(policy, truth, Terms(PER_RATE))
    short = [
        f"{truth.at(minute).astimezone(ZONE):%H:%M}"
        for minute, true in enumerate(truth.rates)
        if found.levels[minute] < true * PER_RATE
    ]
    assert not short, f"capacity was below the mean load at {short[:5]}"
    assert found.short_ppm < 1_000


@pytest.mark.parametrize("day", DAYS)
def test_minimums_of_two_days_are_there_in_every_minute(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    ahead = outlook(learned(day), begins)
    found = minimums(lambda instant: ahead.high(instant, 0.99), units, begins, Rule(1, 1000))
    instants = [begins + timedelta(minutes=minute) for minute in range(47 * 60)]
    short = [
        f"{instant.astimezone(ZONE):%d. %H:%M}"
        for instant in instants
        if found.value(instant) < rate(instant) * PER_RATE
    ]
    assert not short, f"what is scheduled was below the mean load at {short[:5]}"
