"""What a lever should stand at: what raises it, what may lower it, and what holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest

from trunkline.capacity.behavior import Behavior, Change, Direction, Measure, Pace, Wanted
from trunkline.capacity.decision import Decision, Lever, Live, Past, Why, decide, made
from trunkline.capacity.decreases import DYNAMODB
from trunkline.capacity.forecast.errors import Errors
from trunkline.capacity.forecast.history import Clock
from trunkline.capacity.forecast.intraday import Intraday
from trunkline.capacity.forecast.model import DayForecast
from trunkline.capacity.forecast.outlook import Outlook

NOW = datetime(2026, 4, 13, 12, tzinfo=UTC)
CLOCK = Clock(UTC, 1800)
QUICK = Behavior(Direction(), Direction())
LEVER = Lever(5, 1000, ceil, behavior=QUICK, cover=0.5)
"""One unit for each call a second, and no headroom: the numbers below are rates."""


def seen(rate: float, then: float | None = None, at: timedelta = timedelta(0)) -> Outlook:
    """A day on which so many calls a second are expected, from an instant on others."""
    later = rate if then is None else then
    expected = [
        1800.0 * (rate if slot * 1800 < (NOW + at).hour * 3600 + (NOW + at).minute * 60 else later)
        for slot in range(48)
    ]
    day = DayForecast(date(2026, 4, 13), tuple(expected), Errors())
    return Outlook(CLOCK, NOW, {day.day: day}, Intraday())


def decided(current: int, outlook: Outlook | None = None, live: Live | None = None, **more: object) -> Decision:
    given = {"lever": LEVER, "past": Past(), "floor": 0.0, **more}
    return decide(given["lever"], current, NOW, outlook=outlook, live=live, past=given["past"], floor=given["floor"])  # type: ignore[arg-type]


class TestUp:
    @pytest.mark.parametrize(
        ("outlook", "live", "floor", "wanted", "why"),
        [
            pytest.param(seen(100.0), Live(50.0), 0.0, 100, Why.FORECAST, id="the-forecast-asks-for-more"),
            pytest.param(seen(50.0), Live(100.0), 0.0, 100, Why.LIVE, id="more-calls-than-foreseen"),
            pytest.param(seen(50.0), Live(60.0), 80.0, 80, Why.FLOOR, id="a-schedule-asks-for-more"),
            pytest.param(None, Live(100.0), 0.0, 100, Why.LIVE, id="no-forecast"),
            pytest.param(seen(100.0), None, 0.0, 100, Why.FORECAST, id="no-live-measure"),
            pytest.param(None, None, 0.0, 5, Why.MINIMUM, id="nothing-is-known"),
            pytest.param(seen(1.0), Live(1.0), 0.0, 5, Why.MINIMUM, id="hardly-anybody-calls"),
        ],
    )
    def test_the_largest_of_all_counts(
        self, outlook: Outlook | None, live: Live | None, floor: float, wanted: int, why: Why
    ) -> None:
        found = decided(5, outlook, live, floor=floor)
        assert (found.desired, found.why) == (wanted, why)

    def test_it_stands_before_it_is_needed(self) -> None:
        """The rise is half an hour away, and takes ten minutes to be carried out."""
        rise = seen(100.0, 400.0, timedelta(minutes=30))
        assert decided(100, rise, Live(100.0)).desired == 100
        soon = decide(LEVER, 100, NOW + timedelta(minutes=21), outlook=rise, live=Live(100.0), past=Past())
        assert soon.desired >= 400 - 1, "ten minutes before"

    def test_calls_that_rise_are_met_where_they_will_be(self) -> None:
        assert decided(5, None, Live(100.0, slope=0.1)).desired == 160, "a tenth of a call more each second of the lead"

    def test_calls_that_fall_are_met_where_they_are(self) -> None:
        assert decided(5, None, Live(100.0, slope=-0.1)).desired == 100

    def test_the_maximum_holds_and_says_so(self) -> None:
        found = decided(900, seen(5000.0), Live(10.0))
        assert (found.desired, found.held) == (1000, Why.MAXIMUM)

    def test_a_budget_limits_what_the_forecast_adds_and_never_what_calls_need(self) -> None:
        capped = replace(LEVER, cap=150)
        assert decided(100, seen(400.0), Live(100.0), lever=capped).desired == 150
        assert decided(100, seen(400.0), Live(300.0), lever=capped).desired == 300

    def test_a_pace_limits_what_is_added_and_says_so(self) -> None:
        paced = replace(LEVER, behavior=Behavior(Direction(paces=(Pace(Measure.UNITS, 20, 60.0),)), Direction()))
        found = decided(100, None, Live(400.0), lever=paced)
        assert (found.desired, found.wanted, found.held) == (120, 400, Why.PACE)


class TestDown:
    def test_a_forecast_alone_takes_nothing_away(self) -> None:
        found = decided(100, seen(10.0), None)
        assert (found.desired, found.held) == (100, Why.NO_LIVE_MEASURE)

    def test_no_source_at_all_takes_nothing_away(self) -> None:
        assert decided(100).desired == 100

    def test_few_calls_and_a_low_forecast_lower_it(self) -> None:
        assert decided(100, seen(10.0), Live(10.0)).desired == 10

    def test_a_measure_that_lies_low_does_not_lower_it_below_the_forecast(self) -> None:
        assert decided(100, seen(90.0), Live(0.0)).desired == 90

    def test_it_is_lowered_only_after_a_window_of_less(self) -> None:
        slow = replace(LEVER, behavior=Behavior())
        lately = Past(wanted=(Wanted(NOW - timedelta(minutes=14), 95),))
        found = decided(100, seen(10.0), Live(10.0), lever=slow, past=lately)
        assert (found.desired, found.held) == (100, Why.STABILIZING), "95 is within a tenth of 100"
        old = Past(wanted=(Wanted(NOW - timedelta(minutes=16), 95),))
        assert decided(100, seen(10.0), Live(10.0), lever=slow, past=old).desired == 10

    def test_aws_allows_few_decreases_and_the_next_one_is_named(self) -> None:
        table = replace(LEVER, decreases=DYNAMODB)
        times = [NOW - timedelta(minutes=minutes) for minutes in (300, 200, 100, 10)]
        past = Past(changes=tuple(Change(at, 200, 100) for at in times))
        found = decided(100, seen(10.0), Live(10.0), lever=table, past=past)
        assert (found.desired, found.held) == (100, Why.DECREASES_USED)
        assert found.at == NOW + timedelta(minutes=50)
        assert decided(100, seen(10.0), Live(200.0), lever=table, past=past).desired == 200, "up is always allowed"

    def test_a_maximum_that_was_lowered_holds_without_a_measure_too(self) -> None:
        assert decided(100, seen(90.0), None, lever=replace(LEVER, maximum=60)).desired == 60


class TestPast:
    def test_what_is_carried_out_is_remembered(self) -> None:
        found = decided(100, None, Live(200.0))
        past = made(found, 100, NOW)
        assert past.changes == (Change(NOW, 100, 200),)
        assert [one.value for one in past.wanted] == [100, 200]

    def test_nothing_done_is_no_change(self) -> None:
        assert made(decided(100, None, Live(100.0)), 100, NOW).changes == ()

    def test_it_does_not_grow_for_ever(self) -> None:
        past = Past()
        for minute in range(3 * 1440):
            now = NOW + timedelta(minutes=minute)
            found = decide(
                replace(LEVER, behavior=Behavior()), 100, now, outlook=None, live=Live(100.0 + minute % 50), past=past
            )
            past = made(found, 100, now)
        assert len(past.wanted) <= 16
        assert len(past.changes) <= 1441
