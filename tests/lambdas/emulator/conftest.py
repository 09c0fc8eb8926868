"""Every function as it is deployed, with the tables, the cache and the secret that its environment names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tools.lambdas import SOURCES, TARGET, built_names

from tests.parts.dynamodb import Account, DynamoDBServer
from tests.parts.emulator import Emulator, Function
from tests.parts.process import free_port
from tests.parts.secrets import SecretsServer, secrets_server
from tests.parts.tables import CUSTOMERS, OPERATIONS, create_customers, create_operations

PACKAGES = built_names(SOURCES)
INSTANCE = "arn:aws:connect:eu-central-1:123456789012:instance/c8c0e68d-2200-4265-82c0-000000000002"

Deploy = Callable[..., Emulator]


def archive(name: str) -> Path:
    """The zip of a function by its builtin name."""
    return TARGET / f"{name}.zip"


@pytest.fixture
def account(dynamodb_local: DynamoDBServer) -> Account:
    """One with both tables, empty."""
    account = dynamodb_local.account()
    create_customers(account)
    create_operations(account)
    return account


@pytest.fixture
def secrets() -> Iterator[SecretsServer]:
    """A Secrets Manager without secrets."""
    with secrets_server() as server:
        yield server


@pytest.fixture
def deploy(
    emulator: Callable[[Function], Emulator], account: Account, secrets: SecretsServer
) -> Callable[..., Emulator]:
    """`deploy("customer-lookup", timeout=3, TABLE=…)`: a builtin function at the emulator. "" unsets a variable.

    Connect and Kinesis are closed ports.
    """
    closed = f"http://127.0.0.1:{free_port()}"

    def start(name: str, timeout: int = 3, **variables: str) -> Emulator:
        customers = name in ("customer-lookup", "cache-warmer")
        environment = {
            **account.environment,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.endpoint,
            "AWS_ENDPOINT_URL_CONNECT": closed,
            "AWS_ENDPOINT_URL_KINESIS": closed,
            "TABLE": CUSTOMERS if customers else OPERATIONS,
            "INSTANCE": INSTANCE,
            **variables,
        }
        handler = f"{PACKAGES[name]}.app.handler"
        return emulator(Function(archive(name), handler, environment, timeout, name=name))

    return start
