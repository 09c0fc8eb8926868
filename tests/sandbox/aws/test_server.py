"""The offline AWS over HTTP: botocore and the `aws` CLI find it, faults break connections, the control endpoint works."""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.sandbox.aws.offline import ONE_ATTEMPT, refused
from trunkline_sandbox.aws import command
from trunkline_sandbox.aws.client import SandboxClient
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.credentials import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.aws.models import loader
from trunkline_sandbox.aws.server import Server
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(OfflineAws(clock=ManualClock(), switches=Switches(throttling=False))) as running:
        yield running


@pytest.fixture
def sandbox(server: Server) -> SandboxClient:
    return SandboxClient(server.url)


def client(server: Server, service: str, config: Config = ONE_ATTEMPT) -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", loader())
    return session.create_client(
        service,
        region_name="eu-west-2",
        endpoint_url=server.url,
        aws_access_key_id=DEFAULT_ACCESS_KEY,
        aws_secret_access_key=DEFAULT_SECRET_KEY,
        config=config,
    )


@pytest.mark.parametrize(
    ("service", "make", "read"),
    [
        pytest.param(
            "logs", lambda it: it.create_log_group(logGroupName="g"),
            lambda it: it.describe_log_groups()["logGroups"][0]["logGroupName"] == "g", id="json",
        ),
        pytest.param(
            "iam", lambda it: it.create_user(UserName="u"),
            lambda it: it.get_user(UserName="u")["User"]["UserName"] == "u", id="query",
        ),
        pytest.param(
            "s3",
            lambda it: (it.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}),
                        it.put_object(Bucket="bucket", Key="a b/ü", Body=b"content")),
            lambda it: it.get_object(Bucket="bucket", Key="a b/ü")["Body"].read() == b"content", id="rest-xml",
        ),
        pytest.param(
            "lambda", lambda it: it.list_functions(), lambda it: it.list_functions()["Functions"] == [], id="rest-json"
        ),
    ],
)  # fmt: skip
def test_every_protocol_works(server: Server, service: str, make: Any, read: Any) -> None:
    it = client(server, service)
    make(it)
    assert read(it)
    assert server.cloud.failures == []


def test_an_object_can_be_asked_for_by_head(server: Server) -> None:
    s3 = client(server, "s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    s3.put_object(Bucket="bucket", Key="k", Body=b"12345")
    assert s3.head_object(Bucket="bucket", Key="k")["ContentLength"] == 5
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket="bucket", Key="none")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    ("fault", "effect"),
    [
        pytest.param(Fault("drop_before", "logs", "Create*"), False, id="before"),
        pytest.param(Fault("drop_after", "logs", "Create*"), True, id="after"),
        pytest.param(Fault("timeout_after", "logs", "Create*", seconds=0.1), True, id="late"),
    ],
)
def test_a_connection_breaks_without_an_answer(
    server: Server,
    sandbox: SandboxClient,
    fault: Fault,
    effect: bool,
) -> None:
    sandbox.add_fault(fault)
    logs = client(server, "logs")
    with pytest.raises(ConnectionClosedError):
        logs.create_log_group(logGroupName="g")
    assert bool(logs.describe_log_groups()["logGroups"]) is effect


def test_a_process_is_killed_at_a_call(server: Server, sandbox: SandboxClient) -> None:
    sandbox.register(DEFAULT_ACCESS_KEY, "123456789012")
    program = (
        "import sys, botocore.session\n"
        "client = botocore.session.Session().create_client('logs')\n"
        "sys.stdin.readline()\n"
        "client.create_log_group(logGroupName='g')\n"
    )
    environment = os.environ | command.environment(server.url, "eu-west-2")
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, env=environment, text=True) as child:
        sandbox.add_fault(Fault("kill_after", "logs", "CreateLogGroup", pid=child.pid))
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
        assert child.wait(timeout=60) == -signal.SIGKILL
    (call,) = sandbox.calls()
    assert (call["operation"], call["outcome"], call["effect"]) == ("CreateLogGroup", "no answer", True)


