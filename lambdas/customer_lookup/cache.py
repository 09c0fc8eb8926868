"""Customers in the cache, as one lookup uses it: read once, and keep what the table said, within one budget of time.

Nothing here fails a lookup. A cache that cannot answer is a miss with a reason, counted, and is not asked again by the
same lookup.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.cache import NoCache
from shared.cached_customer import Match, decode, encode, seconds_kept
from shared.caller import hashed
from shared.keys import cached_customer, cached_number
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.cache import Cache
    from shared.invocation import Invocation


class CustomersCache:
    """What the environment keeps: the cache, the budget of one lookup in seconds, and the source of jitter."""

    def __init__(self, cache: Cache | NoCache, budget_seconds: float, jitter: Callable[[], float]) -> None:
        self.cache = cache
        self.budget_seconds = budget_seconds
        self.jitter = jitter

    def visit_id(self, customer_id: str, invocation: Invocation) -> Visit:
        """For a lookup by id."""
        return Visit(self, cached_customer(customer_id), invocation)

    def visit_number(self, number: str, invocation: Invocation) -> Visit:
        """For a lookup by number. Without the hash key the number has no key, and the cache is not asked for it."""
        visit = Visit(self, "", invocation)
        visit.name(number)
        return visit


class Visit:
    """One lookup's use of the cache. What is left of the budget after reading is there for keeping."""

    __slots__ = ("_customers", "_invocation", "_key", "_left")

    def __init__(self, customers: CustomersCache, key: str, invocation: Invocation) -> None:
        self._customers = customers
        self._key = key
        self._invocation = invocation
        self._left = customers.budget_seconds

    def name(self, number: str) -> None:
        """Find the key of a number; INIT has read the hash key, or it is read now."""
        cache = self._customers.cache
        hash_key = cache.hash_key
        if not hash_key:
            deadline = self._invocation.deadline.within(self._left)
            hash_key = cache.load_hash_key(deadline)
            self._left = deadline.remaining()
        if hash_key:
            self._key = cached_number(hashed(number, hash_key))
        elif not isinstance(cache, NoCache):
            self._invocation.count("Cache.unkeyed")

    def read(self) -> Match | None:
        """What the cache knows; None if it does not, cannot say, or says it of somebody else."""
        if not self._key:
            return None
        cache = self._customers.cache
        deadline = self._invocation.deadline.within(self._left)
        value = cache.get(self._key, deadline)
        if value is not None:
            match = decode(self._key, value)
            if match is None:
                self._left = deadline.remaining()
            self._invocation.count("CacheHit" if match is not None else "Cache.foreign")
            return match
        self._left = deadline.remaining()
        if cache.reason or isinstance(cache, NoCache):
            self._key = ""
        if cache.reason:
            self._invocation.count(f"Cache.{cache.reason}")
        elif self._key:
            self._invocation.count("CacheMiss")
        return None

    def keep(self, match: Match) -> None:
        """Keep what the table said, unless the cache could not answer before."""
        if not self._key:
            return
        customers = self._customers
        value, seconds = encode(self._key, match), seconds_kept(match, customers.jitter)
        if not customers.cache.set(self._key, value, seconds, self._invocation.deadline.within(self._left)):
            self._invocation.count("Cache.unkept")
