"""Provisioned concurrency over time: what is allocated while more or fewer environments are asked for."""

from __future__ import annotations

from tests.sandbox.aws.offline import Offline, refused
from tests.sandbox.aws.test_lambda_functions import create


def test_more_environments_come_at_a_rate_and_fewer_at_once(aws: Offline) -> None:
    aws.switch(provisioned_concurrency_seconds=60.0, provisioned_concurrency_per_minute=300)
    create(aws)
    aws.clock.advance(5)
    client = aws.client("lambda")
    client.publish_version(FunctionName="lookup")
    params = {"FunctionName": "lookup", "Qualifier": "1"}

    def allocated() -> int:
        found = client.get_provisioned_concurrency_config(**params)
        return int(found["AllocatedProvisionedConcurrentExecutions"])

    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=100, **params)
    aws.clock.advance(90)
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=400, **params)
    aws.clock.advance(60)
    assert allocated() == 100, "what is there stays while more is allocated"
    aws.clock.advance(30)
    assert allocated() == 250
    refused(
        "ResourceConflictException", client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=500, **params
    )  # fmt: skip
    aws.clock.advance(30)
    assert allocated() == 400
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=50, **params)
    assert allocated() == 50
