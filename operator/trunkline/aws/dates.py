"""What time others have: the Date header of an answer, beside the time at which it came. `Dates` notes those of AWS.

Source: RFC 9110, 6.6.1: an answer carries the time of its origin, in whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import botocore.session

WHOLE_SECOND = 1.0  # a header says no more


class Dates:
    """Notes the last answer of each host. now: our clock, seconds since the epoch. Filled from worker threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ahead: dict[str, float] = {}

    def session(self) -> Any:
        """A new session of the SDK whose answers are noted, for `Clients`."""
        session = botocore.session.Session()
        session.register("after-call", self._note, unique_id="trunkline-dates")
        return session

    def ahead(self) -> dict[str, float]:
        """By host, the seconds by which its clock is ahead of ours; 0 within a second."""
        return dict(self._ahead)

    def _note(self, http_response: Any = None, **_: Any) -> None:
        if http_response is None:
            return
        date = http_date(http_response.headers.get("Date") or "")
        if date is not None:
            self._ahead[urlsplit(str(http_response.url)).hostname or ""] = ahead(date, self._now())


def http_date(text: str) -> float | None:
    """A Date header as seconds since the epoch; None if it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def ahead(date: float, now: float) -> float:
    """Seconds by which the clock of who said `date` is ahead of one that says `now`; 0 within a second."""
    off = date + 0.5 - now  # the header has whole seconds, cut off
    return 0.0 if abs(off) <= WHOLE_SECOND else off
