"""What the tables hold: keys, kinds of items, and that each kind is told by its keys alone."""

from __future__ import annotations

import pytest

from shared import keys
from shared.entities import (
    CUSTOMERS,
    ENTITIES,
    OPERATIONS,
    PROFILE,
    Customer,
    customer,
    entity_of,
    profile,
)

ADA = Customer("C1001", "Ada Lovelace", "Platinum", "en-GB")


@pytest.mark.parametrize(
    ("key", "type_"),
    [
        pytest.param(keys.profile("C1"), "Profile", id="profile"),
        pytest.param(keys.preferences("C1"), "Preferences", id="preferences"),
        pytest.param(keys.contact("C1", "4a573372"), "Contact", id="contact"),
        pytest.param(keys.snapshot("arn:aws:connect:i"), "Snapshot", id="snapshot"),
        pytest.param(keys.totals("sales", "2026-11-21T06:45Z"), "Totals", id="totals"),
        pytest.param(keys.counted("acme", "49-7", "shardId-0", "4957"), "Counted", id="counted"),
        pytest.param(keys.event("e1", "2026-11-21T06:45:00Z"), "Event", id="event"),
        pytest.param(keys.failure("e1", "2026-11-21T06:45:00Z"), "Failure", id="failure"),
        pytest.param(keys.disposition("4a573372"), "Disposition", id="disposition"),
        pytest.param(keys.config_version("routing", 7), "ConfigVersion", id="version of a configuration"),
        pytest.param(keys.config_pointer("routing"), "ConfigPointer", id="pointer"),
        pytest.param(keys.config_pin("routing", "acme"), "ConfigPin", id="pin"),
        pytest.param(keys.config_audit("routing", "2026-11-21T06:45:00Z", 7), "ConfigAudit", id="audit entry"),
    ],
)
def test_every_key_tells_its_kind(key: keys.Key, type_: str) -> None:
    in_customers = keys.CUSTOMER_ID in key
    table = CUSTOMERS if in_customers else OPERATIONS
    pk, sk = key[keys.CUSTOMER_ID if in_customers else keys.PK]["S"], key[keys.SK]["S"]

    assert [entity.type for entity in ENTITIES if entity.table == table and entity.has(pk, sk)] == [type_]
    found = entity_of(table, pk, sk)
    assert found is not None
    assert found.type == type_
    assert entity_of(CUSTOMERS if table == OPERATIONS else OPERATIONS, pk, sk) is None


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        pytest.param("C1", "PROFILE#1", id="more behind a whole sort key"),
        pytest.param("C1", "CONTACT#", id="a contact without its id"),
        pytest.param("C", "PROFILE", id="a customer without id"),
        pytest.param("CUSTOMER#1", "profile", id="small letters"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_keys_of_no_kind(pk: str, sk: str) -> None:
    assert entity_of(CUSTOMERS, pk, sk) is None


def test_versions_sort_as_numbers() -> None:
    versions = [keys.config_version("routing", n)["SK"]["S"] for n in (1, 9, 10, 99, 100_000)]

    assert versions == sorted(versions)


def test_a_profile_is_written_and_read_back() -> None:
    item = profile(ADA, "+12065550100")

    assert item["Type"] == {"S": PROFILE.type}
    assert item["PhoneNumber"] == {"S": "+12065550100"}
    assert customer(item) == ADA


def test_without_a_number_a_profile_is_not_in_the_index() -> None:
    assert "PhoneNumber" not in profile(ADA)


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({}, id="missing"),
        pytest.param({"Tier": {"NULL": True}, "Language": {"S": ""}, "CustomerName": {"N": "7"}}, id="of another type"),
    ],
)
def test_a_sparse_profile_has_the_defaults(attributes: dict[str, dict[str, object]]) -> None:
    assert customer({**keys.profile("C7"), **attributes}) == Customer("C7", "", "Standard", "en-US")


def test_what_a_flow_could_not_take_is_cut() -> None:
    """An item may be 400 KB, an answer to Connect 32."""
    long = {name: {"S": "\N{GRINNING FACE}" * 90_000} for name in ("CustomerName", "Tier", "Language")}
    who = customer({**keys.profile("C7"), **long})

    assert sum(len(text.encode()) for text in (who.name, who.tier, who.language)) < 16 * 1024


def test_a_customer_is_not_printed() -> None:
    assert f"{ADA!r} {ADA}" == "Customer(...) Customer(...)"
