"""What can go wrong between a function and what it asks, as the few kinds that functions tell apart.

No message quotes a request or an answer: Lambda logs what is raised, and both may name a caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.typed import Any


class UnavailableError(Exception):
    """It could work later. reason: "timeout", "throttle", "server-error", "connection" or "corrupt"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"cannot be reached just now: {reason}")
        self.reason = reason


class DefectError(Exception):
    """It can never work as it is set up: permission, validation, a missing table. code: AWS's own."""

    def __init__(self, code: str) -> None:
        super().__init__(f"AWS refuses the call for good: {code}")
        self.code = code


class ConditionFailedError(Exception):
    """The condition of a write does not hold. item: what is there instead, None for nothing."""

    def __init__(self, item: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        super().__init__("the condition of the write does not hold")
        self.item = item


class TransactionCanceledError(Exception):
    """None of a transaction was done. reasons: AWS's code for each action, "None" for those that are not at fault."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("the transaction was canceled: " + ", ".join(reasons))
        self.reasons = tuple(reasons)


class PartialBatchError(Exception):
    """Some of a batch was not done by the deadline. leftovers: those. reason: as of UnavailableError."""

    def __init__(self, leftovers: Sequence[Any], reason: str) -> None:
        super().__init__(f"{len(leftovers)} of a batch were not done: {reason}")
        self.leftovers = tuple(leftovers)
        self.reason = reason
