"""customer-lookup at the emulator with a cache over TLS, its secret, and AWS's own table engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.entities import Customer, profile
from tests.lambdas.emulator.conftest import Deploy
from tests.lambdas.events import NUMBER, call
from tests.parts.dynamodb import Account
from tests.parts.emulator import Emulator
from tests.parts.redis import RedisServer, RedisServers
from tests.parts.secrets import SecretsServer
from tests.parts.tables import CUSTOMERS

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cache-AbCdEf"
HASH_KEY = "ab" * 32
ADA = {"Found": "true", "CustomerId": "C1001", "CustomerName": "Ada Lovelace", "Tier": "Platinum", "Degraded": "false"}
OTHERS = [(f"C2{number:03}", f"+1206555{number:04}", f"Customer {number}") for number in range(200, 210)]


@pytest.fixture
def customers(account: Account) -> Account:
    """The table with Ada and some others."""
    client = account.client()
    client.put_item(TableName=CUSTOMERS, Item=profile(Customer("C1001", "Ada Lovelace", "Platinum"), NUMBER))
    for customer_id, number, name in OTHERS:
        client.put_item(TableName=CUSTOMERS, Item=profile(Customer(customer_id, name), number))
    return account


@pytest.fixture
def cache(redis_server: RedisServers) -> RedisServer:
    """Over TLS, with a token."""
    return redis_server.start(tls=True, password="first-token-0123")


@pytest.fixture
def lookup(deploy: Deploy, customers: Account, cache: RedisServer, secrets: SecretsServer) -> Emulator:
    """The function with all of it."""
    secrets.secrets[ARN] = {"password": "first-token-0123", "hashKey": HASH_KEY}
    return deploy("customer-lookup", CACHE=cache.url, CACHE_SECRET=ARN, AWS_CA_BUNDLE=str(cache.ca_file))


def told(function: Emulator, event: Any = None) -> dict[str, str]:
    """The answer; fails with the log."""
    answer = function.invoke(call() if event is None else event)
    assert answer.succeeded, f"{answer}\n{function.log}"
    payload: dict[str, str] = answer.payload
    return payload


def is_ada(answer: dict[str, str], *sources: str) -> bool:
    """Whether the answer is all that is known of her, and from one of these."""
    return answer | ADA == answer and answer["Source"] in sources


def test_second_call_is_answered_by_the_cache(lookup: Emulator) -> None:
    assert is_ada(told(lookup), "table")
    assert is_ada(told(lookup), "cache")


def test_no_key_and_no_log_line_names_a_caller(lookup: Emulator, cache: RedisServer) -> None:
    told(lookup)
    assert cache.client().dbsize() > 0
    lookup.records(1)
    for text in (str(cache.command("KEYS", "*")), lookup.log):
        assert NUMBER.lstrip("+") not in text
        assert "Lovelace" not in text


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(RedisServer.kill, id="killed"),
        pytest.param(RedisServer.hang, id="hung"),
        pytest.param(lambda server: server.pause_clients(5000), id="late"),
    ],
)
def test_without_its_cache_the_table_answers_in_full(
    lookup: Emulator, cache: RedisServer, damage: Callable[[RedisServer], None]
) -> None:
    assert is_ada(told(lookup), "table")
    damage(cache)
    started = time.monotonic()
    for _ in range(20):
        assert is_ada(told(lookup), "table")
    assert time.monotonic() - started < 20 * 0.25, "a call costs the budget of the cache at most, most of them nothing"


def test_cache_that_comes_back_answers_again(lookup: Emulator, cache: RedisServer) -> None:
    told(lookup)
    cache.kill()
    assert told(lookup)["Source"] == "table"
    cache.restart()
    end = time.monotonic() + 20  # the breaker lets a probe through after five seconds, give or take
    while told(lookup)["Source"] != "cache":
        assert time.monotonic() < end, lookup.log
        time.sleep(0.2)
    assert is_ada(told(lookup), "cache")


def test_late_replies_reach_no_other_caller(lookup: Emulator, cache: RedisServer) -> None:
    """Every key is cached; the cache then answers each question too late, and goes on as if nothing had been."""
    for _, number, _ in OTHERS:
        told(lookup, call(number))
    for pause in (150, 150):
        cache.pause_clients(pause)
        for customer_id, number, name in OTHERS:
            answer = told(lookup, call(number))
            assert (answer["CustomerId"], answer["CustomerName"]) == (customer_id, name)


def test_rotated_token_needs_no_deployment(lookup: Emulator, cache: RedisServer, secrets: SecretsServer) -> None:
    """In the documented order: both tokens hold, the secret says the new one, the old one is taken back."""
    told(lookup)
    cache.rotate("first-token-0123", "second-token-456")
    assert told(lookup)["Source"] == "cache"
    secrets.secrets[ARN] = {"password": "second-token-456", "hashKey": HASH_KEY}
    assert told(lookup)["Source"] == "cache"
    cache.rotate("second-token-456")
    with cache.client(password="second-token-456") as client:
        client.client_kill_filter(_type="normal", skipme=True)
    for _ in range(3):  # from the table where the secret was read less than 30 s ago, which it was
        assert is_ada(told(lookup), "cache", "table")
    assert len(lookup.init_seconds) == 1
