"""Customers in the table, as a caller's lookup reads them: one read each, eventually consistent, for a profile that is
a second old is good enough for a greeting."""

from __future__ import annotations

from shared import keys
from shared.access_patterns import CUSTOMER_BY_ID, CUSTOMERS_BY_NUMBER
from shared.cached_customer import NOBODY, Match, match_of
from shared.entities import customer
from shared.failure import UnavailableError
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB


class CustomersTable:
    """Both reads raise UnavailableError if the table cannot answer just now, DefectError if it never will, and
    DeadlineExceededError. An answer that is about somebody else is no answer: "corrupt".
    """

    def __init__(self, dynamodb: DynamoDB, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def by_id(self, customer_id: str, deadline: Deadline) -> Match:
        """Whose id this is: one GetItem."""
        item = CUSTOMER_BY_ID.get(self._dynamodb, self._table, keys.profile(customer_id), deadline)
        if item is None:
            return NOBODY
        if item.get(keys.CUSTOMER_ID) != {"S": customer_id}:
            raise UnavailableError("corrupt")
        return match_of((customer(item),))

    def by_number(self, number: str, deadline: Deadline) -> Match:
        """Whose number this is: one Query on the sparse index."""
        page = CUSTOMERS_BY_NUMBER.query(self._dynamodb, self._table, {":number": number}, deadline)
        if any(item.get(keys.PHONE_NUMBER) != {"S": number} for item in page.items):
            raise UnavailableError("corrupt")
        return match_of([customer(item) for item in page.items])
