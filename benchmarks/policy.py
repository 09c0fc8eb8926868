"""Figures of forecast and policy on the reference days, beside what others would have done on the same days.

The days: a bank's calls of 2003 (`tools.parts.bank_calls`), the last 119 of 164, each forecast from earlier days only;
07:00 to 21:00; the rate is the centered half-hour mean times 22.3, whose peak is about 10,000 calls of 300 s; a call
makes 5 lookups of 0.3 s. Weekdays without any call count as closed, as a calendar would have it. A lookup is short if all
provisioned environments are busy (expected value, Poisson). Foresight is the five-minute staircase that keeps that
chance at 0.1 %. All minutes are simulated; nobody called.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import sqrt
from random import Random

from tools.parts import obtain_bank_calls

from benchmarks.figure import Figure
from trunkline.capacity.backtest.day import Outcome, Terms, Truth, run, together
from trunkline.capacity.backtest.others import TargetTracking
from trunkline.capacity.backtest.ours import Ours
from trunkline.capacity.backtest.play import Game, Hours, forecast_days, foreseen, others, ours, smoothed, unattended
from trunkline.capacity.cost.prices import shipped
from trunkline.capacity.cost.usage import CONNECT, LAMBDA
from trunkline.capacity.decision import Lever
from trunkline.capacity.forecast.calendar import Calendar, Occasion
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.intraday import deviation
from trunkline.capacity.forecast.outlook import outlook
from trunkline.capacity.headroom import Chance

SCALE = 22.3
SCORED = 119
HOURS = Hours(7 * 60, 21 * 60)
LOOKUPS, LOOKUP_SECONDS = 5, 0.3
GROWTH = 1.02  # a week
COVER = 0.99
SPIKE = 5.0
SPIKES = (15, 120, 240, 480, 720)  # minutes from the opening
HALF_HOURS = Clock(UTC, 1800)
REGION = "us-east-1"
CALL_MINUTES = 5.0


def policy() -> Iterator[Figure]:
    """Short lookups, cost and changes; others beside."""
    game = reference()
    played = ours(game, _lever())
    by_name = others(game)
    best = together(by_name["foresight"])
    total = together(played)
    tracking, hand = by_name["target tracking 70 %"], by_name["schedule by hand"]
    yield Figure("policy.short_ppm", total.short_ppm, "ppm", together(tracking).short_ppm)
    yield Figure("policy.worst_day_ppm", _worst(played), "ppm", _worst(tracking))
    yield Figure(
        "policy.cost_over_foresight", total.seconds / best.seconds, "ratio", together(hand).seconds / best.seconds
    )
    yield Figure("policy.changes_a_day", total.changes / SCORED, "changes", together(tracking).changes / SCORED)
    prices = shipped()
    gigabyte = prices.find(LAMBDA, "Lambda-Provisioned-Concurrency", REGION)
    minute = prices.find(CONNECT, "end-customer-mins", REGION)
    usd = gigabyte.usd(total.seconds / SCORED)
    bill = minute.usd(total.arrivals / SCORED * CALL_MINUTES)
    yield Figure("policy.usd_a_day", usd, "USD", gigabyte.usd(best.seconds / SCORED))
    yield Figure("policy.share_of_bill_percent", 100.0 * usd / (bill + usd), "%")
    for name, outcomes in by_name.items():
        found = together(outcomes)
        label = name.replace(" %", "").replace(" ", "_")
        yield Figure(f"policy.other.{label}.short_ppm", found.short_ppm, "ppm", total.short_ppm)
        yield Figure(f"policy.other.{label}.worst_day_ppm", _worst(outcomes), "ppm", _worst(played))
        yield Figure(
            f"policy.other.{label}.cost_over_foresight",
            found.seconds / best.seconds,
            "ratio",
            total.seconds / best.seconds,
        )


def growth() -> Iterator[Figure]:
    """The same with growth; a person's schedule beside."""
    game = reference()
    first = game.days[0].day
    grown = replace(game, days=[day.grown(GROWTH ** ((day.day - first).days / 7)) for day in game.days])
    hand, played = others(grown)["schedule by hand"], ours(grown, _lever())
    yield Figure("policy.growth_short_ppm", together(played).short_ppm, "ppm", together(hand).short_ppm)
    yield Figure("policy.growth_worst_day_ppm", _worst(played), "ppm", _worst(hand))


def noise() -> Iterator[Figure]:
    """The same with a live measure of a minute's calls as they are counted, Poisson about their rate."""
    game, played = reference(), []
    for number, (day, forecaster) in enumerate(forecast_days(game)):
        truth, random = game.truth(day), Random(number)
        told = tuple(max(0.0, random.gauss(60 * rate, sqrt(60 * rate))) / 60 for rate in truth.rates)
        played.append(run(_Told(_lever(), outlook(forecaster, truth.begins), truth, told=told), truth, game.terms))
    yield Figure("policy.noise.short_ppm", together(played).short_ppm, "ppm")
    yield Figure("policy.noise.cost_over_foresight", together(played).seconds / _best(game), "ratio")
    yield Figure("policy.noise.changes_a_day", together(played).changes / SCORED, "changes")


