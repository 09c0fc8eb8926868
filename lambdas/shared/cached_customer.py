"""How the cache keeps customers: what a value says and whom it is for, how long it is kept, what a change deletes.

A value begins with the key it was written under. Whoever reads it compares: a value that came from somewhere else, by a
late reply or a wrong slot, is no answer. Numbers are in neither key nor value.

A customer is kept for five minutes, give or take a tenth so that what was written together does not expire together;
that nobody has a number, or more than one, for half a minute: the next write ends that, and it holds no name. What
could not be answered is not kept at all. The index is eventually consistent: a reader that asks it within moments of a
change may keep the old customer once more, for five and a half minutes at most.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from shared.caller import hashed
from shared.deadline import Deadline
from shared.entities import Customer
from shared.keys import cached_customer, cached_number
from shared.typed import NamedTuple, Protocol

FOUND_SECONDS = 300
SPREAD = 0.1
ABSENT_SECONDS = 30
MOST_VALUE = 25_000  # characters: four texts as `entities` cuts them, each character spelled with twelve

FOUND = "true"
ABSENT = "false"
AMBIGUOUS = "ambiguous"

_encode = json.JSONEncoder(separators=(",", ":")).encode
_scan = json.JSONDecoder().raw_decode  # `decode` looks for white space around the value as well, which takes as long


class Match(NamedTuple):
    """What is known of whoever was asked for. found: FOUND with the customer, ABSENT, or AMBIGUOUS without one."""

    found: str
    customer: Customer | None = None


NOBODY = Match(ABSENT)
SEVERAL = Match(AMBIGUOUS)


class Deleting(Protocol):
    """The part of a cache that a change needs."""

    def load_hash_key(self, deadline: Deadline) -> bytes | None:
        """Keys the hashes of numbers; None if it is not known."""

    def delete(self, keys: Sequence[str], deadline: Deadline) -> bool:
        """Whether the cache has said that these are gone."""


def match_of(customers: Sequence[Customer]) -> Match:
    """One customer is found; two on one number are nobody in particular."""
    if not customers:
        return NOBODY
    return Match(FOUND, customers[0]) if len(customers) == 1 else SEVERAL


def encode(key: str, match: Match) -> bytes:
    """The value to keep under this key."""
    who = match.customer
    rest = () if who is None else (who.customer_id, who.name, who.tier, who.language)
    return _encode((key, match.found, *rest)).encode()


def decode(key: str, value: bytes) -> Match | None:
    """What the value says; None if it was written for another key, or is no value of ours."""
    try:
        text = value.decode()
        parts, end = _scan(text)
    except (ValueError, RecursionError):
        return None
    if end != len(text) or type(parts) is not list or not parts or parts[0] != key or end > MOST_VALUE:
        return None
    if len(parts) == 6 and parts[1] == FOUND:
        _, _, customer_id, name, tier, language = parts
        if type(customer_id) is type(name) is type(tier) is type(language) is str:
            return Match(FOUND, Customer(customer_id, name, tier, language))
        return None
    if len(parts) == 2 and isinstance(parts[1], str):
        return {ABSENT: NOBODY, AMBIGUOUS: SEVERAL}.get(parts[1])
    return None


def seconds_kept(match: Match, jitter: Callable[[], float]) -> int:
    """For how long this may be kept, in seconds."""
    if match.found != FOUND:
        return ABSENT_SECONDS
    return round(FOUND_SECONDS * (1 - SPREAD + 2 * SPREAD * jitter()))


def changed(
    cache: Deleting, customer_id: str, old_number: str | None, new_number: str | None, deadline: Deadline
) -> bool:
    """After a customer was written: delete what the cache keeps of the id and of both numbers.

    Whether the cache says that they are gone. If it does not answer, or the hash key is not known, what is kept shows
    until it expires.
    """
    return all_changed(cache, [(customer_id, old_number), (customer_id, new_number)], deadline)


def all_changed(cache: Deleting, written: Sequence[tuple[str, str | None]], deadline: Deadline) -> bool:
    """The same for many: pairs of customer id and a number that the customer had or has."""
    hash_key = cache.load_hash_key(deadline)
    gone = {cached_customer(customer_id) for customer_id, _ in written}
    numbers = {number for _, number in written if number}
    if hash_key is not None:
        gone.update(cached_number(hashed(number, hash_key)) for number in numbers)
    said = cache.delete(sorted(gone), deadline)
    return said and (hash_key is not None or not numbers)
