"""`trunkline capacity backtest`: a policy's days played again, beside what others would have done on the same days. Pure.

Each day is forecast from earlier days only; the rate is the centered half-hour mean of the counts, so that their own noise
is not played. A day with gaps is neither played nor learned from. Minutes are those of the clock on the wall: an hour that
is skipped has no calls, one that comes twice is played once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from itertools import pairwise

from trunkline.api.problem import nearest
from trunkline.api.scaling_levers import Lever as LeverSpec
from trunkline.api.scaling_levers import LeverField, Range
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.backtest.day import Outcome, Terms, run, together
from trunkline.capacity.backtest.others import Fixed
from trunkline.capacity.backtest.play import Game, Hours, Played, others, ours_each, smoothed, unattended
from trunkline.capacity.cost.prices import PriceList
from trunkline.capacity.cost.usage import CONNECT, LAMBDA
from trunkline.capacity.decision import Lever
from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.model import LEAST_DAYS
from trunkline.capacity.headroom import Chance, Utilization
from trunkline.capacity.layers_data import FunctionUse, units
from trunkline.handlers.scaling_behavior import behavior
from trunkline.handlers.scaling_center import LEAD_SECONDS, uses, workload
from trunkline.planner.history_file import Counts, occasions

COVERS = (0.9, 0.95, 0.99, 0.999)
SLOT_SECONDS = 1800
MINUTE = 60
PLAYED_MINUTES = (
    28 * 14 * 60
)  # that are played unless said otherwise: four weeks of office hours, two of days and nights
GB_SECONDS = "Lambda-Provisioned-Concurrency"
CALLER_MINUTES = ("end-customer-mins", "did-inbound-mins")


@dataclass(frozen=True, slots=True)
class Options:
    """days: how many are played, the last ones; None: as many as seconds allow. standing: what stands now, None if nobody
    said. memory_gb: of the function.
    """

    region: str
    days: int | None = None
    lever: str | None = None
    standing: int | None = None
    memory_gb: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """What one of them would have done. Short: lookups that found everything busy, of a million."""

    policy: str
    short_ppm: float
    worst_day_ppm: float
    worst_day: date
    cost_over_foresight: float
    usd_a_day: float
    percent_of_bill: float
    changes_a_day: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """lever: whose environments these are. first, last: days that were played, of so many that were known."""

    lever: str
    first: date
    last: date
    played: int
    known: int
    rows: tuple[Row, ...]


def backtest(spec: ScalingPolicySpec, counts: Counts, zone: tzinfo, prices: PriceList, options: Options) -> Backtest:
    """All rows. Raises ValueError if there is no such lever, or too little history."""
    lever, span = _lever(spec, options.lever)
    calls = workload(spec.workload)
    use = uses(lever, calls)[LeverField.PROVISIONED_CONCURRENCY]
    if not isinstance(use, FunctionUse) or calls.lookups_hold_seconds <= 0.0:
        raise ValueError("the policy's calls ask nothing of functions: write lookupsPerCall and lookupMilliseconds")
    per_rate = use.requests_per_call * use.seconds
    game = _game(spec, counts, zone, options.days, Terms(per_rate))
    environments = units(use, Chance())
    game = replace(game, units=lambda rate: int(environments(rate)))
    lead = LEAD_SECONDS if lever.lead_seconds is None else float(lever.lead_seconds)
    ready = Lever(span.min, span.max, game.units, lead, behavior=behavior(spec.behavior))
    levers = {f"forecast {100 * cover:g} %": replace(ready, cover=cover) for cover in COVERS}
    own = _own(spec, span)
    if own not in levers:
        share = 1.0 if span.utilization_percent is None else span.utilization_percent / 100.0
        counted = units(use, Chance() if span.utilization_percent is None else Utilization(share))
        levers[own] = replace(ready, cover=_cover(spec, span), units=lambda rate: int(counted(rate)))
    found = dict(ours_each(game, levers))
    if options.standing is not None:
        found[f"standing, {options.standing:,}"] = _standing(game, options.standing)
    found["nobody there, scheduled minimums"] = unattended(game, levers[own])
    found |= others(game)
    # The policy as it is written comes first, foresight last.
    names = sorted(found, key=lambda name: (name != own, name == "foresight"))
    outcomes = {f"this policy, {name}" if name == own else name: found[name] for name in names}
    rows = tuple(_rows(game, outcomes, prices, options, calls.line_seconds))
    days = game.counted
    return Backtest(use.name, days[0].day, days[-1].day, len(days), len(game.days), rows)


def _lever(spec: ScalingPolicySpec, name: str | None) -> tuple[LeverSpec, Range]:
    ready = {lever.name: lever for lever in spec.levers or () if lever.provisioned_concurrency is not None}
    if not ready:
        raise ValueError("no lever moves provisionedConcurrency: environments are what is played")
    if name is not None and name not in ready:
        close = nearest(name, list(ready))
        raise ValueError(
            f"--lever {name}: no such lever of a function; "
            + (f"did you mean {close}?" if close else f"there are {', '.join(ready)}")
        )
    lever = ready[name] if name is not None else next(iter(ready.values()))
    span = lever.provisioned_concurrency
    if span is None:
        raise ValueError(f"--lever {name} moves no provisionedConcurrency")
    return lever, span


def _own(spec: ScalingPolicySpec, span: Range) -> str:
    if span.utilization_percent is not None:
        return f"utilization {span.utilization_percent} %"
    return f"forecast {100 * _cover(spec, span):g} %"


def _cover(spec: ScalingPolicySpec, span: Range) -> float:
    """A utilization is the only headroom, for the expected load."""
    if span.utilization_percent is not None:
        return 0.5
    return spec.demand.forecast.cover_percent / 100.0 if spec.demand.forecast is not None else 0.99


def _game(spec: ScalingPolicySpec, counts: Counts, zone: tzinfo, days: int | None, terms: Terms) -> Game:
    starts = sorted({start.timestamp() for start, _ in counts})
    step = min((int(after - before) for before, after in pairwise(starts)), default=SLOT_SECONDS)
    history = History.counted(counts, Clock(zone, max(SLOT_SECONDS, step)))
    fine = History.counted(counts, Clock(zone, step)) if step < SLOT_SECONDS else history
    hours = _hours(history)
    whole = [played for played in smoothed(history, fine, hours) if _complete(played, history)]
    calendar = Calendar(occasions(spec.demand))
    whole = [played for played in whole if max(played.rates) > 0.0 and not calendar.closed(played.day)]
    scored = min(days or max(1, PLAYED_MINUTES // hours.minutes), len(whole) - LEAST_DAYS)
    if scored < 1:
        raise ValueError(
            f"{len(whole)} whole days of history: {LEAST_DAYS} to learn from and one to play are the least"
        )
    return Game(history.clock, whole, scored, hours, terms, int, calendar)


def _hours(history: History) -> Hours:
    """From the first slot that is ever known to the last one."""
    known = {slot for counts in history.days.values() for slot, count in enumerate(counts) if count is not None}
    minutes = history.clock.slot_seconds // MINUTE
    return Hours(min(known) * minutes, (max(known) + 1) * minutes)


def _complete(played: Played, history: History) -> bool:
    """Whether it has all the slots that most days of its weekday have."""
    same = [counts for day, counts in history.days.items() if day.weekday() == played.day.weekday()]
    known = Counter(slot for counts in same for slot, count in enumerate(counts) if count is not None)
    return all(played.counts[slot] is not None for slot, days in known.items() if 2 * days > len(same))


def _standing(game: Game, value: int) -> list[Outcome]:
    policy = Fixed((value,) * game.hours.minutes)
    return [run(policy, game.truth(played), game.terms) for played in game.counted]


def _rows(
    game: Game, found: dict[str, list[Outcome]], prices: PriceList, options: Options, line_seconds: float
) -> Iterator[Row]:
    best = together(found["foresight"]).seconds
    days = len(game.counted)
    environment = prices.find(LAMBDA, GB_SECONDS, options.region)
    minute = sum(prices.find(CONNECT, sku, options.region).usd(1.0) for sku in CALLER_MINUTES)
    for name, outcomes in found.items():
        total = together(outcomes)
        usd = environment.usd(total.seconds * options.memory_gb) / days
        calls = total.arrivals / days * line_seconds / MINUTE * minute
        worst = max(range(days), key=lambda number: outcomes[number].short_ppm)
        yield Row(
            name,
            total.short_ppm,
            outcomes[worst].short_ppm,
            game.counted[worst].day,
            total.seconds / best if best > 0.0 else 1.0,
            usd,
            100.0 * usd / (usd + calls) if usd + calls > 0.0 else 0.0,
            total.changes / days,
        )
