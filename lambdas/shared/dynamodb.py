"""The customers table in DynamoDB, through the SDK that the Lambda runtime brings.

Says which errors mean "not just now" and which are defects: only timeouts, throttles and 5xx become
CustomersUnavailableError. A missing table, a refused permission or an invalid request is raised as it is, but for what
it quotes of the caller: a neutral answer would call every customer unknown until somebody notices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from shared.customers import (
    DEFAULT_LANGUAGE,
    DEFAULT_TIER,
    NUMBER_INDEX,
    PROFILE,
    Customer,
    CustomersDefectError,
    CustomersUnavailableError,
)

THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
    }
)
_PROJECTION = "CustomerId, CustomerName, Tier, #language"
_NAMES = {"#language": "Language"}  # LANGUAGE is one of DynamoDB's reserved words


class DynamoDBClient(Protocol):
    """The two operations of boto3's DynamoDB client that are used here."""

    def get_item(self, **params: Any) -> Mapping[str, Any]:
        """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html"""
        ...

    def query(self, **params: Any) -> Mapping[str, Any]:
        """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html"""
        ...


def connect() -> DynamoDBClient:
    """A client that gives up early: a flow waits three seconds, and the SDK's own timeouts are sixty.

    Two attempts of at most 0.3 s to connect and 0.5 s to read. Loading the SDK takes most of a cold start, hence here
    and not on import.
    """
    import boto3  # noqa: PLC0415  # see above
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=0.3,
        read_timeout=0.5,
        retries={"mode": "standard", "total_max_attempts": 2},
        tcp_keepalive=True,
    )
    client: DynamoDBClient = boto3.client("dynamodb", config=config)
    return client


class CustomersTable:
    """Implements `shared.customers.Customers` on a DynamoDB table; see there."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def by_id(self, customer_id: str) -> Customer | None:
        """One eventually consistent GetItem: a profile that is a second old is good enough for a greeting."""
        try:
            answer = self._client.get_item(
                TableName=self._table,
                Key={"CustomerId": {"S": customer_id}, "SK": {"S": PROFILE}},
                ProjectionExpression=_PROJECTION,
                ExpressionAttributeNames=_NAMES,
            )
        except Exception as error:
            raise _classified(error, customer_id) from None
        item = answer.get("Item")
        return _customer(item) if item else None

    def by_number(self, number: str) -> tuple[Customer, ...]:
        """One Query for two entries: numbers are not unique, and the second is enough to know that."""
        try:
            answer = self._client.query(
                TableName=self._table,
                IndexName=NUMBER_INDEX,
                KeyConditionExpression="PhoneNumber = :number",
                ExpressionAttributeValues={":number": {"S": number}},
                ProjectionExpression=_PROJECTION,
                ExpressionAttributeNames=_NAMES,
                Limit=2,
            )
        except Exception as error:
            raise _classified(error, number) from None
        return tuple(_customer(item) for item in answer.get("Items", ()))


def _customer(item: Mapping[str, Mapping[str, str]]) -> Customer:
    def text(attribute: str, default: str) -> str:
        return item.get(attribute, {}).get("S") or default

    return Customer(
        customer_id=item["CustomerId"]["S"],
        name=text("CustomerName", ""),
        tier=text("Tier", DEFAULT_TIER),
        language=text("Language", DEFAULT_LANGUAGE),
    )


def _classified(error: Exception, asked: str) -> Exception:
    """What to raise: CustomersUnavailableError if another try later could succeed, else the error itself.

    Lambda logs the message of what is raised, so an error that quotes who was asked for keeps only its code.
    """
    reason = unavailable_reason(error)
    if reason is not None:
        return CustomersUnavailableError(reason)
    return CustomersDefectError(_code(error)) if asked in str(error) else error


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code")) if isinstance(response, dict) else type(error).__name__


def unavailable_reason(error: Exception) -> str | None:
    """ "timeout", "throttle" or "server-error" if the table cannot answer just now; None for every defect."""
    from botocore import exceptions  # noqa: PLC0415  # loaded by now: an error of the client brought us here

    if isinstance(
        error,
        exceptions.ConnectTimeoutError
        | exceptions.ReadTimeoutError
        | exceptions.EndpointConnectionError
        | exceptions.ConnectionClosedError,
    ):
        return "timeout"
    if not isinstance(error, exceptions.ClientError):
        return None
    if error.response.get("Error", {}).get("Code") in THROTTLES:
        return "throttle"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return "server-error" if status >= 500 else None
