"""customer-lookup as a caller meets it: known, unknown, ambiguous, and when the table cannot answer."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from customer_lookup.app import CustomerLookup, from_environment
from shared.customers import Customer, CustomersUnavailableError
from tests.lambdas.events import NAME, NUMBER, call, chat

VIP_TIERS = frozenset({"Platinum"})
ADA = Customer("C1001", NAME, "Platinum", "en-GB")
BOB = Customer("C1002", "Bob", "Standard", "en-US")
NOBODY = {
    "Found": "false",
    "CustomerId": "",
    "CustomerName": "",
    "Tier": "Standard",
    "IsVIP": "false",
    "Language": "en-US",
    "Source": "table",
    "Degraded": "false",
}
UNASKED = NOBODY | {"Source": "none"}
KNOWN = {
    "Found": "true",
    "CustomerId": "C1001",
    "CustomerName": NAME,
    "Tier": "Platinum",
    "IsVIP": "true",
    "Language": "en-GB",
    "Source": "table",
    "Degraded": "false",
}


class KnownCustomers:
    """Customers in memory; remembers what it was asked, or fails as told."""

    def __init__(self, *customers: tuple[str, Customer], error: Exception | None = None) -> None:
        self._customers = customers
        self._error = error
        self.asked: list[str] = []

    def by_id(self, customer_id: str) -> Customer | None:
        matches = self._ask(customer_id, [c for _, c in self._customers if c.customer_id == customer_id])
        return matches[0] if matches else None

    def by_number(self, number: str) -> tuple[Customer, ...]:
        return tuple(self._ask(number, [c for n, c in self._customers if n == number])[:2])

    def _ask(self, key: str, matches: list[Customer]) -> list[Customer]:
        self.asked.append(key)
        if self._error:
            raise self._error
        return matches


def known() -> KnownCustomers:
    return KnownCustomers((NUMBER, ADA), ("+12065550111", BOB), ("+12065550122", ADA), ("+12065550122", BOB))


@pytest.mark.parametrize(
    ("event", "expected", "asked"),
    [
        pytest.param(call(), KNOWN, [NUMBER], id="a known number"),
        pytest.param(call("+12065550999"), NOBODY, ["+12065550999"], id="a number that nobody has"),
        pytest.param(call("+12065550111"), KNOWN | {"CustomerId": "C1002", "CustomerName": "Bob", "Tier": "Standard", "IsVIP": "false", "Language": "en-US"}, ["+12065550111"], id="a tier that is not VIP"),
        pytest.param(call("+12065550122"), NOBODY | {"Found": "ambiguous"}, ["+12065550122"], id="two customers on one number: no name for either"),
        pytest.param(call("anonymous"), UNASKED, [], id="a withheld number does not cost a read"),
        pytest.param(call("7" * 10_240), UNASKED, [], id="ten kilobytes of digits do not cost a read"),
        pytest.param(call("+1206555٠١٠٠"), UNASKED, [], id="digits of other scripts are no E.164"),
        pytest.param(call(None), UNASKED, [], id="no address"),
        pytest.param(call(12065550100), UNASKED, [], id="an address that is no string"),
        pytest.param(chat(), UNASKED, [], id="a chat has no endpoint"),
        pytest.param(call("anonymous", CustomerId="C1001"), KNOWN, ["C1001"], id="the id goes before the number"),
        pytest.param(call(CustomerId="1001"), KNOWN, ["C1001"], id="typed on a keypad, an id is its digits"),
        pytest.param(call(CustomerId="9999"), NOBODY, ["C9999"], id="an id that nobody has is not looked up by number"),
        pytest.param(call(CustomerId="7" * 10_240), UNASKED, [], id="an id of ten kilobytes"),
        pytest.param(call(CustomerId="Timeout"), UNASKED, [], id="what a flow stores when nothing was typed"),
        pytest.param(call(CustomerId=None), KNOWN, [NUMBER], id="a null id is no id"),
        pytest.param(call(CustomerId={"S": "C1001"}), KNOWN, [NUMBER], id="an id that is no string is no id"),
        pytest.param(call(LookupBy="CustomerId", CustomerId=""), UNASKED, [], id="asked for a typed id, an empty one must not become the caller's"),
        pytest.param(call(LookupBy="CustomerId", CustomerId=None), UNASKED, [], id="asked for a typed id, a null one neither"),
    ],
)  # fmt: skip
def test_says_who_is_calling(event: Any, expected: dict[str, str], asked: list[str]) -> None:
    customers = known()

    assert CustomerLookup(customers, VIP_TIERS).answer(event) == expected
    assert customers.asked == asked


def nulled(value: Any) -> Iterator[Any]:
    """The event with each of its parts null in turn, itself included."""
    yield None
    if isinstance(value, dict):
        for key in value:
            for part in nulled(value[key]):
                changed = copy.copy(value)
                changed[key] = part
                yield changed


def test_answers_whatever_part_of_the_event_is_null() -> None:
    lookup = CustomerLookup(known(), VIP_TIERS)
    for event in nulled(call(CustomerId="C1001", LookupBy="CustomerId")):
        answer = lookup.answer(event)
        assert set(answer) == set(NOBODY), event
        assert all(isinstance(value, str) for value in answer.values()), event


def test_an_answer_is_flat_strings_of_known_names() -> None:
    answer = CustomerLookup(known(), VIP_TIERS).answer(call())

    assert list(answer) == list(NOBODY)
    assert len(json.dumps(answer)) < 32 * 1024, "Connect refuses more than 32 KB"


@pytest.mark.parametrize("reason", ["timeout", "throttle", "server-error"])
def test_a_table_that_cannot_answer_makes_the_caller_nobody_and_says_so(
    reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lookup = CustomerLookup(KnownCustomers(error=CustomersUnavailableError(reason)), VIP_TIERS)

    assert lookup.answer(call()) == UNASKED | {"Degraded": "true"}
    assert json.loads(capsys.readouterr().out)["reason"] == reason


def test_any_other_error_is_raised_for_the_flow_s_error_branch(capsys: pytest.CaptureFixture[str]) -> None:
    lookup = CustomerLookup(KnownCustomers(error=PermissionError(f"not for {NUMBER}")), VIP_TIERS)

    with pytest.raises(PermissionError):
        lookup.answer(call())
    line = json.loads(capsys.readouterr().out)
    assert (line["outcome"], line["reason"]) == ("failed", "PermissionError")
    assert NUMBER not in str(line), "the message of an error may quote what was sent"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(call(), id="known by number"),
        pytest.param(call(CustomerId="C1001"), id="known by id"),
        pytest.param(call("+12065550999"), id="unknown"),
        pytest.param(call("anonymous-ish 206 555 0100"), id="no number at all"),
    ],
)
def test_one_log_line_without_number_name_or_id(event: Any, capsys: pytest.CaptureFixture[str]) -> None:
    CustomerLookup(known(), VIP_TIERS).answer(event)

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    for secret in (NUMBER, NAME, "C1001", "0999", "0100"):
        assert secret not in out
    assert json.loads(out)["contactId"] == "4a573372-1f28-4e26-b97b-000000000001"


def test_a_customer_is_not_printed() -> None:
    assert NAME not in f"{ADA!r} {ADA}"


def test_a_missing_table_variable_is_named() -> None:
    with pytest.raises(KeyError, match="TABLE"):
        from_environment({"VIP_TIERS": "Gold"})
