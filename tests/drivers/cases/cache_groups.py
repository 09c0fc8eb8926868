"""What stands around a cache of nodes: a subnet group and a parameter group."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.cache_desired import CacheParameterGroupDesired, CacheSubnetGroupDesired

NAME = "acme-cache"
ANYWHERE = {"cache_vpc_must_exist": False}  # EC2's subnets are not what is tried here
SUBNETS = CacheSubnetGroupDesired(NAME, "Made by Trunkline", frozenset({"subnet-0a1b2c3d", "subnet-1a1b2c3d"}))
PARAMETERS = CacheParameterGroupDesired(
    NAME, "valkey8", "Made by Trunkline", (("maxmemory-policy", "volatile-lru"), ("timeout", "300"))
)


async def _move(world: World, id_: str) -> None:
    params = {"CacheSubnetGroupName": id_, "SubnetIds": ["subnet-0a1b2c3d"]}
    await world.aws.mutate("elasticache", "ModifyCacheSubnetGroup", params)


async def _set(world: World, id_: str) -> None:
    values = [
        {"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"},
        {"ParameterName": "tcp-keepalive", "ParameterValue": "60"},
    ]
    params = {"CacheParameterGroupName": id_, "ParameterNameValues": values}
    await world.aws.mutate("elasticache", "ModifyCacheParameterGroup", params)


CASES = [
    Case(
        kind="cache-subnet-group",
        aws_name=NAME,
        desired=SUBNETS,
        create="CreateCacheSubnetGroup",
        tamper=_move,
        path="network.subnetIds",
        edited=replace(SUBNETS, subnet_ids=frozenset({"subnet-0a1b2c3d", "subnet-2a1b2c3d"})),
        switches=ANYWHERE,
    ),
    Case(
        kind="cache-parameter-group",
        aws_name=NAME,
        desired=PARAMETERS,
        create="CreateCacheParameterGroup",
        tamper=_set,
        path="maxmemory-policy",
        edited=replace(PARAMETERS, parameters=(("timeout", "0"), ("maxmemory-policy", "allkeys-lfu"))),
    ),
]
