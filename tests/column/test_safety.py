"""What must never happen to what is somebody else's, or was not meant: one test for each way in which it could."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.column.centers import connect_center, hours, instance, queue, says, small_center
from tests.column.centers import module as module_
from tests.column.elsewhere import Neighbor
from tests.column.world import REGION, Object, World, quick
from trunkline.engine.budget import Priority
from trunkline.engine.driver import OWNER_TAG
from trunkline_sandbox.aws.faults import Fault

CONFIRM = "trunkline.dev/confirm"
DELETE = {"deletionPolicy": "Delete"}
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
OTHERS = "elsewhere/contact-centers/other"
RECORDINGS: dict[str, Any] = {"type": "CALL_RECORDINGS", "s3": {"bucket": "ours", "prefix": "calls"}}


def simple(name: str = "small", *, storage: list[dict[str, Any]] | None = None, **changes: Any) -> Object:
    """An instance with hours and two queues."""
    made = {**instance(f"{name}-center"), **({"storage": storage} if storage is not None else {})}
    base = {"instance": made, "hoursOfOperation": [hours("office")], "queues": [queue("sales"), queue("support")]}
    return Object(name, {"region": REGION, **DELETE, **base, **changes})


def guest(name: str, instance_id: str, spec: dict[str, Any], **more: Any) -> Object:
    """Another object, in an instance that it names by its id; more: of the instance."""
    uid = f"{name[0] * 8}-2222-4333-8444-555555555555"
    return Object(name, {"region": REGION, "instance": {"id": instance_id, **more}, **spec}, uid=uid)


def with_storage(center: Object, *storage: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**center.spec["instance"], "storage": list(storage), **more}


def in_instance_of(world: World, center: Object) -> Neighbor:
    return Neighbor(world, center.resource("instance", "instance")["id"])


def edited(world: World, center: Object, **changes: Any) -> list[str]:
    """Changes the spec, lets it settle, answers the mutating calls."""
    center.edit(**changes)
    return passes(world, center)


def passes(world: World, center: Object, cause: Priority = Priority.CHANGE) -> list[str]:
    mark = world.cloud.calls.number
    world.run(world.settle(center, cause))
    return world.mutating(mark)


def deleted(world: World, center: Object) -> list[str]:
    center.deleting = True
    return passes(world, center)


def confirmed(world: World, center: Object) -> list[str]:
    """Allows what waits, by the id that the status tells."""
    center.annotations[CONFIRM] = center.status["lastPlan"]["id"]
    return passes(world, center)


def waits(center: Object) -> bool:
    return bool(center.condition("ConfirmationRequired")["status"] == "True")


def associated(neighbor: Neighbor) -> list[dict[str, Any]]:
    """The storage of call recordings as AWS has it."""
    answer = neighbor.connect.list_instance_storage_configs(
        InstanceId=neighbor.instance_id, ResourceType="CALL_RECORDINGS"
    )
    return list(answer["StorageConfigs"])


def associate(neighbor: Neighbor) -> None:
    """Somebody else's recordings, encrypted."""
    encryption = {"EncryptionType": "KMS", "KeyId": KEY}
    s3 = {"BucketName": "ours", "BucketPrefix": "calls", "EncryptionConfig": encryption}
    neighbor.connect.associate_instance_storage_config(
        InstanceId=neighbor.instance_id,
        ResourceType="CALL_RECORDINGS",
        StorageConfig={"StorageType": "S3", "S3Config": s3},
    )
    neighbor.later()


async def an_hour(world: World, center: Object) -> int:
    """An hour of passes as the runtime makes them: as soon as one asks for it, and every ten minutes. How many."""
    loop = asyncio.get_running_loop()
    end, number = loop.time() + 3600.0, 0
    while loop.time() < end:
        result = await world.once(center, Priority.PROGRESS)
        number += 1
        await asyncio.sleep(max(0.1, min(result.check_after or 600.0, 600.0)))
    return number


