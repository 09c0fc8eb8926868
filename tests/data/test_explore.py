"""`trunkline data explore`: pages of items, with what names a caller masked."""

from __future__ import annotations

import pytest

from tests.data.desk import Desk
from trunkline.data.shown import MASK, shown
from trunkline.data.shown import text as shown_text


def test_pages_through_all_items(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "12")
    seen: list[str] = []
    flags: tuple[str, ...] = ()
    for _ in range(20):
        said = desk.run("explore", "--limit", "4", *flags)
        *lines, last = said.out.splitlines()
        assert len(lines) <= 4
        seen += lines
        if last == "end of the table":
            break
        flags = ("--start", last.removeprefix("more: --start "))

    assert len(seen) == len(set(seen)) == len(desk.items())


def test_one_kind_of_item_fills_its_pages(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "40")
    first = desk.run("explore", "--type", "Preferences", "--limit", "7")
    cursor = first.out.splitlines()[-1].removeprefix("more: --start ")
    second = desk.run("explore", "--type", "Preferences", "--limit", "7", "--start", cursor)

    lines = [*first.out.splitlines()[:-1], *second.out.splitlines()[:-1]]
    assert len(lines) == 10, "forty customers have ten preferences"
    assert len(set(lines)) == 10
    assert all("Type=Preferences" in line for line in lines)


def test_names_and_numbers_are_masked_unless_they_are_asked_for(desk: Desk) -> None:
    desk.customers()
    desk.put(
        CustomerId="C1001",
        SK="PROFILE",
        Type="Profile",
        CustomerName="Ada",
        PhoneNumber="+12065550100",
        Tier="Gold",
        Email="ada@example.com",
        Notes="call back at 206 555 0100",
    )

    masked, revealed = desk.run("explore").out, desk.run("explore", "--reveal").out

    for secret in ("Ada", "2065550100", "ada@example.com", "555 0100"):
        assert secret not in masked
        assert secret in revealed
    assert f"CustomerName={MASK}" in masked
    assert "CustomerId=C1001  SK=PROFILE  Type=Profile" in masked
    assert "Tier=Gold" in masked


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        pytest.param(("--type", "Snapshot"), "Profile, Contact, Preferences", id="a kind of the other table"),
        pytest.param(("--start", "abc"), "no cursor of this table", id="no cursor"),
        pytest.param(("--start", "eyJQSyI6IHsiUyI6ICJhIn19"), "no cursor of this table", id="another table's cursor"),
    ],
)
def test_what_cannot_be_shown_is_said(desk: Desk, flags: tuple[str, ...], words: str) -> None:
    desk.customers()

    said = desk.run("explore", *flags)

    assert said.code == 2
    assert words in said.err


@pytest.mark.parametrize(
    ("attribute", "as_shown"),
    [
        pytest.param({"S": "Ada Lovelace"}, MASK, id="text"),
        pytest.param({"S": "not-found"}, "not-found", id="a word of ours"),
        pytest.param({"S": "2026-11-21T06:45:00Z"}, "2026-11-21T06:45:00Z", id="a time"),
        pytest.param({"N": "42"}, "42", id="a small number"),
        pytest.param({"N": "12065550100"}, MASK, id="a number that could be a telephone's"),
        pytest.param({"N": "1206555.0100"}, MASK, id="the same with a point in it"),
        pytest.param({"BOOL": True}, "true", id="a flag"),
        pytest.param({"NULL": True}, "null", id="nothing"),
        pytest.param({"L": [{"S": "Ada"}]}, MASK, id="a list"),
        pytest.param({"M": {"name": {"S": "Ada"}}}, MASK, id="a map"),
        pytest.param({"SS": ["Ada"]}, MASK, id="a set"),
        pytest.param({"B": "QWRh"}, MASK, id="bytes"),
    ],
)
def test_an_attribute_that_nobody_knows(attribute: dict[str, object], as_shown: str) -> None:
    assert shown({"Whatever": attribute}, reveal=False) == f"Whatever={as_shown}"


def test_when_an_item_expires_is_no_telephone_number() -> None:
    assert shown({"ExpiresAt": {"N": "1795243500"}}, reveal=False) == "ExpiresAt=1795243500"


@pytest.mark.parametrize(
    ("key", "as_shown"),
    [
        pytest.param("C9000000001", "C9000000001", id="a customer's id"),
        pytest.param("4a573372-1f28-4e26-b97b-000000000001", "4a573372-1f28-4e26-b97b-000000000001", id="a uuid"),
        pytest.param("+12065550100", MASK, id="a number as a key"),
        pytest.param(
            "CONTACT#4a573372-1f28-4e26-b97b-000000000001",
            "CONTACT#4a573372-1f28-4e26-b97b-000000000001",
            id="a uuid in a key",
        ),
        pytest.param(
            "AUDIT#2026-11-21T06:45:00Z#000000000012",
            "AUDIT#2026-11-21T06:45:00Z#000000000012",
            id="a time and a version",
        ),
        pytest.param("1206-55-50100", MASK, id="a number that is no time"),
        pytest.param("CALLER#+1 206 555 0100", f"CALLER#{MASK}", id="a number in a key"),
    ],
)
def test_a_key_with_a_number_in_it_is_masked(key: str, as_shown: str) -> None:
    assert shown_text(key, reveal=False) == as_shown
