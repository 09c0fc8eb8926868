"""What the two tables hold: every kind of item, its keys and attributes, and customers as functions read them. Pure.

The one definition for the functions and for `trunkline data`. Every item carries its `Type`, so that one look at it
says what it is; what an item may be called is in ENTITIES, how its key is spelled in `shared.keys`, how it is asked for
in `shared.access_patterns`, and how the cache keeps a customer in `shared.cached_customer`.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared import keys
from shared.typed import Any, NamedTuple

Item = Mapping[str, Mapping[str, Any]]

CUSTOMERS = "customers"
OPERATIONS = "operations"
TYPE = "Type"
EXPIRES_AT = "ExpiresAt"  # DynamoDB's time to live: seconds since the epoch
MOST_CHARACTERS = 512  # of an attribute that goes to a flow: Connect refuses answers beyond 32 KB
DEFAULT_TIER = "Standard"
DEFAULT_LANGUAGE = "en-US"


class Entity(NamedTuple):
    """A kind of item. table: CUSTOMERS or OPERATIONS. pk: how its partition key begins. sk: its sort key, or how that
    begins if more follows. required: attributes beside the keys and Type. expires: whether it carries ExpiresAt.
    """

    type: str
    table: str
    pk: str
    sk: str
    sk_follows: bool
    required: tuple[str, ...] = ()
    expires: bool = False

    def has(self, pk: str, sk: str) -> bool:
        """Whether an item of these keys can be of this kind."""
        if not pk.startswith(self.pk) or len(pk) == len(self.pk):
            return False
        return len(sk) > len(self.sk) and sk.startswith(self.sk) if self.sk_follows else sk == self.sk


PROFILE = Entity("Profile", CUSTOMERS, "C", keys.PROFILE, False, ("CustomerName",))
CONTACT = Entity("Contact", CUSTOMERS, "C", keys.CONTACT, True, ("ContactId",))
PREFERENCES = Entity("Preferences", CUSTOMERS, "C", keys.PREFERENCES, False)
SNAPSHOT = Entity("Snapshot", OPERATIONS, "SNAPSHOT#", keys.LATEST, False)
TOTALS = Entity("Totals", OPERATIONS, "TOTALS#", "", True)
COUNTED = Entity("Counted", OPERATIONS, "COUNTED#", "", True, expires=True)
EVENT = Entity("Event", OPERATIONS, "EVENT#", "", True)
FAILURE = Entity("Failure", OPERATIONS, "FAILURE#", "", True)
DISPOSITION = Entity("Disposition", OPERATIONS, "DISPOSITION#", keys.DISPOSITION, False)
CONFIG_VERSION = Entity("ConfigVersion", OPERATIONS, "CONFIG#", keys.VERSION, True)
CONFIG_POINTER = Entity("ConfigPointer", OPERATIONS, "CONFIG#", keys.POINTER, False)
CONFIG_PIN = Entity("ConfigPin", OPERATIONS, "CONFIG#", keys.PIN, True)
CONFIG_AUDIT = Entity("ConfigAudit", OPERATIONS, "CONFIG#", keys.AUDIT, True)

ENTITIES = (
    PROFILE,
    CONTACT,
    PREFERENCES,
    SNAPSHOT,
    TOTALS,
    COUNTED,
    EVENT,
    FAILURE,
    DISPOSITION,
    CONFIG_VERSION,
    CONFIG_POINTER,
    CONFIG_PIN,
    CONFIG_AUDIT,
)


def entity_of(table: str, pk: str, sk: str) -> Entity | None:
    """The kind of item that these keys belong to, whatever its Type says; None if no kind has such keys."""
    for entity in ENTITIES:
        if entity.table == table and entity.has(pk, sk):
            return entity
    return None


def item(entity: Entity, key: keys.Key, attributes: Item) -> dict[str, Mapping[str, Any]]:
    """An item of this kind: its key, its Type and its attributes (DynamoDB's JSON)."""
    return {**key, TYPE: {"S": entity.type}, **attributes}


def text(value: str) -> Mapping[str, Any]:
    """A string attribute."""
    return {"S": value}


def number(value: int) -> Mapping[str, Any]:
    """A number attribute; DynamoDB carries numbers as text."""
    return {"N": str(value)}


class Customer:
    """A profile, as far as a flow needs it. Never printed: it holds a name."""

    __slots__ = ("customer_id", "language", "name", "tier")

    def __init__(
        self, customer_id: str, name: str = "", tier: str = DEFAULT_TIER, language: str = DEFAULT_LANGUAGE
    ) -> None:
        self.customer_id = customer_id
        self.name = name
        self.tier = tier
        self.language = language

    def __repr__(self) -> str:
        return "Customer(...)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Customer):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[str, str, str, str]:
        return self.customer_id, self.name, self.tier, self.language


def customer(found: Item) -> Customer:
    """The customer in a profile, read from the table or from its index; what is missing has its default, and what is
    longer than a flow can take is cut.
    """
    return Customer(
        _text(found, keys.CUSTOMER_ID, ""),
        _text(found, "CustomerName", ""),
        _text(found, "Tier", DEFAULT_TIER),
        _text(found, "Language", DEFAULT_LANGUAGE),
    )


def profile(who: Customer, phone_number: str = "") -> dict[str, Mapping[str, Any]]:
    """The profile of a customer as an item; without a number it is not in the index."""
    attributes = {"CustomerName": text(who.name), "Tier": text(who.tier), "Language": text(who.language)}
    if phone_number:
        attributes[keys.PHONE_NUMBER] = text(phone_number)
    return item(PROFILE, keys.profile(who.customer_id), attributes)


def _text(found: Item, attribute: str, default: str) -> str:
    value = found.get(attribute)
    written = value.get("S") if value else None
    return written[:MOST_CHARACTERS] if isinstance(written, str) and written else default