def test_many_connections_at_once(server: Server) -> None:
    session_client = client(server, "logs", Config(max_pool_connections=16))
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                session_client.create_log_group(logGroupName=f"g-{number}-{turn}")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(server.cloud.calls.since()) == 160


def test_connect_works_over_http_and_its_state_can_be_read(server: Server, sandbox: SandboxClient) -> None:
    connect = client(server, "connect")
    made = connect.create_instance(
        IdentityManagementType="CONNECT_MANAGED",
        InstanceAlias="offline",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
    )
    hours = connect.list_hours_of_operations(InstanceId=made["Arn"])["HoursOfOperationSummaryList"][0]
    queue = connect.create_queue(InstanceId=made["Id"], Name="sales", HoursOfOperationId=hours["Id"], Tags={"a": "b"})
    assert connect.list_tags_for_resource(resourceArn=queue["QueueArn"])["tags"] == {"a": "b"}
    assert made["Id"] in json.dumps(sandbox.state()["services"]["connect"])
    assert server.cloud.failures == []


@pytest.mark.parametrize("raw", [pytest.param(True, id="raw-path"), pytest.param(False, id="decoded-path-only")])
def test_it_is_a_wsgi_application(raw: bool) -> None:
    cloud = OfflineAws(clock=ManualClock())
    path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-2%3A123456789012%3Afunction%3Alookup"
    scope = f"Credential={DEFAULT_ACCESS_KEY}/20260921/eu-west-2/lambda/aws4_request"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": "",
        "HTTP_HOST": "lambda.eu-west-2.amazonaws.com",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host",
        "wsgi.input": io.BytesIO(),
    }
    if raw:
        environ["RAW_URI"] = path
    started: list[str] = []
    body = b"".join(cloud.wsgi(environ, lambda status, headers: started.append(status)))
    assert started == ["404 Not Found"]
    assert b"Function not found: arn:aws:lambda:eu-west-2:123456789012:function:lookup" in body


# --- control


def test_state_calls_and_reset(server: Server, sandbox: SandboxClient) -> None:
    client(server, "lambda").list_functions()
    number = sandbox.call_number()
    client(server, "dynamodb").list_tables()
    assert [call["operation"] for call in sandbox.calls(since=number)] == ["ListTables"]
    assert sandbox.counts()["lambda:ListFunctions"] == {"ok": 1}
    assert sandbox.state()["services"]["dynamodb"] == {"tables": {}}
    sandbox.reset()
    assert sandbox.calls() == []


def test_switches_buckets_clock_and_keys(server: Server, sandbox: SandboxClient) -> None:
    sandbox.switch(search_lag_seconds=2, connect_quotas={"Queues per instance": 60})
    assert sandbox.switches()["search_lag_seconds"] == 2
    assert server.cloud.switches.connect_quotas == {"Queues per instance": 60}
    before = sandbox.advance(0)
    assert sandbox.advance(90.5) == before + 90.5
    sandbox.throttle(enabled=True)
    sandbox.switch(rates={"logs:DescribeLogGroups": [0.001, 0]})
    refused("ThrottlingException", client(server, "logs").describe_log_groups)
    sandbox.throttle(enabled=False)
    sandbox.register("AKIAOTHERACCOUNT0000", "222222222222")
    assert "AKIAOTHERACCOUNT0000" in sandbox.state()["credentials"]


