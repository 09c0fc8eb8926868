"""A whole history through every policy: each day forecast from earlier days only, all with the same days in one run. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from trunkline.capacity.backtest.day import STEP_SECONDS, Outcome, Policy, Terms, Truth, Units, run
from trunkline.capacity.backtest.others import TargetTracking, Unattended, by_hand, ceiling, foresight
from trunkline.capacity.backtest.ours import Floor, Ours, Sight, nobody
from trunkline.capacity.decision import Lever
from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.history import Clock, Counts, History
from trunkline.capacity.forecast.model import Forecaster
from trunkline.capacity.forecast.outlook import Outlook, outlook
from trunkline.capacity.schedule import Rule, minimums

TARGET = 0.7  # of target tracking where nobody says another
SAME_WEEKDAYS = 4  # that a person looks back
MEAN_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Hours:
    """The part of a local day that is played: minutes from midnight."""

    first: int = 0
    last: int = 1440

    @property
    def minutes(self) -> int:
        """How many."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Played:
    """A day that is known: its minutes' rates in calls per second, and its calls by slot."""

    day: date
    rates: tuple[float, ...] = field(repr=False)
    counts: Counts = field(repr=False)

    def grown(self, factor: float) -> Played:
        """With so many times the calls."""
        counts = tuple(None if count is None else count * factor for count in self.counts)
        return Played(self.day, tuple(rate * factor for rate in self.rates), counts)


@dataclass(frozen=True, slots=True)
class Game:
    """What is played: days in order, of which the last `scored` count; the others are learned from. floor: calls a second that
    the policy states itself.
    """

    clock: Clock
    days: Sequence[Played]
    scored: int
    hours: Hours
    terms: Terms
    units: Units
    calendar: Calendar = field(default_factory=Calendar)
    floor: Floor = nobody

    @property
    def counted(self) -> Sequence[Played]:
        """The days that count."""
        return self.days[len(self.days) - self.scored :]

    def truth(self, played: Played) -> Truth:
        """The day as it was."""
        day = played.day
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.clock.zone)
        return Truth(midnight + timedelta(minutes=self.hours.first), played.rates)


def ours(game: Game, lever: Lever, *, live: bool = True) -> list[Outcome]:
    """The policy, out of sample. live: without, the forecast of the day before alone."""
    return ours_each(game, {"": lever}, live=live)[""]


def ours_each(game: Game, levers: Mapping[str, Lever], *, live: bool = True) -> Mapping[str, list[Outcome]]:
    """The policy with several settings, by name; the days are learned once for all."""
    found: dict[str, list[Outcome]] = {name: [] for name in levers}
    for played, forecaster in forecast_days(game):
        truth = game.truth(played)
        ahead = outlook(forecaster, truth.begins)
        sight = Sight(ahead, truth)
        for name, lever in levers.items():
            found[name].append(
                run(Ours(lever, ahead, truth, live=live, sight=sight, floor=game.floor), truth, game.terms)
            )
    return found


def unattended(game: Game, lever: Lever, target: float = TARGET) -> list[Outcome]:
    """With nobody there since 24 hours before the day: minimums that were scheduled then, by what was known then, and target
    tracking above them.
    """
    found = []
    for played, forecaster in forecast_days(game, ahead_days=1):
        truth = game.truth(played)
        eve = truth.begins - timedelta(days=1)
        ahead = outlook(forecaster, eve)
        rule = Rule(lever.minimum, lever.maximum, lead_seconds=lever.lead_seconds)
        steps = minimums(_covered(ahead, lever.cover, game.floor), lever.units, eve, rule)
        floors = tuple(steps.value(truth.at(minute)) for minute in range(len(truth.rates)))
        tracking = TargetTracking(game.terms.servers_per_rate, target, lever.minimum, lever.maximum)
        found.append(run(Unattended(tracking, floors), truth, game.terms))
    return found


def _covered(ahead: Outlook, share: float, floor: Floor) -> Callable[[datetime], float]:
    return lambda instant: max(floor(instant), ahead.high(instant, share))


def forecast_days(game: Game, ahead_days: int = 0) -> Iterator[tuple[Played, Forecaster]]:
    """Each day that counts, with a forecaster that knows the days before it and no more, or those that many days earlier."""
    forecaster, learned = Forecaster(game.clock, game.calendar), 0
    for played in game.counted:
        known = played.day - timedelta(days=ahead_days)
        while game.days[learned].day < known:
            forecaster.learn(game.days[learned].day, game.days[learned].counts)
            learned += 1
        yield played, forecaster


def others(game: Game) -> Mapping[str, list[Outcome]]:
    """What it is compared with, by name."""
    before = [played.rates for played in game.days[: len(game.days) - game.scored]]
    most = ceiling(before, game.units, game.hours.minutes)

    def tracking(target: float) -> Callable[[int, Played], Policy]:
        def made(index: int, played: Played) -> Policy:  # noqa: ARG001  # it knows nothing of days
            per_rate = game.terms.servers_per_rate
            return TargetTracking(per_rate, target, max(1, game.units(0.2 * max(before[-1]))))

        return made

    def hand(index: int, played: Played) -> Policy:
        same = [one.rates for one in game.days[:index] if one.day.weekday() == played.day.weekday()]
        return by_hand(same[-SAME_WEEKDAYS:] or before[-1:], game.units, game.hours.minutes)

    return {
        "target tracking 70 %": _played(game, tracking(TARGET)),
        "target tracking 50 %": _played(game, tracking(0.5)),
        "schedule by hand": _played(game, hand),
        "ceiling": _played(game, lambda index, played: most),  # noqa: ARG005
        "foresight": foreseen(game),
    }


def foreseen(game: Game) -> list[Outcome]:
    """With the true rates, and changes that work at once."""
    terms = Terms(game.terms.servers_per_rate, allocate=0, delay=game.terms.delay)
    return [run(foresight(played.rates, game.units), game.truth(played), terms) for played in game.counted]


def _played(game: Game, made: Callable[[int, Played], Policy]) -> list[Outcome]:
    first = len(game.days) - game.scored
    return [
        run(made(first + number, played), game.truth(played), game.terms) for number, played in enumerate(game.counted)
    ]


def smoothed(history: History, fine: History, hours: Hours) -> list[Played]:
    """Days whose rate is the centered mean of half an hour, which takes away the counts' own noise.

    history: by slot, what is learned from. fine: the same calls in short slots.
    """
    return [Played(day, _rates(fine, day, hours), counts) for day, counts in sorted(history.days.items())]


def _rates(fine: History, day: date, hours: Hours) -> tuple[float, ...]:
    seconds = fine.clock.slot_seconds
    slots = fine.days.get(day, ())
    minutes = [
        (slots[int(minute * STEP_SECONDS // seconds)] or 0.0) / seconds for minute in range(hours.first, hours.last)
    ]
    sums = [0.0, *accumulate(minutes)]
    half = MEAN_MINUTES // 2
    ends = [(max(0, at - half), min(len(minutes), at + half)) for at in range(len(minutes))]
    return tuple((sums[end] - sums[begin]) / (end - begin) for begin, end in ends)
