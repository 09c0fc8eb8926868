"""Log groups with a retention."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.log_group import LogGroupDesired

NAME = "/aws/lambda/acme-customer-lookup"
DESIRED = LogGroupDesired(NAME, 30)


async def _tamper(world: World, id_: str) -> None:
    await world.aws.mutate("logs", "PutRetentionPolicy", {"logGroupName": id_, "retentionInDays": 1})


CASES = [
    Case(
        kind="log-group",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateLogGroup",
        tamper=_tamper,
        path="logRetentionDays",
        edited=replace(DESIRED, retention_days=None),
    ),
]
