"""CloudWatch Logs over moto's: groups with their retention and tags, found by tag."""

from __future__ import annotations

from tests.sandbox.aws.offline import Offline, refused

GROUP = "/aws/lambda/lookup"


def test_a_group_keeps_retention_and_tags(aws: Offline) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP, tags={"team": "voice"})
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=14)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert found["retentionInDays"] == 14
    assert logs.list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"] == {"team": "voice"}
    logs.delete_retention_policy(logGroupName=GROUP)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert "retentionInDays" not in found


def test_only_some_periods_are_offered(aws: Offline) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    text = refused("InvalidParameterException", logs.put_retention_policy, logGroupName=GROUP, retentionInDays=15)
    assert "[1, 3, 5, 7, 14" in text


def test_a_group_is_made_once_and_must_be_there(aws: Offline) -> None:
    logs = aws.client("logs")
    refused("ResourceNotFoundException", logs.put_retention_policy, logGroupName=GROUP, retentionInDays=14)
    logs.create_log_group(logGroupName=GROUP)
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=GROUP)
    logs.delete_log_group(logGroupName=GROUP)
    refused("ResourceNotFoundException", logs.delete_log_group, logGroupName=GROUP)
