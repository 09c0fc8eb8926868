"""Limits of an account that the levers of several policies share: who asks for what, and who gets what. No I/O.

A policy that had no pass in this process yet has not asked; what it has is then part of what others use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from trunkline.capacity.allocation import Allocation, Ask, allocate
from trunkline.handlers.port import Key

LAMBDA_CONCURRENCY = "lambda-concurrency"
TABLE_READS, TABLE_WRITES = "table-read-capacity", "table-write-capacity"
UNRESERVED = 100
"""Lambda keeps so many of an account for functions without a reservation:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""


_Limit = tuple[str, str, str]  # account, Region, name


@dataclass(frozen=True, slots=True)
class Account:
    """The most that policies and others may have together. others: what no policy knows uses so much."""

    limit: int
    others: int


@dataclass(frozen=True, slots=True)
class _Learned:
    """What was read, when, and whose use was known then: what another policy has was part of what others use."""

    at: datetime
    account: Account
    policies: frozenset[str]


@dataclass(slots=True)
class Shared:
    """Asks by account, Region and limit, and what was read of the account."""

    _asks: dict[_Limit, dict[str, Ask]] = field(default_factory=dict)
    _reserved: dict[_Limit, dict[str, int]] = field(default_factory=dict)
    _learned: dict[_Limit, _Learned] = field(default_factory=dict)

    def ask(self, place: tuple[str, str], limit: str, ask: Ask, reserved: int = 0) -> None:
        """What a policy wants from now on. reserved: what of that which it has nobody else can use."""
        self._asks.setdefault((*place, limit), {})[ask.policy] = ask
        self._reserved.setdefault((*place, limit), {})[ask.policy] = reserved

    def reserved(self, place: tuple[str, str], limit: str) -> int:
        """What all policies that have asked reserve now."""
        asking = self._asks.get((*place, limit), {})
        return sum(count for policy, count in self._reserved.get((*place, limit), {}).items() if policy in asking)

    def in_use(self, place: tuple[str, str], limit: str) -> int:
        """What all policies that have asked have now."""
        return sum(ask.in_use for ask in self._asks.get((*place, limit), {}).values())

    def allocate(self, place: tuple[str, str], limit: str, value: int, others: int) -> Allocation:
        """Who gets how much of `value`. others: used by what no policy knows."""
        return allocate(value, others, self._asks.get((*place, limit), {}).values())

    def learn(self, place: tuple[str, str], limit: str, now: datetime, account: Account) -> None:
        """What was read of the account, beside what is asked now."""
        asking = frozenset(self._asks.get((*place, limit), {}))
        self._learned[(*place, limit)] = _Learned(now, account, asking)

    def account(self, place: tuple[str, str], limit: str, now: datetime, young: timedelta | None) -> Account | None:
        """What was read of it, if that is younger than so, and the same policies ask; of any age without."""
        known = self._learned.get((*place, limit))
        if known is None:
            return None
        same = known.policies == frozenset(self._asks.get((*place, limit), {}))
        if young is not None and not (same and timedelta(0) <= now - known.at < young):
            return None
        return known.account

    def forget(self, key: Key, limit: str | None = None) -> None:
        """The policy is gone, or asks for nothing, of one limit or of all."""
        for (_, _, name), asks in self._asks.items():
            if limit in (None, name):
                asks.pop(policy_name(key), None)


def policy_name(key: Key) -> str:
    """How other policies' statuses name it."""
    return f"{key.namespace}/{key.name}"


def split(granted: int, wanted: dict[str, int], kept: dict[str, int]) -> dict[str, int]:
    """What a policy got, spread over its fields: none below what it has and needs, the rest in proportion to what lacks."""
    asks = [Ask(name, 0, 0, kept.get(name, 0), value) for name, value in wanted.items()]
    return {grant.policy: grant.granted for grant in allocate(granted, 0, asks).grants}
