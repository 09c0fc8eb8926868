"""Who may call: access keys, sessions, and roles that may or may not be assumed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, Offline, refused, status_of

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        pytest.param("connect", "list_instances", "UnrecognizedClientException", 403, id="connect"),
        pytest.param("lambda", "list_functions", "UnrecognizedClientException", 403, id="lambda"),
        pytest.param("dynamodb", "list_tables", "UnrecognizedClientException", 400, id="dynamodb"),
        pytest.param("iam", "list_roles", "InvalidClientTokenId", 403, id="iam"),
        pytest.param("sts", "get_caller_identity", "InvalidClientTokenId", 403, id="sts"),
        pytest.param("s3", "list_buckets", "InvalidAccessKeyId", 403, id="s3"),
    ],
)
def test_an_unknown_key_is_nobody(aws: Offline, service: str, operation: str, code: str, status: int) -> None:
    client = aws.client(service, access_key="AKIANOBODYKNOWSTHIS0")
    refused(code, getattr(client, operation))
    assert status_of(getattr(client, operation)) == status


def test_an_unsigned_call_is_refused(aws: Offline) -> None:
    status, _, _ = aws.cloud.send("GET", "https://connect.eu-west-2.amazonaws.com/instance", {})
    assert status == 403


def test_accounts_do_not_see_each_other(aws: Offline) -> None:
    aws.cloud.credentials.register("AKIAOTHERACCOUNT0000", "222222222222")
    aws.client("logs").create_log_group(logGroupName="ours")
    other = aws.client("logs", access_key="AKIAOTHERACCOUNT0000")
    assert other.describe_log_groups()["logGroups"] == []
    assert aws.client("sts", access_key="AKIAOTHERACCOUNT0000").get_caller_identity()["Account"] == "222222222222"


def _assume(aws: Offline, arn: str, **params: Any) -> Any:
    return aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="session", **params)


def _session(aws: Offline, service: str, credentials: dict[str, str], **changed: Any) -> Any:
    values = {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretAccessKey"],
        "token": credentials["SessionToken"],
    }
    return aws.client(service, **(values | changed))


def test_a_session_acts_as_the_role_in_its_account(aws: Offline) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})
    credentials = _assume(aws, arn)["Credentials"]
    identity = _session(aws, "sts", credentials).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"
    assert identity["UserId"].endswith(":session")


def test_a_session_needs_its_token(aws: Offline) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})
    credentials = _assume(aws, arn)["Credentials"]
    refused("UnrecognizedClientException", _session(aws, "connect", credentials, token=None).list_instances)
    refused("UnrecognizedClientException", _session(aws, "connect", credentials, token="x").list_instances)


def test_a_session_ends(aws: Offline) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})
    client = _session(aws, "connect", _assume(aws, arn, DurationSeconds=900)["Credentials"])
    client.list_instances()
    aws.clock.advance(900)
    refused("ExpiredTokenException", client.list_instances)


WITH_EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": "tenant-7"}}


@pytest.mark.parametrize(
    ("statement", "params", "allowed"),
    [
        pytest.param({"Principal": {"AWS": ROOT}}, {}, True, id="the-account"),
        pytest.param({"Principal": {"AWS": ACCOUNT}}, {}, True, id="the-account-by-number"),
        pytest.param({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/trunkline"}}, {}, True, id="the-user"),
        pytest.param({"Principal": {"AWS": "arn:aws:iam::999999999999:root"}}, {}, False, id="another-account"),
        pytest.param({"Principal": {"Service": "lambda.amazonaws.com"}}, {}, False, id="a-service"),
        pytest.param({"Principal": {"AWS": ROOT}, "Effect": "Deny"}, {}, False, id="denied"),
        pytest.param(
            {"Principal": {"AWS": ROOT}, "Condition": WITH_EXTERNAL_ID}, {"ExternalId": "tenant-7"}, True, id="external-id"
        ),
        pytest.param({"Principal": {"AWS": ROOT}, "Condition": WITH_EXTERNAL_ID}, {}, False, id="external-id-missing"),
        pytest.param(
            {"Principal": {"AWS": ROOT}, "Condition": WITH_EXTERNAL_ID}, {"ExternalId": "tenant-8"}, False, id="external-id-wrong"
        ),
    ],
)  # fmt: skip
def test_a_role_is_assumed_by_whom_it_trusts(
    aws: Offline,
    statement: dict[str, Any],
    params: dict[str, Any],
    allowed: bool,
) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole"} | statement)
    if allowed:
        assert _assume(aws, arn, **params)["Credentials"]["AccessKeyId"].startswith("ASIA")
    else:
        assert "not authorized to perform: sts:AssumeRole" in refused(
            "AccessDenied", _assume, aws=aws, arn=arn, **params
        )


def test_a_role_that_is_not_there_cannot_be_assumed(aws: Offline) -> None:
    refused("AccessDenied", _assume, aws=aws, arn=f"arn:aws:iam::{ACCOUNT}:role/nobody")


def test_a_session_is_no_longer_than_the_role_allows(aws: Offline) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})
    refused("ValidationError", _assume, aws=aws, arn=arn, DurationSeconds=7200)


def test_a_web_identity_is_taken_unsigned_by_a_role_that_trusts_a_provider(aws: Offline) -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example"
    statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider}}
    trusting, other = aws.role("trusting", statement=statement), aws.role("other")
    call = aws.client("sts").assume_role_with_web_identity
    answer = call(RoleArn=trusting, RoleSessionName="pod", WebIdentityToken="token")
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/trusting/pod")
    refused("AccessDenied", call, RoleArn=other, RoleSessionName="pod", WebIdentityToken="token")


def test_keys_that_iam_made_are_known(aws: Offline) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="someone")
    key = iam.create_access_key(UserName="someone")["AccessKey"]
    identity = aws.client("sts", access_key=key["AccessKeyId"]).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/someone"


def test_reset_ends_sessions_and_keeps_registered_keys(aws: Offline) -> None:
    arn = aws.role(statement={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})
    client = _session(aws, "connect", _assume(aws, arn)["Credentials"])
    aws.cloud.credentials.register("AKIAOTHERACCOUNT0000", "222222222222")
    aws.cloud.reset()
    refused("UnrecognizedClientException", client.list_instances)
    aws.client("sts", access_key="AKIAOTHERACCOUNT0000").get_caller_identity()


def test_role_documents_of_iam_are_readable_again(aws: Offline) -> None:
    aws.role()
    document = aws.client("iam").get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]
    assert json.dumps(document).count("lambda.amazonaws.com") == 1
