"""The keys of both tables and of the cache: the one place where they are spelled. Pure.

A key holds what names a thing, never when it happened unless the event itself carries the time: Connect repeats an
invocation, and a clock in the key would make the second one another item.

Table keys are DynamoDB's JSON, `{"CustomerId": {"S": "C1"}, "SK": {"S": "PROFILE"}}`. Cache keys are text; in them a
telephone number is a keyed hash (`shared.caller`), because slow logs and monitors of a cache show keys.
"""

from __future__ import annotations

from collections.abc import Mapping

Key = Mapping[str, Mapping[str, str]]

# The customers table: CustomerId and SK.
CUSTOMER_ID = "CustomerId"
SK = "SK"
PROFILE = "PROFILE"
PREFERENCES = "PREF"
CONTACT = "CONTACT#"
NUMBER_INDEX = "PhoneNumberIndex"
PHONE_NUMBER = "PhoneNumber"

# The operations table: PK and SK.
PK = "PK"
LATEST = "LATEST"
DISPOSITION = "DISPOSITION"
VERSION = "VERSION#"
POINTER = "POINTER"
PIN = "PIN#"
AUDIT = "AUDIT#"
VERSION_DIGITS = 12  # so that the order of the text is the order of the numbers


def profile(customer_id: str) -> Key:
    """Who a customer is."""
    return _customer(customer_id, PROFILE)


def preferences(customer_id: str) -> Key:
    """What a customer asked us to do."""
    return _customer(customer_id, PREFERENCES)


def contact(customer_id: str, contact_id: str) -> Key:
    """One contact with a customer."""
    return _customer(customer_id, CONTACT + contact_id)


def snapshot(instance: str) -> Key:
    """Load and hours of an instance's queues, the newest."""
    return _operation(f"SNAPSHOT#{instance}", LATEST)


def totals(queue: str, minute: str) -> Key:
    """What was counted for a queue in a minute (ISO 8601, UTC)."""
    return _operation(f"TOTALS#{queue}", minute)


def counted(stream: str, group: str, shard: str, sequence_number: str) -> Key:
    """The marker of one counted record; the group spreads a stream's markers over partitions."""
    return _operation(f"COUNTED#{stream}#{group}", f"{shard}#{sequence_number}")


def event(event_id: str, timestamp: str) -> Key:
    """One event, once."""
    return _operation(f"EVENT#{event_id}", timestamp)


def failure(event_id: str, timestamp: str) -> Key:
    """Why an event was refused, once."""
    return _operation(f"FAILURE#{event_id}", timestamp)


def disposition(contact_id: str) -> Key:
    """How a contact ended."""
    return _operation(f"DISPOSITION#{contact_id}", DISPOSITION)


def config_version(name: str, version: int) -> Key:
    """One version of a configuration; versions are never changed."""
    return _operation(config(name), f"{VERSION}{version:0{VERSION_DIGITS}d}")


def config_pointer(name: str) -> Key:
    """Which version of a configuration is in force."""
    return _operation(config(name), POINTER)


def config_pin(name: str, who: str) -> Key:
    """The version that one reader is held at."""
    return _operation(config(name), PIN + who)


def config_audit(name: str, timestamp: str, version: int, who: str = "") -> Key:
    """Who put a version in force, and when; or who was held at it, for several may be at the same moment."""
    held = f"#{who}" if who else ""
    return _operation(config(name), f"{AUDIT}{timestamp}#{version:0{VERSION_DIGITS}d}{held}")


def config(name: str) -> str:
    """The partition of a configuration: versions, pointer, pins and audit entries."""
    return f"CONFIG#{name}"


def cached_customer(customer_id: str) -> str:
    """Where the cache keeps a customer by id. The id is ours and names no person."""
    return f"cust:v1:{customer_id}"


def cached_number(caller_hash: str) -> str:
    """Where the cache keeps whoever has a number; `caller_hash` is `shared.caller.hashed` of it."""
    return f"num:v1:{caller_hash}"


def _customer(customer_id: str, sk: str) -> Key:
    return {CUSTOMER_ID: {"S": customer_id}, SK: {"S": sk}}


def _operation(pk: str, sk: str) -> Key:
    return {PK: {"S": pk}, SK: {"S": sk}}
