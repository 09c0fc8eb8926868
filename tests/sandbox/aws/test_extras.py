"""What a test may ask and tell the offline AWS that AWS has no API for, over HTTP too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.aws.offline import archive
from tests.sandbox.aws.test_server import client
from trunkline_sandbox.aws.client import SandboxClient
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.lambda_.answers import Invocation
from trunkline_sandbox.aws.server import Server
from trunkline_sandbox.aws.switches import Switches

TOKEN = "a-token-of-twenty-two!"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(
        OfflineAws(clock=ManualClock(), switches=Switches(throttling=False, cache_vpc_must_exist=False))
    ) as run:
        yield run


@pytest.fixture
def sandbox(server: Server) -> SandboxClient:
    return SandboxClient(server.url)


def _cache(server: Server) -> Any:
    found = client(server, "elasticache")
    found.create_cache_subnet_group(
        CacheSubnetGroupName="acme", CacheSubnetGroupDescription="acme", SubnetIds=["subnet-1", "subnet-2"]
    )
    found.create_replication_group(
        ReplicationGroupId="acme",
        ReplicationGroupDescription="lookups",
        Engine="valkey",
        CacheNodeType="cache.t4g.micro",
        CacheSubnetGroupName="acme",
        TransitEncryptionEnabled=True,
        AuthToken=TOKEN,
    )
    return found


def test_a_real_server_becomes_the_endpoint_of_a_cache(server: Server, sandbox: SandboxClient) -> None:
    found = _cache(server)
    sandbox.extra("elasticache", "attach", cache="acme", host="127.0.0.1", port=16379)
    (group,) = found.describe_replication_groups()["ReplicationGroups"]
    assert group["NodeGroups"][0]["PrimaryEndpoint"] == {"Address": "127.0.0.1", "Port": 16379}


def test_one_can_ask_which_tokens_a_cache_accepts(server: Server, sandbox: SandboxClient) -> None:
    _cache(server)
    accepts = [sandbox.extra("elasticache", "accepts", cache="acme", token=token) for token in (TOKEN, "other", "")]
    assert accepts == [True, False, False]


def test_a_function_is_told_what_to_answer(server: Server, sandbox: SandboxClient) -> None:
    _function(server)
    sandbox.extra("lambda", "answer", function="warm", payload={"cursor": None, "items": 3})
    answer = client(server, "lambda").invoke(FunctionName="warm", Payload=b"{}")
    assert json.load(answer["Payload"]) == {"cursor": None, "items": 3}
    assert [item["event"] for item in sandbox.extra("lambda", "invocations")] == [{}]


def _function(server: Server) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
    role = client(server, "iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))
    client(server, "lambda").create_function(
        FunctionName="warm",
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": archive()},
    )


def test_what_runs_for_a_function_may_call_the_server_it_stands_behind(server: Server) -> None:
    """Otherwise a handler that is run for real, against the same offline AWS, would wait for itself."""
    _function(server)
    seen: list[str] = []

    def run(given: Invocation) -> str:
        seen.extend(item["FunctionName"] for item in client(server, "lambda").list_functions()["Functions"])
        return given.version

    server.cloud.extra("lambda", "run", function="warm", run=run)
    answer = client(server, "lambda").invoke(FunctionName="warm")
    assert (json.load(answer["Payload"]), seen) == ("$LATEST", ["warm"])


@pytest.mark.parametrize(
    ("service", "name", "arguments", "says"),
    [
        pytest.param("elasticache", "flood", {}, "there is accepts, attach", id="no-such-extra"),
        pytest.param("sqs", "attach", {}, "there is none", id="service-without-extras"),
        pytest.param("elasticache", "attach", {"cache": "none"}, "host", id="argument-missing"),
        pytest.param(
            "elasticache", "accepts", {"cache": "none", "token": "x"}, "no such replication group", id="no-cache"
        ),
    ],
)
def test_what_makes_no_sense_is_said(
    sandbox: SandboxClient, service: str, name: str, arguments: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        sandbox.extra(service, name, **arguments)
