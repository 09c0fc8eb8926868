"""What the cache keeps of customers: never another's, never what could not be answered, never a number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cached_customer import (
    ABSENT_SECONDS,
    NOBODY,
    SEVERAL,
    Match,
    all_changed,
    changed,
    decode,
    encode,
    match_of,
    seconds_kept,
)
from shared.caller import hashed
from shared.deadline import Deadline
from shared.entities import Customer
from shared.keys import cached_customer, cached_number

HASH_KEY = bytes(range(32))
NUMBER, OLD_NUMBER = "+12065550100", "+12065550199"
ADA = Customer("C1001", "Ada Lovelace", "Platinum", "en-GB")
BOB = Customer("C1002", "Bob")
KEY = cached_customer("C1001")

customers = st.builds(Customer, *[st.text(st.characters(exclude_categories=()), max_size=30)] * 4)
matches = st.just(NOBODY) | st.just(SEVERAL) | st.builds(Match, st.just("true"), customers)
cache_keys = st.sampled_from([KEY, cached_customer("C1"), cached_number("ab" * 16)]) | st.text(max_size=50)


@given(cache_keys, matches)
def test_what_was_kept_is_read_back(key: str, match: Match) -> None:
    assert decode(key, encode(key, match)) == match


@given(cache_keys, cache_keys, matches)
def test_what_was_kept_for_somebody_else_is_no_answer(key: str, other: str, match: Match) -> None:
    assert decode(key, encode(other, match)) == (match if key == other else None)


@given(st.binary(max_size=200) | matches.map(lambda match: encode(KEY, match)[:-1]))
def test_a_value_that_is_none_of_ours_is_no_answer(value: bytes) -> None:
    assert decode(KEY, value) is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(f'["{KEY}"]', id="only the key"),
        pytest.param(f'["{KEY}","true"]', id="found, but nobody"),
        pytest.param(f'["{KEY}",[]]', id="a list for a word"),
        pytest.param(f'["{KEY}","false","C1","n","t","l"]', id="absent, with a customer"),
        pytest.param(f'["{KEY}","true","C1","n","t",null]', id="a null in it"),
        pytest.param(f'["{KEY}","true","C1","n","t","l","x"]', id="of a later version"),
        pytest.param(f'{{"{KEY}":"true"}}', id="an object"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_damaged_value_is_no_answer(value: str) -> None:
    assert decode(KEY, value.encode()) is None


def test_one_customer_is_found_and_two_are_nobody_in_particular() -> None:
    assert match_of([]) == NOBODY
    assert match_of([ADA]) == Match("true", ADA)
    assert match_of([ADA, BOB]) == SEVERAL
    assert SEVERAL.customer is None, "no name for either"


@pytest.mark.parametrize(
    ("match", "least", "most"),
    [
        pytest.param(Match("true", ADA), 270, 330, id="a customer: five minutes, give or take a tenth"),
        pytest.param(NOBODY, ABSENT_SECONDS, ABSENT_SECONDS, id="nobody"),
        pytest.param(SEVERAL, ABSENT_SECONDS, ABSENT_SECONDS, id="more than one"),
    ],
)
def test_how_long_it_is_kept(match: Match, least: int, most: int) -> None:
    assert seconds_kept(match, lambda: 0.0) == least
    assert seconds_kept(match, lambda: 0.999999) == most


class RememberingCache:
    """Remembers what was deleted; says what it is told to."""

    def __init__(self, hash_key: bytes | None, says: bool = True) -> None:
        self._hash_key = hash_key
        self.deleted: set[str] = set()
        self._says = says

    def load_hash_key(self, deadline: Deadline) -> bytes | None:
        return self._hash_key

    def delete(self, keys: Sequence[str], deadline: Deadline) -> bool:
        self.deleted.update(keys)
        return self._says


def soon() -> Deadline:
    return Deadline.after(1)


def test_a_change_deletes_id_old_and_new_number() -> None:
    cache = RememberingCache(HASH_KEY)

    assert changed(cache, "C1001", OLD_NUMBER, NUMBER, soon())
    assert cache.deleted == {KEY, *(cached_number(hashed(number, HASH_KEY)) for number in (OLD_NUMBER, NUMBER))}


def test_a_customer_who_had_no_number() -> None:
    cache = RememberingCache(HASH_KEY)

    assert changed(cache, "C1001", None, NUMBER, soon())
    assert cache.deleted == {KEY, cached_number(hashed(NUMBER, HASH_KEY))}


def test_without_the_hash_key_numbers_are_not_said_to_be_gone() -> None:
    cache = RememberingCache(None)

    assert not changed(cache, "C1001", None, NUMBER, soon())
    assert cache.deleted == {KEY}
    assert changed(cache, "C1001", None, None, soon()), "there was no number"


def test_a_cache_that_does_not_answer_is_not_said_to_have_deleted() -> None:
    assert not changed(RememberingCache(HASH_KEY, says=False), "C1001", None, NUMBER, soon())


def test_many_changes_are_one_deletion() -> None:
    cache = RememberingCache(HASH_KEY)

    assert all_changed(cache, [("C1001", NUMBER), ("C1002", None), ("C1001", OLD_NUMBER)], soon())
    assert len(cache.deleted) == 4
    assert not any(NUMBER.strip("+") in key for key in cache.deleted)
