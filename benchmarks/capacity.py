"""Figures of the capacity model: how fast a queue and a year are computed, and how well a breach is dated.

Each has its baseline in the same run: the textbook recursion over every agent, an exact search for every quarter hour
(timed on a sample of them), growth read off two months, and the half hour by itself. Times are the best of several runs: what the code takes, not
what else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from math import exp, log, pi, sin, sqrt
from random import Random
from statistics import fmean, median

from benchmarks.figure import Figure
from benchmarks.policy import HALF_HOURS, HOURS, history, reference
from trunkline.capacity.breach import Breach, breach, trend
from trunkline.capacity.center import Center
from trunkline.capacity.day import Day, plan
from trunkline.capacity.erlang import Load, erlang_a
from trunkline.capacity.forecast.weeks import weekly_means
from trunkline.capacity.layers_data import EVENTUAL, CacheUse, ConsumerUse, FunctionUse, StreamUse, TableUse
from trunkline.capacity.limits import Layer
from trunkline.capacity.offered_load import Stage, busy
from trunkline.capacity.staffing import exact, planner_of
from trunkline.capacity.workload import Objectives, Pool, Traffic, Workload

QUARTER_HOURS = 35_040
SAMPLE = 67  # every so many quarter hours are searched exactly
PEAK = 10_000 / 300  # calls a second
TODAY = date(2026, 1, 1)
AHEAD = 60  # days
GROWTH = 0.01  # a week
AFTERNOON = 5 * 60  # minutes from the opening at seven
HALF_HOUR = 30  # minutes
FITS = 1_000
NEVER = 3 * 365


def erlang() -> Iterator[Figure]:
    """One evaluation of Erlang A with 10,000 agents near full occupancy, in milliseconds."""
    load = Load(9_950 / 300, 300.0)
    ours = _best(lambda: erlang_a(10_000, load, 120.0, 20.0), 30)
    yield Figure("erlang_a_10000.ms", 1e3 * ours, "ms", 1e3 * _best(lambda: _textbook(10_000, load, 120.0), 5))


def year() -> Iterator[Figure]:
    """All layers of a center through a year of quarter hours, and how far its agents are from an exact search."""
    center, traffic = _center(), _year()

    def once() -> Day:
        planner_of.cache_clear()  # or the thresholds of the run before would be given away
        return plan(center, traffic, 900.0)

    spent = _best(once, 3)
    day = once()
    started = time.perf_counter()
    sample = day.pools["all"].slots[::SAMPLE]
    searched = [exact(slot.erlangs, CALLS, PROMISES).agents for slot in sample if slot.voice]
    naive = SAMPLE * (time.perf_counter() - started)
    yield Figure("plan_year.s", spent, "s", naive)
    apart = [abs(slot.voice - agents) for slot, agents in zip((s for s in sample if s.voice), searched, strict=True)]
    yield Figure("plan_year.agents_off", max(apart), "agents")


def dates() -> Iterator[Figure]:
    """Median error in days of a breach 60 days ahead, at 1 % growth a week, the noise of a bank's weeks drawn anew for each
    fit; and how often the range of dates holds the day.
    """
    noise = _noise()
    ours, naive, held = [], [], 0
    for seed in range(FITS):
        weeks = _weeks(Random(seed), noise)
        limit = 100.0 * (1.0 + GROWTH) ** (AHEAD / 7)
        fitted = trend(weeks)
        found = breach(fitted, limit, TODAY, 0.0) if fitted else Breach(None, None, None, None)
        ours.append(abs((found.expected - TODAY).days - AHEAD) if found.expected else NEVER)
        held += (found.earliest or date.max) <= TODAY + timedelta(days=AHEAD) <= (found.latest or date.max)
        naive.append(abs(_from_two_months(weeks, limit) - AHEAD))
    yield Figure("breach.error_days", median(ours), "days", median(naive))
    yield Figure("breach.held_percent", 100.0 * held / FITS, "%")


def load() -> Iterator[Figure]:
    """By how much the bank's mean day is understaffed after noon for calls of so many seconds, by the half hours as they
    are planned and by the half hour by itself: against minute by minute, the worst half hour and the worst minute.
    """
    days = reference().days
    minutes = [fmean(day.rates[minute] for day in days) for minute in range(HOURS.minutes)]
    halves = [fmean(part) for part in _parts(minutes)]
    for seconds in (300.0, 900.0, 1800.0):
        stages = (Stage(seconds),)
        true = busy(minutes, 60.0, stages)[0].mean
        planned, alone = busy(halves, 60.0 * HALF_HOUR, stages)[0].mean, [rate * seconds for rate in halves]
        name = f"load.{seconds:.0f}"
        by_half = [fmean(part) for part in _parts(true)]
        first = AFTERNOON // HALF_HOUR
        yield Figure(
            f"{name}.short_percent",
            _short(planned[first:], by_half[first:]),
            "%",
            _short(alone[first:], by_half[first:]),
        )
        stepped, steps = ([one[at // HALF_HOUR] for at in range(HOURS.minutes)] for one in (planned, alone))
        yield Figure(
            f"{name}.worst_minute_percent",
            _short(stepped[AFTERNOON:], true[AFTERNOON:]),
            "%",
            _short(steps[AFTERNOON:], true[AFTERNOON:]),
        )


CALLS = Workload(
    self_service_seconds=40.0,
    contained_share=0.2,
    talk_seconds=270.0,
    after_contact_seconds=30.0,
    patience_seconds=120.0,
)
PROMISES = Objectives(max_occupancy_share=None)
"""Without a cap, which would decide by itself and need no queue."""


def _center() -> Center:
    return Center(
        (Pool("all", ("sales", "service"), 1.0, CALLS),),
        CALLS,
        PROMISES,
        0.3,
        (
            FunctionUse("customer-lookup", 5.0, 0.3),
            TableUse("customers", Layer.READS, 5.0, 900.0, EVENTUAL, 0.5),
            TableUse("customers", Layer.WRITES, 2.0, 900.0),
            TableUse("customers/PhoneNumberIndex", Layer.READS, 1.0, 900.0, EVENTUAL),
            TableUse("calls", Layer.WARM_WRITES, 3.0, 2_000.0),
            CacheUse("cache", 5.0, 10_000.0, 900.0, 1e10, 1e5),
            StreamUse("contact-records", 20.0, 1_000.0, 2.0),
            ConsumerUse("events", 1.0, 0.2, 10),
        ),
    )


def _year() -> list[Traffic]:
    """Days from seven to nine with two humps, weekends at half, a summer lull: no two quarter hours alike."""
    random, found = Random(1), []
    for slot in range(QUARTER_HOURS):
        day, hour = divmod(slot / 4.0, 24.0)
        open_share = (hour - 7.0) / 14.0
        shape = (
            sin(pi * open_share) ** 0.5 * (1.0 - 0.2 * sin(2 * pi * open_share) ** 2) if 0.0 < open_share < 1.0 else 0.0
        )
        level = (0.5 if int(day) % 7 > 4 else 1.0) * (1.0 - 0.15 * sin(pi * day / 365.0)) * random.uniform(0.95, 1.0)
        found.append(Traffic(PEAK * shape * level, 1.15 * PEAK * shape * level))
    return found


def _noise() -> list[float]:
    """How far the weeks of the bank's calls are from their own trend, as logarithms, with its two degrees of freedom back."""
    means = weekly_means(history(HALF_HOURS))
    found = trend(means, len(means))
    if found is None:
        raise ValueError("the bank's calls have no trend")
    scale = sqrt(len(means) / (len(means) - 2.0))
    return [scale * (log(mean) - found.level - found.rate * (day - found.origin).days) for day, mean in means]


