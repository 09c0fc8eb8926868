"""Secrets Manager: versions and their labels, tokens, deletion with a way back, reads that lag."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused

DAY = 86_400
ONE, TWO, THREE = ("1" * 32, "2" * 32, "3" * 32)


def create(aws: Offline, name: str = "acme-cache", value: str | None = "first", **more: Any) -> dict[str, Any]:
    """A secret whose first version is ONE."""
    params = {"Name": name, "ClientRequestToken": ONE} | ({"SecretString": value} if value is not None else {})
    found: dict[str, Any] = aws.client("secretsmanager").create_secret(**(params | more))
    return found


def _put(aws: Offline, token: str, value: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("secretsmanager").put_secret_value(
        SecretId="acme-cache", ClientRequestToken=token, SecretString=value, **more
    )
    return found


def _value(aws: Offline, **which: Any) -> str:
    return str(aws.client("secretsmanager").get_secret_value(SecretId="acme-cache", **which)["SecretString"])


def _stages(aws: Offline) -> dict[str, list[str]]:
    found: dict[str, list[str]] = aws.client("secretsmanager").describe_secret(SecretId="acme-cache")[
        "VersionIdsToStages"
    ]
    return found


def test_a_secret_is_found_by_name_and_by_whole_or_partial_arn(aws: Offline) -> None:
    arn = create(aws)["ARN"]
    stem, _, suffix = arn.rpartition("-")
    assert stem == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:acme-cache"
    assert len(suffix) == 6
    client = aws.client("secretsmanager")
    assert [client.get_secret_value(SecretId=id_)["ARN"] for id_ in ("acme-cache", arn, stem)] == [arn] * 3


def test_labels_move_with_new_versions(aws: Offline) -> None:
    create(aws)
    _put(aws, TWO, "second")
    assert (_value(aws), _value(aws, VersionStage="AWSPREVIOUS")) == ("second", "first")
    _put(aws, THREE, "third")
    assert _stages(aws) == {THREE: ["AWSCURRENT"], TWO: ["AWSPREVIOUS"]}, "the first version is deprecated"
    assert _value(aws, VersionId=ONE) == "first", "and can still be read by its id"
    listed = aws.client("secretsmanager").list_secret_version_ids
    assert {item["VersionId"] for item in listed(SecretId="acme-cache")["Versions"]} == {TWO, THREE}
    assert len(listed(SecretId="acme-cache", IncludeDeprecated=True)["Versions"]) == 3


def test_a_pending_version_becomes_current_by_its_label(aws: Offline) -> None:
    create(aws)
    _put(aws, TWO, "second", VersionStages=["AWSPENDING"])
    assert (_value(aws), _value(aws, VersionStage="AWSPENDING")) == ("first", "second")
    move = aws.client("secretsmanager").update_secret_version_stage
    target = {"SecretId": "acme-cache", "VersionStage": "AWSCURRENT", "MoveToVersionId": TWO}
    assert "RemoveFromVersionId" in refused("InvalidParameterException", move, **target)
    move(**target, RemoveFromVersionId=ONE)
    assert _stages(aws) == {TWO: ["AWSCURRENT", "AWSPENDING"], ONE: ["AWSPREVIOUS"]}


def test_the_same_token_with_the_same_content_makes_nothing(aws: Offline) -> None:
    create(aws)
    _put(aws, TWO, "second")
    assert _put(aws, TWO, "second")["VersionId"] == TWO
    assert _stages(aws) == {TWO: ["AWSCURRENT"], ONE: ["AWSPREVIOUS"]}
    told = refused("ResourceExistsException", _put, aws=aws, token=TWO, value="other")
    assert "already in use" in told
    assert "other" not in told, "a value is never repeated"


def test_creating_again_succeeds_only_with_the_same_token_and_content(aws: Offline) -> None:
    first = create(aws)
    assert create(aws)["ARN"] == first["ARN"]
    refused("ResourceExistsException", create, aws=aws, value="other")
    refused("ResourceExistsException", create, aws=aws, ClientRequestToken=TWO)


def test_a_secret_without_a_value_has_none_until_it_is_put(aws: Offline) -> None:
    assert "VersionId" not in create(aws, value=None)
    assert "AWSCURRENT" in refused("ResourceNotFoundException", _value, aws=aws)
    _put(aws, TWO, "second", VersionStages=["AWSPENDING"])
    assert _value(aws) == "second", "the first version is current whatever its labels"


@pytest.mark.parametrize(
    ("operation", "params", "code", "says"),
    [
        pytest.param("create_secret", {"Name": "a b"}, "ValidationException", "Invalid name", id="name"),
        pytest.param(
            "create_secret", {"Name": "b", "SecretString": "x", "SecretBinary": b"x"},
            "InvalidParameterException", "both", id="text-and-binary",
        ),
        pytest.param(
            "create_secret", {"Name": "b", "SecretString": "ü" * 40_000}, "InvalidParameterException", "65536", id="64-kib"
        ),
        pytest.param(
            "create_secret", {"Name": "b", "SecretString": "x", "KmsKeyId": "alias/none"},
            "ResourceNotFoundException", "KMS", id="no-such-key",
        ),
        pytest.param(
            "create_secret", {"Name": "b", "Tags": [{"Key": "aws:x", "Value": "y"}]},
            "InvalidParameterException", "aws:x", id="reserved-tag",
        ),
        pytest.param("put_secret_value", {"SecretId": "acme-cache"}, "InvalidRequestException", "must provide", id="no-value"),
        pytest.param(
            "put_secret_value", {"SecretId": "acme-cache", "SecretString": "x", "ClientRequestToken": "short"},
            "ValidationException", "clientRequestToken", id="short-token",
        ),
        pytest.param("get_secret_value", {"SecretId": "none"}, "ResourceNotFoundException", "can't find", id="no-secret"),
        pytest.param(
            "get_secret_value", {"SecretId": "acme-cache", "VersionId": TWO}, "ResourceNotFoundException", TWO, id="no-version"
        ),
        pytest.param(
            "get_secret_value", {"SecretId": "acme-cache", "VersionId": ONE, "VersionStage": "AWSPREVIOUS"},
            "InvalidRequestException", "not associated", id="version-without-that-label",
        ),
        pytest.param(
            "delete_secret", {"SecretId": "acme-cache", "RecoveryWindowInDays": 6},
            "InvalidParameterException", "between 7 and 30", id="short-window",
        ),
        pytest.param(
            "delete_secret", {"SecretId": "acme-cache", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True},
            "InvalidParameterException", "conjunction", id="forced-with-a-window",
        ),
        pytest.param("delete_secret", {"SecretId": "none"}, "ResourceNotFoundException", "can't find", id="delete-absent"),
        pytest.param(
            "put_resource_policy", {"SecretId": "acme-cache", "ResourcePolicy": "{"},
            "MalformedPolicyDocumentException", "malformed", id="bad-policy",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(aws: Offline, operation: str, params: dict[str, Any], code: str, says: str) -> None:
    create(aws)
    assert says in refused(code, getattr(aws.client("secretsmanager"), operation), **params)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"put_secret_value": {"SecretString": "x"}}, id="put"),
        pytest.param({"update_secret": {"Description": "x"}}, id="update"),
        pytest.param({"get_secret_value": {}}, id="get"),
        pytest.param({"tag_resource": {"Tags": [{"Key": "a", "Value": "b"}]}}, id="tag"),
        pytest.param({"untag_resource": {"TagKeys": ["a"]}}, id="untag"),
        pytest.param({"delete_secret": {}}, id="delete-again"),
    ],
)
def test_a_secret_that_waits_for_its_deletion_cannot_be_used(aws: Offline, operation: dict[str, Any]) -> None:
    create(aws)
    client = aws.client("secretsmanager")
    client.delete_secret(SecretId="acme-cache")
    for name, params in operation.items():
        assert "marked for deletion" in refused(
            "InvalidRequestException", getattr(client, name), SecretId="acme-cache", **params
        )


def test_a_name_is_free_again_when_the_recovery_window_is_over(aws: Offline) -> None:
    arn = create(aws)["ARN"]
    client = aws.client("secretsmanager")
    client.delete_secret(SecretId="acme-cache", RecoveryWindowInDays=7)
    assert "scheduled for deletion" in refused("InvalidRequestException", create, aws=aws, ClientRequestToken=TWO)
    assert client.describe_secret(SecretId="acme-cache")["DeletedDate"].timestamp() == aws.clock.now() + 7 * DAY
    assert client.list_secrets()["SecretList"] == []
    assert len(client.list_secrets(IncludePlannedDeletion=True)["SecretList"]) == 1
    aws.clock.advance(7 * DAY)
    refused("ResourceNotFoundException", client.describe_secret, SecretId="acme-cache")
    assert create(aws)["ARN"] != arn, "another secret has another ARN"


def test_what_is_deleted_can_be_restored(aws: Offline) -> None:
    create(aws)
    client = aws.client("secretsmanager")
    client.delete_secret(SecretId="acme-cache")
    aws.clock.advance(29 * DAY)
    client.restore_secret(SecretId="acme-cache")
    aws.clock.advance(2 * DAY)
    assert _value(aws) == "first"


def test_a_forced_deletion_leaves_no_way_back_and_may_be_repeated(aws: Offline) -> None:
    create(aws)
    client = aws.client("secretsmanager")
    for _ in range(2):
        client.delete_secret(SecretId="acme-cache", ForceDeleteWithoutRecovery=True)
    refused("ResourceNotFoundException", client.restore_secret, SecretId="acme-cache")
    create(aws)


def test_reads_show_a_secret_as_it_was_while_they_lag(aws: Offline) -> None:
    aws.switch(secret_lag_seconds=5, list_lag_seconds=300)
    create(aws)
    refused("ResourceNotFoundException", _value, aws=aws)
    refused("ResourceExistsException", create, aws=aws, ClientRequestToken=TWO)
    aws.clock.advance(5)
    assert _value(aws) == "first"
    _put(aws, TWO, "second")
    aws.clock.advance(4)
    assert _value(aws) == "first"
    aws.clock.advance(1)
    assert _value(aws) == "second"
    listed = aws.client("secretsmanager").list_secrets
    assert listed()["SecretList"] == [], "a list may lag five minutes"
    aws.clock.advance(300)
    assert len(listed()["SecretList"]) == 1


def test_deprecated_versions_are_kept_for_a_day_and_there_are_a_hundred(aws: Offline) -> None:
    create(aws)
    for number in range(99):
        _put(aws, f"{number:032d}", str(number))
    assert "100" in refused("LimitExceededException", _put, aws=aws, token=TWO, value="x")
    aws.clock.advance(DAY + 1)
    _put(aws, TWO, "x")
    refused("ResourceNotFoundException", _value, aws=aws, VersionId=ONE)


def test_secrets_are_listed_by_filter_and_page(aws: Offline) -> None:
    for number in range(3):
        create(aws, f"acme-{number}", Tags=[{"Key": "owner", "Value": str(number)}])
    create(aws, "other")
    listed = aws.client("secretsmanager").list_secrets
    by_name = [{"Key": "name", "Values": ["acme-"]}]
    page = listed(Filters=by_name, MaxResults=2, SortBy="name", SortOrder="asc")
    rest = listed(Filters=by_name, MaxResults=2, SortBy="name", SortOrder="asc", NextToken=page["NextToken"])
    assert [item["Name"] for item in page["SecretList"] + rest["SecretList"]] == ["acme-0", "acme-1", "acme-2"]
    tagged = listed(Filters=[{"Key": "tag-key", "Values": ["owner"]}, {"Key": "tag-value", "Values": ["1"]}])
    assert [item["Name"] for item in tagged["SecretList"]] == ["acme-1"]


def test_tags_are_added_replaced_and_removed(aws: Offline) -> None:
    arn = create(aws, Tags=[{"Key": "a", "Value": "1"}])["ARN"]
    client = aws.client("secretsmanager")
    client.tag_resource(SecretId=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    client.untag_resource(SecretId=arn, TagKeys=["a", "absent"])
    assert client.describe_secret(SecretId=arn)["Tags"] == [{"Key": "b", "Value": "3"}]
    found = aws.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["secretsmanager:secret"])
    assert [item["ResourceARN"] for item in found["ResourceTagMappingList"]] == [arn]


def test_a_random_password_has_what_was_asked_for(aws: Offline) -> None:
    client = aws.client("secretsmanager")
    found = client.get_random_password(PasswordLength=40, ExcludePunctuation=True, ExcludeCharacters="0O")
    password = found["RandomPassword"]
    assert (len(password), password.isalnum(), set(password) & set("0O")) == (40, True, set())
    everything = dict.fromkeys(("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation"), True)
    refused("InvalidParameterException", client.get_random_password, **everything)


def test_no_value_is_in_what_people_look_at(aws: Offline) -> None:
    create(aws, value="hunter2-hunter2")
    assert "hunter2" not in str(aws.cloud.inspect())
    assert "hunter2" not in str(aws.cloud.calls.since(0))


def test_a_key_is_named_by_id_arn_or_alias(aws: Offline) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/acme", TargetKeyId=key["KeyId"])
    for number, name in enumerate((key["KeyId"], key["Arn"], "alias/acme", "alias/aws/secretsmanager")):
        create(aws, f"acme-{number}", KmsKeyId=name)
