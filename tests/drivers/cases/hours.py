"""Hours with overrides and a parent."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.hours import HoursDesired
from trunkline.drivers.hours_overrides import OpenHours, Override, Recurrence
from trunkline.engine.resource import Ref

PARENT = Ref("hours/holidays", "id")
CHRISTMAS = Override(
    "christmas", "CLOSED", "2026-12-25", "2035-12-25", recurrence=Recurrence("YEARLY", 1, (12,), (25,))
)
STOCK = Override("stock", "STANDARD", "2026-12-31", "2026-12-31", (OpenHours("", "10:00", "14:00"),), description="d")
DESIRED = HoursDesired(
    "business",
    "America/New_York",
    (OpenHours("MONDAY", "09:00", "18:00"), OpenHours("SATURDAY", "00:00", "00:00")),
    description="Weekdays",
    overrides=(CHRISTMAS, STOCK),
    parents=(PARENT,),
)


async def _prepare(world: World) -> None:
    params = {"InstanceId": world.scope.instance_id, "Name": "holidays", "TimeZone": "UTC", "Config": []}
    answer = await world.aws.mutate("connect", "CreateHoursOfOperation", params)
    world.known[PARENT] = str(answer.at("HoursOfOperationId"))


async def _tamper(world: World, id_: str) -> None:
    params = {"InstanceId": world.scope.instance_id, "HoursOfOperationId": id_, "TimeZone": "Europe/Oslo"}
    await world.aws.mutate("connect", "UpdateHoursOfOperation", params)


async def _tamper_override(world: World, id_: str) -> None:
    base = {"InstanceId": world.scope.instance_id, "HoursOfOperationId": id_}
    answer = await world.aws.read("connect", "ListHoursOfOperationOverrides", base)
    (christmas,) = [item for item in answer.at("HoursOfOperationOverrideList") if item["Name"] == "christmas"]
    params = {**base, "HoursOfOperationOverrideId": christmas["HoursOfOperationOverrideId"]}
    await world.aws.mutate("connect", "DeleteHoursOfOperationOverride", params)


CASES = [
    Case(
        kind="hours",
        aws_name="business",
        desired=DESIRED,
        create="CreateHoursOfOperation",
        prepare=_prepare,
        tamper=_tamper,
        path="timeZone",
        edited=replace(
            DESIRED, name="Business", hours=DESIRED.hours[:1], overrides=(replace(STOCK, type="CLOSED", hours=()),)
        ),
        lags=True,
    ),
    Case(
        kind="hours",
        id="hours-overrides",
        aws_name="business",
        desired=DESIRED,
        create="CreateHoursOfOperation",
        prepare=_prepare,
        tamper=_tamper_override,
        path="overrides[christmas]",
        edited=replace(DESIRED, description=None, overrides=(replace(CHRISTMAS, recurrence=None),), parents=()),
        lags=True,
    ),
]
