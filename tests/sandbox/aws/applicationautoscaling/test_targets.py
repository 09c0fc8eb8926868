"""Scalable targets: what can be one, that registering brings capacity into bounds, and what goes with a target."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.applicationautoscaling.targets import (
    ALIAS,
    GROUP,
    READS,
    REPLICAS,
    SHARDS,
    WRITES,
    activities,
    at,
    bounds,
    environments,
    function,
    group,
    minutes,
    register,
    scaling,
    table,
    track,
    units,
)
from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused
from tests.sandbox.aws.test_dynamodb_tables import create as create_table


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(20, 50, 20, id="below-goes-up"),
        pytest.param(1, 5, 5, id="above-goes-down"),
        pytest.param(5, 20, 10, id="inside-stays"),
    ],
)
def test_registering_brings_capacity_into_bounds_at_once(aws: Offline, low: int, high: int, expected: int) -> None:
    table(aws)
    register(aws, READS, low, high)
    minutes(aws, 1)
    assert units(aws) == (expected, 10), "the other dimension is left alone"


def test_registering_again_changes_what_is_given_and_clamps_whatever_is_given(aws: Offline) -> None:
    table(aws)
    register(aws, READS, 5, 50)
    scaling(aws).register_scalable_target(MaxCapacity=40, **READS)
    assert bounds(aws, READS) == (5, 40)
    aws.client("dynamodb").update_table(
        TableName="customers", ProvisionedThroughput={"ReadCapacityUnits": 100, "WriteCapacityUnits": 10}
    )
    minutes(aws, 1)
    scaling(aws).register_scalable_target(**READS)
    minutes(aws, 1)
    assert units(aws) == (40, 10), "even a request without capacity clamps"


def test_a_table_that_is_not_there_yet_keeps_its_capacity(aws: Offline) -> None:
    throughput = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 10}
    create_table(aws, BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    register(aws, READS, 20, 50)
    minutes(aws, 5)
    assert (units(aws), activities(aws, READS)) == ((10, 10), [])


def test_both_dimensions_of_a_table_come_one_after_the_other(aws: Offline) -> None:
    table(aws)
    aws.switch(table_seconds=30)
    register(aws, READS, 20, 50)
    register(aws, WRITES, 30, 50)
    assert activities(aws, WRITES)[0]["StatusCode"] == "Pending", "the table is being updated"
    minutes(aws, 3)
    assert units(aws) == (20, 30)
    assert [item["StatusCode"] for item in activities(aws, WRITES)] == ["Successful"]


def test_an_alias_without_provisioned_concurrency_gets_the_minimum(aws: Offline) -> None:
    function(aws)
    aws.switch(provisioned_concurrency_seconds=120)
    register(aws, ALIAS, 5, 100)
    assert environments(aws) == 5
    (activity,) = activities(aws, ALIAS)
    assert activity["StatusCode"] == "InProgress"
    assert activity["Cause"] == "minimum capacity was set to 5"
    minutes(aws, 2)
    assert activities(aws, ALIAS)[0]["StatusMessage"].endswith("Change successfully fulfilled by lambda.")


def test_bounds_of_zero_take_provisioned_concurrency_away(aws: Offline) -> None:
    function(aws)
    register(aws, ALIAS, 5, 5)
    register(aws, ALIAS, 0, 0)
    assert environments(aws) == 0


def test_what_the_resource_refuses_is_a_failed_activity(aws: Offline) -> None:
    function(aws)
    register(aws, ALIAS, 950, 950)
    (activity,) = activities(aws, ALIAS)
    assert activity["StatusCode"] == "Failed"
    assert "below its minimum value of [100]" in activity["StatusMessage"], "100 stay unreserved"
    assert environments(aws) == 0


def test_replication_groups_scale_by_shards_and_replicas(aws: Offline) -> None:
    aws.client("elasticache").create_replication_group(**GROUP)
    register(aws, SHARDS, 3, 10)
    minutes(aws, 2)
    register(aws, REPLICAS, 2, 5)
    minutes(aws, 2)
    assert group(aws) == (3, 2)
    register(aws, SHARDS, 1, 2)
    minutes(aws, 2)
    assert group(aws) == (2, 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            {"ClusterMode": "disabled", "NumNodeGroups": 1}, "cluster mode enabled", id="cluster-mode-disabled"
        ),
        pytest.param({"CacheNodeType": "cache.t4g.small"}, "node type", id="small-nodes"),
    ],
)
def test_only_some_groups_can_be_scaled(aws: Offline, change: dict[str, Any], says: str) -> None:
    aws.client("elasticache").create_replication_group(**(GROUP | change))
    call = scaling(aws).register_scalable_target
    assert says in refused("ValidationException", call, MinCapacity=1, MaxCapacity=5, **SHARDS)


@pytest.mark.parametrize(
    ("names", "capacity", "says"),
    [
        pytest.param(READS, {}, "must be specified", id="new-without-capacity"),
        pytest.param(READS, {"MinCapacity": 1}, "must be specified", id="new-with-half-of-it"),
        pytest.param(READS, {"MinCapacity": 9, "MaxCapacity": 5}, "cannot be less", id="crossed"),
        pytest.param(READS, {"MinCapacity": 0, "MaxCapacity": 5}, "at least 1", id="below-what-a-table-can"),
        pytest.param(ALIAS, {"MinCapacity": -1, "MaxCapacity": 5}, "at least 0", id="negative"),
        pytest.param(
            READS | {"ResourceId": "customers"}, {"MinCapacity": 1, "MaxCapacity": 5}, "Unsupported", id="no-table-id"
        ),
        pytest.param(
            READS | {"ScalableDimension": "dynamodb:index:ReadCapacityUnits"},
            {"MinCapacity": 1, "MaxCapacity": 5},
            "Unsupported",
            id="index-dimension-of-a-table",
        ),
        pytest.param(
            ALIAS | {"ResourceId": "function:lookup"},
            {"MinCapacity": 1, "MaxCapacity": 5},
            "Unsupported",
            id="no-alias",
        ),
        pytest.param(
            ALIAS | {"ResourceId": "function:lookup:$LATEST"},
            {"MinCapacity": 1, "MaxCapacity": 5},
            "Unsupported",
            id="latest",
        ),
        pytest.param(
            READS | {"ResourceId": "table/nothing"},
            {"MinCapacity": 1, "MaxCapacity": 5},
            "does not exist",
            id="no-table",
        ),
        pytest.param(
            ALIAS | {"ResourceId": "function:lookup:none"},
            {"MinCapacity": 1, "MaxCapacity": 5},
            "does not exist",
            id="no-such-alias",
        ),
    ],
)
def test_what_cannot_be_a_target(aws: Offline, names: dict[str, str], capacity: dict[str, int], says: str) -> None:
    function(aws)
    table(aws)
    assert says in refused("ValidationException", scaling(aws).register_scalable_target, **names, **capacity)


def test_a_target_shows_its_role_which_is_there_now(aws: Offline) -> None:
    function(aws)
    arn = register(aws, ALIAS, 0, 5)
    (found,) = scaling(aws).describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
    role = "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
    path = "/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
    assert found["RoleARN"] == f"arn:aws:iam::{ACCOUNT}:role{path}{role}"
    assert aws.client("iam").get_role(RoleName=role)["Role"]["Arn"] == found["RoleARN"]
    assert found["ScalableTargetARN"] == arn
    assert arn.startswith(f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/")


def test_deregistering_deletes_policies_and_actions_and_leaves_capacity(aws: Offline) -> None:
    table(aws)
    register(aws, READS, 20, 50)
    minutes(aws, 1)
    track(aws, READS, 70)
    client = scaling(aws)
    client.put_scheduled_action(
        ScheduledActionName="more", Schedule=at(aws, 600), ScalableTargetAction={"MinCapacity": 40}, **READS
    )
    client.deregister_scalable_target(**READS)
    minutes(aws, 20)
    assert units(aws) == (20, 10)
    register(aws, READS, 1, 50)
    assert client.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"] == []
    assert client.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"] == []
    assert len(activities(aws, READS)) == 1, "activities stay readable"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param("deregister_scalable_target", {}, id="target"),
        pytest.param("delete_scaling_policy", {"PolicyName": "x"}, id="policy"),
        pytest.param("delete_scheduled_action", {"ScheduledActionName": "x"}, id="action"),
        pytest.param(
            "put_scheduled_action",
            {"ScheduledActionName": "x", "Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 1}},
            id="action-of-no-target",
        ),
    ],
)
def test_what_is_not_there_is_not_found(aws: Offline, operation: str, params: dict[str, Any]) -> None:
    table(aws)
    refused("ObjectNotFoundException", getattr(scaling(aws), operation), **READS, **params)


def test_targets_of_another_account_are_none_of_ours(aws: Offline) -> None:
    table(aws)
    register(aws, READS, 1, 50)
    other = aws.client("application-autoscaling", region="us-east-1")
    assert other.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []


def test_pages_hold_what_was_asked_for(aws: Offline) -> None:
    table(aws)
    register(aws, READS, 1, 50)
    register(aws, WRITES, 1, 50)
    client = scaling(aws)
    first = client.describe_scalable_targets(ServiceNamespace="dynamodb", MaxResults=1)
    second = client.describe_scalable_targets(ServiceNamespace="dynamodb", MaxResults=1, NextToken=first["NextToken"])
    found = [item["ScalableDimension"] for page in (first, second) for item in page["ScalableTargets"]]
    assert found == [READS["ScalableDimension"], WRITES["ScalableDimension"]]
    assert "NextToken" not in second
    call = client.describe_scalable_targets
    refused("InvalidNextTokenException", call, ServiceNamespace="dynamodb", NextToken="x")
    refused("ValidationException", call, ServiceNamespace="dynamodb", ScalableDimension=READS["ScalableDimension"])


def test_tags_are_kept_and_found_by_the_tagging_api(aws: Offline) -> None:
    table(aws)
    arn = register(aws, READS, 1, 50, Tags={"owner": "a"})
    client = scaling(aws)
    client.tag_resource(ResourceARN=arn, Tags={"team": "voice"})
    client.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "voice"}
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "team"}])
    assert [item["ResourceARN"] for item in found["ResourceTagMappingList"]] == [arn]
    refused("TooManyTagsException", client.tag_resource, ResourceARN=arn, Tags={f"t{n}": "" for n in range(50)})
    refused("ResourceNotFoundException", client.list_tags_for_resource, ResourceARN=arn + "0")
    again = client.register_scalable_target
    assert "TagResource" in refused("ValidationException", again, Tags={"x": "y"}, **READS)
