"""The warmer between AWS's own engine and a real Redis: what the table holds is what a lookup finds in the cache."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from cache_warmer.app import CacheWarmer
from cache_warmer.page import Profiles
from shared import keys
from shared.cached_customer import FOUND, decode
from shared.caller import hashed
from shared.deadline import Deadline
from shared.entities import Customer, profile
from shared.invocation import Invocation
from shared.jitter import jitter
from shared.record import Record
from shared.session import Session
from tests.lambdas.cache.client import Client
from tests.parts.dynamodb import Account, DynamoDBServer
from tests.parts.redis import RedisServers

TABLE = "customers"
HASH_KEY = bytes(range(32))
PEOPLE = 260
SHARED_NUMBER = "+12065550000"


def number_of(n: int) -> str:
    """Two have one number; they need not be near each other in the table."""
    return SHARED_NUMBER if n in (3, PEOPLE - 3) else f"+1206555{n:04d}"


def fill(account: Account) -> None:
    """The table as the example has it, with customers and one contact each."""
    client = account.client()
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in (keys.CUSTOMER_ID, keys.SK, keys.PHONE_NUMBER)
        ],
        KeySchema=[
            {"AttributeName": keys.CUSTOMER_ID, "KeyType": "HASH"},
            {"AttributeName": keys.SK, "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": keys.NUMBER_INDEX,
                "KeySchema": [{"AttributeName": keys.PHONE_NUMBER, "KeyType": "HASH"}],
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": ["CustomerName", "Tier", "Language"],
                },
            }
        ],
    )
    items: list[Any] = []
    for n in range(PEOPLE):
        items.append(profile(Customer(f"C{n}", f"Name {n}", "Gold", "en-GB"), number_of(n)))
        items.append({**keys.contact(f"C{n}", f"contact-{n}"), "ContactId": {"S": f"contact-{n}"}})
    for batch in batches(items, 25):
        answer = client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in batch]})
        assert not answer["UnprocessedItems"]


def batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def test_every_customer_is_found_in_the_cache_afterwards(
    dynamodb_local: DynamoDBServer, redis_server: RedisServers
) -> None:
    account = dynamodb_local.account()
    fill(account)
    nodes = redis_server.cluster(2, password="token")
    client = Client(nodes[0], password="token", hashKey=HASH_KEY.hex())
    session = Session.from_environment(account.environment, clock=time.monotonic)
    warmer = CacheWarmer(Profiles(session.dynamodb(), TABLE, jitter), client.cache, lambda named: client.cache)

    cursor: str | None = None
    pages = 0
    while cursor != "":
        answer = warmer.answer(
            {"cursor": cursor, "limit": 200, "ttlSeconds": 1800}, Invocation(Deadline.after(20), Record())
        )
        assert answer["reason"] == ""
        cursor = answer["cursor"]
        pages += 1
    assert pages == 2 * PEOPLE // 200 + 1

    for n in range(PEOPLE):
        assert found(client, keys.cached_customer(f"C{n}")) == f"C{n}"
        by_number = found(client, keys.cached_number(hashed(number_of(n), HASH_KEY)))
        assert by_number == ("" if number_of(n) == SHARED_NUMBER else f"C{n}")
    assert all(1610 <= ttl <= 1980 for node in nodes for ttl in times_to_live(node))


def found(client: Client, key: str) -> str:
    """Whose value is kept under a key; "" for nobody's."""
    value, reason = client.get(key)
    assert reason == ""
    match = decode(key, value) if value is not None else None
    if match is None:
        return ""
    assert match.found == FOUND
    assert match.customer is not None
    return match.customer.customer_id


def times_to_live(node: Any) -> list[int]:
    with node.client() as admin:
        return [int(admin.ttl(key)) for key in admin.scan_iter(count=1000)]
