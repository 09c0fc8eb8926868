"""The customers table: what is asked of DynamoDB, what its errors mean, and that a dead one does not hold a caller."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import exceptions
from moto import mock_aws

from customer_lookup.app import from_environment
from shared.customers import Customer, CustomersDefectError, CustomersUnavailableError
from shared.dynamodb import CustomersTable, connect
from tests.lambdas.events import NAME, NUMBER, call
from trunkline.blueprints.builtins import BUILTINS

TABLE = "acme-customers"


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that Lambda sets."""
    for name, value in {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
    }.items():
        monkeypatch.setenv(name, value)


def item(customer_id: str, sk: str = "PROFILE", **attributes: str) -> dict[str, dict[str, str]]:
    return {name: {"S": value} for name, value in {"CustomerId": customer_id, "SK": sk, **attributes}.items()}


@pytest.fixture
def table() -> Iterator[CustomersTable]:
    """The table of the high-volume example with a few customers, in moto's DynamoDB."""
    with mock_aws():
        client = boto3.client("dynamodb")
        keys = ("CustomerId", "SK", "PhoneNumber")
        client.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            KeySchema=[
                {"AttributeName": "CustomerId", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
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
        for entry in (
            item("C1001", PhoneNumber=NUMBER, CustomerName=NAME, Tier="Platinum", Language="en-GB", Type="Profile"),
            item("C1001", sk="PREF", Type="Preferences"),
            item("C1003", PhoneNumber="+12065550133", Type="Profile"),
            *(item(f"C2{n}", PhoneNumber="+12065550122", CustomerName="x", Type="Profile") for n in range(3)),
        ):
            client.put_item(TableName=TABLE, Item=entry)
        yield CustomersTable(connect(), TABLE)


ADA = Customer("C1001", NAME, "Platinum", "en-GB")


def test_finds_a_profile_by_id_and_by_number(table: CustomersTable) -> None:
    assert table.by_id("C1001") == ADA
    assert table.by_number(NUMBER) == (ADA,)


def test_nobody_is_nobody(table: CustomersTable) -> None:
    assert table.by_id("C9999") is None
    assert table.by_number("+12065550999") == ()


def test_a_sparse_profile_gets_the_defaults(table: CustomersTable) -> None:
    assert table.by_id("C1003") == Customer("C1003", "", "Standard", "en-US")


def test_two_of_several_customers_on_a_number_are_enough(table: CustomersTable) -> None:
    assert len(table.by_number("+12065550122")) == 2


def test_a_missing_table_is_a_defect_and_raised(table: CustomersTable) -> None:
    del table
    with pytest.raises(exceptions.ClientError, match="ResourceNotFoundException"):
        CustomersTable(connect(), "somebody-elses").by_number(NUMBER)


class FailingClient:
    """A client whose every call fails the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_item(self, **_params: Any) -> Any:
        raise self._error

    def query(self, **_params: Any) -> Any:
        raise self._error


def refused(code: str, status: int = 400) -> exceptions.ClientError:
    return exceptions.ClientError(
        {"Error": {"Code": code, "Message": f"about {NUMBER}"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Query"
    )


URL = "https://dynamodb.us-east-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(refused("ProvisionedThroughputExceededException"), "throttle", id="table or index throttles"),
        pytest.param(refused("ThrottlingException"), "throttle", id="requests too fast"),
        pytest.param(refused("RequestLimitExceeded"), "throttle", id="account throttles"),
        pytest.param(refused("InternalServerError", 500), "server-error", id="500"),
        pytest.param(refused("ServiceUnavailable", 503), "server-error", id="503"),
        pytest.param(exceptions.ConnectTimeoutError(endpoint_url=URL), "timeout", id="no connection in time"),
        pytest.param(exceptions.ReadTimeoutError(endpoint_url=URL), "timeout", id="no answer in time"),
        pytest.param(exceptions.EndpointConnectionError(endpoint_url=URL), "timeout", id="unreachable"),
        pytest.param(exceptions.ConnectionClosedError(endpoint_url=URL), "timeout", id="closed while reading"),
    ],
)
def test_what_may_pass_is_told_apart(error: Exception, reason: str) -> None:
    table = CustomersTable(FailingClient(error), TABLE)

    for ask in (lambda: table.by_id("C1001"), lambda: table.by_number(NUMBER)):
        with pytest.raises(CustomersUnavailableError) as raised:
            ask()
        assert raised.value.reason == reason
        assert NUMBER not in str(raised.value), "a message of ours never quotes the caller"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(refused("AccessDeniedException"), id="no permission"),
        pytest.param(refused("ResourceNotFoundException"), id="no table"),
        pytest.param(refused("SomethingNew"), id="a code that nobody knows"),
        pytest.param(exceptions.NoCredentialsError(), id="no credentials"),
        pytest.param(exceptions.ParamValidationError(report="..."), id="parameters the SDK refuses"),
    ],
)
def test_a_defect_is_never_a_neutral_answer(error: Exception) -> None:
    with pytest.raises(type(error)):
        CustomersTable(FailingClient(error), TABLE).by_id("C1001")


def test_a_defect_that_quotes_the_caller_keeps_only_its_code() -> None:
    with pytest.raises(CustomersDefectError) as raised:
        CustomersTable(FailingClient(refused("ValidationException")), TABLE).by_number(NUMBER)

    assert str(raised.value) == "cannot read the customers table: ValidationException"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__, "the trace would show the first error, and with it the number"


def test_a_table_that_never_answers_is_given_up_before_the_function_times_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts by its backlog, answers never
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{silent.getsockname()[1]}")
        lookup = from_environment({"TABLE": TABLE})
        started = time.monotonic()
        answer = lookup.answer(call())
        elapsed = time.monotonic() - started

    assert (answer["Found"], answer["Degraded"]) == ("false", "true")
    assert elapsed < 3, "the example gives customer-lookup three seconds"


class RecordingClient:
    """Notes which IAM action each call needs, and on which part of the table."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()

    def get_item(self, **_params: Any) -> dict[str, Any]:
        self.used.add(("dynamodb:GetItem", ""))
        return {}

    def query(self, **params: Any) -> dict[str, Any]:
        self.used.add(("dynamodb:Query", f"/index/{params['IndexName']}" if "IndexName" in params else ""))
        return {"Items": []}


def test_the_function_is_granted_exactly_what_it_calls() -> None:
    client = RecordingClient()
    table = CustomersTable(client, TABLE)
    table.by_id("C1001")
    table.by_number(NUMBER)

    granted = {(action, access.path) for access in BUILTINS["customer-lookup"].access for action in access.actions}
    assert granted == client.used
