"""`trunkline data check`: every access pattern answers, at which cost; or it is said which does not, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.desk import INDEX, Desk
from trunkline.data.checking import asks_for
from trunkline.data.functions import PATTERNS, access_patterns, entities, keys


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_all_patterns_of_a_seeded_table_work_and_say_what_they_cost(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "40", "--calls", "20", "--contacts")

    said = desk.run("check")

    assert said.code == 0
    assert "all 7 access patterns work" in said.out
    name, operation, index, items, cost, _, result = cells(said.line("customers by number"))
    assert (name, operation, index, items, result) == ("customers by number", "Query", "PhoneNumberIndex", "1", "ok")
    assert float(cost) == 0.5, "one small item, eventually consistent"
    assert cells(said.line("customer by id"))[3:5] == ["1", "0.5"]


def test_a_strong_read_costs_twice(desk: Desk) -> None:
    desk.operations()
    desk.put(PK="EVENT#e1", SK="2026-11-21T06:45:00Z", Type="Event")
    desk.put(PK="CONFIG#routing", SK="POINTER", Type="ConfigPointer")

    said = desk.run("check")

    assert cells(said.line("an event"))[1:5] == ["GetItem (strong)", "-", "1", "1"]
    assert cells(said.line("version in force"))[1:5] == ["GetItem", "-", "1", "0.5"]


def test_an_operations_table_with_an_item_of_each_kind(desk: Desk) -> None:
    desk.operations()
    made = [
        (entities.SNAPSHOT, keys.snapshot("i")),
        (entities.TOTALS, keys.totals("sales", "2026-11-21T06:45Z")),
        (entities.COUNTED, keys.counted("s", "4", "shardId-0", "49")),
        (entities.EVENT, keys.event("e", "2026-11-21T06:45:00Z")),
        (entities.FAILURE, keys.failure("e", "2026-11-21T06:45:00Z")),
        (entities.DISPOSITION, keys.disposition("4a573372")),
        (entities.CONFIG_VERSION, keys.config_version("routing", 1)),
        (entities.CONFIG_POINTER, keys.config_pointer("routing")),
        (entities.CONFIG_PIN, keys.config_pin("routing", "acme")),
        (entities.CONFIG_AUDIT, keys.config_audit("routing", "2026-11-21T06:45:00Z", 1)),
    ]
    for entity, key in made:
        desk.client.put_item(TableName="acme", Item=dict(entities.item(entity, key, {})))

    said = desk.run("check")

    assert said.code == 0
    assert "all 10 access patterns work" in said.out
    assert "to ask for" not in said.out, "each had an item"


def test_an_empty_table_shows_what_can_be_shown(desk: Desk) -> None:
    desk.customers()

    said = desk.run("check")

    assert said.code == 0
    assert "no Profile to ask for" in said.line("customer by id")


@pytest.mark.parametrize(
    ("index", "words"),
    [
        pytest.param(None, "the table has no index PhoneNumberIndex", id="no index"),
        pytest.param(
            {**INDEX, "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Tier"]}},
            "the index does not hold CustomerName, Language",
            id="an index without what a flow needs",
        ),
        pytest.param(
            {**INDEX, "Projection": {"ProjectionType": "KEYS_ONLY"}},
            "the index does not hold CustomerName, Language, Tier",
            id="an index of keys",
        ),
    ],
)
def test_an_index_that_cannot_answer_is_named(desk: Desk, index: dict[str, Any] | None, words: str) -> None:
    desk.create("CustomerId", "SK", indexes=(index,) if index else ())
    desk.put(CustomerId="C1", SK="PROFILE", Type="Profile", CustomerName="Ada", PhoneNumber="+12065550100")

    said = desk.run("check")

    assert said.code == 1
    assert words in said.line("customers by number")
    assert "1 of 7 access patterns fails" in said.out
    assert "12065550100" not in said.out + said.err


def test_an_index_that_holds_everything_is_enough(desk: Desk) -> None:
    desk.create("CustomerId", "SK", indexes=({**INDEX, "Projection": {"ProjectionType": "ALL"}},))

    assert desk.run("check").code == 0


def test_every_pattern_knows_what_to_ask_for() -> None:
    for pattern in PATTERNS:
        assert asks_for(pattern).table == pattern.table


def test_no_pattern_reads_an_index_strongly() -> None:
    """DynamoDB refuses it."""
    assert not [pattern for pattern in PATTERNS if pattern.on_index and pattern.consistent]


def test_only_the_page_of_profiles_reads_a_table_from_its_beginning() -> None:
    assert [pattern.name for pattern in PATTERNS if pattern.operation == access_patterns.SCAN] == ["page of profiles"]