def test_01_what_was_taken_over_or_made_anew_by_others_is_not_deleted() -> None:
    world = World()
    center = world.make(small_center(**DELETE, tables=[{**small_center().spec["tables"][0], **DELETE}]))
    neighbor = in_instance_of(world, center)
    taken = neighbor.queue_as_it_is(center.resource("queue", "support")["id"])
    neighbor.connect.tag_resource(resourceArn=taken["QueueArn"], tags={OWNER_TAG: OTHERS})
    world.client("iam").tag_role(RoleName="trunkline-small-lookup", Tags=[{"Key": OWNER_TAG, "Value": OTHERS}])
    tables = world.client("dynamodb")
    arn = tables.describe_table(TableName="small-customers")["Table"]["TableArn"]
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": OWNER_TAG, "Value": OTHERS}])
    functions = world.client("lambda")
    function = functions.get_function(FunctionName="small-lookup")["Configuration"]["FunctionArn"]
    functions.tag_resource(Resource=function, Tags={OWNER_TAG: OTHERS})
    neighbor.later()
    calls = deleted(world, center)
    assert {"DeleteTable", "DeleteRole", "DeleteFunction"} & set(calls) == set()
    assert "support" in neighbor.queues()
    assert "sales" not in neighbor.queues()


def test_02_an_entry_that_becomes_external_loses_nothing_now_nor_with_the_object() -> None:
    world = World()
    center = world.make(small_center(**DELETE))
    given = {"name": "lookup", "awsName": "small-lookup", "external": {}}
    calls = edited(world, center, functions=[given], flowModules=[module_("identify", says("ask", "Who?"))])
    calls += deleted(world, center)
    assert center.gone
    assert {"DeleteRole", "DeleteLogGroup", "DeleteFunction"} & set(calls) == set()


def test_03_a_lost_record_does_not_make_ours_what_was_adopted() -> None:
    world = World()
    center = world.make(simple())
    neighbor = in_instance_of(world, center)
    neighbor.queue("legacy", neighbor.hours("theirs"))
    edited(world, center, queues=[queue("sales"), queue("legacy")], adoptionPolicy="Adopt")
    center.status = {}
    world.start()
    passes(world, center)
    assert center.resource("queue", "legacy")["origin"] == "Adopted"
    assert edited(world, center, queues=[queue("sales")]) == []
    assert "legacy" in neighbor.queues()


def test_04_a_deletion_without_a_record_heeds_what_each_entry_says() -> None:
    world = World()
    kept = [hours("office", deletionPolicy="Retain")]
    center = world.make(
        simple(queues=[queue("sales", deletionPolicy="Retain"), queue("support")], hoursOfOperation=kept)
    )
    neighbor = in_instance_of(world, center)
    center.status = {}
    world.start()
    deleted(world, center)
    assert center.gone
    assert neighbor.queues() == {"BasicQueue", "sales"}


def test_04_a_deletion_without_a_record_finds_what_lies_in_a_given_instance_and_leaves_that() -> None:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    base = {"hoursOfOperation": [hours("ah")], "queues": [queue("aq", "ah")]}
    center = world.make(guest("guest", neighbor.instance_id, {**DELETE, **base}))
    center.status = {}
    world.start()
    assert deleted(world, center) == ["DeleteQueue", "DeleteHoursOfOperation"]
    assert center.gone


@pytest.mark.parametrize("code", ["InternalServiceException", "AccessDeniedException"])
def test_05_what_cannot_be_read_is_not_removed_unasked(code: str) -> None:
    world = World()
    center = world.make(simple(storage=[RECORDINGS]))
    status = 403 if code == "AccessDeniedException" else 500
    denied = Fault("error", operation="ListInstanceStorageConfigs", code=code, status=status, times=1)
    center.edit(instance=with_storage(center))
    world.cloud.faults.add(denied)
    mark = world.cloud.calls.number
    world.run(world.once(center))
    assert not center.ready
    passes(world, center, Priority.PROGRESS)
    assert world.mutating(mark) == []
    assert waits(center)


def test_06_a_confirmation_that_was_used_is_not_good_for_a_second_time() -> None:
    world = World()
    many = [queue(f"q{number}") for number in range(4)]
    center = world.make(simple(queues=[*many, queue("keep")]))
    edited(world, center, queues=[queue("keep")])
    assert confirmed(world, center) == ["DeleteQueue"] * 4
    edited(world, center, queues=[*many, queue("keep")])
    assert edited(world, center, queues=[queue("keep")]) == []
    assert waits(center)


