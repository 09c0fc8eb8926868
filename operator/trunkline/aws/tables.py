"""What a person at a terminal needs of AWS to work on one DynamoDB table: credentials, endpoint, and what the table is.

Credentials are those that the SDK's own chain finds (environment, profile, container, instance), and are renewed by it.
Items are not read here: that is done with the functions' own client, which is given what this module finds. Only reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore import exceptions

from trunkline.aws.clients import Clients

SERVICE = "dynamodb"


class TableUnreadableError(Exception):
    """The table cannot be looked at; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SdkCredentials:
    """What signs a call, as it is now. token: empty for a user's own keys."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """A global secondary index. attributes: what it holds beside keys; None: all."""

    name: str
    status: str
    keys: tuple[str, ...]
    attributes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table as DescribeTable has it. items and size (bytes) are hours old. tags: None if they may not be read."""

    name: str
    arn: str
    status: str
    keys: tuple[str, ...]
    items: int
    size: int
    indexes: tuple[IndexFacts, ...]
    tags: Mapping[str, str] | None


class TableAccount:
    """Where the tables are: one Region of whatever account the SDK's credentials lead to.

    Raises TableUnreadableError if there is no Region, no profile of that name, or no credentials.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        try:
            self._session = botocore.session.Session(profile=profile)
            self.region = region or str(self._session.get_config_variable("region") or "")
            self._credentials = self._session.get_credentials()
        except exceptions.BotoCoreError as error:
            raise TableUnreadableError(f"AWS is not configured: {error}") from None
        if not self.region:
            raise TableUnreadableError("no Region is known: set AWS_DEFAULT_REGION, or give --region")
        if self._credentials is None:
            raise TableUnreadableError("no credentials were found: log in, set AWS_PROFILE, or give --profile")
        self._clients = Clients(self._session, pool=2)

    def credentials(self) -> SdkCredentials:
        """What the chain has now; it renews what expires. Raises TableUnreadableError."""
        try:
            found = self._credentials.get_frozen_credentials()
        except exceptions.BotoCoreError as error:
            raise TableUnreadableError(f"the credentials cannot be renewed: {error}") from None
        return SdkCredentials(found.access_key, found.secret_key, found.token or "")

    def endpoint(self, service: str = SERVICE) -> str:
        """The address that the SDK would call, with whatever its variables and files override."""
        return str(self._session.create_client(service, region_name=self.region).meta.endpoint_url)

    def table(self, name: str) -> TableFacts:
        """What the table is. Raises TableUnreadableError."""
        described = self._read("DescribeTable", {"TableName": name}, name)["Table"]
        return TableFacts(
            name=str(described["TableName"]),
            arn=str(described["TableArn"]),
            status=str(described.get("TableStatus", "")),
            keys=_keys(described),
            items=int(described.get("ItemCount", 0)),
            size=int(described.get("TableSizeBytes", 0)),
            indexes=tuple(map(_index, described.get("GlobalSecondaryIndexes", ()))),
            tags=self._tags(str(described["TableArn"]), name),
        )

    def close(self) -> None:
        """Close idle connections."""
        self._clients.close()

    def _tags(self, arn: str, name: str) -> Mapping[str, str] | None:
        """All pages; None if the right to read them is missing, for who works on it must then be asked."""
        tags: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            try:
                page = self._call("ListTagsOfResource", {"ResourceArn": arn, **more})
            except exceptions.ClientError as error:
                if _code(error) in ("AccessDeniedException", "AccessDenied"):
                    return None
                if _code(error) == "UnknownOperationException":
                    return {}  # DynamoDB Local knows no tags; AWS always does
                raise _unreadable(name, error) from None
            except exceptions.BotoCoreError as error:
                raise _unreadable(name, error) from None
            tags.update((tag["Key"], tag["Value"]) for tag in page.get("Tags", ()))
            if not page.get("NextToken"):
                return tags
            more = {"NextToken": page["NextToken"]}

    def _read(self, operation: str, params: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        try:
            return self._call(operation, params)
        except (exceptions.ClientError, exceptions.BotoCoreError) as error:
            raise _unreadable(name, error) from None

    def _call(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._clients.call(SERVICE, operation, self.region, params).body


def _keys(described: Mapping[str, Any]) -> tuple[str, ...]:
    """Partition key, then sort key."""
    schema = sorted(described.get("KeySchema", ()), key=lambda key: str(key["KeyType"]))  # HASH before RANGE
    return tuple(str(key["AttributeName"]) for key in schema)


def _index(described: Mapping[str, Any]) -> IndexFacts:
    projection = described.get("Projection", {})
    everything = projection.get("ProjectionType") == "ALL"
    return IndexFacts(
        name=str(described["IndexName"]),
        status=str(described.get("IndexStatus", "")),
        keys=_keys(described),
        attributes=None if everything else frozenset(projection.get("NonKeyAttributes", ())),
    )


def _code(error: exceptions.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _unreadable(name: str, error: exceptions.ClientError | exceptions.BotoCoreError) -> TableUnreadableError:
    code = _code(error) if isinstance(error, exceptions.ClientError) else type(error).__name__
    remedy = {
        "ResourceNotFoundException": "there is no such table in this account and Region",
        "AccessDeniedException": "these credentials may not dynamodb:DescribeTable",
        "UnrecognizedClientException": "these credentials are not valid",
        "ExpiredTokenException": "these credentials have expired: log in again",
        "EndpointConnectionError": "AWS cannot be reached",
    }.get(code, str(error))
    return TableUnreadableError(f"cannot look at the table {name}: {remedy} ({code})")
