"""Made-up customers: the same ones from the same seed, on any machine. Pure.

Nobody can be called by their numbers: country code 999 is assigned to no country and no service (ITU-T E.164, list of
assigned country codes). Some have no number and some share one, as in life. How often each of them calls follows
Zipf's law: the n-th most frequent caller calls in proportion to 1 / n^skew.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

from trunkline.data.functions import Customer, Item, entities, keys

MOST_CUSTOMERS = 1_000_000
SEED_ATTRIBUTE = "Seed"  # on every item made here: what may be overwritten
_NUMBERS = 10**9  # behind the country code
_ODD = 387_420_489  # 3^18: prime to a power of ten, so that multiplying by it permutes the numbers
_WITHOUT_NUMBER = 0.02
_SHARING = 0.01
_GIVEN = ("Ada", "Alan", "Amara", "Björn", "Chloë", "Diego", "Emmy", "Farid", "Grace", "Hedy", "Ivan", "Jun", "Katherine", "Linus", "Mei", "Noor", "Olga", "Priya", "Quentin", "Rosa", "Søren", "Tim", "Uma", "Víctor", "Wanjiru", "Xiu", "Yara", "Zoë")  # fmt: skip
_FAMILY = ("Achterberg", "Babbage", "Castellanos", "Dijkstra", "Engelbart", "Franklin", "Goldberg", "Hopper", "Iyer", "Johnson", "Kurtz", "Lovelace", "Milner", "Noether", "O'Neill", "Perlman", "Quaid", "Ritchie", "Shannon", "Turing", "Ueda", "Vaughan", "Wilkes", "Xu", "Yao", "Zuse")  # fmt: skip
_TIERS = (("Standard", 0.80), ("Gold", 0.15), ("Platinum", 0.05))
_LANGUAGES = (("en-US", 0.70), ("es-US", 0.20), ("fr-CA", 0.10))
_CHANNELS = ("VOICE", "CHAT", "TASK")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and the number, empty if there is none."""

    customer: Customer
    number: str


class Population:
    """All made-up customers of a seed. size: how many; skew: of Zipf's law, 0 is all alike."""

    def __init__(self, size: int, seed: int, skew: float) -> None:
        self.size = size
        self.seed = seed
        self._offset = random.Random(f"{seed} numbers").randrange(_NUMBERS)
        ranks = random.Random(f"{seed} ranks")
        self._step, self._first = _coprime(ranks, size), ranks.randrange(size)
        weights = ((rank + 1) ** -skew for rank in range(size))
        self._cumulative: Sequence[float] = list(accumulate(weights))

    def person(self, n: int) -> Person:
        """The n-th of them, from 0; whom the others are does not change it, but that an earlier one shares a number."""
        chance = random.Random(f"{self.seed} person {n}")
        name = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
        customer = Customer(customer_id(n), name, _one_of(chance, _TIERS), _one_of(chance, _LANGUAGES))
        lot = chance.random()
        if lot < _WITHOUT_NUMBER:
            return Person(customer, "")
        return Person(customer, self._number(n - 1 if n and lot < _WITHOUT_NUMBER + _SHARING else n))

    def callers(self, calls: int) -> Iterator[int]:
        """Who calls, one after the other; drawn by Zipf's law, frequent callers spread over the whole population."""
        chance = random.Random(f"{self.seed} calls")
        for _ in range(calls):
            rank = bisect_left(self._cumulative, chance.random() * self._cumulative[-1])
            yield (min(rank, self.size - 1) * self._step + self._first) % self.size

    def _number(self, n: int) -> str:
        return f"+999{(n * _ODD + self._offset) % _NUMBERS:09d}"


def customer_id(n: int) -> str:
    """The id of the n-th made-up customer; its digits can be typed."""
    return f"C9{n:09d}"


def profile_item(population: Population, n: int) -> Item:
    """The profile of the n-th."""
    person = population.person(n)
    return _seeded(population, entities.profile(person.customer, person.number))


def preferences_item(population: Population, n: int) -> Item:
    """What the n-th asked of us."""
    chance = random.Random(f"{population.seed} preferences {n}")
    return _seeded(
        population,
        entities.item(
            entities.PREFERENCES,
            keys.preferences(customer_id(n)),
            {"Channel": entities.text(chance.choice(_CHANNELS)), "Recording": {"BOOL": chance.random() < 0.9}},
        ),
    )


def contact_item(population: Population, n: int, call: int) -> Item:
    """One contact with the n-th: the call-th of the sample."""
    chance = random.Random(f"{population.seed} contact {call}")
    digits = f"{chance.getrandbits(128):032x}"
    contact_id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
    return _seeded(
        population,
        entities.item(
            entities.CONTACT,
            keys.contact(customer_id(n), contact_id),
            {"ContactId": entities.text(contact_id), "Channel": entities.text(chance.choice(_CHANNELS))},
        ),
    )


def _seeded(population: Population, item: Item) -> Item:
    return {**item, SEED_ATTRIBUTE: entities.number(population.seed)}


def _one_of(chance: random.Random, shares: Sequence[tuple[str, float]]) -> str:
    names, weights = zip(*shares, strict=True)
    return str(chance.choices(names, weights)[0])


def _coprime(chance: random.Random, size: int) -> int:
    """A step that visits each of `size` places once before it comes back."""
    while True:
        step = chance.randrange(1, max(2, size))
        if gcd(step, size) == 1:
            return step
