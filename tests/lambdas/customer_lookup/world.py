"""A cache and a table in memory, for lookups: what they were asked, what they keep, and failures as told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from customer_lookup.app import CustomerLookup
from customer_lookup.cache import CustomersCache
from shared.cached_customer import Match, match_of
from shared.deadline import Deadline
from shared.entities import Customer
from shared.invocation import Entry, Function, Surroundings, entry
from tests.lambdas.events import NAME, NUMBER
from tests.lambdas.shared import emf

HASH_KEY = bytes(range(32))
VIP_TIERS = frozenset({"Platinum"})
ADA = Customer("C1001", NAME, "Platinum", "en-GB")
BOB = Customer("C1002", "Bob Noyce", "Standard", "en-US")
BOBS_NUMBER, SHARED_NUMBER, NOBODYS_NUMBER = "+12065550111", "+12065550122", "+12065550999"


class Clock:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class MemoryTable:
    """Customers in memory; remembers what it was asked, fails or takes its time as told."""

    def __init__(self, clock: Clock) -> None:
        self.profiles: list[tuple[str, Customer]] = [
            (NUMBER, ADA),
            (BOBS_NUMBER, BOB),
            (SHARED_NUMBER, ADA),
            (SHARED_NUMBER, BOB),
        ]
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.seconds = 0.0
        self._clock = clock

    def by_id(self, customer_id: str, deadline: Deadline) -> Match:
        found = {who.customer_id: who for _, who in self.profiles if who.customer_id == customer_id}
        return self._answer(customer_id, list(found.values()))

    def by_number(self, number: str, deadline: Deadline) -> Match:
        return self._answer(number, [who for its, who in self.profiles if its == number][:2])

    def _answer(self, asked: str, found: list[Customer]) -> Match:
        self.asked.append(asked)
        self._clock.now += self.seconds
        if self.error:
            raise self.error
        return match_of(found)


class MemoryCache:
    """What was set, until it expires; fails with a reason, or takes its time, as told."""

    def __init__(self, clock: Clock, hash_key: bytes | None = HASH_KEY) -> None:
        self.kept: dict[str, tuple[bytes, float]] = {}
        self.asked: list[str] = []
        self.budgets: list[float] = []
        self.fails = ""
        self.seconds = 0.0
        self.hash_key = hash_key
        self.reason = ""
        self._clock = clock

    def get(self, key: str, deadline: Deadline) -> bytes | None:
        self._asked(key, deadline)
        value, until = self.kept.get(key, (None, 0.0))
        return value if not self.fails and until > self._clock.now else None

    def set(self, key: str, value: bytes, ttl_seconds: int, deadline: Deadline) -> bool:
        self._asked(key, deadline)
        if not self.fails:
            self.kept[key] = value, self._clock.now + ttl_seconds
        return not self.fails

    def delete(self, keys: Any, deadline: Deadline) -> bool:
        for key in keys:
            self.kept.pop(key, None)
        return True

    def load_hash_key(self, deadline: Deadline) -> bytes | None:
        return self.hash_key

    def warm(self, deadline: Deadline) -> None:
        """Nothing to connect."""

    def reset(self) -> None:
        """Nothing to let go of."""

    def _asked(self, key: str, deadline: Deadline) -> None:
        self.asked.append(key)
        self.budgets.append(deadline.remaining())
        self._clock.now += min(self.seconds, max(0.0, deadline.remaining()))
        self.reason = self.fails


class Context:
    aws_request_id = "8f5070d4-1e3a-4a5d-9d7f-000000000003"

    def get_remaining_time_in_millis(self) -> int:
        return 3000


class World:
    """The function between its cache and its table, called as Lambda calls it."""

    def __init__(self, *, hash_key: bytes | None = HASH_KEY, jitter: float = 0.5, budget_seconds: float = 0.08) -> None:
        self.clock = Clock()
        self.table = MemoryTable(self.clock)
        self.cache: Any = MemoryCache(self.clock, hash_key)
        self.lines: list[str] = []
        self._jitter = jitter
        self._budget = budget_seconds
        self.handler = self._handler()

    def use(self, cache: Any) -> None:
        """Another cache."""
        self.cache = cache
        self.handler = self._handler()

    def ask(self, event: Any) -> dict[str, str]:
        """The answer, which is what a flow can read."""
        answer = self.handler(event, Context())
        assert all(type(name) is str and type(value) is str for name, value in answer.items()), (
            "a flow reads strings only"
        )
        assert len(json.dumps(answer).encode()) <= 32 * 1024, "Connect refuses more than 32 KB"
        return dict(answer)

    def metrics(self) -> dict[str, float]:
        """Those of the last invocation."""
        return emf.metrics(emf.read(self.lines[-1]))

    def _handler(self) -> Entry:
        def build(environ: Mapping[str, str], session: Any, cache: Any) -> Function:
            return CustomerLookup(self.table, CustomersCache(cache, self._budget, lambda: self._jitter), VIP_TIERS)

        def register(before: Callable[[], None], after: Callable[[], None]) -> None:
            """No snapshots here."""

        around = Surroundings(
            environ={},
            clock=self.clock,
            wall=lambda: 1_795_243_500.0,
            write=self.lines.append,
            open_session=lambda environ: self.cache,
            open_cache=lambda environ, session: self.cache,
            on_snapshot=register,
        )
        return entry("customer-lookup", build, around)
