"""What the tests of the offline AWS share: one cloud with its clock and clients, and how a call is refused."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.credentials import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from trunkline_sandbox.aws.iam import find_role
from trunkline_sandbox.aws.service import CallContext, OwnService, ServiceFault
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session

ACCOUNT = "123456789012"
REGION = "eu-west-2"
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
LAMBDA_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}


class Offline:
    """One offline AWS. Clients do not retry and do not check parameters: the service is what is tested."""

    def __init__(self, switches: Switches | None = None, *services: OwnService) -> None:
        self.clock = ManualClock()
        self.cloud = OfflineAws(clock=self.clock, switches=switches, services=services)
        self._clients: dict[object, Any] = {}

    def client(
        self,
        service: str,
        *,
        region: str = REGION,
        access_key: str = DEFAULT_ACCESS_KEY,
        secret_key: str = DEFAULT_SECRET_KEY,
        token: str | None = None,
        config: Config = ONE_ATTEMPT,
    ) -> Any:
        """A client, made once for the same arguments."""
        key = (service, region, access_key, token, config)
        if key not in self._clients:
            session = connected_session(
                self.cloud, region=region, access_key=access_key, secret_key=secret_key, token=token
            )
            self._clients[key] = session.create_client(service, config=config)
        return self._clients[key]

    def switch(self, **values: Any) -> None:
        self.cloud.switches = dataclasses.replace(self.cloud.switches, **values)

    def role(self, name: str = "worker", *, statement: Mapping[str, Any] = LAMBDA_TRUST) -> str:
        """A role with one trust statement; its ARN."""
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        answer = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
        return str(answer["Role"]["Arn"])

    def worker(self) -> str:
        """The ARN of the role `worker`, which Lambda may assume; made when it is first asked for."""
        known = find_role(ACCOUNT, "worker")
        return str(known.arn) if known is not None else self.role()


def refused(code: str, call: Callable[..., Any], /, **params: Any) -> str:
    """Assert that a call is refused with this code; its message."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    assert error["Code"] == code, f"refused, but with {error['Code']}: {error['Message']}"
    return str(error["Message"])


def status_of(call: Callable[..., Any], /, **params: Any) -> int:
    """The HTTP status that a refused call has."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    return int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def archive(text: str = "def handler(event, context): return {}") -> bytes:
    """A deployment package with one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr(zipfile.ZipInfo("app.py", date_time=(2020, 1, 1, 0, 0, 0)), text)
    return content.getvalue()


class RecordingService:
    """Stands for a service implemented here: keeps what it is called with, answers what it is told."""

    def __init__(self, name: str = "connect", answer: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.answer: Mapping[str, Any] | Exception = answer or {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.contexts: list[CallContext] = []

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        self.contexts.append(context)
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)

    def reset(self) -> None:
        self.calls.clear()

    def inspect(self) -> dict[str, Any]:
        return {"calls": len(self.calls)}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        return [(f"arn:aws:connect:{region}:{account}:instance/i", {"team": "voice"})]


__all__ = ["ACCOUNT", "REGION", "Offline", "RecordingService", "ServiceFault", "archive", "refused", "status_of"]