def _parts(minutes: Sequence[float]) -> list[Sequence[float]]:
    return [minutes[first : first + HALF_HOUR] for first in range(0, len(minutes), HALF_HOUR)]


def _short(planned: Sequence[float], true: Sequence[float]) -> float:
    return max(100.0 * (1.0 - one / other) for one, other in zip(planned, true, strict=True))


def _weeks(random: Random, noise: Sequence[float]) -> list[tuple[date, float]]:
    rate = log(1.0 + GROWTH) / 7.0
    back = [4 + 7 * week for week in range(26)]
    return [(TODAY - timedelta(days=days), 100.0 * exp(random.choice(noise) - rate * days)) for days in back]


def _from_two_months(weeks: list[tuple[date, float]], limit: float) -> float:
    """Growth as commonly read: this month over last month, on from this month."""
    this, last = (fmean(mean for _, mean in weeks[first : first + 4]) for first in (0, 4))
    if this <= last:
        return NEVER
    return min(float(NEVER), 28.0 * log(limit / this) / log(this / last) - 14.0)


def _textbook(agents: int, load: Load, patience: float) -> float:
    """The share that waits, by recursion over every agent and then every caller in line."""
    a, b = load.erlangs, 1.0
    for n in range(1, agents + 1):
        b = a * b / (n + a * b)
    line, term, waiting = 0.0, 1.0, 0
    while term > 1e-15:
        waiting += 1
        term *= load.calls_per_second / (agents / load.handle_seconds + waiting / patience)
        line += term
    return (1.0 + line) / (1.0 / b + line)


def _best(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)
