"""One page of customers, from the table into a cache, in small steps: what a step has not written whole is read again.

Reads the customers table and its index; writes nothing but the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared import keys
from shared.access_patterns import CUSTOMERS_BY_NUMBER, PAGE_OF_PROFILES
from shared.cached_customer import FOUND, SPREAD, Match, encode, match_of
from shared.caller import customer_id_of, hashed, number_of
from shared.entities import Item, customer
from shared.failure import UnavailableError
from shared.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.cache import Cache
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB

STEP_ITEMS = 50  # read, asked for by number and written together: a quarter of a second or so
WRITE_SECONDS = 1.0  # for one step; a cache that hangs must not use up the invocation

Entry = tuple[str, bytes, int]


class Profiles:
    """The customers table, as the warmer reads it."""

    def __init__(self, dynamodb: DynamoDB, table: str, jitter: Callable[[], float]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self.jitter = jitter

    def read(self, start: keys.Key | None, limit: int, deadline: Deadline) -> tuple[list[Item], keys.Key | None]:
        """The profiles among the next `limit` items, and where to go on; None at the end. Raises what DynamoDB.scan
        raises.
        """
        values = {":sk": {"S": keys.PROFILE}}
        page = PAGE_OF_PROFILES.scan(self._dynamodb, self._table, deadline, start=start, limit=limit, values=values)
        return list(page.items), _key(page.next)

    def with_number(self, number: str, deadline: Deadline) -> Match:
        """Whose number this is, asked as customer-lookup asks. Raises what DynamoDB.query raises."""
        page = CUSTOMERS_BY_NUMBER.query(self._dynamodb, self._table, {":number": number}, deadline)
        if any(item.get(keys.PHONE_NUMBER) != {"S": number} for item in page.items):
            raise UnavailableError("corrupt")
        return match_of([customer(item) for item in page.items])


class Page:
    """A page being filled. start: the key up to which all is written; items and written: so far, see `app`; read: most
    items of the table that were read for it, profiles or not.
    """

    __slots__ = ("_cache", "_profiles", "_ttl_seconds", "done", "items", "read", "start", "written")

    def __init__(self, profiles: Profiles, cache: Cache, ttl_seconds: int, start: keys.Key | None) -> None:
        self._profiles = profiles
        self._cache = cache
        self._ttl_seconds = ttl_seconds
        self.start = start
        self.read = 0
        self.items = 0
        self.written = 0
        self.done = False

    def step(self, most: int, deadline: Deadline) -> str:
        """Read some and write them; why the cache did not keep all, "" if it did, and only then the page goes on.

        Raises what reading the table raises.
        """
        limit = min(most, STEP_ITEMS)
        profiles, after = self._profiles.read(self.start, limit, deadline)
        entries = self._entries(profiles, deadline)
        written = self._cache.set_many(entries, deadline.within(WRITE_SECONDS))
        if written < len(entries):
            return self._cache.reason or "server"
        self.read += limit
        self.items += len(profiles)
        self.written += written
        self.start = after
        self.done = after is None
        return ""

    def _entries(self, profiles: list[Item], deadline: Deadline) -> list[Entry]:
        """What to keep of these: each under its id, and under its number where that is nobody else's."""
        entries: list[Entry] = []
        numbers: dict[str, None] = {}
        for profile in profiles:
            who = customer(profile)
            if customer_id_of(who.customer_id) != who.customer_id:
                continue  # nobody can ask for it
            entries.append(self._entry(keys.cached_customer(who.customer_id), Match(FOUND, who)))
            number = number_of(_text(profile, keys.PHONE_NUMBER))
            if number is not None:
                numbers[number] = None
        hash_key = self._cache.hash_key or self._cache.load_hash_key(deadline)
        for number in numbers if hash_key else ():
            match = self._profiles.with_number(number, deadline)
            if match.found == FOUND:
                entries.append(self._entry(keys.cached_number(hashed(number, hash_key or b"")), match))
        return entries

    def _entry(self, key: str, match: Match) -> Entry:
        spread = 1 - SPREAD + 2 * SPREAD * self._profiles.jitter()
        return key, encode(key, match), round(self._ttl_seconds * spread)


def _key(item: Item | None) -> keys.Key | None:
    """The key alone: what DynamoDB goes on after, without whatever else it says."""
    if item is None:
        return None
    return {keys.CUSTOMER_ID: {"S": item[keys.CUSTOMER_ID]["S"]}, keys.SK: {"S": item[keys.SK]["S"]}}


def _text(item: Mapping[str, Mapping[str, Any]], attribute: str) -> str | None:
    value = item.get(attribute, {}).get("S")
    return value if isinstance(value, str) else None
