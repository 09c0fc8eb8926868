"""Tags of caches, whom the permissions are about, and what the tagging API finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import CREATION, MEMBERS, Caches
from tests.sandbox.aws.offline import ACCOUNT, REGION, refused
from trunkline_sandbox.aws.permissions import resource_of

PREFIX = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"
GROUP = f"{PREFIX}:replicationgroup:acme"
OWNER = [{"Key": "owner", "Value": "a"}]


def _tags(caches: Caches, arn: str = GROUP) -> dict[str, str]:
    found = caches.client.list_tags_for_resource(ResourceName=arn)["TagList"]
    return {item["Key"]: item["Value"] for item in found}


def test_tags_are_added_replaced_and_removed(caches: Caches) -> None:
    caches.made(Tags=OWNER)
    caches.client.add_tags_to_resource(
        ResourceName=GROUP, Tags=[{"Key": "owner", "Value": "b"}, {"Key": "team", "Value": "voice"}]
    )
    assert _tags(caches) == {"owner": "b", "team": "voice"}
    remove = caches.client.remove_tags_from_resource
    remove(ResourceName=GROUP, TagKeys=["owner"])
    assert _tags(caches) == {"team": "voice"}
    refused("TagNotFound", remove, ResourceName=GROUP, TagKeys=["owner"])


def test_neither_tags_nor_their_list_can_be_had_while_a_node_changes(caches: Caches) -> None:
    caches.subnet_group()
    caches.create(Tags=OWNER)
    for seconds in (CREATION, MEMBERS):
        assert "tagging operations" in refused("InvalidReplicationGroupState", _tags, caches=caches)
        caches.aws.clock.advance(seconds)
    assert _tags(caches) == {"owner": "a"}
    caches.modify(ReplicationGroupDescription="x")
    refused("InvalidReplicationGroupState", caches.client.add_tags_to_resource, ResourceName=GROUP, Tags=OWNER)


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        pytest.param("acme", "InvalidARN", id="no-arn"),
        pytest.param(f"{PREFIX}:castle:acme", "InvalidARN", id="no-such-kind"),
        pytest.param(f"{PREFIX}:replicationgroup:none", "ReplicationGroupNotFoundFault", id="no-group"),
        pytest.param(f"{PREFIX}:subnetgroup:none", "CacheSubnetGroupNotFoundFault", id="no-subnet-group"),
        pytest.param(f"{PREFIX}:serverlesscache:none", "ServerlessCacheNotFoundFault", id="no-serverless-cache"),
        pytest.param(
            "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:acme",
            "ReplicationGroupNotFoundFault", id="another-region",
        ),
    ],
)  # fmt: skip
def test_what_has_no_tags(caches: Caches, arn: str, code: str) -> None:
    caches.made()
    refused(code, _tags, caches=caches, arn=arn)


def test_there_are_fifty_tags_at_most(caches: Caches) -> None:
    caches.subnet_group()
    many = [{"Key": str(number), "Value": ""} for number in range(51)]
    refused("TagQuotaPerResourceExceeded", caches.create, Tags=many)


def test_the_tagging_api_finds_every_kind(caches: Caches) -> None:
    client = caches.client
    caches.made(Tags=OWNER)
    client.create_serverless_cache(ServerlessCacheName="burst", Engine="valkey", Tags=OWNER)
    client.create_cache_parameter_group(
        CacheParameterGroupName="p", CacheParameterGroupFamily="valkey8", Description="p", Tags=OWNER
    )
    client.create_user_group(UserGroupId="people", Engine="valkey", Tags=OWNER)
    client.create_snapshot(ReplicationGroupId="acme", SnapshotName="nightly", Tags=OWNER)
    find = caches.aws.client("resourcegroupstaggingapi").get_resources
    found = find(TagFilters=[{"Key": "owner", "Values": ["a"]}])["ResourceTagMappingList"]
    assert {item["ResourceARN"].removeprefix(PREFIX + ":") for item in found} == {
        "replicationgroup:acme",
        "serverlesscache:burst",
        "parametergroup:p",
        "usergroup:people",
        "snapshot:nightly",
    }
    groups = find(ResourceTypeFilters=["elasticache:replicationgroup"])["ResourceTagMappingList"]
    assert [item["ResourceARN"] for item in groups] == [GROUP]


@pytest.mark.parametrize(
    ("service", "params", "resource"),
    [
        pytest.param("elasticache", {"ReplicationGroupId": "ACME", "CacheSubnetGroupName": "s"}, GROUP, id="group"),
        pytest.param("elasticache", {"CacheSubnetGroupName": "s"}, f"{PREFIX}:subnetgroup:s", id="subnet-group"),
        pytest.param("elasticache", {"ServerlessCacheName": "b"}, f"{PREFIX}:serverlesscache:b", id="serverless"),
        pytest.param("elasticache", {"ResourceName": GROUP, "Tags": []}, GROUP, id="tags"),
        pytest.param("elasticache", {}, "*", id="all-of-them"),
        pytest.param("secretsmanager", {"Name": "acme"},
                     f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:acme-AbCdEf", id="secret-to-be"),
        pytest.param("cloudwatch", {"MetricDataQueries": []}, "*", id="metrics"),
    ],
)  # fmt: skip
def test_what_a_call_is_about(service: str, params: dict[str, Any], resource: str) -> None:
    assert resource_of(service, params, ACCOUNT, REGION) == resource


def test_a_secret_that_is_named_is_judged_by_its_arn(caches: Caches) -> None:
    aws = caches.aws
    arn = aws.client("secretsmanager").create_secret(Name="acme", SecretString="x")["ARN"]
    allowed = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    aws.cloud.credentials.register(
        "AKIAREADER000000000", ACCOUNT, policies=({"Version": "2012-10-17", "Statement": [allowed]},)
    )
    aws.switch(enforce_permissions=True)
    reader = aws.client("secretsmanager", access_key="AKIAREADER000000000")
    assert reader.get_secret_value(SecretId="acme")["SecretString"] == "x"
    refused("AccessDeniedException", reader.put_secret_value, SecretId="acme", SecretString="y")
    refused("AccessDeniedException", reader.get_secret_value, SecretId="other")


@pytest.mark.parametrize(
    ("actions", "allowed"),
    [
        pytest.param(["elasticache:DeleteReplicationGroup"], False, id="without-the-right-to-take-it"),
        pytest.param(["elasticache:DeleteReplicationGroup", "elasticache:CreateSnapshot"], True, id="with-both"),
    ],
)
def test_a_last_snapshot_needs_permission_of_its_own(caches: Caches, actions: list[str], *, allowed: bool) -> None:
    caches.made()
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    caches.aws.cloud.credentials.register(
        "AKIADELETER0000000", ACCOUNT, policies=({"Version": "2012-10-17", "Statement": [statement]},)
    )
    caches.aws.switch(enforce_permissions=True)
    delete = caches.aws.client("elasticache", access_key="AKIADELETER0000000").delete_replication_group
    params = {"ReplicationGroupId": "acme", "FinalSnapshotIdentifier": "last"}
    if allowed:
        assert delete(**params)["ReplicationGroup"]["Status"] == "deleting"
    else:
        assert "elasticache:CreateSnapshot" in refused("AccessDenied", delete, **params)


def test_tags_at_creation_need_permission_of_their_own(caches: Caches) -> None:
    caches.subnet_group()
    actions = ["elasticache:Create*", "ec2:Describe*", "iam:CreateServiceLinkedRole"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    caches.aws.cloud.credentials.register(
        "AKIACREATOR0000000", ACCOUNT, policies=({"Version": "2012-10-17", "Statement": [statement]},)
    )
    caches.aws.switch(enforce_permissions=True)
    caches.client = caches.aws.client("elasticache", access_key="AKIACREATOR0000000")
    assert "elasticache:AddTagsToResource" in refused("AccessDenied", caches.create, Tags=OWNER)
    caches.create()
