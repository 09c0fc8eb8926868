"""`trunkline capacity backtest`: a policy's days played again, beside what others would have done on the same days. Pure.

Each day is forecast from earlier days only; the rate is the centered half-hour mean of the counts, so that their own noise
is not played. A day with gaps is neither played nor learned from. Minutes are those of the clock on the wall: an hour that
is skipped has no calls, one that comes twice is played once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from functools import cache
from itertools import pairwise

from trunkline.api.center import ContactCenter
from trunkline.api.counted import counted
from trunkline.api.cron import at
from trunkline.api.problem import nearest
from trunkline.api.scaling_levers import Lever as LeverSpec
from trunkline.api.scaling_levers import LeverField, Range
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.backtest.day import Outcome, Terms, run, together
from trunkline.capacity.backtest.others import Fixed
from trunkline.capacity.backtest.ours import Floor
from trunkline.capacity.backtest.play import Game, Hours, Played, others, ours_each, smoothed, unattended
from trunkline.capacity.cost.money import Range as Money
from trunkline.capacity.cost.prices import PriceList
from trunkline.capacity.cost.usage import Function, voice
from trunkline.capacity.decision import Lever
from trunkline.capacity.demand import Outlook as Stated
from trunkline.capacity.forecast.calendar import Calendar, Occasion
from trunkline.capacity.forecast.history import DAY_SECONDS, Clock, History
from trunkline.capacity.forecast.model import LEAST_DAYS
from trunkline.capacity.headroom import Chance, Utilization
from trunkline.capacity.layers_data import FunctionUse, units
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_behavior import behavior
from trunkline.handlers.scaling_center import LEAD_SECONDS, calls_per_second, uses, workload
from trunkline.handlers.scaling_counts import Counts, occasions
from trunkline.handlers.scaling_functions import priced, provisioned
from trunkline.planner.day_traffic import DAY, booked

COVERS = (0.9, 0.95, 0.99, 0.999)
SLOT_SECONDS = 1800
MINUTE = 60
LONGEST_SLOT = 3600  # seconds; of longer ones the shape of a day is lost
PLAYED_MINUTES = (
    28 * 14 * 60
)  # that are played unless said otherwise: four weeks of office hours, two of days and nights


@dataclass(frozen=True, slots=True)
class Options:
    """days: how many are played, the last ones; None: as many as seconds allow. standing: what stands now, None: as the
    center's file says, else the lever's min. memory_mib: of the function, None: as the center's file says.
    """

    region: str
    days: int | None = None
    lever: str | None = None
    standing: int | None = None
    memory_mib: int | None = None
    center: ContactCenter | None = None


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
    """function: whose environments these are. first, last: days that were played. learned: days that were known before the
    first of them. standing_from: who says what stands now. sight: what the policy is taken to know of the day itself.
    """

    function: Function
    first: date
    last: date
    played: int
    learned: int
    standing: int
    standing_from: str
    sight: str
    rows: tuple[Row, ...]


def backtest(spec: ScalingPolicySpec, counts: Counts, zone: tzinfo, prices: PriceList, options: Options) -> Backtest:
    """All rows. Raises ValueError if there is no such lever, or the history is too short or of no use."""
    lever, span = _lever(spec, options.lever)
    calls = workload(spec.workload)
    use = uses(lever, calls)[LeverField.PROVISIONED_CONCURRENCY]
    if not isinstance(use, FunctionUse) or calls.lookups_hold_seconds <= 0.0:
        raise ValueError("the policy's calls ask nothing of functions: write lookupsPerCall and lookupMilliseconds")
    per_rate = use.requests_per_call * use.seconds
    game = _game(spec, counts, zone, options.days, Terms(per_rate))
    environments = units(use, Chance())
    game = replace(game, units=lambda rate: int(environments(rate)), floor=_stated(spec, zone, game, calls))
    lead = LEAD_SECONDS if lever.lead_seconds is None else float(lever.lead_seconds)
    ready = Lever(span.min, span.max, game.units, lead, behavior=behavior(spec.behavior))
    levers = {f"forecast {100 * cover:g} %": replace(ready, cover=cover) for cover in COVERS}
    own = _own(spec, span)
    if own not in levers:
        share = 1.0 if span.utilization_percent is None else span.utilization_percent / 100.0
        counted = units(use, Chance() if span.utilization_percent is None else Utilization(share))
        levers[own] = replace(ready, cover=_cover(spec, span), units=lambda rate: int(counted(rate)))
    live, foreseen = bool(spec.demand.metrics), spec.demand.forecast is not None
    found = dict(ours_each(game, levers, live=live))
    standing, standing_from = _stands(use.name, span, options)
    found[f"standing, {standing:,}"] = _standing(game, standing)
    found["nobody there, scheduled minimums"] = unattended(game, levers[own])
    found |= others(game)
    # The policy as it is written comes first, foresight last.
    names = sorted(found, key=lambda name: (name != own, name == "foresight"))
    outcomes = {f"this policy, {name}" if name == own and foreseen else name: found[name] for name in names}
    function = priced(use.name, options.center, options.memory_mib)
    rows = tuple(_rows(game, outcomes, _Costs(prices, options.region, function, calls.line_seconds)))
    days = game.counted
    learned = len(game.days) - len(days)
    return Backtest(
        function, days[0].day, days[-1].day, len(days), learned, standing, standing_from, _sight(live, foreseen), rows
    )


def _sight(live: bool, foreseen: bool) -> str:
    measured = "each minute's calls" if live else "nothing of the day itself, as the policy names no metric"
    return measured if foreseen else f"{measured}; the policy has no forecast, rows say what one would do"


def _stated(spec: ScalingPolicySpec, zone: tzinfo, game: Game, calls: Workload) -> Floor:
    """Calls a second that the policy states itself, on the days that are played."""
    since, until = at(game.counted[0].day - DAY, 0, 0, zone), at(game.counted[-1].day + 2 * DAY, 0, 0, zone)
    constant = spec.demand.constant
    known = Stated(
        calls_per_second(constant, calls) if constant is not None else 0.0,
        tuple(booked(spec.demand, since, until, zone, calls)),
    )
    return cache(known.floor)


def _stands(function: str, span: Range, options: Options) -> tuple[int, str]:
    """What stands now, and who says so."""
    if options.standing is not None:
        return options.standing, "--standing"
    there = provisioned(function, options.center)
    if there is not None:
        return there, f"provisionedConcurrency of {function} in the center's file"
    return span.min, "the lever's min, as nobody said what stands now"


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
    step = _step(counts)
    history = History.counted(counts, Clock(zone, max(SLOT_SECONDS, step)))
    fine = History.counted(counts, Clock(zone, step)) if step < SLOT_SECONDS else history
    hours = _hours(history)
    found = smoothed(history, fine, hours)
    whole = [played for played in found if _complete(played.day, fine)]
    calendar = Calendar({**_silent(whole), **occasions(spec.demand)})
    played = [one for one in whole if max(one.rates) > 0.0 and not calendar.closed(one.day)]
    scored = min(days or max(1, PLAYED_MINUTES // hours.minutes), len(played) - LEAST_DAYS)
    if scored < 1:
        gaps = len(found) - len(whole)
        raise ValueError(
            f"{counted(len(played), 'whole day')} of history: {LEAST_DAYS} to learn from and one to play are the least"
            + (
                f"; {gaps} more {'has' if gaps == 1 else 'have'} gaps, and a slot without calls needs a line as well: write 0"
                if gaps
                else ""
            )
        )
    return Game(history.clock, played, scored, hours, terms, int, calendar)


def _silent(days: Sequence[Played]) -> Mapping[date, Occasion]:
    """Days on which nobody called though on most of their weekday somebody did: the day after one is another, and no later
    day was asked to know it.
    """
    calls, every = (Counter(one.day.weekday() for one in days if max(one.rates) > least) for least in (0.0, -1.0))
    return {
        one.day: Occasion("nobody called", closed=True)
        for one in days
        if max(one.rates) <= 0.0 and 2 * calls[one.day.weekday()] > every[one.day.weekday()]
    }


def _step(counts: Counts) -> int:
    """Seconds of the slots that were counted. Raises ValueError if they are of no use."""
    starts = sorted({start.timestamp(): start for start, _ in counts}.items())
    gaps = ((after[0] - before[0], before[1], after[1]) for before, after in pairwise(starts))
    seconds, before, after = min(gaps, key=lambda gap: gap[0], default=(float(SLOT_SECONDS), None, None))
    if seconds < MINUTE or seconds > LONGEST_SLOT or DAY_SECONDS % seconds:
        raise ValueError(
            f"{before} and {after} are {seconds:g} s apart: write a line for each slot, all as long, "
            f"of {MINUTE} to {LONGEST_SLOT} s, of which a day has a whole number"
        )
    return int(seconds)


def _hours(history: History) -> Hours:
    """From the first slot that is ever known to the last one."""
    known = {slot for counts in history.days.values() for slot, count in enumerate(counts) if count is not None}
    minutes = history.clock.slot_seconds // MINUTE
    return Hours(min(known) * minutes, (max(known) + 1) * minutes)


def _complete(day: date, history: History) -> bool:
    """Whether it has all the slots that most days of its weekday have."""
    same = [counts for other, counts in history.days.items() if other.weekday() == day.weekday()]
    known = Counter(slot for counts in same for slot, count in enumerate(counts) if count is not None)
    return all(history.days[day][slot] is not None for slot, days in known.items() if 2 * days > len(same))


def _standing(game: Game, value: int) -> list[Outcome]:
    policy = Fixed((value,) * game.hours.minutes)
    return [run(policy, game.truth(played), game.terms) for played in game.counted]


@dataclass(frozen=True, slots=True)
class _Costs:
    """line_seconds: of a call."""

    prices: PriceList
    region: str
    function: Function
    line_seconds: float

    def environments(self, seconds: float) -> float:
        """Dollars of so many environment-seconds."""
        usage = self.function.provisioned(Money.of(seconds))
        return self.prices.find(usage.service, usage.sku, self.region).usd(usage.amount.expected)

    def calls(self, count: float) -> float:
        """Dollars of so many calls' minutes, at the price of new instances."""
        usages = voice(Money.of(count), self.line_seconds)
        return sum(self.prices.find(one.service, one.sku, self.region).usd(one.amount.expected) for one in usages)


def _rows(game: Game, found: dict[str, list[Outcome]], costs: _Costs) -> Iterator[Row]:
    best = together(found["foresight"]).seconds
    days = len(game.counted)
    for name, outcomes in found.items():
        total = together(outcomes)
        usd, calls = costs.environments(total.seconds) / days, costs.calls(total.arrivals) / days
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
