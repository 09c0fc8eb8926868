"""Whoever registers a target has to be allowed what Application Auto Scaling does with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.applicationautoscaling.targets import ALIAS, READS, function, table
from tests.sandbox.aws.offline import ACCOUNT, Offline, refused

KEY = "AKIASCALER0000000000"
LAMBDA = [
    *("lambda:GetProvisionedConcurrencyConfig", "lambda:PutProvisionedConcurrencyConfig"),
    "lambda:DeleteProvisionedConcurrencyConfig",
]


def _client(aws: Offline, *actions: str) -> Any:
    """A client that may do these and nothing else."""
    aws.switch(enforce_permissions=True)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    aws.cloud.credentials.register(KEY, ACCOUNT, policies=({"Version": "2012-10-17", "Statement": [statement]},))
    return aws.client("application-autoscaling", access_key=KEY)


@pytest.mark.parametrize(
    ("actions", "needs"),
    [
        pytest.param([], "application-autoscaling:RegisterScalableTarget", id="nothing"),
        pytest.param(
            ["application-autoscaling:*", *LAMBDA], "iam:CreateServiceLinkedRole", id="the-role-is-not-there-yet"
        ),
        pytest.param(
            ["application-autoscaling:*", "iam:CreateServiceLinkedRole"], LAMBDA[0], id="what-is-done-to-the-alias"
        ),
    ],
)
def test_registering_needs_the_rights_of_what_it_does(aws: Offline, actions: list[str], needs: str) -> None:
    function(aws)
    client = _client(aws, *(actions or ["sts:GetCallerIdentity"]))
    call = client.register_scalable_target
    assert needs in refused("AccessDeniedException", call, MinCapacity=0, MaxCapacity=5, **ALIAS)


def test_a_policy_needs_the_alarms(aws: Offline) -> None:
    table(aws)
    rights = (
        "application-autoscaling:*",
        "iam:CreateServiceLinkedRole",
        "dynamodb:DescribeTable",
        "dynamodb:UpdateTable",
    )
    client = _client(aws, *rights)
    client.register_scalable_target(MinCapacity=1, MaxCapacity=50, **READS)
    metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
    told = refused(
        "AccessDeniedException",
        client.put_scaling_policy,
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0, "PredefinedMetricSpecification": metric},
        **READS,
    )
    assert "cloudwatch:PutMetricAlarm" in told
