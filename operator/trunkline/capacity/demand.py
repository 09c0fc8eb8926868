"""The calls that come: the maximum of all sources, and what is believed of a source that has failed. Pure.

A number that is older than its source allows has failed; no number at all has failed too, unless the source says that it
is silent when nobody calls. What has failed keeps its last number until its fallback holds (as KEDA's, from so many
failures in a row), and as long as anything fails nothing is lowered. Rates are calls a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf, isfinite
from typing import Protocol

from trunkline.api.counted import counted
from trunkline.capacity.windows import Span

AHEAD = timedelta(minutes=5)
"""A number may be that far in the future: two clocks are never the same."""
LEAST_BETWEEN_FAILURES = timedelta(seconds=15)
"""Two looks within this time are one failure: passes that follow each other closely prove nothing new."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Calls at the same time, or calls a second; exactly one."""

    concurrent: float | None = None
    rate: float | None = None

    def __post_init__(self) -> None:
        values = [value for value in (self.concurrent, self.rate) if value is not None]
        if len(values) != 1 or not (isfinite(values[0]) and values[0] >= 0):
            raise ValueError(f"an amount is one number >= 0, not {self.concurrent} and {self.rate}")

    def calls_a_second(self, line_seconds: float) -> float:
        """By Little's law; line_seconds: how long a call holds a line on average."""
        if self.rate is not None:
            return self.rate
        return (self.concurrent or 0.0) / line_seconds if line_seconds > 0.0 else 0.0


class State(StrEnum):
    FRESH = "Fresh"
    FAILING = "Failing"
    FALLBACK = "Fallback"
    INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class Fallback:
    """What a source is taken for from so many failures in a row."""

    threshold: int
    rate: float


@dataclass(frozen=True, slots=True)
class Source:
    """A metric as it is asked. missing_is_zero: no number at all means that nobody calls. most_rate: what is above is
    believed no more than what is below zero.
    """

    name: str
    max_age_seconds: float
    missing_is_zero: bool = False
    fallback: Fallback | None = None
    most_rate: float = inf


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: calls a second at an instant. rate None: no number. problem: why it could not be asked at all."""

    rate: float | None = None
    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a source between two looks. failures: in a row. rate: the last one that was believed."""

    failures: int = 0
    failed_at: datetime | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a source is taken for. rate None: nothing is known of it, and so nothing may be lowered for its sake."""

    name: str
    state: State
    rate: float | None
    message: str = ""

    @property
    def failed(self) -> bool:
        return self.state in (State.FAILING, State.FALLBACK)


def judge(source: Source, reading: Reading, before: Remembered, now: datetime) -> tuple[Judged, Remembered]:
    """What a reading is worth, and what to remember."""
    trouble, rate = _trouble(source, reading, now)
    if not trouble:
        return Judged(source.name, State.FRESH, rate), Remembered(rate=rate)
    again = before.failed_at is None or not timedelta(0) <= now - before.failed_at < LEAST_BETWEEN_FAILURES
    after = replace(before, failures=before.failures + 1, failed_at=now) if again else before
    fallback = source.fallback
    if fallback is not None and after.failures >= fallback.threshold:
        told = f"{trouble}; {counted(after.failures, 'failure')} in a row: the fallback holds"
        return Judged(source.name, State.FALLBACK, fallback.rate, told), after
    held = "its last number holds" if after.rate is not None else "it never answered"
    return Judged(source.name, State.FAILING, after.rate, f"{trouble}; {held}"), after


def _trouble(source: Source, reading: Reading, now: datetime) -> tuple[str, float]:
    if reading.problem:
        return reading.problem, 0.0
    if reading.rate is None:
        return ("", 0.0) if source.missing_is_zero else ("there is no number", 0.0)
    if not isfinite(reading.rate) or reading.rate < 0.0:
        return f"{reading.rate} is no number of calls", 0.0
    if reading.rate > source.most_rate:
        return f"{reading.rate:.3g} calls a second are more than any center takes ({source.most_rate:,.0f})", 0.0
    if reading.at is not None and now - reading.at > timedelta(seconds=source.max_age_seconds):
        age = (now - reading.at).total_seconds()
        return f"its last number is {age:,.0f} s old, allowed are {source.max_age_seconds:,.0f}", 0.0
    if reading.at is not None and reading.at - now > AHEAD:
        return f"its last number is of {reading.at.isoformat(timespec='seconds')}, which is still to come", 0.0
    return "", reading.rate


@dataclass(frozen=True, slots=True)
class Now:
    """The demand of now. hold: something has failed, so nothing may be lowered. decides: the source of the maximum."""

    rate: float
    decides: str
    hold: bool
    sources: tuple[Judged, ...]


def together(judged: Iterable[Judged]) -> Now:
    """The maximum of all sources; of none of them 0, held."""
    sources = tuple(judged)
    known = [(source.rate, source.name) for source in sources if source.rate is not None]
    rate, decides = max(known, key=lambda one: one[0], default=(0.0, ""))
    hold = not known or any(source.failed for source in sources)
    return Now(rate, decides, hold, sources)


class Forecasting(Protocol):
    """What is expected at an instant, and which rate is not exceeded with a chance of `share`."""

    def rate(self, instant: datetime) -> float: ...

    def quantile(self, instant: datetime, share: float, horizon_seconds: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Booked:
    """Calls that somebody said will come in a window."""

    name: str
    rate: float
    spans: tuple[Span, ...]

    def holds(self, instant: datetime) -> bool:
        return any(span.holds(instant) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that is known of the future: the maximum of what is constant, what is booked, and what is forecast."""

    constant: float = 0.0
    booked: tuple[Booked, ...] = ()
    forecast: Forecasting | None = None

    def floor(self, instant: datetime) -> float:
        """What somebody said will come."""
        return max([self.constant, *(one.rate for one in self.booked if one.holds(instant))])

    def rate(self, instant: datetime) -> float:
        """Calls a second that are expected."""
        return max(self.floor(instant), self.forecast.rate(instant) if self.forecast is not None else 0.0)

    def quantile(self, instant: datetime, share: float, horizon_seconds: float) -> float:
        """Calls a second that are not exceeded with a chance of `share`, as seen so long before."""
        seen = self.forecast.quantile(instant, share, horizon_seconds) if self.forecast is not None else 0.0
        return max(self.floor(instant), seen)


