"""The calls of one local day, half hour by half hour, from what a policy states and what a forecast expects. Pure.

What needs a cluster or an account (metrics, Connect's own history) is not asked: `silent` names it. Days have 23 or 25 hours
where the clock is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from trunkline.api.cron import Cron, at
from trunkline.api.scaling_demand import Demand
from trunkline.capacity.demand import Booked, Forecasting, Outlook
from trunkline.capacity.windows import Window
from trunkline.capacity.workload import Traffic, Workload
from trunkline.handlers.scaling_center import calls_per_second

SLOT = timedelta(minutes=30)
DAY = timedelta(days=1)
EXPECTED_SHARE = 0.99


@dataclass(frozen=True, slots=True)
class DayTraffic:
    """starts: of each half hour, in the policy's zone. silent: sources that could not be asked here."""

    starts: tuple[datetime, ...]
    traffic: tuple[Traffic, ...]
    silent: tuple[str, ...]

    @property
    def busiest(self) -> float:
        """Calls a second of the busiest half hour."""
        return max(one.expected for one in self.traffic)

    def scaled_to(self, rate: float) -> DayTraffic:
        """The same shape with so many calls a second in its busiest half hour; a day without calls becomes an even one."""
        busiest = self.busiest
        traffic = tuple(one.times(rate / busiest) if busiest > 0.0 else Traffic(rate, rate) for one in self.traffic)
        return replace(self, traffic=traffic)


def day_traffic(
    demand: Demand, day: date, zone: tzinfo, calls: Workload, forecast: Forecasting | None = None
) -> DayTraffic:
    """The maximum of what constants, schedules and the forecast say for each half hour, and the forecast's quantile.

    The quantile is the one of a day ahead, as the policy covers it.
    """
    starts = tuple(_starts(day, zone))
    outlook = Outlook(
        calls_per_second(demand.constant, calls) if demand.constant is not None else 0.0,
        tuple(booked(demand, starts[0], starts[-1] + SLOT, zone, calls)),
        forecast,
    )
    share = demand.forecast.cover_percent / 100.0 if demand.forecast is not None else EXPECTED_SHARE
    traffic = []
    for start in starts:
        # At its middle: a forecast is of an instant, and rises or falls within the half hour.
        middle = start + SLOT / 2
        expected = outlook.rate(middle)
        traffic.append(Traffic(expected, max(expected, outlook.quantile(middle, share, DAY.total_seconds()))))
    silent = tuple(_silent(demand, forecast))
    return DayTraffic(tuple(start.astimezone(zone) for start in starts), tuple(traffic), silent)


def _starts(day: date, zone: tzinfo) -> Iterator[datetime]:
    start, end = at(day, 0, 0, zone), at(day + DAY, 0, 0, zone)
    while start < end:
        yield start.astimezone(UTC)
        start += SLOT


def booked(demand: Demand, since: datetime, until: datetime, zone: tzinfo, calls: Workload) -> Iterator[Booked]:
    """The windows of the schedules between two instants."""
    for schedule in demand.schedules or ():
        window = Window(Cron.parse(schedule.start), Cron.parse(schedule.end))
        yield Booked(schedule.name, calls_per_second(schedule, calls), tuple(window.spans(since, until, zone)))


def _silent(demand: Demand, forecast: Forecasting | None) -> Iterator[str]:
    for metric in demand.metrics or ():
        yield f"metrics[name={metric.name}]"
    if demand.forecast is not None and forecast is None:
        yield "forecast"
