"""Sessions of the caller's own, wired to the offline AWS in this process, also on the loop of virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import boto3
import botocore.session
import pytest

from tests import virtual_time
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.aws.messages import ProcessKilled
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import attach, connected_session

KEYS = {"aws_access_key_id": "AKIATRUNKLINESANDBOX", "aws_secret_access_key": "trunkline-sandbox"}


def test_a_boto3_session_can_be_attached() -> None:
    cloud = OfflineAws()
    session = boto3.Session(region_name="us-east-1", **KEYS)
    attach(session, cloud)
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_botocore_session_can_be_attached() -> None:
    cloud = OfflineAws()
    session = botocore.session.Session()
    session.set_credentials(KEYS["aws_access_key_id"], KEYS["aws_secret_access_key"])
    attach(session, cloud)
    client = session.create_client("sts", region_name="us-east-1")
    assert client.get_caller_identity()["Account"] == "123456789012"


def test_virtual_time_passes_for_loop_and_cloud_alike() -> None:
    clock = virtual_time.VirtualClock()
    cloud = OfflineAws(clock=clock, switches=Switches(table_seconds=600))
    client = connected_session(cloud).create_client("dynamodb")

    async def until_active() -> float:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, _create, client)
        while client.describe_table(TableName="customers")["Table"]["TableStatus"] != "ACTIVE":
            await asyncio.sleep(60)
        return loop.time()

    assert virtual_time.run(until_active(), clock) == 600


def test_a_killed_process_is_no_exception_that_code_survives() -> None:
    clock = virtual_time.VirtualClock()
    cloud = OfflineAws(clock=clock)
    cloud.faults.add(Fault("kill_after", "dynamodb", "CreateTable"))
    client = connected_session(cloud).create_client("dynamodb")

    async def careful() -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, _create, client)
        except Exception:
            pytest.fail("survived being killed")

    with pytest.raises(ProcessKilled):
        virtual_time.run(careful(), clock)
    assert client.list_tables()["TableNames"] == ["customers"]


def _create(client: Any) -> None:
    client.create_table(
        TableName="customers",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def test_two_runs_give_the_same_ids() -> None:
    def run() -> list[str]:
        cloud = OfflineAws(clock=virtual_time.VirtualClock())
        client = connected_session(cloud).create_client("iam")
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        user = client.create_user(UserName="u")["User"]["UserId"]
        policy = client.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["PolicyId"]
        return [user, policy]

    assert run() == run()
