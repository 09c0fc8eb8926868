"""Serverless caches: with limits, and the least there is."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.cache_desired import ServerlessCacheDesired

NAME = "acme-cache"
ANYWHERE = {"cache_vpc_must_exist": False}  # EC2's subnets are not what is tried here
SLOW = {"cache_creation_seconds": 120.0, "cache_modification_seconds": 30.0}
LEAST = ServerlessCacheDesired(NAME, "Made by Trunkline", "valkey")
DESIRED = replace(
    LEAST,
    engine_version="8",
    max_data_gb=10,
    min_data_gb=1,
    max_ecpu_per_second=5000,
    subnet_ids=frozenset({"subnet-0a1b2c3d", "subnet-1a1b2c3d"}),
    snapshot_retention_days=3,
    snapshot_window="03:00-04:00",
)


async def _let_grow(world: World, id_: str) -> None:
    limits = {"DataStorage": {"Maximum": 50, "Minimum": 1, "Unit": "GB"}}
    params = {"ServerlessCacheName": id_, "CacheUsageLimits": limits}
    await world.aws.mutate("elasticache", "ModifyServerlessCache", params)


CASES = [
    Case(
        kind="serverless-cache",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateServerlessCache",
        tamper=_let_grow,
        path="serverless.maxDataGB",
        edited=replace(DESIRED, max_data_gb=20, max_ecpu_per_second=10_000, snapshot_retention_days=None),
        slow=SLOW,
        switches=ANYWHERE,
    ),
    Case(
        kind="serverless-cache",
        id="serverless-cache-least",
        aws_name=NAME,
        desired=LEAST,
        create="CreateServerlessCache",
        edited=replace(LEAST, description="For acme"),
        slow=SLOW,
        switches=ANYWHERE,
    ),
]
