"""The customers table as functions read it: its keys, its attributes, its two access patterns.

The table has the key CustomerId and SK; a customer's profile is the item with SK "PROFILE". PhoneNumber, in E.164
form, is an attribute of profiles only, so `PhoneNumberIndex` holds one entry per customer and a lookup by number is
one Query. What a caller can type or spoof is checked here before anybody asks the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

PROFILE = "PROFILE"
NUMBER_INDEX = "PhoneNumberIndex"
DEFAULT_TIER = "Standard"
DEFAULT_LANGUAGE = "en-US"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164: fifteen digits at most
_CUSTOMER_ID = re.compile(r"C[0-9A-Z]{1,31}", re.ASCII)
_TYPED_ID = re.compile(r"[0-9]{1,20}", re.ASCII)  # on a keypad the leading C cannot be typed


@dataclass(frozen=True, slots=True)
class Customer:
    """A profile, as far as a flow needs it. Never printed: it holds a name."""

    customer_id: str
    name: str
    tier: str
    language: str

    def __repr__(self) -> str:
        return "Customer(...)"


class CustomersUnavailableError(Exception):
    """The table cannot answer just now (timeout, throttle, 5xx). `reason` is one word for logs and metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the customers table cannot answer: {reason}")
        self.reason = reason


class CustomersDefectError(Exception):
    """Reading the table can never work as it is set up. `code` is AWS's word, or the type of the SDK's error."""

    def __init__(self, code: str) -> None:
        super().__init__(f"cannot read the customers table: {code}")
        self.code = code


class Customers(Protocol):
    """Where customers are looked up. Both raise CustomersUnavailableError; any other error is a defect."""

    def by_id(self, customer_id: str) -> Customer | None:
        """The profile of this customer, if there is one."""
        ...

    def by_number(self, number: str) -> tuple[Customer, ...]:
        """The customers with this number: none, one, or two of more."""
        ...


def number_of(address: str | None) -> str | None:
    """The E.164 number in an address; None for "anonymous" and all else that is no number."""
    return address if address is not None and _E164.fullmatch(address) else None


def customer_id_of(text: str | None) -> str | None:
    """The customer id in a text, also when only its digits were typed; None if it cannot be one."""
    if text is None:
        return None
    if _TYPED_ID.fullmatch(text):
        return f"C{text}"
    return text if _CUSTOMER_ID.fullmatch(text) else None
