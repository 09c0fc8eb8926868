"""`trunkline data seed --cache`: the functions see new customers at once, not when what is cached expires."""

from __future__ import annotations

import json

import boto3
import pytest

from shared.caller import hashed
from tests.data.desk import Desk
from tests.parts.redis import RedisServer, RedisServers
from trunkline.data.functions import keys
from trunkline.data.people import Population, customer_id

PASSWORD = "correct-horse-battery"
HASH_KEY = "ab" * 32


@pytest.fixture
def redis(redis_server: RedisServers, monkeypatch: pytest.MonkeyPatch, tagging_desk: Desk) -> RedisServer:
    """The cache of the functions, as deployed: TLS, a token, and whoever is at the desk trusts it."""
    server = redis_server.start(tls=True, password=PASSWORD)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server.ca_file))
    tagging_desk.customers()
    return server


@pytest.fixture
def secret(tagging_desk: Desk) -> str:
    """The ARN of its secret."""
    made = boto3.client("secretsmanager").create_secret(
        Name="acme-cache", SecretString=json.dumps({"password": PASSWORD, "hashKey": HASH_KEY})
    )
    return str(made["ARN"])


def cached(number: str) -> str:
    """Where the functions keep whoever has this number."""
    return keys.cached_number(hashed(number, bytes.fromhex(HASH_KEY)))


def test_what_is_cached_of_written_customers_is_deleted(tagging_desk: Desk, redis: RedisServer, secret: str) -> None:
    """Ids, the numbers they get, and the numbers that another seed gave them."""
    tagging_desk.seed("--customers", "6", "--seed", "1")
    old = [Population(6, 1, 1.1).person(n).number for n in range(6)]
    new = [Population(6, 2, 1.1).person(n).number for n in range(6)]
    mine = [keys.cached_customer(customer_id(n)) for n in range(6)] + [cached(number) for number in (*old, *new)]
    for key in (*mine, "cust:v1:C1"):
        redis.client().set(key, b"old")

    said = tagging_desk.seed("--customers", "6", "--seed", "2", "--cache", redis.url, "--cache-secret", secret)

    assert (said.code, said.err) == (0, "")
    assert redis.client().keys("*") == [b"cust:v1:C1"], "and nothing else is"


def test_a_cache_that_cannot_be_told_is_said_before_anything_is_written(
    tagging_desk: Desk, redis: RedisServer, secret: str
) -> None:
    redis.stop()

    said = tagging_desk.seed("--customers", "6", "--cache", redis.url, "--cache-secret", secret)

    assert said.code == 2
    assert "--cache" in said.err
    assert PASSWORD not in said.out + said.err
    assert tagging_desk.items() == []


@pytest.mark.parametrize("url", ["http://localhost:1", "localhost", "rediss://"])
def test_an_address_that_is_none(tagging_desk: Desk, url: str) -> None:
    tagging_desk.customers()

    said = tagging_desk.seed("--customers", "6", "--cache", url)

    assert said.code == 2
    assert "(address)" in said.err
