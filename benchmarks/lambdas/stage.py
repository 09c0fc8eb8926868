"""What the figures of the functions run on: real parts, the built zips, customers in the table, a cache over TLS."""

from __future__ import annotations

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.parts.dynamodb import Account, DynamoDBServer
from tests.parts.emulator import Emulator, Function, Programs
from tests.parts.redis import RedisServer, RedisServers
from tests.parts.secrets import secrets_server
from tests.parts.tables import CUSTOMERS, create_customers
from tools.lambdas import SOURCES, TARGET, build, fresh
from tools.parts import (
    obtain_baseline,
    obtain_cpython,
    obtain_dynamodb_local,
    obtain_emulator,
    obtain_redis,
    obtain_runtime,
)

from trunkline_sandbox.cluster.certificates import Authority

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cache-AbCdEf"
PASSWORD = "correct-horse-battery"
HASH_KEY = "ab" * 32
NAIVE = Path(__file__).parent / "naive"
BATCH = 25  # of BatchWriteItem
LOOKUP = "customer-lookup"


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer and the number that this one calls from."""

    customer_id: str
    number: str
    name: str


def callers(count: int) -> list[Caller]:
    """Distinct ones, the same each time."""
    return [Caller(f"C{n:06}", f"+1206{5550000 + n:07}", f"Customer {n}") for n in range(count)]


def call(caller: Caller) -> Mapping[str, Any]:
    """Connect's event for a caller."""
    data = {
        "ContactId": f"4a573372-1f28-4e26-b97b-{caller.customer_id[1:]:0>12}",
        "Channel": "VOICE",
        "CustomerEndpoint": {"Address": caller.number, "Type": "TELEPHONE_NUMBER"},
        "Attributes": {},
    }
    return {"Name": "ContactFlowEvent", "Details": {"ContactData": data, "Parameters": {}}}


def built() -> Path:
    """The folder of the zips, of the sources as they are now."""
    if not fresh(SOURCES, TARGET):
        build(SOURCES, obtain_cpython(), TARGET)
    return TARGET


@cache
def baseline_folder() -> Path:
    """boto3, redis-py and Powertools for CPython 3.13."""
    return obtain_baseline()


def unpacked(folder: Path, name: str = LOOKUP) -> Path:
    """A function's code in `folder`."""
    with zipfile.ZipFile(built() / f"{name}.zip") as archive:
        archive.extractall(folder)
    return folder


class Stage:
    """Redis over TLS with a token, DynamoDB Local, a Secrets Manager; all ended by the block of `stage()`."""

    def __init__(
        self, folder: Path, redis: RedisServers, table: DynamoDBServer, account: Account, secrets: str
    ) -> None:
        self.folder = folder
        self._secrets = secrets
        self._redis = redis
        self._table = table
        self.account = account
        self._emulators: list[Emulator] = []
        self._programs = Programs(obtain_emulator(), obtain_cpython(), obtain_runtime())

    def cache(self, *, options: Sequence[str] = ()) -> RedisServer:
        """A new cache."""
        return self._redis.start(tls=True, password=PASSWORD, options=options)

    def environment(self, cache: RedisServer, url: str = "") -> Mapping[str, str]:
        """The function's variables. url: of the cache, if not its own."""
        return {
            **self.account.environment,
            "TABLE": CUSTOMERS,
            "CACHE": url or cache.url,
            "CACHE_SECRET": SECRET,
            "AWS_CA_BUNDLE": str(cache.ca_file),
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self._secrets,
        }

    def deploy(self, count: int, environment: Mapping[str, str], *, timeout: int = 3) -> list[Emulator]:
        """Environments of customer-lookup."""
        function = Function(built() / f"{LOOKUP}.zip", "customer_lookup.app.handler", environment, timeout, LOOKUP)
        return self._started(count, function)

    def deploy_naive(self, count: int, environment: Mapping[str, str], *, timeout: int = 3) -> list[Emulator]:
        """Environments of the same function as it is commonly written, on boto3 and redis-py."""
        archive = self.folder / "naive.zip"
        with zipfile.ZipFile(archive, "w") as zip_:
            for path in NAIVE.glob("*.py"):
                zip_.write(path, path.name)
        libraries = f"{baseline_folder()}:{self._programs.runtime}"
        function = Function(archive, "naive.handler", {**environment, "PYTHONPATH": libraries}, timeout, "naive")
        return self._started(count, function)

    def seed(self, people: Sequence[Caller]) -> None:
        """Their profiles into the table."""
        client = self.account.client()

        def write(chunk: Sequence[Caller]) -> None:
            puts = [{"PutRequest": {"Item": _profile(caller)}} for caller in chunk]
            left = {CUSTOMERS: puts}
            while left:
                left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, (people[at : at + BATCH] for at in range(0, len(people), BATCH))))

    def end(self, emulators: Sequence[Emulator]) -> None:
        """Ends these."""
        for emulator in emulators:
            emulator.stop()

    def close(self) -> None:
        """Ends what is left."""
        self.end(self._emulators)

    def _started(self, count: int, function: Function) -> list[Emulator]:
        first = len(self._emulators)
        started = [Emulator(self._programs, function, self.folder / f"emulator-{first + n}") for n in range(count)]
        self._emulators += started
        return started


def _profile(caller: Caller) -> Mapping[str, Any]:
    """As `shared.entities.profile` writes it, whose Python may not be ours."""
    attributes = {
        "CustomerId": caller.customer_id,
        "SK": "PROFILE",
        "Type": "Profile",
        "PhoneNumber": caller.number,
        "CustomerName": caller.name,
        "Tier": "Gold",
        "Language": "en-US",
    }
    return {name: {"S": value} for name, value in attributes.items()}


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """A stage with an empty customers table."""
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="trunkline-bench-")))
        secrets = ends.enter_context(secrets_server())
        secrets.secrets[SECRET] = {"password": PASSWORD, "hashKey": HASH_KEY}
        redis = RedisServers(obtain_redis(), folder / "redis", Authority.create())
        ends.callback(redis.close)
        table = DynamoDBServer(obtain_dynamodb_local(), folder / "dynamodb")
        ends.callback(table.stop)
        account = table.account()
        create_customers(account)
        made = Stage(folder, redis, table, account, secrets.endpoint)
        ends.callback(made.close)
        yield made
