"""Filling a customers table with made-up customers: deterministic, paced, and never over anybody's real ones.

Writes profiles, preferences and contacts by batches; what the cache keeps of them is deleted after each batch, so that
the functions see the new ones at once. The sample of callers for a load test goes to a file, one number a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from trunkline.data.functions import Item, entities, keys
from trunkline.data.pace import Pace
from trunkline.data.people import SEED_ATTRIBUTE, Population, contact_item, preferences_item, profile_item
from trunkline.data.progress import Progress
from trunkline.data.store import Store
from trunkline.data.target import RefusedError, Target

BATCH = 25  # BatchWriteItem takes no more
LOOKED_AT = 25  # items of the table that are looked at before anything is written
PREFERENCES_SHARE = 4  # every fourth customer has told us preferences


@dataclass(frozen=True, slots=True)
class Amount:
    """How many of each. calls: of the sample of callers, each of which leaves a contact if `contacts`."""

    customers: int
    calls: int
    contacts: bool

    @property
    def items(self) -> int:
        """How many items are written: preferences for some, and no contact twice."""
        preferences = -(-self.customers // PREFERENCES_SHARE)
        return self.customers + preferences + (self.calls if self.contacts else 0)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was written. uncached: batches of which the cache may still keep the old customers, for minutes."""

    items: int
    uncached: int


def refuse_real_customers(store: Store, target: Target, *, mix: bool) -> bool:
    """Look at a few items: whatever was not made by this command belongs to somebody. Whether there is anything at all,
    which is not to be written over unseen. Raises RefusedError.
    """
    if target.kind != entities.CUSTOMERS:
        raise RefusedError(f"{target.name} is no customers table: its key must be CustomerId and SK")
    found = store.page(limit=LOOKED_AT).items
    if not mix and any(SEED_ATTRIBUTE not in item for item in found):
        raise RefusedError(
            f"{target.name} holds customers that are not made up; if they may be mixed with made-up ones, say --mix"
        )
    return bool(found)


def items_of(population: Population, amount: Amount) -> Iterator[Item]:
    """All items, in the order in which they are written: nothing stands without its profile at any time."""
    for n in range(population.size):
        yield profile_item(population, n)
        if n % PREFERENCES_SHARE == 0:
            yield preferences_item(population, n)
    if amount.contacts:
        for call, n in enumerate(population.callers(amount.calls)):
            yield contact_item(population, n, call)


class Seeding:
    """Writes a population. invalidate: tells the cache of what was written, pairs of id and number; None: no cache.

    occupied: the table holds items already; whatever stands in the place of a made-up one is looked at before it goes.
    """

    def __init__(
        self,
        store: Store,
        pace: Pace,
        progress: Progress,
        invalidate: Callable[[Sequence[tuple[str, str | None]]], bool] | None = None,
        *,
        occupied: bool = True,
    ) -> None:
        self._store = store
        self._pace = pace
        self._progress = progress
        self._invalidate = invalidate
        self._occupied = occupied

    def write(self, population: Population, amount: Amount) -> Seeded:
        """All of it. Stopped in between and begun again, it ends with the same items. Raises RefusedError before it would
        write over somebody real, and what Store raises.
        """
        written = uncached = 0
        items = items_of(population, amount)
        while batch := list(islice(items, BATCH)):
            self._pace.take(len(batch))
            before = self._before(batch) if self._occupied else []
            self._store.put(batch)
            told = _numbers((*before, *batch))
            if self._invalidate is not None and told and not self._invalidate(told):
                uncached += 1
            written += len(batch)
            self._progress.advance(len(batch))
        return Seeded(written, uncached)

    def _before(self, batch: Sequence[Item]) -> list[Item]:
        """What stands in their places: of another seed perhaps, with other numbers. Raises RefusedError if it is real."""
        places = [{name: item[name] for name in (keys.CUSTOMER_ID, keys.SK)} for item in batch]
        asked = f"{keys.CUSTOMER_ID}, {keys.SK}, {keys.PHONE_NUMBER}, {SEED_ATTRIBUTE}"
        found = self._store.many(places, asked)
        for item in found:
            if SEED_ATTRIBUTE not in item:
                raise RefusedError(
                    f"customer {item[keys.CUSTOMER_ID]['S']} is not made up and was not written over: made-up ids cannot be"
                    " told from those of this table, so take another table"
                )
        return found


def _numbers(items: Iterable[Item]) -> list[tuple[str, str | None]]:
    """Ids with the numbers that their customers had and have."""
    return [(item[keys.CUSTOMER_ID]["S"], _number(item)) for item in items if item[keys.SK]["S"] == keys.PROFILE]


def _number(item: Item) -> str | None:
    return item.get(keys.PHONE_NUMBER, {}).get("S")


def write_calls(population: Population, calls: int, out: TextIO) -> int:
    """The numbers that call, one a line, in the order of the sample; those without one do not call. How many."""
    written = 0
    for n in population.callers(calls):
        number = population.person(n).number
        if number:
            out.write(f"{number}\n")
            written += 1
    return written
