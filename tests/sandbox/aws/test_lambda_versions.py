"""Versions, aliases, their policies, and concurrency."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, archive, refused, status_of
from tests.sandbox.aws.test_lambda_functions import ARN, create
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def aws() -> Offline:
    """A function `lookup`, done at once."""
    offline = Offline(Switches(throttling=False))
    create(offline)
    return offline


def _update(aws: Offline, text: str) -> None:
    aws.client("lambda").update_function_code(FunctionName="lookup", ZipFile=archive(text))


def _publish(aws: Offline, **params: Any) -> str:
    return str(aws.client("lambda").publish_version(FunctionName="lookup", **params)["Version"])


# --- versions


def test_unchanged_code_and_configuration_publish_nothing_new(aws: Offline) -> None:
    assert [_publish(aws), _publish(aws), _publish(aws, Description="another")] == ["1", "1", "1"]
    _update(aws, "2")
    assert _publish(aws) == "2"
    aws.client("lambda").update_function_configuration(FunctionName="lookup", Timeout=7)
    assert [_publish(aws), _publish(aws)] == ["3", "3"]


def test_a_version_never_changes_and_numbers_are_not_used_again(aws: Offline) -> None:
    client = aws.client("lambda")
    first = client.get_function_configuration(FunctionName="lookup")["CodeSha256"]
    _publish(aws)
    _update(aws, "2")
    assert client.get_function_configuration(FunctionName="lookup:1")["CodeSha256"] == first
    _publish(aws)
    client.delete_function(FunctionName="lookup", Qualifier="2")
    assert _publish(aws) == "3"


def test_publishing_checks_hash_and_revision(aws: Offline) -> None:
    client = aws.client("lambda")
    found = client.get_function_configuration(FunctionName="lookup")
    call = client.publish_version
    assert "is different from current CodeSHA256" in refused(
        "InvalidParameterValueException", call, FunctionName="lookup", CodeSha256="AAAA"
    )
    refused("PreconditionFailedException", call, FunctionName="lookup", RevisionId="old")
    answer = call(FunctionName="lookup", CodeSha256=found["CodeSha256"], RevisionId=found["RevisionId"])
    assert (answer["FunctionArn"], answer["State"]) == (f"{ARN}:1", "Pending")


def test_a_new_version_becomes_active_on_the_clock(aws: Offline) -> None:
    aws.switch(function_seconds=2.0)
    _publish(aws)
    client = aws.client("lambda")
    assert client.get_function_configuration(FunctionName="lookup:1")["State"] == "Pending"
    aws.clock.advance(2)
    assert client.get_function_configuration(FunctionName="lookup:1")["State"] == "Active"


def test_versions_are_listed_with_latest(aws: Offline) -> None:
    _publish(aws)
    found = aws.client("lambda").list_versions_by_function(FunctionName="lookup")["Versions"]
    assert [item["Version"] for item in found] == ["$LATEST", "1"]


def test_a_version_that_an_alias_names_stays(aws: Offline) -> None:
    _publish(aws)
    client = aws.client("lambda")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1")
    text = refused("ResourceConflictException", client.delete_function, FunctionName="lookup", Qualifier="1")
    assert "[live]" in text
    refused("InvalidParameterValueException", client.delete_function, FunctionName="lookup", Qualifier="$LATEST")


# --- aliases


def test_an_alias_points_and_is_pointed_anew(aws: Offline) -> None:
    _publish(aws)
    _update(aws, "2")
    _publish(aws)
    client = aws.client("lambda")
    made = client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1", Description="d")
    assert made["AliasArn"] == f"{ARN}:live"
    changed = client.update_alias(FunctionName="lookup", Name="live", FunctionVersion="2")
    assert (changed["FunctionVersion"], changed["Description"]) == ("2", "d")
    assert changed["RevisionId"] != made["RevisionId"]
    assert client.get_function_configuration(FunctionName="lookup:live")["Version"] == "2"
    refused(
        "PreconditionFailedException", client.update_alias, FunctionName="lookup", Name="live", RevisionId=made["RevisionId"]
    )  # fmt: skip


def test_an_alias_needs_a_version_and_a_free_name(aws: Offline) -> None:
    client = aws.client("lambda")
    call = client.create_alias
    refused("ResourceNotFoundException", call, FunctionName="lookup", Name="live", FunctionVersion="9")
    call(FunctionName="lookup", Name="live", FunctionVersion="$LATEST")
    refused("ResourceConflictException", call, FunctionName="lookup", Name="live", FunctionVersion="$LATEST")
    refused("ResourceNotFoundException", client.update_alias, FunctionName="lookup", Name="other")
    refused("ResourceNotFoundException", client.get_alias, FunctionName="lookup", Name="other")


def test_weights_go_between_two_published_versions(aws: Offline) -> None:
    _publish(aws)
    _update(aws, "2")
    _publish(aws)
    call = aws.client("lambda").create_alias
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    refused(
        "InvalidParameterValueException", call,
        FunctionName="lookup", Name="live", FunctionVersion="$LATEST", RoutingConfig=weights,
    )  # fmt: skip
    made = call(FunctionName="lookup", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert made["RoutingConfig"] == weights


def test_deleting_an_alias_takes_its_policy_along_and_can_be_repeated(aws: Offline) -> None:
    client = aws.client("lambda")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="$LATEST")
    _permit(aws, Qualifier="live")
    client.delete_alias(FunctionName="lookup", Name="live")
    client.delete_alias(FunctionName="lookup", Name="live")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="$LATEST")
    refused("ResourceNotFoundException", client.get_policy, FunctionName="lookup", Qualifier="live")


# --- policies

INSTANCE = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/0b63416d-f5f9-4b54-88c8-e410ad622b70"


def _permit(aws: Offline, **changes: Any) -> Any:
    params = {
        "FunctionName": "lookup",
        "StatementId": "connect",
        "Action": "lambda:InvokeFunction",
        "Principal": "connect.amazonaws.com",
        "SourceAccount": ACCOUNT,
        "SourceArn": INSTANCE,
    }
    return aws.client("lambda").add_permission(**(params | changes))


def test_each_qualifier_has_a_policy_of_its_own(aws: Offline) -> None:
    client = aws.client("lambda")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="$LATEST")
    _permit(aws, Qualifier="live")
    refused("ResourceNotFoundException", client.get_policy, FunctionName="lookup")
    document = json.loads(client.get_policy(FunctionName="lookup", Qualifier="live")["Policy"])
    assert document["Statement"] == [
        {
            "Sid": "connect",
            "Effect": "Allow",
            "Principal": {"Service": "connect.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": f"{ARN}:live",
            "Condition": {
                "StringEquals": {"AWS:SourceAccount": ACCOUNT},
                "ArnLike": {"AWS:SourceArn": INSTANCE},
            },
        }
    ]


def test_a_statement_id_is_used_once(aws: Offline) -> None:
    _permit(aws)
    assert "The statement id (connect) provided already exists" in refused(
        "ResourceConflictException", _permit, aws=aws
    )
    assert status_of(_permit, aws=aws) == 409
    client = aws.client("lambda")
    client.remove_permission(FunctionName="lookup", StatementId="connect")
    refused("ResourceNotFoundException", client.remove_permission, FunctionName="lookup", StatementId="connect")
    refused("ResourceNotFoundException", client.get_policy, FunctionName="lookup")
    _permit(aws)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"Qualifier": "$LATEST"}, "InvalidParameterValueException", id="latest"),
        pytest.param({"Qualifier": "gone"}, "ResourceNotFoundException", id="no-such-qualifier"),
        pytest.param({"Principal": "nobody"}, "InvalidParameterValueException", id="principal"),
        pytest.param({"FunctionName": "gone"}, "ResourceNotFoundException", id="no-such-function"),
        pytest.param({"Action": "connect:Invoke"}, "ValidationException", id="action"),
        pytest.param({"RevisionId": "old"}, "PreconditionFailedException", id="revision"),
    ],
)
def test_a_statement_that_cannot_be(aws: Offline, changes: dict[str, Any], code: str) -> None:
    refused(code, _permit, aws=aws, **changes)


def test_a_policy_ends_at_20_kilobytes(aws: Offline) -> None:
    def fill() -> None:
        for number in range(200):
            _permit(aws, StatementId=f"statement-{number:03d}" + "x" * 80)

    assert "bigger than the limit (20480)" in refused("PolicyLengthExceededException", fill)


# --- concurrency


def test_a_hundred_stay_unreserved_in_the_account(aws: Offline) -> None:
    client = aws.client("lambda")
    create(aws, FunctionName="other")
    client.put_function_concurrency(FunctionName="other", ReservedConcurrentExecutions=500)
    call = client.put_function_concurrency
    assert "below its minimum value of [100]" in refused(
        "InvalidParameterValueException", call, FunctionName="lookup", ReservedConcurrentExecutions=401
    )
    call(FunctionName="lookup", ReservedConcurrentExecutions=400)
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    assert client.get_function_concurrency(FunctionName="lookup")["ReservedConcurrentExecutions"] == 400
    client.delete_function_concurrency(FunctionName="lookup")
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="lookup")


def test_provisioned_concurrency_is_allocated_on_the_clock(aws: Offline) -> None:
    aws.switch(provisioned_concurrency_seconds=60.0)
    _publish(aws)
    client = aws.client("lambda")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1")
    params = {"FunctionName": "lookup", "Qualifier": "live"}
    refused("ProvisionedConcurrencyConfigNotFoundException", client.get_provisioned_concurrency_config, **params)
    answer = client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=5, **params)
    assert answer["Status"] == "IN_PROGRESS"
    assert client.get_provisioned_concurrency_config(**params)["AllocatedProvisionedConcurrentExecutions"] == 0
    aws.clock.advance(60)
    found = client.get_provisioned_concurrency_config(**params)
    assert (found["Status"], found["AvailableProvisionedConcurrentExecutions"]) == ("READY", 5)
    listed = client.list_provisioned_concurrency_configs(FunctionName="lookup")["ProvisionedConcurrencyConfigs"]
    assert [item["FunctionArn"] for item in listed] == [f"{ARN}:live"]
    _update(aws, "2")
    _publish(aws)
    client.update_alias(FunctionName="lookup", Name="live", FunctionVersion="2")
    assert client.get_provisioned_concurrency_config(**params)["Status"] == "IN_PROGRESS", "allocated anew"


@pytest.mark.parametrize(
    ("qualifier", "wanted", "code"),
    [
        pytest.param("$LATEST", 1, "InvalidParameterValueException", id="latest"),
        pytest.param("draft", 1, "InvalidParameterValueException", id="alias-of-latest"),
        pytest.param("live", 11, "InvalidParameterValueException", id="above-what-is-reserved"),
        pytest.param("1", 1, "InvalidParameterValueException", id="version-has-it-by-an-alias"),
        pytest.param("9", 1, "ResourceNotFoundException", id="no-such-version"),
        pytest.param("live", 0, "ValidationException", id="none"),
    ],
)
def test_provisioned_concurrency_that_cannot_be(aws: Offline, qualifier: str, wanted: int, code: str) -> None:
    _publish(aws)
    client = aws.client("lambda")
    client.create_alias(FunctionName="lookup", Name="draft", FunctionVersion="$LATEST")
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1")
    client.put_function_concurrency(FunctionName="lookup", ReservedConcurrentExecutions=10)
    client.put_provisioned_concurrency_config(
        FunctionName="lookup", Qualifier="live", ProvisionedConcurrentExecutions=5
    )
    call = client.put_provisioned_concurrency_config
    refused(code, call, FunctionName="lookup", Qualifier=qualifier, ProvisionedConcurrentExecutions=wanted)


def test_the_reservation_does_not_go_below_what_is_provisioned(aws: Offline) -> None:
    _publish(aws)
    client = aws.client("lambda")
    client.put_provisioned_concurrency_config(FunctionName="lookup", Qualifier="1", ProvisionedConcurrentExecutions=5)
    call = client.put_function_concurrency
    refused("InvalidParameterValueException", call, FunctionName="lookup", ReservedConcurrentExecutions=4)
    refused(
        "InvalidParameterValueException", client.put_provisioned_concurrency_config,
        FunctionName="lookup", Qualifier="1", ProvisionedConcurrentExecutions=901,
    )  # fmt: skip
