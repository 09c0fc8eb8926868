"""A desk of one's own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import boto3
import pytest

from tests.data.desk import Desk
from tests.parts.dynamodb import DynamoDBServer
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.command import environment
from trunkline_sandbox.aws.server import Server
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def desk(dynamodb_local: DynamoDBServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """An account that nobody has used, in the SDK's own variables."""
    account = dynamodb_local.account()
    _use(monkeypatch, account.environment)
    return Desk(account.client(), capsys)


@pytest.fixture
def tagging_desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """The same at the offline AWS: DynamoDB Local knows no tags."""
    with Server(OfflineAws(switches=Switches(throttling=False, table_seconds=0.0, index_seconds=0.0))) as server:
        _use(monkeypatch, environment(server.url, "us-east-1"))
        yield Desk(boto3.client("dynamodb"), capsys)


def _use(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """The SDK's own variables, and no others."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