@dataclass(slots=True)
class _Told(Ours):
    """told: what the live measure says of each minute, whatever is true."""

    told: tuple[float, ...] = ()

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
        return Ours.at(self, minute, self.told[: len(seen)], current, provisioned)


def nobody() -> Iterator[Figure]:
    """With nobody there since 24 hours before: what AWS does with the minimums that were scheduled by then."""
    game = reference()
    played = unattended(game, _lever())
    yield Figure("policy.unattended.short_ppm", together(played).short_ppm, "ppm")
    yield Figure("policy.unattended.worst_day_ppm", _worst(played), "ppm")
    yield Figure("policy.unattended.cost_over_foresight", together(played).seconds / _best(game), "ratio")


def spike() -> Iterator[Figure]:
    """Seconds until capacity covers the mean load, and goes on to, after calls have become five times as many from one minute
    to the next: at the worst of several hours of a day.
    """
    game = reference()
    day, forecaster = next(iter(forecast_days(game)))
    minimum = game.units(max(day.rates))
    mine, tracked = [], []
    for at in SPIKES:
        rates = tuple(rate * (SPIKE if minute >= at else 1.0) for minute, rate in enumerate(day.rates))
        truth = Truth(game.truth(day).begins, rates)
        ours_ = run(Ours(_lever(), outlook(forecaster, truth.begins), truth), truth, game.terms)
        others_ = run(TargetTracking(game.terms.servers_per_rate, 0.7, minimum), truth, game.terms)
        mine.append(_covered(ours_, truth, game, at))
        tracked.append(_covered(others_, truth, game, at))
    yield Figure("policy.spike_s", max(mine), "s", max(tracked))


def forecast() -> Iterator[Figure]:
    """Errors of the forecast by half hours, a day and half an hour ahead; the same weekday a week before beside."""
    game = reference()
    errors, intraday, naive, came = 0.0, 0.0, 0.0, 0.0
    below = slots = 0
    first, last = HOURS.first // 30, HOURS.last // 30
    by_day = {played.day: played for played in game.days}
    for played, forecaster in forecast_days(game):
        found = forecaster.day(played.day)
        before = max(day for day in by_day if day < played.day and day.weekday() == played.day.weekday())
        for slot in range(first, last):
            count = played.counts[slot] or 0.0
            came += count
            errors += abs(count - found.expected[slot])
            naive += abs(count - (by_day[before].counts[slot] or 0.0))
            below += count <= found.quantile(slot, COVER)
            slots += 1
            # Of the first half hour the day has not told anything yet: it counts as it was expected the day before.
            off = deviation(found.expected, played.counts, slot) if slot > first else None
            factor = forecaster.intraday.factor(1, off) if off is not None else 1.0
            intraday += abs(count - found.expected[slot] * factor)
    yield Figure("forecast.wape_percent", 100 * errors / came, "%", 100 * naive / came)
    yield Figure("forecast.intraday_wape_percent", 100 * intraday / came, "%", 100 * naive / came)
    yield Figure("forecast.coverage_percent", 100 * below / slots, "%")


@cache
def reference() -> Game:
    """The reference days."""
    days = smoothed(history(HALF_HOURS), history(Clock(UTC, 300)), HOURS)
    headroom = Chance()
    per_rate = LOOKUPS * LOOKUP_SECONDS
    return Game(
        HALF_HOURS,
        days,
        SCORED,
        HOURS,
        Terms(per_rate),
        lambda rate: headroom.servers(rate * per_rate),
        Calendar(_closed([played.day for played in days])),
    )


def history(clock: Clock) -> History:
    """The bank's calls, scaled, of the hours that are played."""
    return History.counted([(at, SCALE * calls) for at, calls in _calls() if at.hour < HOURS.last // 60], clock)


def _calls() -> list[tuple[datetime, int]]:
    with obtain_bank_calls().open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(datetime.fromisoformat(row["DateTime"]).replace(tzinfo=UTC), int(row["Calls"])) for row in rows]


def _closed(days: list[date]) -> Mapping[date, Occasion]:
    known = set(days)
    every = [days[0] + timedelta(days=number) for number in range((days[-1] - days[0]).days)]
    return {day: Occasion("closed", closed=True) for day in every if day.weekday() < 5 and day not in known}


def _lever() -> Lever:
    return Lever(1, 100_000, reference().units, cover=COVER)


def _best(game: Game) -> float:
    return together(foreseen(game)).seconds


def _worst(outcomes: list[Outcome]) -> float:
    return max(outcome.short_ppm for outcome in outcomes)


def _covered(outcome: Outcome, truth: Truth, game: Game, since: int) -> float:
    needed = [rate * game.terms.servers_per_rate for rate in truth.rates]
    short = [minute for minute in range(since, len(needed)) if outcome.levels[minute] < needed[minute]]
    return 60.0 * (short[-1] + 1 - since) if short else 0.0