@dataclass(frozen=True, slots=True)
class Volumes:
    """What should fit together. said: amounts that somebody wrote, by the field's path. month, hour: calls of the last 30
    days and of their busiest hour; None if unknown. agents: on the phone.
    """

    said: Mapping[str, Amount]
    line_seconds: float
    handle_seconds: float
    agent_share: float = 1.0
    month: float | None = None
    hour: float | None = None
    agents: int | None = None


TIMES = 3.0
"""What is so many times what was seen, or can be answered, is told."""


def contradictions(volumes: Volumes) -> Sequence[str]:
    """What does not fit together, with the arithmetic. Never more than a warning: nobody but the user knows what comes."""
    found = []
    for path, amount in volumes.said.items():
        rate = amount.calls_a_second(volumes.line_seconds)
        if rate <= 0.0:
            continue
        hourly = rate * 3600.0
        said = _said(amount, hourly, volumes.line_seconds)
        if volumes.month is not None and volumes.hour is not None and hourly > TIMES * max(volumes.hour, 1.0):
            eaten = f": at that rate the month's calls are over in {_number(volumes.month / hourly)} hours"
            found.append(
                f"{path}: {said}, but the last 30 days had {_number(volumes.month)} calls and at most "
                f"{_number(volumes.hour)} in an hour{eaten if volumes.month else ''}"
            )
        answered = _answered(volumes)
        if answered is not None and hourly * volumes.agent_share > TIMES * max(answered, 1.0):
            found.append(
                f"{path}: {said}, but {_number(float(volumes.agents or 0))} agents at "
                f"{_number(volumes.handle_seconds)} s a call answer at most {_number(answered)} calls an hour: "
                "the others wait and hang up"
            )
    return found


def _answered(volumes: Volumes) -> float | None:
    if volumes.agents is None or volumes.handle_seconds <= 0.0:
        return None
    return volumes.agents * 3600.0 / volumes.handle_seconds


def _said(amount: Amount, hourly: float, line_seconds: float) -> str:
    if amount.concurrent is None:
        return f"{_number(hourly)} calls an hour"
    return f"{_number(amount.concurrent)} calls at the same time of {_number(line_seconds)} s are {_number(hourly)} calls an hour"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 or value.is_integer() else f"{value:,.1f}"
