"""Limits of an account that the levers of several policies share: who asks for what, and who gets what. No I/O.

A policy that had no pass in this process yet has not asked; what it has is then part of what others use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.capacity.allocation import Allocation, Ask, allocate
from trunkline.handlers.port import Key

LAMBDA_CONCURRENCY = "lambda-concurrency"
UNRESERVED = 100
"""Lambda keeps so many of an account for functions without a reservation:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""


@dataclass(slots=True)
class Shared:
    """Asks by account, region and limit."""

    _asks: dict[tuple[str, str, str], dict[str, Ask]] = field(default_factory=dict)

    def ask(self, place: tuple[str, str], limit: str, ask: Ask) -> None:
        """What a policy wants from now on."""
        self._asks.setdefault((*place, limit), {})[ask.policy] = ask

    def in_use(self, place: tuple[str, str], limit: str) -> int:
        """What all policies that have asked have now."""
        return sum(ask.in_use for ask in self._asks.get((*place, limit), {}).values())

    def allocate(self, place: tuple[str, str], limit: str, value: int, others: int) -> Allocation:
        """Who gets how much of `value`. others: used by what no policy knows."""
        return allocate(value, others, self._asks.get((*place, limit), {}).values())

    def forget(self, key: Key) -> None:
        """The policy is gone, or asks for nothing."""
        for asks in self._asks.values():
            asks.pop(policy_name(key), None)


def policy_name(key: Key) -> str:
    """How other policies' statuses name it."""
    return f"{key.namespace}/{key.name}"


def split(granted: int, wanted: dict[str, int], kept: dict[str, int]) -> dict[str, int]:
    """What a policy got, spread over its fields: none below what it has and needs, the rest in proportion to what lacks."""
    asks = [Ask(name, 0, 0, kept.get(name, 0), value) for name, value in wanted.items()]
    return {grant.policy: grant.granted for grant in allocate(granted, 0, asks).grants}
