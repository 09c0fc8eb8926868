"""Tables: provisioned with an index, billed per request with everything else, and what takes AWS its time."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.table import (
    Billing,
    GlobalIndex,
    Key,
    LocalIndex,
    PointInTimeRecovery,
    Projection,
    TableDesired,
    Units,
)

NAME = "acme-customers"
PHONE = GlobalIndex(
    "PhoneNumberIndex",
    (Key("PhoneNumber", "S"),),
    Projection("INCLUDE", frozenset({"Tier", "Language"})),
    capacity=Units(100, 50),
)
NAMES = GlobalIndex("NameIndex", (Key("Name", "S"),), Projection("KEYS_ONLY"), sort_keys=(Key("SK", "S"),))
PROVISIONED = TableDesired(
    NAME,
    Key("CustomerId", "S"),
    Key("SK", "S"),
    indexes=(PHONE,),
    local_indexes=(LocalIndex("ByTier", Key("Tier", "S"), Projection("ALL")),),
    billing=Billing("PROVISIONED", Units(100, 50)),
    point_in_time_recovery=PointInTimeRecovery(enabled=True, recovery_period_in_days=7),
    ttl_attribute="ExpiresAt",
    deletion_protection=True,
)
ON_DEMAND = TableDesired(
    NAME,
    Key("CustomerId", "S"),
    indexes=(replace(PHONE, capacity=None),),
    billing=Billing("PAY_PER_REQUEST", max_read_request_units=1000, max_write_request_units=500),
    warm_throughput=Units(13_000, 5_000),
    table_class="STANDARD_INFREQUENT_ACCESS",
    stream="NEW_AND_OLD_IMAGES",
)
SLOW = {"table_seconds": 20.0, "index_seconds": 120.0, "time_to_live_seconds": 60.0}


async def _tamper(world: World, id_: str) -> None:
    throughput = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 50}
    await world.aws.mutate("dynamodb", "UpdateTable", {"TableName": id_, "ProvisionedThroughput": throughput})


async def _tamper_stream(world: World, id_: str) -> None:
    params = {"TableName": id_, "StreamSpecification": {"StreamEnabled": False}}
    await world.aws.mutate("dynamodb", "UpdateTable", params)


CASES = [
    Case(
        kind="table",
        aws_name=NAME,
        desired=PROVISIONED,
        create="CreateTable",
        tamper=_tamper,
        path="billing.readCapacityUnits",
        edited=replace(
            PROVISIONED,
            indexes=(NAMES, replace(PHONE, capacity=Units(200, 60))),
            billing=Billing("PROVISIONED", Units(200, 40)),
            point_in_time_recovery=None,
            ttl_attribute=None,
        ),
        slow=SLOW,
    ),
    Case(
        kind="table",
        id="table-on-demand",
        aws_name=NAME,
        desired=ON_DEMAND,
        create="CreateTable",
        tamper=_tamper_stream,
        path="stream",
        edited=replace(
            ON_DEMAND,
            billing=Billing("PROVISIONED", Units(300, 200)),
            indexes=(NAMES_ONLY := replace(NAMES, sort_keys=()),),
            table_class=None,
            stream="KEYS_ONLY",
        ),
        slow=SLOW,
    ),
    Case(
        kind="table",
        id="table-least",
        aws_name=NAME,
        desired=TableDesired(NAME, Key("Id", "N")),
        create="CreateTable",
        edited=TableDesired(NAME, Key("Id", "N"), indexes=(NAMES_ONLY,), ttl_attribute="Until"),
        switches=SLOW,
    ),
]