def test_06_a_confirmation_stays_good_while_what_needs_none_goes() -> None:
    world = World()
    center = world.make(simple(storage=[RECORDINGS]))
    edited(world, center, instance=with_storage(center), queues=[queue("sales")])
    assert confirmed(world, center) == ["DisassociateInstanceStorageConfig"]
    assert center.ready, center.condition("Ready")


def test_07_what_came_back_before_it_was_removed_is_not_removed_later() -> None:
    world = World()
    center = world.make(simple())
    held_up = {"name": "nowhere", "awsName": "nowhere", "external": {}}
    center.edit(queues=[queue("sales")], hoursOfOperation=[hours("office"), held_up])
    world.run(world.once(center))
    assert center.resource("queue", "support")["state"] == "Removing"
    edited(world, center, queues=[queue("sales"), queue("support")], hoursOfOperation=[hours("office")])
    assert center.ready, center.condition("Ready")
    center.spec["queues"] = [queue("sales")]  # as an older CRD drops it: without a new generation
    assert passes(world, center, Priority.DRIFT) == []


def test_08_storage_of_others_is_not_overwritten_and_keeps_its_key() -> None:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    associate(neighbor)
    center = world.make(guest("guest", neighbor.instance_id, {}, storage=[RECORDINGS]))
    assert center.condition("Ready")["reason"] == "Blocked"
    assert "adoptionPolicy: Adopt" in center.condition("Ready")["message"]
    edited(world, center, adoptionPolicy="Adopt")
    assert waits(center)
    assert KEY in center.condition("ConfirmationRequired")["message"]
    assert associated(neighbor)[0]["S3Config"]["EncryptionConfig"]["KeyId"] == KEY


def test_09_what_was_only_observed_is_not_recorded_and_stays() -> None:
    world = World()
    center = world.make(simple())
    neighbor = in_instance_of(world, center)
    associate(neighbor)
    edited(world, center, instance=with_storage(center, RECORDINGS), management={"storage": "Observe"})
    calls = deleted(world, center)
    assert center.gone
    assert "DisassociateInstanceStorageConfig" not in calls


@pytest.mark.parametrize("restarted", [False, True])
def test_09_what_was_made_in_an_instance_that_is_only_observed_goes_with_the_object(restarted: bool) -> None:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    management = {"default": "Observe", "queues": "Listed", "hoursOfOperation": "Listed"}
    spec = {"hoursOfOperation": [hours("ah")], "queues": [queue("aq", "ah")]}
    center = world.make(guest("guest", neighbor.instance_id, {"management": management, **DELETE, **spec}))
    assert center.ready, center.condition("Ready")
    if restarted:
        world.start()
    assert deleted(world, center) == ["DeleteQueue", "DeleteHoursOfOperation"]
    assert center.gone


def test_10_two_handles_never_mean_one_resource() -> None:
    world = World()
    center = world.make(simple(queues=[queue("a", awsName="X"), queue("keep")]))
    denied = Fault("error", operation="TagResource", code="AccessDeniedException", status=403, times=0)
    world.cloud.faults.add(denied)  # the tag goes on naming the old handle
    edited(world, center, queues=[queue("b", awsName="X"), queue("keep")])
    edited(world, center, queues=[queue("b", awsName="X"), queue("a", awsName="Y"), queue("keep")])
    assert center.resource("queue", "a")["id"] != center.resource("queue", "b")["id"]


def _writing(name: str, instance_id: str, *, lens: bool) -> Object:
    return guest(name, instance_id, {}, attributes={"contactLens": lens})


def test_11_two_centers_of_one_instance_do_not_undo_each_other() -> None:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    first = world.make(_writing("a", neighbor.instance_id, lens=True))
    second = world.make(_writing("b", neighbor.instance_id, lens=False))
    mark = world.cloud.calls.number
    for center in (first, second, first, second):
        world.clock.advance(600.0)
        passes(world, center, Priority.DRIFT)
    assert world.mutating(mark) == []
    assert first.ready, first.condition("Ready")
    assert "contact-centers/a names the same instance" in second.condition("Ready")["message"]


