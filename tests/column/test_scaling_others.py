"""What others made beside a policy's scalable target: told in status, never changed; and what is left of a lost record."""

from __future__ import annotations

import pytest

from tests.column.policies import center, policy, provisioned, target
from tests.column.test_scaling_policy import DIMENSION, minutes, target_id
from tests.column.world import Object, World

METRIC = "LambdaProvisionedConcurrencyUtilization"
NAMED = {"ServiceNamespace": "lambda", "ResourceId": target_id(), "ScalableDimension": DIMENSION}
MANY = {"constant": {"concurrentCalls": 3000}}


@pytest.fixture
def world() -> World:
    made = World()
    made.make(center())
    return made


def told(of: Object) -> str:
    return " ".join(of.status.get("warnings", ()))


def test_a_tracking_policy_of_others_is_told_and_not_touched(world: World) -> None:
    of = world.make(policy(demand=MANY))
    client = world.client("application-autoscaling")
    client.delete_scaling_policy(**NAMED, PolicyName="trunkline")
    configuration = {"TargetValue": 0.5, "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC}}
    client.put_scaling_policy(
        **NAMED,
        PolicyName="theirs",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration,
    )
    world.run(minutes(world, of, 40))
    (found,) = client.describe_scaling_policies(ServiceNamespace="lambda")["ScalingPolicies"]
    assert found["PolicyName"] == "theirs"
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.5
    assert "theirs at 0.5" in told(of)


def test_a_scheduled_action_of_others_is_told_and_stays(world: World) -> None:
    of = world.make(policy(demand=MANY))
    client = world.client("application-autoscaling")
    lowered = {"MinCapacity": 1}
    schedule = "cron(0 20 * * ? *)"
    client.put_scheduled_action(**NAMED, ScheduledActionName="nightly", Schedule=schedule, ScalableTargetAction=lowered)
    world.run(minutes(world, of, 40))
    (found,) = client.describe_scheduled_actions(ServiceNamespace="lambda")["ScheduledActions"]
    assert found["ScheduledActionName"] == "nightly"
    assert "nightly" in told(of)


def test_a_deletion_without_any_record_still_removes_what_the_policy_made(world: World) -> None:
    of = world.make(policy(demand=MANY, deletionPolicy="Delete"))
    of.status, of.deleting = {}, True
    world.start()
    world.run(world.settle(of))
    assert of.gone
    assert target(world) == {}
    assert provisioned(world) == 29