def test_faults_are_listed_and_cleared(server: Server, sandbox: SandboxClient) -> None:
    sandbox.add_fault(Fault("throttle", "lambda", times=0))
    refused("TooManyRequestsException", client(server, "lambda").list_functions)
    assert sandbox.state()["faults"][0]["seen"] == 1
    sandbox.clear_faults()
    client(server, "lambda").list_functions()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        pytest.param(lambda it: it.switch(serch_lag_seconds=1), "serch_lag_seconds: there is no such switch", id="switch"),
        pytest.param(lambda it: it.switch(throttling="no"), "throttling: expected bool", id="type"),
        pytest.param(
            lambda it: it.switch(duplicate_flow_name_scope="center"), "expected one of type, instance", id="choice"
        ),
        pytest.param(lambda it: it.advance(-1), "advance: expected seconds", id="back-in-time"),
        pytest.param(lambda it: it._ask("GET", "nothing"), "not offered; there is", id="path"),
        pytest.param(lambda it: it._ask("PUT", "switches", [1]), "not a JSON object", id="body"),
        pytest.param(lambda it: it._ask("PUT", "keys", {"account": "1"}), "access_key: expected a string", id="key"),
    ],
)  # fmt: skip
def test_a_bad_request_says_what_is_wrong(sandbox: SandboxClient, ask: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ask(sandbox)


def test_a_real_clock_does_not_jump() -> None:
    with Server(OfflineAws()) as running, pytest.raises(ValueError, match="--virtual-clock"):
        SandboxClient(running.url).advance(1)


# --- the command

RUN = (
    "import argparse, sys\n"
    "from trunkline_sandbox.aws import command\n"
    "parser = argparse.ArgumentParser()\n"
    "command.add_arguments(parser)\n"
    "sys.exit(command.run(parser.parse_args(sys.argv[1:])))\n"
)


@pytest.fixture
def started() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The command as a process of its own, and the environment that it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, "--region", "eu-central-1", "--no-throttling"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed: dict[str, str] = {}
        while "AWS_EC2_METADATA_DISABLED" not in printed:
            line = process.stdout.readline()
            assert line.startswith("export "), f"unexpected output: {line!r}"
            name, _, value = line.removeprefix("export ").strip().partition("=")
            printed[name] = value
        yield process, printed
        process.kill()


def test_the_command_prints_what_an_sdk_needs_and_ends_on_sigterm(
    started: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    process, printed = started
    program = (
        "import botocore.session\n"
        "client = botocore.session.Session().create_client('sts')\n"
        "print(client.meta.region_name, client.get_caller_identity()['Account'])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | printed, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["eu-central-1", "123456789012"]
    process.terminate()
    assert process.wait(timeout=30) == 0


@pytest.mark.skipif(shutil.which("aws") is None, reason="the aws CLI is not installed")
def test_the_aws_cli_works(started: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    _, printed = started

    def aws(*arguments: str) -> Any:
        found = subprocess.run(
            ["aws", *arguments, "--output", "json", "--no-cli-pager"] if _cli_version() > 1 else ["aws", *arguments, "--output", "json"],
            env=os.environ | printed, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        return json.loads(found.stdout) if found.stdout.strip() else None

    assert aws("sts", "get-caller-identity")["Account"] == "123456789012"
    aws(
        "dynamodb", "create-table", "--table-name", "customers", "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH",
    )  # fmt: skip
    assert aws("dynamodb", "list-tables")["TableNames"] == ["customers"]
    assert aws("lambda", "list-functions")["Functions"] == []


def _cli_version() -> int:
    text = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=False)
    return int((text.stdout or text.stderr).split("/")[1].split(".")[0])


def test_a_taken_port_is_said_in_one_sentence(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    port = server.url.rpartition(":")[2]
    assert command.run(parser.parse_args(["--port", port])) == 1
    assert f"cannot listen on port {port}" in capsys.readouterr().err


def test_durations_are_options() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    switches = command.switches_of(parser.parse_args(["--instance-creation-seconds", "0.5", "--permissions"]))
    assert switches.instance_creation_seconds == 0.5
    assert switches.search_lag_seconds == command.WATCHED.search_lag_seconds
    assert switches.enforce_permissions is True
    with pytest.raises(SystemExit):
        parser.parse_args(["--table-seconds", "-1"])