def test_11_the_center_that_made_the_instance_goes_on_writing_it() -> None:
    world = World()
    center = world.make(simple())
    world.make(_writing("a", center.resource("instance", "instance")["id"], lens=False))
    attributes = {**center.spec["instance"]["attributes"], "contactflowLogs": False}
    assert edited(world, center, instance=with_storage(center, attributes=attributes)) == ["UpdateInstanceAttribute"]
    assert center.ready, center.condition("Ready")


def test_12_what_a_refused_create_finds_is_not_changed_unasked() -> None:
    world = World(quick(search_lag_seconds=600.0))
    center = world.make(simple())
    neighbor = in_instance_of(world, center)
    neighbor.later(700.0)
    office = center.resource("hours", "office")["id"]
    theirs = neighbor.queue("vip", office)
    vip = queue("vip", status="DISABLED")
    assert "UpdateQueueStatus" not in edited(world, center, adoptionPolicy="Adopt", queues=[queue("sales"), vip])
    assert neighbor.queue_as_it_is(theirs)["Status"] == "ENABLED"
    assert waits(center)


def test_13_conflicts_are_looked_at_seldom() -> None:
    world = World()
    center = world.make(simple())
    neighbor = in_instance_of(world, center)
    office = center.resource("hours", "office")["id"]
    for number in range(5):
        neighbor.queue(f"q{number}", office)
    edited(world, center, queues=[queue("sales"), *(queue(f"q{number}") for number in range(5))])
    mark = world.cloud.calls.number
    assert world.run(an_hour(world, center)) < 15
    assert len(world.calls(mark)) < 60


def test_14_a_paused_center_that_does_not_exist_is_not_ready() -> None:
    world = World()
    center = world.make(simple(paused=True))
    ready = center.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", "Paused")
    assert "is not there" in ready["message"]


def test_15_the_finalizer_stays_while_an_answer_is_lost() -> None:
    world = World()
    center = world.add(simple())
    world.cloud.faults.add(Fault("drop_after", operation="CreateInstance", times=1))
    world.run(world.once(center))
    assert center.finalizer


def test_15_the_finalizer_goes_from_what_made_nothing() -> None:
    world = World()
    center = world.add(simple(paused=True))
    center.finalizer = True
    passes(world, center)
    assert not center.finalizer


def test_16_a_removal_survives_that_aws_was_out_of_reach_and_a_restart() -> None:
    world = World()
    center = world.make(simple())
    center.edit(queues=[queue("sales")])
    world.start()
    world.cloud.faults.add(Fault("error", service="sts", operation="GetCallerIdentity", times=1))
    world.run(world.once(center))
    assert not center.ready
    world.start()
    assert passes(world, center) == ["DeleteQueue"]
    assert center.ready, center.condition("Ready")


def test_17_one_function_that_leaves_is_one_entry_and_its_logs_stay() -> None:
    world = World()
    center = world.make(small_center())
    calls = edited(world, center, functions=[], flowModules=[module_("identify", says("ask", "Who?"))])
    assert center.ready, center.condition("Ready")
    assert "DeleteFunction" in calls
    assert "DeleteLogGroup" not in calls


def test_18_exclusive_origins_remove_what_nobody_listed_once_confirmed() -> None:
    world = World()
    center = world.make(simple())
    neighbor = in_instance_of(world, center)
    neighbor.connect.associate_approved_origin(InstanceId=neighbor.instance_id, Origin="https://evil.example")
    listed = {**center.spec["instance"], "approvedOrigins": ["https://crm.example"]}
    exclusive = {"approvedOrigins": "Exclusive"}
    assert edited(world, center, instance=listed, management=exclusive) == ["AssociateApprovedOrigin"]
    assert waits(center)
    confirmed(world, center)
    answer = neighbor.connect.list_approved_origins(InstanceId=neighbor.instance_id)
    assert answer["Origins"] == ["https://crm.example"]


def test_19_nothing_is_asked_of_an_instance_that_is_gone() -> None:
    world = World()
    center = world.make(connect_center())
    neighbor = in_instance_of(world, center)
    neighbor.connect.delete_instance(InstanceId=neighbor.instance_id)
    neighbor.later(600.0)
    mark = world.cloud.calls.number
    passes(world, center, Priority.DRIFT)
    world.run(an_hour(world, center))
    assert set(world.calls(mark, "connect")) == {"DescribeInstance", "ListInstances"}
    assert waits(center)
