"""customer-lookup between a real Redis and AWS's own DynamoDB engine, over the functions' own clients."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from customer_lookup.app import build
from customer_lookup.table import CustomersTable
from shared.backoff import Backoff
from shared.cache import Cache
from shared.cached_customer import NOBODY, SEVERAL, Match, changed
from shared.deadline import Deadline
from shared.dynamodb import DynamoDB
from shared.entities import PREFERENCES, Customer, Item, item, profile
from shared.failure import DefectError, UnavailableError
from shared.invocation import Entry, Surroundings, entry
from shared.jitter import jitter
from shared.keys import preferences
from shared.session import Session
from tests.lambdas.customer_lookup.test_answers import KNOWN, UNASKED
from tests.lambdas.customer_lookup.test_answers import NOBODY as NOBODY_KNOWN
from tests.lambdas.customer_lookup.world import ADA, BOB, BOBS_NUMBER, NOBODYS_NUMBER, SHARED_NUMBER, Context
from tests.lambdas.events import NUMBER, call
from tests.lambdas.shared import emf
from tests.parts.dynamodb import Account, DynamoDBServer
from tests.parts.redis import RedisServer, RedisServers
from trunkline.blueprints.builtins import BUILTINS

TABLE = "acme-customers"
PASSWORD = "correct-horse-battery"
SPARSE = "+12065550133"


def both(table: CustomersTable) -> list[Callable[[], Match]]:
    """The two ways to ask a table for Ada."""
    return [lambda: table.by_id("C1001", Deadline.after(5)), lambda: table.by_number(NUMBER, Deadline.after(5))]


class Secrets:
    """The cache's secret."""

    def get_secret(self, arn: str, deadline: Deadline) -> str:
        return json.dumps({"password": PASSWORD, "hashKey": "ab" * 32})


class TestSession(Session):
    """A session whose secrets are in memory."""

    __test__ = False

    def secrets(self) -> Any:
        return Secrets()


@pytest.fixture
def account(dynamodb_local: DynamoDBServer) -> Account:
    """One with the customers table of the high-volume example."""
    account = dynamodb_local.account()
    client = account.client()
    client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("CustomerId", "SK", "PhoneNumber")
        ],
        KeySchema=[{"AttributeName": "CustomerId", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "PhoneNumberIndex",
                "KeySchema": [{"AttributeName": "PhoneNumber", "KeyType": "HASH"}],
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": ["CustomerName", "Tier", "Language", "Type"],
                },
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    items: tuple[Item, ...] = (
        profile(ADA, NUMBER),
        profile(BOB, BOBS_NUMBER),
        item(PREFERENCES, preferences("C1001"), {}),
        {"CustomerId": {"S": "C1003"}, "SK": {"S": "PROFILE"}, "PhoneNumber": {"S": SPARSE}},
        *(profile(Customer(f"C2{n}", "x"), SHARED_NUMBER) for n in range(3)),
    )
    for one in items:
        client.put_item(TableName=TABLE, Item=dict(one))
    return account


class World:
    """The function as its environment says, with what it wrote."""

    def __init__(self, account: Account, cache: RedisServer | None = None, **more: str) -> None:
        self.lines: list[str] = []
        self.cache: Any = None
        environ = {**account.environment, "TABLE": TABLE, "CACHE_BUDGET_MS": "500"}
        if cache is not None:
            environ |= {"CACHE": cache.url, "CACHE_SECRET": "arn:secret", "AWS_CA_BUNDLE": str(cache.ca_file)}
        self.handler = self._handler({**environ, **more})

    def ask(self, event: Any) -> dict[str, str]:
        return dict(self.handler(event, Context()))

    def metrics(self) -> dict[str, float]:
        return emf.metrics(emf.read(self.lines[-1]))

    def _handler(self, environ: Mapping[str, str]) -> Entry:
        def open_cache(environ: Mapping[str, str], session: Session) -> Any:
            self.cache = Cache.from_environment(environ, session, clock=time.monotonic, jitter=jitter)
            return self.cache

        around = Surroundings(
            environ=environ,
            clock=time.monotonic,
            wall=time.time,
            write=self.lines.append,
            open_session=TestSession,
            open_cache=open_cache,
            on_snapshot=lambda before, after: None,
        )
        return entry("customer-lookup", build, around)


@pytest.fixture
def redis(redis_server: RedisServers) -> RedisServer:
    """As deployed: TLS and a token."""
    return redis_server.start(tls=True, password=PASSWORD)


class TestTable:
    @pytest.fixture
    def table(self, account: Account) -> CustomersTable:
        return CustomersTable(Session(account.environment).dynamodb(), TABLE)

    @pytest.mark.parametrize(
        ("customer_id", "match"),
        [
            pytest.param("C1001", Match("true", ADA), id="a profile"),
            pytest.param("C9999", NOBODY, id="nobody's id"),
            pytest.param("C1003", Match("true", Customer("C1003")), id="a sparse profile has the defaults"),
        ],
    )
    def test_by_id(self, table: CustomersTable, customer_id: str, match: Match) -> None:
        assert table.by_id(customer_id, Deadline.after(5)) == match

    @pytest.mark.parametrize(
        ("number", "match"),
        [
            pytest.param(NUMBER, Match("true", ADA), id="a profile"),
            pytest.param(NOBODYS_NUMBER, NOBODY, id="nobody's number"),
            pytest.param(SHARED_NUMBER, SEVERAL, id="three customers on one number"),
            pytest.param(SPARSE, Match("true", Customer("C1003")), id="a sparse profile has the defaults"),
        ],
    )
    def test_by_number(self, table: CustomersTable, number: str, match: Match) -> None:
        assert table.by_number(number, Deadline.after(5)) == match

    def test_a_table_that_is_missing_is_a_defect(self, account: Account) -> None:
        table = CustomersTable(Session(account.environment).dynamodb(), "somebody-elses")
        for ask in both(table):
            with pytest.raises(DefectError, match="ResourceNotFoundException"):
                ask()


class Answering:
    """A DynamoDB that answers with the items it was given; notes which IAM action each call needs, and on what."""

    def __init__(self, found: Any = None) -> None:
        self.used: set[tuple[str, str]] = set()
        self._found = found

    def call_json(self, target: str, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        index = params.get("IndexName")
        self.used.add((f"dynamodb:{target.partition('.')[2]}", f"/index/{index}" if index else ""))
        return {} if self._found is None else {"Item": self._found, "Items": [self._found]}


def test_the_function_is_granted_exactly_what_it_calls() -> None:
    client = Answering()
    table = CustomersTable(DynamoDB(client, Backoff()), TABLE)
    table.by_id("C1001", Deadline.after(5))
    table.by_number(NUMBER, Deadline.after(5))

    access = BUILTINS["customer-lookup"].access
    granted = {(action, one.path) for one in access for action in one.actions if one.variable == "TABLE"}
    assert granted == client.used


def test_an_answer_about_somebody_else_is_no_answer() -> None:
    table = CustomersTable(DynamoDB(Answering(profile(BOB, BOBS_NUMBER)), Backoff()), TABLE)
    for ask in both(table):
        with pytest.raises(UnavailableError, match="corrupt"):
            ask()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(call(), KNOWN, id="by number"),
        pytest.param(call(CustomerId="1001"), KNOWN, id="by id"),
        pytest.param(call(NOBODYS_NUMBER), NOBODY_KNOWN, id="nobody"),
        pytest.param(call(SHARED_NUMBER), NOBODY_KNOWN | {"Found": "ambiguous"}, id="more than one customer"),
    ],
)
def test_a_miss_and_then_a_hit(account: Account, redis: RedisServer, event: Any, expected: dict[str, str]) -> None:
    world = World(account, redis)

    assert world.ask(event) == expected
    assert world.ask(event) == expected | {"Source": "cache"}
    assert world.metrics()["CacheHit"] == 1
    (key,) = redis.client().keys("*")
    seconds = redis.client().ttl(key)
    least, most = (270, 330) if expected["Found"] == "true" else (30, 30)
    assert least - 2 <= seconds <= most
    assert NUMBER[1:].encode() not in key, "slow logs show keys"


