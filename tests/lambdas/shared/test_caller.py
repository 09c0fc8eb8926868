"""What names a caller, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.caller import customer_id_of, hashed, number_of

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("address", "number"),
    [
        pytest.param("+12065550100", "+12065550100", id="a number"),
        pytest.param("+2901234", "+2901234", id="seven digits: Saint Helena"),
        pytest.param("+123456789012345", "+123456789012345", id="fifteen digits, the most there are"),
        pytest.param("+1234567890123456", None, id="sixteen digits"),
        pytest.param("+123456", None, id="six digits"),
        pytest.param("+02065550100", None, id="no country begins with 0"),
        pytest.param("12065550100", None, id="without plus"),
        pytest.param("+1 206 555 0100", None, id="with spaces"),
        pytest.param("+1206555٠١٠٠", None, id="digits of another script"),
        pytest.param("+120655501²³", None, id="superscripts are digits to Unicode"),
        pytest.param("anonymous", None, id="withheld"),
        pytest.param("+anonymous", None, id="withheld, with plus"),
        pytest.param("+12065550100\n", None, id="a line end behind it"),
        pytest.param("+" + "7" * 10_240, None, id="ten kilobytes of digits"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_number_is_told_from_what_is_none(address: str | None, number: str | None) -> None:
    assert number_of(address) == number


@pytest.mark.parametrize(
    ("typed", "customer_id"),
    [
        pytest.param("C1001", "C1001", id="an id"),
        pytest.param("1001", "C1001", id="its digits, as typed on a keypad"),
        pytest.param("CAB12", "CAB12", id="letters"),
        pytest.param("C", None, id="nothing behind the C"),
        pytest.param("c1001", None, id="ids are in capitals"),
        pytest.param("C" + "1" * 31, "C" + "1" * 31, id="the longest"),
        pytest.param("C" + "1" * 32, None, id="too long"),
        pytest.param("1" * 21, None, id="too many digits"),
        pytest.param("C1001#", None, id="the key that ends typing"),
        pytest.param("C10 01", None, id="a space"),
        pytest.param("C١٠٠١", None, id="digits of another script"),
        pytest.param("Cß", None, id="a letter without a capital"),
        pytest.param("Timeout", None, id="what a flow stores when nothing was typed"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_an_id_is_told_from_what_is_none(typed: str | None, customer_id: str | None) -> None:
    assert customer_id_of(typed) == customer_id


@given(st.text() | st.text("+0123456789C", max_size=40))
def test_whatever_is_taken_for_a_name_is_short_plain_ascii(text: str) -> None:
    for taken in (number_of(text), customer_id_of(text)):
        assert taken is None or (taken.isascii() and len(taken) <= 32 and taken.lstrip("+").isalnum())


def test_a_hash_is_the_same_in_every_environment_and_hides_the_number() -> None:
    assert hashed("+12065550100", KEY) == hashed("+12065550100", KEY)
    assert hashed("+12065550100", KEY) != hashed("+12065550101", KEY)
    assert hashed("+12065550100", KEY) != hashed("+12065550100", KEY[::-1]), "without the key it can be found by trying"
    assert len(hashed("+12065550100", KEY)) == 32


def test_a_number_is_never_hashed_without_a_key() -> None:
    with pytest.raises(ValueError, match="key") as raised:
        hashed("+12065550100", b"")
    assert "2065550100" not in str(raised.value)
