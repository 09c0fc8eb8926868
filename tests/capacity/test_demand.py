"""What is believed of the calls that come: fresh, stale, missing, failed and contradictory sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from trunkline.capacity.demand import (
    Amount,
    Booked,
    Fallback,
    Judged,
    Outlook,
    Reading,
    Remembered,
    Source,
    State,
    Volumes,
    contradictions,
    judge,
    together,
)
from trunkline.capacity.windows import Span

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
LIVE = Source("live", 180.0, fallback=Fallback(3, 20.0))
TEN_THOUSAND = "spec.demand.constant: 10,000 calls at the same time of 300 s are 120,000 calls an hour"
SILENT = Source("dialer", 180.0, missing_is_zero=True)


def reading(rate: float | None, age: float = 30.0) -> Reading:
    return Reading(rate, NOW - timedelta(seconds=age))


@pytest.mark.parametrize(
    ("source", "given", "state", "rate"),
    [
        pytest.param(LIVE, reading(10.0), State.FRESH, 10.0, id="fresh"),
        pytest.param(LIVE, reading(0.0), State.FRESH, 0.0, id="zero-is-a-number"),
        pytest.param(LIVE, reading(10.0, 180.0), State.FRESH, 10.0, id="as-old-as-allowed"),
        pytest.param(LIVE, reading(10.0, 181.0), State.FAILING, 7.0, id="older-has-failed"),
        pytest.param(LIVE, Reading(), State.FAILING, 7.0, id="missing-is-not-zero"),
        pytest.param(SILENT, Reading(), State.FRESH, 0.0, id="missing-is-zero-if-the-source-says-so"),
        pytest.param(SILENT, Reading(problem="AccessDenied"), State.FAILING, 7.0, id="refused-is-not-missing"),
        pytest.param(LIVE, reading(nan), State.FAILING, 7.0, id="not-a-number"),
        pytest.param(LIVE, reading(-1.0), State.FAILING, 7.0, id="below-zero"),
        pytest.param(LIVE, reading(10.0, -200.0), State.FRESH, 10.0, id="clocks-differ-a-little"),
        pytest.param(LIVE, reading(10.0, -3600.0), State.FAILING, 7.0, id="of-the-future"),
    ],
)
def test_what_a_reading_is_worth(source: Source, given: Reading, state: State, rate: float) -> None:
    judged, _ = judge(source, given, Remembered(rate=7.0), NOW)
    assert (judged.state, judged.rate) == (state, rate)


def test_the_fallback_holds_from_the_third_failure_in_a_row() -> None:
    known = Remembered(rate=7.0)
    states = []
    for minute in range(5):
        judged, known = judge(LIVE, Reading(problem="timeout"), known, NOW + timedelta(minutes=minute))
        states.append((judged.state, judged.rate))
    assert states == [(State.FAILING, 7.0)] * 2 + [(State.FALLBACK, 20.0)] * 3
    judged, known = judge(LIVE, Reading(8.0, NOW + timedelta(minutes=5)), known, NOW + timedelta(minutes=5))
    assert (judged.state, known.failures) == (State.FRESH, 0), "one number ends it"


def test_looks_that_follow_each_other_closely_are_one_failure() -> None:
    known = Remembered(rate=7.0)
    for second in range(10):
        _, known = judge(LIVE, Reading(problem="timeout"), known, NOW + timedelta(seconds=second))
    assert known.failures == 1


def test_a_clock_that_is_set_back_still_counts() -> None:
    known, states = Remembered(rate=7.0), set()
    for hours in (0, -1, -2):
        judged, known = judge(LIVE, Reading(problem="timeout"), known, NOW + timedelta(hours=hours))
        states.add(judged.state)
    assert State.FALLBACK in states


def test_the_maximum_counts_and_a_failure_holds() -> None:
    fresh = Judged("live", State.FRESH, 4.0)
    found = together([fresh, Judged("constant", State.FRESH, 9.0)])
    assert (found.rate, found.decides, found.hold) == (9.0, "constant", False)
    assert together([fresh, Judged("dialer", State.FAILING, 2.0)]).hold
    assert together([fresh, Judged("dialer", State.FALLBACK, 2.0)]).hold
    assert together([fresh, Judged("dialer", State.FAILING, None)]).rate == 4.0
    nothing = together([Judged("live", State.FAILING, None)])
    assert (nothing.rate, nothing.hold) == (0.0, True), "of what nobody knows nothing is lowered"


class Flat:
    """A forecast that is the same at any time."""

    def rate(self, instant: datetime) -> float:
        return 3.0

    def quantile(self, instant: datetime, share: float, horizon_seconds: float) -> float:
        return 3.0 * (1.0 + share)


def test_the_outlook_is_the_maximum_of_what_is_said_and_what_is_forecast() -> None:
    booked = Booked("monday", 10.0, (Span(NOW, NOW + timedelta(hours=4)),))
    outlook = Outlook(constant=1.0, booked=(booked,), forecast=Flat())
    within, after = NOW + timedelta(hours=1), NOW + timedelta(hours=4)
    assert (outlook.rate(within), outlook.rate(after)) == (10.0, 3.0)
    assert outlook.quantile(after, 0.99, 600.0) == pytest.approx(5.97)
    assert outlook.floor(after) == 1.0


def test_ten_thousand_at_once_do_not_fit_a_million_a_month() -> None:
    """10,000 calls of 300 s at the same time are 120,000 an hour: a million is over in 8.3 hours."""
    volumes = Volumes(
        {"spec.demand.constant": Amount(concurrent=10_000.0)}, 300.0, 300.0, month=1e6, hour=6_820.0, agents=500
    )
    said = contradictions(volumes)
    assert said == [
        f"{TEN_THOUSAND}, but the last 30 days had 1,000,000 calls and at most 6,820 in an hour: at that rate the month's calls are over in 8.3 hours",
        f"{TEN_THOUSAND}, but 500 agents at 300 s a call answer at most 6,000 calls an hour: the others wait and hang up",
    ]


@pytest.mark.parametrize(
    "volumes",
    [
        pytest.param(Volumes({"x": Amount(rate=2.0)}, 300.0, 300.0, month=1e6, hour=6_820.0, agents=500), id="fits"),
        pytest.param(Volumes({"x": Amount(concurrent=10_000.0)}, 300.0, 300.0), id="nothing-to-compare-with"),
        pytest.param(Volumes({"x": Amount(rate=0.0)}, 300.0, 300.0, month=0.0, hour=0.0, agents=0), id="nobody"),
        pytest.param(
            Volumes({"x": Amount(rate=30.0)}, 300.0, 300.0, agent_share=0.1, agents=500), id="most-need-no-agent"
        ),
    ],
)
def test_what_fits_is_not_told(volumes: Volumes) -> None:
    assert contradictions(volumes) == []


@pytest.mark.parametrize(
    ("concurrent", "rate"),
    [
        pytest.param(None, None, id="neither"),
        pytest.param(1.0, 1.0, id="both"),
        pytest.param(None, -1.0, id="negative"),
    ],
)
def test_an_amount_is_one_number(concurrent: float | None, rate: float | None) -> None:
    with pytest.raises(ValueError, match="an amount is one number"):
        Amount(concurrent, rate)
