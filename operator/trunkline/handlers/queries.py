"""The port to a Prometheus, as handlers ask for it. An edge implements it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """One instant query. address: of the server, without the path of its API. token: never shown."""

    address: str
    query: str
    timeout_seconds: float
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """value: the one that was answered. at: seconds since the epoch, of the sample."""

    value: float
    at: float


class QueryFailedError(Exception):
    """It could not be asked, or answered something else than one number; the message is for people, without secrets."""


@dataclass(frozen=True, slots=True)
class Span:
    """From start to end, both included, every step; seconds since the epoch, and seconds."""

    start: float
    end: float
    step: float


class Prometheus(Protocol):
    """Raises QueryFailedError; None, or nothing, where the query has no sample."""

    async def number(self, question: Question) -> Number | None: ...

    async def series(self, question: Question, span: Span) -> list[Number]: ...


class NoPrometheus:
    """Nothing asks Prometheus here."""

    async def number(self, question: Question) -> Number | None:
        """Raises QueryFailedError."""
        raise QueryFailedError(f"{question.address} is not asked in this process")

    async def series(self, question: Question, span: Span) -> list[Number]:  # noqa: ARG002  # the port's
        """Raises QueryFailedError."""
        raise QueryFailedError(f"{question.address} is not asked in this process")
