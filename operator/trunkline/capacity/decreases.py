"""How often AWS lets a lever move. Pure.

Provisioned capacity of DynamoDB: four decreases at any time of a UTC day, and one more whenever there was none in the
hour before, which makes 27 (Amazon DynamoDB developer guide, "Service, account, and table quotas"). Shards of Kinesis:
ten changes in 24 hours, each to at most twice and at least half (UpdateShardCount, Kinesis API reference).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from trunkline.capacity.behavior import Change

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DecreaseRule:
    """So many decreases in a UTC day; beyond them one when there was none for so long."""

    free: int = 4
    spacing_seconds: float = 3600.0


DYNAMODB = DecreaseRule()


@dataclass(frozen=True, slots=True)
class Decreases:
    """What AWS counted, as DescribeTable shows it: of today, and the last one. It also knows those of others."""

    today: int = 0
    last: datetime | None = None


def counted(changes: Iterable[Change], now: datetime) -> Decreases:
    """The same from our own changes, where AWS does not show it."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    down = [change.at for change in changes if change.after < change.before and change.at <= now]
    return Decreases(sum(at >= midnight for at in down), max(down, default=None))


def most(ours: Decreases, theirs: Decreases) -> Decreases:
    """What is known of both counts: either may be behind the other."""
    last = max((one.last for one in (ours, theirs) if one.last is not None), default=None)
    return Decreases(max(ours.today, theirs.today), last)


def next_decrease(rule: DecreaseRule, made: Decreases, now: datetime) -> datetime:
    """When the next decrease is allowed; `now` if it is already."""
    if made.last is None:
        return now
    # What AWS counted yesterday is not of today, however old the answer is.
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = made.today if made.last >= midnight else 0
    if today < rule.free:
        return now
    return max(now, min(made.last + timedelta(seconds=rule.spacing_seconds), midnight + DAY))


@dataclass(frozen=True, slots=True)
class ResizeRule:
    """So many changes in a period, each by at most a factor in either direction."""

    changes: int = 10
    period_seconds: float = 86_400.0
    factor: float = 2.0


KINESIS = ResizeRule()


def resized(rule: ResizeRule, current: int, wanted: int, changes: Iterable[Change], now: datetime) -> int:
    """What the rule leaves of a change; the last change of a period is kept for growth."""
    since = now - timedelta(seconds=rule.period_seconds)
    left = rule.changes - sum(change.at > since for change in changes)
    if wanted > current:
        return min(wanted, int(current * rule.factor)) if left > 0 else current
    return max(wanted, ceil(current / rule.factor)) if left > 1 else current
