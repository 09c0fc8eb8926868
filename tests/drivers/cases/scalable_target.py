"""Scalable targets: the reads of a table, and the environments of a function."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Scheduled, Tracking

TABLE = "acme-customers"
START = (
    1_790_553_600  # 2026-09-28T00:00Z, a week after the offline clock begins: nothing of it is past while a case runs
)

DIMENSION = "dynamodb:table:ReadCapacityUnits"
TRACKING = Tracking("DynamoDBReadCapacityUtilization", 70.0)
SCHEDULED = (Scheduled(START + 8 * 3600, 400), Scheduled(START + 20 * 3600, 120))
DESIRED = ScalableTargetDesired(f"table/{TABLE}", DIMENSION, 100, 5000, TRACKING, SCHEDULED)


async def _table(world: World) -> None:
    await world.aws.mutate(
        "dynamodb",
        "CreateTable",
        {
            "TableName": TABLE,
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": {"ReadCapacityUnits": 200, "WriteCapacityUnits": 50},
            "AttributeDefinitions": [{"AttributeName": "CustomerId", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "CustomerId", "KeyType": "HASH"}],
        },
    )
    world.clock.advance(60.0)


async def _lower(world: World, id_: str) -> None:
    dimension, _, resource = id_.partition("|")
    params = {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension, "MinCapacity": 7}
    await world.aws.mutate("application-autoscaling", "RegisterScalableTarget", params)


CASES = [
    Case(
        kind="scalable-target",
        aws_name=DESIRED.id,
        desired=DESIRED,
        create="RegisterScalableTarget",
        prepare=_table,
        tamper=_lower,
        path="min",
        edited=replace(
            DESIRED,
            minimum=150,
            tracking=replace(TRACKING, value=60.0),
            scheduled=(Scheduled(START + 8 * 3600, 450), Scheduled(START + 21 * 3600, 120)),
        ),
    ),
]
