"""`trunkline data validate`: what is wrong with the items of a table, and nothing that is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.desk import Desk
from trunkline.data.functions import entities, keys
from trunkline.data.reading import SEGMENTS, segments_of
from trunkline.data.validating import HOT_ITEMS, Fault, Validation, size_of

PROFILE = {"CustomerId": "C1", "SK": "PROFILE", "Type": "Profile", "CustomerName": "Ada"}
NUMBER = "+12065550100"


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        pytest.param([PROFILE | {"PhoneNumber": NUMBER}], None, id="a whole profile"),
        pytest.param([PROFILE, {"CustomerId": "C1", "SK": "PREF", "Type": "Preferences"}], None, id="with preferences"),
        pytest.param([{"CustomerId": "C1", "SK": "PREF", "Type": "Preferences"}], Fault.ORPHAN, id="preferences alone"),
        pytest.param([{"CustomerId": "C1", "SK": "CONTACT#a", "Type": "Contact", "ContactId": "a"}], Fault.ORPHAN, id="a contact alone"),
        pytest.param([PROFILE | {"SK": "profile"}], Fault.WRONG_KEYS, id="a sort key in small letters"),
        pytest.param([PROFILE | {"CustomerId": "1"}], Fault.WRONG_KEYS, id="an id without its C"),
        pytest.param([{"CustomerId": "C1", "SK": "PROFILE", "CustomerName": "Ada"}], Fault.MISSING_TYPE, id="no Type"),
        pytest.param([PROFILE | {"Type": "Contact"}], Fault.WRONG_TYPE, id="another Type"),
        pytest.param([{"CustomerId": "C1", "SK": "PROFILE", "Type": "Profile"}], Fault.MISSING_ATTRIBUTE, id="no name"),
        pytest.param([PROFILE | {"PhoneNumber": "2065550100"}], Fault.BAD_NUMBER, id="a number without country"),
        pytest.param([PROFILE | {"PhoneNumber": "+1 206 555 0100"}], Fault.BAD_NUMBER, id="a number as people write it"),
        pytest.param([PROFILE, {"CustomerId": "C1", "SK": "PREF", "Type": "Preferences", "PhoneNumber": NUMBER}], Fault.MISPLACED_NUMBER, id="a number on another item makes two customers of one"),
    ],
)  # fmt: skip
def test_customers(desk: Desk, items: list[dict[str, str]], fault: Fault | None) -> None:
    desk.customers()
    for item in items:
        desk.put(**item)

    said = desk.run("validate")

    assert said.code == (0 if fault is None else 1)
    assert (fault.value if fault else "nothing is wrong") in said.out
    assert "2065550100" not in said.out
    assert "Ada" not in said.out


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        pytest.param([{"PK": "CONFIG#r", "SK": "POINTER", "Type": "ConfigPointer"}], Fault.NO_VERSION, id="a pointer to nothing"),
        pytest.param([{"PK": "CONFIG#r", "SK": "POINTER", "Type": "ConfigPointer"}, {"PK": "CONFIG#r", "SK": "VERSION#000000000001", "Type": "ConfigVersion"}], None, id="a pointer and a version"),
        pytest.param([{"PK": "COUNTED#s#1", "SK": "a#1", "Type": "Counted"}], Fault.MISSING_EXPIRY, id="a marker that is never removed"),
        pytest.param([{"PK": "COUNTED#s#1", "SK": "a#1", "Type": "Counted", "ExpiresAt": "soon"}], Fault.MISSING_EXPIRY, id="one that expires at a word"),
        pytest.param([{"PK": "COUNTED#s#1", "SK": "a#1", "Type": "Counted", "ExpiresAt": {"N": "1795243500"}}], None, id="one that expires"),
        pytest.param([{"PK": "EVENT#e", "SK": "2026-11-21", "Type": "Event", "PhoneNumber": "none"}], None, id="a number elsewhere is not ours to judge"),
        pytest.param([{"PK": "SOMETHING#e", "SK": "x", "Type": "Event"}], Fault.WRONG_KEYS, id="a key that no function writes"),
    ],
)  # fmt: skip
def test_operations(desk: Desk, items: list[dict[str, Any]], fault: Fault | None) -> None:
    desk.operations()
    for item in items:
        desk.put(**item)

    said = desk.run("validate")

    assert said.code == (0 if fault is None else 1)
    assert (fault.value if fault else "nothing is wrong") in said.out


def test_says_where_and_how_often(desk: Desk) -> None:
    desk.customers()
    for n in range(8):
        desk.put(CustomerId=f"C{n}", SK="PREF", Type="Preferences")

    said = desk.run("validate")

    assert said.line("8  ").endswith(Fault.ORPHAN.value)
    assert said.out.count(" / PREF") == 5, "examples, not all"


def test_a_number_in_a_key_is_masked_unless_it_is_asked_for(desk: Desk) -> None:
    desk.customers()
    desk.put(CustomerId=NUMBER, SK="PROFILE")

    assert "2065550100" not in desk.run("validate").out
    assert NUMBER in desk.run("validate", "--reveal").out


def test_a_sample_reads_some_of_the_partitions_whole(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "400")

    said = desk.run("validate", "--sample", "20")

    assert said.code == 0, "no partition is cut, so nothing seems to be an orphan"
    assert "a sample of 20 %" in said.out
    read = int(said.out.split(": ")[1].split(" items")[0].replace(",", ""))
    assert 0 < read < 350


def test_all_of_a_table_is_one_scan_and_a_sample_is_the_same_again() -> None:
    assert segments_of(100, 1) == [None]
    assert segments_of(7, 1) == segments_of(7, 1)
    assert len(set(segments_of(99, 2))) == 99
    assert all(segment is not None and 0 <= segment < SEGMENTS for segment in segments_of(99, 2))


def customer(pk: str, sk: str = "PROFILE") -> entities.Item:
    entity = entities.entity_of(entities.CUSTOMERS, pk, sk)
    assert entity is not None
    key = {keys.CUSTOMER_ID: {"S": pk}, keys.SK: {"S": sk}}
    return entities.item(entity, key, {"CustomerName": {"S": "x"}, "ContactId": {"S": "x"}})


class TestPartitions:
    """What a partition seems to miss is looked for again, for a large one may be read in parts."""

    def test_one_that_is_found_complete_elsewhere_is_no_finding(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        for item in (customer("C1", "PREF"), customer("C2")):
            validation.item(item)
        (suspect,) = validation.suspects()
        validation.scan_ends()

        assert (suspect.pk, suspect.items) == ("C1", 1)
        assert not validation.findings.counts, "nobody has confirmed it"

    def test_one_that_is_confirmed_counts_with_all_its_items(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        for n in range(9):
            validation.item(customer("C1", f"CONTACT#{n}"))
        validation.scan_ends()
        for suspect in validation.suspects():
            validation.confirm(suspect)

        assert validation.findings.counts == {Fault.ORPHAN: 9}

    def test_a_partition_goes_on_over_the_end_of_a_page(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        validation.item(customer("C1", "CONTACT#1"))
        assert validation.suspects() == []
        validation.item(customer("C1"))
        validation.scan_ends()

        assert validation.suspects() == []
        assert validation.findings.partitions == 1

    def test_one_with_very_many_items_is_hot(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        for n in range(HOT_ITEMS):
            validation.item(customer("C1", f"CONTACT#{n}"))
        validation.item(customer("C2"))
        validation.scan_ends()

        assert validation.findings.counts[Fault.HOT] == 1

    def test_one_with_much_of_a_table_is_hot(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        for n in range(250):
            validation.item(customer("C1", f"CONTACT#{n}"))
        for n in range(500):
            validation.item(customer(f"C2{n}"))
        validation.scan_ends()

        assert validation.findings.counts[Fault.HOT] == 1

    def test_one_with_a_large_share_of_a_small_table_is_not_yet(self) -> None:
        validation = Validation(entities.CUSTOMERS)
        for n in range(20):
            validation.item(customer("C1", f"CONTACT#{n}"))
        validation.scan_ends()

        assert Fault.HOT not in validation.findings.counts


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        pytest.param({"S": "abc"}, 3, id="text"),
        pytest.param({"S": "ø"}, 2, id="UTF-8"),
        pytest.param({"N": "1795243500"}, 7, id="a number: two digits a byte, and one or two more"),
        pytest.param({"BOOL": True}, 1, id="a flag"),
        pytest.param({"NULL": True}, 1, id="nothing"),
        pytest.param({"L": [{"S": "ab"}]}, 6, id="a list"),
        pytest.param({"M": {"k": {"S": "ab"}}}, 7, id="a map"),
        pytest.param({"SS": ["a", "bc"]}, 3, id="a set"),
    ],
)
def test_sizes_are_dynamodb_s(attribute: dict[str, Any], size: int) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    assert size_of({"A": attribute}) == 1 + size
