"""Figures of a policy as its status has them. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outlined:
    """Calls to come: expected and planned for when the slowest change would take effect, and the highest of two days."""

    expected: float
    cover: float
    peak: float
    peak_at: datetime | None
    history_days: int


@dataclass(frozen=True, slots=True)
class Breached:
    """A date range of one limit, as `status.breaches` has it."""

    limit: str
    earliest: str | None
    expected: str | None
    latest: str | None
    request_by: str | None
    message: str
