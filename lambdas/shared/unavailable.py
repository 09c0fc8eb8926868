"""Both ways of having no answer now, as the one that functions count: by reason. Pure."""

from __future__ import annotations

from shared.deadline import DeadlineExceededError
from shared.failure import UnavailableError

UNAVAILABLE = (UnavailableError, DeadlineExceededError)


def reason_of(error: Exception) -> str:
    """The word for metrics: what UnavailableError says, "timeout" for a deadline."""
    return error.reason if isinstance(error, UnavailableError) else "timeout"
