"""Every way in which the two tables are read: one definition, run by the functions and tried by `trunkline data check`.

A pattern says which table or index answers it and what it asks for; who runs it gives the key or the values. None of
them needs a filter or a scan, but the page that fills a cache or walks a table. Performs the one read it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared import keys
from shared.entities import CUSTOMERS, OPERATIONS, Item
from shared.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB, Page

GET = "GetItem"
QUERY = "Query"
SCAN = "Scan"


class Pattern(NamedTuple):
    """One way to read. table: CUSTOMERS or OPERATIONS. operation: GET, QUERY or SCAN. condition, projection and names
    are DynamoDB's own expressions. consistent: strongly, which costs twice as much; never on an index.
    """

    name: str
    table: str
    operation: str
    condition: str = ""
    on_index: str = ""
    projection: str = ""
    names: Mapping[str, str] | None = None
    limit: int = 0
    forward: bool = True
    consistent: bool = False

    def get(self, dynamodb: DynamoDB, table: str, key: keys.Key, deadline: Deadline) -> Item | None:
        """The item with this key. Raises what DynamoDB.get_item raises."""
        return dynamodb.get_item(
            table, key, deadline, consistent=self.consistent, projection=self.projection, names=self.names
        )

    def query(
        self,
        dynamodb: DynamoDB,
        table: str,
        values: Mapping[str, str],
        deadline: Deadline,
        *,
        start: Item | None = None,
        limit: int = 0,
    ) -> Page:
        """A page of the items that the condition holds for. values: text by placeholder. limit: less than the pattern's
        own. Raises what DynamoDB.query raises.
        """
        return dynamodb.query(
            table,
            deadline,
            condition=self.condition,
            values={name: {"S": value} for name, value in values.items()},
            index=self.on_index,
            names=self.names,
            projection=self.projection,
            limit=limit or self.limit,
            forward=self.forward,
            consistent=self.consistent,
            start=start,
        )

    def scan(
        self,
        dynamodb: DynamoDB,
        table: str,
        deadline: Deadline,
        *,
        start: Item | None = None,
        limit: int = 0,
        values: Mapping[str, Any] | None = None,
    ) -> Page:
        """A page of the table. The condition is a filter here: a page may be empty and not the last. Raises what
        DynamoDB.scan raises.
        """
        return dynamodb.scan(
            table,
            deadline,
            limit=limit or self.limit,
            start=start,
            projection=self.projection,
            names=self.names,
            filter=self.condition,
            values=values,
        )


# What a flow needs of a profile; LANGUAGE is one of DynamoDB's reserved words.
_CALLER = "CustomerId, CustomerName, Tier, #language"
_CALLER_NAMES = {"#language": "Language"}
_OF_CUSTOMER = "CustomerId = :customer"
_OF_PARTITION = "PK = :pk"

CUSTOMER_BY_ID = Pattern("customer by id", CUSTOMERS, GET, projection=_CALLER, names=_CALLER_NAMES)
# Two are enough to know that a number is not one customer's.
CUSTOMERS_BY_NUMBER = Pattern(
    "customers by number",
    CUSTOMERS,
    QUERY,
    "PhoneNumber = :number",
    on_index=keys.NUMBER_INDEX,
    projection=f"{_CALLER}, PhoneNumber",
    names=_CALLER_NAMES,
    limit=2,
)
PREFERENCES_OF_CUSTOMER = Pattern("preferences of a customer", CUSTOMERS, GET)
CONTACT_OF_CUSTOMER = Pattern("one contact of a customer", CUSTOMERS, GET)
CONTACTS_OF_CUSTOMER = Pattern("contacts of a customer", CUSTOMERS, QUERY, f"{_OF_CUSTOMER} AND begins_with(SK, :sk)")
EVERYTHING_OF_CUSTOMER = Pattern("all of a customer", CUSTOMERS, QUERY, _OF_CUSTOMER)
PAGE_OF_PROFILES = Pattern(
    "page of profiles", CUSTOMERS, SCAN, "SK = :sk", projection=f"{_CALLER}, PhoneNumber, SK", names=_CALLER_NAMES
)

LATEST_SNAPSHOT = Pattern("latest snapshot", OPERATIONS, GET)
TOTALS_OF_QUEUE = Pattern("totals of a queue", OPERATIONS, QUERY, f"{_OF_PARTITION} AND SK BETWEEN :first AND :last")
COUNTED_RECORD = Pattern("a counted record", OPERATIONS, GET, consistent=True)
EVENT = Pattern("an event", OPERATIONS, GET, consistent=True)
FAILURES_OF_EVENT = Pattern("failures of an event", OPERATIONS, QUERY, _OF_PARTITION)
DISPOSITION_OF_CONTACT = Pattern("disposition of a contact", OPERATIONS, GET, consistent=True)
CONFIG_VERSION = Pattern("version of a configuration", OPERATIONS, GET)
CONFIG_POINTER = Pattern("version in force", OPERATIONS, GET)
CONFIG_PIN = Pattern("pinned version", OPERATIONS, GET, consistent=True)  # a reader that was just pinned must see it
CONFIG_HISTORY = Pattern(
    "history of a configuration", OPERATIONS, QUERY, f"{_OF_PARTITION} AND begins_with(SK, :sk)", forward=False
)

PATTERNS = (
    CUSTOMER_BY_ID,
    CUSTOMERS_BY_NUMBER,
    PREFERENCES_OF_CUSTOMER,
    CONTACT_OF_CUSTOMER,
    CONTACTS_OF_CUSTOMER,
    EVERYTHING_OF_CUSTOMER,
    PAGE_OF_PROFILES,
    LATEST_SNAPSHOT,
    TOTALS_OF_QUEUE,
    COUNTED_RECORD,
    EVENT,
    FAILURES_OF_EVENT,
    DISPOSITION_OF_CONTACT,
    CONFIG_VERSION,
    CONFIG_POINTER,
    CONFIG_PIN,
    CONFIG_HISTORY,
)