def test_a_change_of_ours_shows_at_once(account: Account, redis: RedisServer) -> None:
    world = World(account, redis)
    world.ask(call())
    world.ask(call(CustomerId="C1001"))
    account.client().put_item(TableName=TABLE, Item=dict(profile(Customer("C1001", "Ada King"), NUMBER)))
    assert world.ask(call())["CustomerName"] == ADA.name, "until the cache is told"

    assert changed(world.cache, "C1001", NUMBER, NUMBER, Deadline.after(5))

    assert world.ask(call())["CustomerName"] == "Ada King"
    assert world.ask(call(CustomerId="C1001"))["CustomerName"] == "Ada King"


def test_a_late_reply_never_becomes_the_next_caller_s(account: Account, redis: RedisServer) -> None:
    """The cache answers after the budget, several times over; each caller still gets the own record."""
    world = World(account, redis, CACHE_BUDGET_MS="60")
    for number in (NUMBER, BOBS_NUMBER):
        world.ask(call(number))
    redis.pause_clients(400)
    names = [world.ask(call(number))["CustomerName"] for number in (NUMBER, BOBS_NUMBER) * 8]

    assert names == [ADA.name, BOB.name] * 8


@pytest.mark.parametrize("broken", ["stopped", "hung"])
def test_without_the_cache_the_table_answers_in_full(account: Account, redis: RedisServer, broken: str) -> None:
    world = World(account, redis, CACHE_BUDGET_MS="80")
    world.ask(call())
    redis.stop() if broken == "stopped" else redis.hang()
    try:
        for event in (call(), call(BOBS_NUMBER), call(CustomerId="C1001")):
            answer = world.ask(event)
            assert (answer["Found"], answer["Source"], answer["Degraded"]) == ("true", "table", "false")
        reasons = {name for line in world.lines for name in emf.metrics(emf.read(line)) if name.startswith("Cache.")}
        assert reasons <= {"Cache.timeout", "Cache.connection", "Cache.open"}
        assert reasons
    finally:
        if broken == "hung":
            redis.resume()


def test_without_cache_and_table_the_answer_is_neutral_and_in_time(account: Account) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts by its backlog, answers never
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        world = World(account, AWS_ENDPOINT_URL_DYNAMODB=endpoint)
        began = time.monotonic()
        answer = world.ask(call())

    assert answer == UNASKED | {"Degraded": "true"}
    assert time.monotonic() - began < 3, "before Lambda ends the function"
    assert world.metrics()["Table.timeout"] == 1


def test_a_missing_table_is_raised(account: Account, redis: RedisServer) -> None:
    world = World(account, redis, TABLE="somebody-elses")

    with pytest.raises(DefectError, match="ResourceNotFoundException"):
        world.ask(call())
    assert redis.client().keys("*") == [], "nothing is kept of it"
