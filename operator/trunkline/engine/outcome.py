"""What came of a call or of a node: the three ways in which something is not done yet.

The table that maps AWS error codes to these lives in `trunkline.aws`; the engine only knows the outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    RETRY = "Retry"  # throttle, in progress, eventual consistency: the same again, soon
    BLOCKED = "Blocked"  # quota full, missing permission, conflict, unknown code: a condition and a slow retry
    REJECTED = "Rejected"  # it cannot work: tried again only when an input changes


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call, in words for people; `code` is AWS's."""

    outcome: Outcome
    service: str
    operation: str
    code: str
    message: str
    request_id: str = ""

    def __str__(self) -> str:
        return f"{self.operation}: {self.code}: {self.message}" if self.message else f"{self.operation}: {self.code}"


class CallRefusedError(Exception):
    """An AWS call that did not succeed.

    absent: the thing that the call names does not exist. duplicate: something of that name exists. in_use: something
    holds it. unknown_effect: the answer was lost; it may have taken effect. throttled: the rate was exceeded.
    maybe_young: it may be refused only because something it refers to is too young to be visible everywhere.
    """

    def __init__(
        self,
        refusal: Refusal,
        *,
        absent: bool = False,
        duplicate: bool = False,
        in_use: bool = False,
        unknown_effect: bool = False,
        throttled: bool = False,
        maybe_young: bool = False,
    ) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.absent = absent
        self.duplicate = duplicate
        self.in_use = in_use
        self.unknown_effect = unknown_effect
        self.throttled = throttled
        self.maybe_young = maybe_young


class PassEndedError(Exception):
    """The gate refuses to make another mutating call in this pass (leadership, deletion, pause, newer spec, SIGTERM)."""
