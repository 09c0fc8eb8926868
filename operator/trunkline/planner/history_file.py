"""What counted calls say of days to come, as the planner asks it: the policy's forecast of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from trunkline.api.scaling_demand import Demand
from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.model import DayForecast, Forecaster
from trunkline.handlers.scaling_counts import DAY, LEARNED_DAYS, Counts, growth_a_day, occasions


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A day as the days before it foretell it, in calls a second. thin: why not to trust it, if so."""

    forecast: DayForecast
    clock: Clock
    thin: str

    def rate(self, instant: datetime) -> float:
        """Expected."""
        return self.forecast.expected[self._slot(instant)] / self.clock.slot_seconds

    def quantile(self, instant: datetime, share: float, horizon_seconds: float) -> float:  # noqa: ARG002  # the port's
        """Not exceeded with this chance, as seen the day before: the horizon is that of the whole day."""
        return self.forecast.quantile(self._slot(instant), share) / self.clock.slot_seconds

    def _slot(self, instant: datetime) -> int:
        return int(self.clock.place(instant)[1])


def day_ahead(counts: Counts, demand: Demand, day: date, zone: tzinfo) -> DayAhead:
    """The forecast of a day from the days before it, with the policy's events and growth."""
    return next(days_ahead(counts, demand, [day], zone))


def days_ahead(counts: Counts, demand: Demand, days: Sequence[date], zone: tzinfo) -> Iterator[DayAhead]:
    """The forecasts of days in order, all from what came before the first of them."""
    clock, first = Clock(zone), days[0]
    forecaster = Forecaster(clock, Calendar(occasions(demand)), growth_a_day(demand))
    since = first - LEARNED_DAYS * DAY
    forecaster.learn_all(
        History.counted([one for one in counts if one[0].astimezone(zone).date() >= since], clock).before(first)
    )
    for day in days:
        yield DayAhead(forecaster.day(day), clock, forecaster.thin)
