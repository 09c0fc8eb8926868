"""Target tracking waits as AWS does, grows in steps, shrinks late, and keeps to bounds and cooldowns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.applicationautoscaling.targets import (
    ALIAS,
    GROUP,
    READS,
    REPLICAS,
    activities,
    environments,
    function,
    group,
    minutes,
    register,
    scaling,
    table,
    track,
    units,
    use,
    utilization,
    whole_minute,
)
from tests.sandbox.aws.offline import Offline, refused


@pytest.fixture
def tracked(aws: Offline) -> Offline:
    """Ten environments for at most a thousand, tracked at 70 %, at the start of a minute."""
    function(aws)
    register(aws, ALIAS, 10, 800)
    track(aws, ALIAS, 0.7)
    whole_minute(aws)
    return aws


def _grown(aws: Offline, enough: int, limit: int = 60) -> int:
    """Minutes until so many environments are asked for."""
    for minute in range(1, limit + 1):
        minutes(aws, 1)
        if environments(aws) >= enough:
            return minute
    raise AssertionError(f"after {limit} minutes there are {environments(aws)} of {enough}")


def test_three_points_above_the_target_come_before_the_first_step(tracked: Offline) -> None:
    use(tracked, ALIAS, 50)
    minutes(tracked, 2)
    assert environments(tracked) == 10
    minutes(tracked, 1)
    assert environments(tracked) == 15, "everything is in use, no more can be seen: 10 / 0.7"


def test_five_times_at_once_takes_a_quarter_of_an_hour_with_allocation(tracked: Offline) -> None:
    """Each step is 1/0.7, and no step begins before the one before is allocated."""
    use(tracked, ALIAS, 7)
    minutes(tracked, 20)
    tracked.switch(provisioned_concurrency_seconds=120)
    use(tracked, ALIAS, 35)
    assert _grown(tracked, 35) + 2 in range(11, 16)


def test_fifteen_points_below_come_before_it_shrinks(tracked: Offline) -> None:
    register(tracked, ALIAS, 100, 800)
    register(tracked, ALIAS, 1, 800)
    use(tracked, ALIAS, 14)
    minutes(tracked, 14)
    assert environments(tracked) == 100
    minutes(tracked, 1)
    assert environments(tracked) == 20
    assert "AlarmLow" in activities(tracked, ALIAS)[0]["Cause"]


def test_a_function_of_time_is_the_load(tracked: Offline) -> None:
    start = tracked.clock.now()
    use(tracked, ALIAS, lambda now: 50.0 if now - start > 600 else 5.0)
    minutes(tracked, 12)
    assert environments(tracked) == 10
    minutes(tracked, 1)
    assert environments(tracked) == 15


def test_what_happens_by_itself_happens_at_its_time_though_nobody_asks(tracked: Offline) -> None:
    use(tracked, ALIAS, 10_000)
    minutes(tracked, 60)
    found = activities(tracked, ALIAS)
    started = [item["StartTime"].timestamp() - tracked.clock.now() for item in found]
    assert environments(tracked) == 800
    assert started == sorted(started, reverse=True)
    assert started[0] < -2400, "it was at its maximum long ago"


def test_no_data_leaves_everything_as_it_is(tracked: Offline) -> None:
    use(tracked, ALIAS, 1)
    minutes(tracked, 10)
    utilization(tracked, ALIAS, None)
    minutes(tracked, 60)
    assert environments(tracked) == 10


def test_at_the_maximum_it_says_why_it_does_not_scale(tracked: Offline) -> None:
    register(tracked, ALIAS, 10, 12)
    use(tracked, ALIAS, 50)
    minutes(tracked, 30)
    assert environments(tracked) == 12
    assert all("NotScaledReasons" not in item for item in activities(tracked, ALIAS))
    newest = activities(tracked, ALIAS, IncludeNotScaledActivities=True)[0]
    assert newest["NotScaledReasons"] == [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 12, "CurrentCapacity": 12}]


@pytest.mark.parametrize(
    ("suspended", "load", "expected"),
    [
        pytest.param("DynamicScalingOutSuspended", 50, 10, id="out"),
        pytest.param("DynamicScalingInSuspended", 1, 10, id="in"),
        pytest.param("ScheduledScalingSuspended", 50, 15, id="schedules-only"),
    ],
)
def test_suspended_scaling_does_nothing(tracked: Offline, suspended: str, load: int, expected: int) -> None:
    register(tracked, ALIAS, 2, 800, SuspendedState={suspended: True})
    use(tracked, ALIAS, load)
    minutes(tracked, 3 if load == 50 else 20)
    assert environments(tracked) == expected


def test_scale_in_can_be_off(tracked: Offline) -> None:
    register(tracked, ALIAS, 2, 800)
    answer = track(tracked, ALIAS, 0.7, DisableScaleIn=True)
    assert ["High" in item["AlarmName"] for item in answer["Alarms"]] == [True], "there is no low alarm then"
    use(tracked, ALIAS, 1)
    minutes(tracked, 60)
    assert environments(tracked) == 10


def test_in_its_cooldown_a_step_counts_what_the_last_one_added(tracked: Offline) -> None:
    track(tracked, ALIAS, 0.7, ScaleOutCooldown=600)
    use(tracked, ALIAS, 500)
    minutes(tracked, 3)
    assert environments(tracked) == 15
    minutes(tracked, 9)
    assert environments(tracked) == 15
    minutes(tracked, 1)
    assert environments(tracked) == 22


def test_a_second_scale_in_waits_for_the_cooldown(aws: Offline) -> None:
    table(aws, 1000)
    register(aws, READS, 1, 1000)
    track(aws, READS, 70, ScaleInCooldown=3600)
    use(aws, READS, 210)
    minutes(aws, 16)
    assert units(aws)[0] == 300
    use(aws, READS, 21)
    minutes(aws, 30)
    assert units(aws)[0] == 300
    minutes(aws, 40)
    assert units(aws)[0] == 30


def test_tables_step_after_two_points_and_shrink_twenty_points_below(aws: Offline) -> None:
    table(aws, 100)
    register(aws, READS, 1, 1000)
    track(aws, READS, 70)
    use(aws, READS, 80)
    minutes(aws, 2.1)
    assert units(aws)[0] == 115, "80 / 0.7"
    use(aws, READS, 60)
    minutes(aws, 30)
    assert units(aws)[0] == 115, "52 % is not below 50"
    use(aws, READS, 50)
    minutes(aws, 15)
    assert units(aws)[0] == 72


def test_a_table_has_27_decreases_in_a_day_of_utc(aws: Offline) -> None:
    """Four at any time, then one for each hour: more is refused, and shows as failed."""
    table(aws, 10_000)
    aws.clock.advance(86_400 - aws.clock.now() % 86_400)
    register(aws, READS, 1, 10_000)
    track(aws, READS, 70)
    start = aws.clock.now()
    use(aws, READS, lambda now: 5_000 if (now - start) // 1200 % 2 else 500)
    minutes(aws, 24 * 60 - 1)
    found = aws.client("dynamodb").describe_table(TableName="customers")["Table"]["ProvisionedThroughput"]
    assert found["NumberOfDecreasesToday"] in range(20, 28)
    done: list[Any] = []
    token: dict[str, str] = {}
    while True:
        page = scaling(aws).describe_scaling_activities(**READS, **token)
        done += page["ScalingActivities"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    failed = [item for item in done if item["StatusCode"] == "Failed"]
    assert failed
    assert "each subsequent decrease" in failed[0]["StatusMessage"]


def test_replicas_follow_the_cpu_of_replicas(aws: Offline) -> None:
    aws.client("elasticache").create_replication_group(**GROUP)
    register(aws, REPLICAS, 1, 5)
    track(aws, REPLICAS, 50)
    whole_minute(aws)
    utilization(aws, REPLICAS, 100)
    minutes(aws, 5)
    assert group(aws) == (2, 2)
    minutes(aws, 6)
    assert group(aws) == (2, 2), "600 seconds of cooldown"
    minutes(aws, 5)
    assert group(aws) == (2, 4)


def test_two_policies_go_for_the_larger_capacity(aws: Offline) -> None:
    function(aws)
    register(aws, ALIAS, 10, 800)
    track(aws, ALIAS, 0.9)
    metric = {"MetricName": "Busy", "Namespace": "acme", "Statistic": "Average"}
    scaling(aws).put_scaling_policy(
        PolicyName="other",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 0.2, "CustomizedMetricSpecification": metric},
        **ALIAS,
    )
    whole_minute(aws)
    use(aws, ALIAS, 10)
    minutes(aws, 3)
    assert environments(aws) == 50


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"PolicyType": "StepScaling"}, "not supported", id="step"),
        pytest.param({"PolicyType": "PredictiveScaling"}, "not supported", id="predictive"),
        pytest.param({"target": 1.5}, "between 0.1 and 0.9", id="target-above"),
        pytest.param({"target": 70}, "between 0.1 and 0.9", id="percent-for-a-share"),
        pytest.param({"metric": "DynamoDBReadCapacityUtilization"}, "not supported", id="metric-of-another"),
        pytest.param({"both": True}, "Exactly one", id="two-metrics"),
        pytest.param({"cooldown": -1}, "negative", id="negative-cooldown"),
        pytest.param({"PolicyName": "twin"}, "Only one TargetTrackingScaling policy", id="same-metric-twice"),
    ],
)
def test_policies_that_are_refused(tracked: Offline, change: dict[str, Any], says: str) -> None:
    metric = change.get("metric", "LambdaProvisionedConcurrencyUtilization")
    configuration: dict[str, Any] = {
        "TargetValue": change.get("target", 0.5),
        "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        "ScaleInCooldown": change.get("cooldown", 0),
    }
    if change.get("both"):
        configuration["CustomizedMetricSpecification"] = {"MetricName": "x", "Namespace": "y"}
    params = {
        "PolicyName": change.get("PolicyName", "track"),
        "PolicyType": change.get("PolicyType", "TargetTrackingScaling"),
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    assert says in refused("ValidationException", scaling(tracked).put_scaling_policy, **ALIAS, **params)


def test_a_policy_is_put_again_in_place(tracked: Offline) -> None:
    (before,) = scaling(tracked).describe_scaling_policies(ServiceNamespace="lambda")["ScalingPolicies"]
    track(tracked, ALIAS, 0.5)
    (after,) = scaling(tracked).describe_scaling_policies(ServiceNamespace="lambda")["ScalingPolicies"]
    assert after["PolicyARN"] == before["PolicyARN"]
    assert after["CreationTime"] == before["CreationTime"]
    assert after["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.5
    scaling(tracked).delete_scaling_policy(PolicyName="track", **ALIAS)
    use(tracked, ALIAS, 500)
    minutes(tracked, 30)
    assert environments(tracked) == 10


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"resource": "table/customers", "value": 1}, id="which-dimension"),
        pytest.param({"resource": "customers", "value": 1}, id="no-resource"),
        pytest.param({"resource": "function:a:b", "value": 1, "dimension": "x"}, id="no-dimension"),
    ],
)
def test_measures_of_nothing_are_refused(aws: Offline, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="dimension must be one of"):
        aws.cloud.extra("application-autoscaling", "use", **arguments)
