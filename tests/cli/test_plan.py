"""What `trunkline plan` shows of a center: to add, changed with old and new, deleted, adopted, unchanged."""

from __future__ import annotations

import pytest

from tests.cli.desk import Desk, Value, manifest, without_cache
from tests.column.world import Object, example


def hello() -> Object:
    return example("minimal")


def test_of_a_center_that_does_not_exist_the_plan_is_complete(desk: Desk) -> None:
    text = desk.plan(manifest(hello(), recorded=False))
    assert text.code == 0, text.err
    assert "+ queue/front-desk\n    CreateQueue: not there yet\n" in text.out
    assert "hours: (none) -> <hours/always.id>" in text.out
    assert "<kind/name.attribute> stands for what is known after apply" in text.out
    assert "5 to add, 0 to change, 0 to delete, 0 to adopt, 0 unchanged" in text.out

    planned = desk.plan(manifest(hello(), recorded=False), "json")
    assert {item["effect"] for item in planned.value["resources"]} == {"Add"}
    (step,) = planned.resource("queue/front-desk")["steps"]
    assert step["operation"] == "CreateQueue"
    assert step["params"]["HoursOfOperationId"] == "<hours/always.id>"
    assert step["knownAfterApply"] == ["hours/always.id", "instance/instance.id"]


@pytest.mark.parametrize("recorded", [pytest.param(True, id="by-its-record"), pytest.param(False, id="by-our-tags")])
def test_of_a_center_as_it_should_be_nothing_is_planned(desk: Desk, *, recorded: bool) -> None:
    center = desk.world.make(hello())
    desk.world.clock.advance(60)  # Search lags
    planned = desk.plan(manifest(center, recorded=recorded))
    assert planned.code == 0, planned.err
    assert planned.out == "ContactCenter hello\n0 to add, 0 to change, 0 to delete, 0 to adopt, 5 unchanged\n"


def test_an_edit_and_what_was_changed_behind_its_back_show_old_and_new(desk: Desk) -> None:
    center = hello()
    center.entry("queues", "front-desk")["maxContacts"] = 10
    desk.world.make(center)
    queue = {
        "InstanceId": center.status["instance"]["id"],
        "QueueId": center.resource("queue", "front-desk")["id"],
    }
    desk.world.client("connect").update_queue_max_contacts(**queue, MaxContacts=1)
    desk.world.clock.advance(60)
    center.entry("flows", "welcome")["content"]["inline"]["Actions"][0]["Parameters"]["Text"] = "Good evening."

    planned = desk.plan(manifest(center))
    assert planned.code == 0, planned.err
    assert "~ queue/front-desk\n    UpdateQueueMaxContacts: " in planned.out
    assert "maxContacts: 1 -> 10" in planned.out
    assert "~ flow/welcome" in planned.out
    assert "Good evening." in planned.out
    assert "0 to add, 2 to change, 0 to delete, 0 to adopt, 3 unchanged" in planned.out


def test_what_left_the_file_is_deleted_and_what_holds_data_is_left(desk: Desk) -> None:
    center = hello()
    center.spec["queues"].append({"name": "back-office", "hours": "always"})
    key = {"name": "CallId", "type": "String"}
    center.spec["tables"] = [{"name": "calls", "partitionKey": key, "billing": {"mode": "PAY_PER_REQUEST"}}]
    desk.world.make(center)
    queues = [entry for entry in center.spec["queues"] if entry["name"] != "back-office"]

    planned = desk.plan(manifest(center, queues=queues, tables=[]))
    assert planned.code == 0, planned.err
    assert "- queue/back-office: deleted: no longer in the spec" in planned.out
    assert "table/calls: left where it is: holds data" in planned.out
    assert "0 to add, 0 to change, 1 to delete" in planned.out


def test_deletes_in_numbers_wait_for_the_id_that_the_plan_names(desk: Desk) -> None:
    center = hello()
    center.spec["queues"] += [{"name": f"queue-{number}", "hours": "always"} for number in range(4)]
    desk.world.make(center)
    queues = center.spec["queues"][:1]

    planned = desk.plan(manifest(center, queues=queues), "json")
    confirm = planned.value["confirm"]
    assert confirm
    assert [item["waitsForConfirmation"] for item in planned.value["leaving"]] == [True] * 4
    confirmed = manifest(center, queues=queues)
    confirmed["metadata"]["annotations"] = {"trunkline.dev/confirm": confirm}
    assert desk.plan(confirmed, "json").value["confirm"] is None


def _existing(desk: Desk, center: Object, **queue: str) -> None:
    """A queue that somebody made by hand, in an instance of a center."""
    connect = desk.world.client("connect")
    instance = center.status["instance"]["id"]
    hours = center.resource("hours", "always")["id"]
    connect.create_queue(InstanceId=instance, Name="by-hand", HoursOfOperationId=hours, **queue)
    desk.world.clock.advance(60)
    center.spec["queues"].append({"name": "by-hand", "hours": "always", "maxContacts": 4})


def test_what_exists_already_is_adopted_where_that_is_said(desk: Desk) -> None:
    center = desk.world.make(hello())
    _existing(desk, center)
    planned = desk.plan(manifest(center, adoptionPolicy="Adopt"))
    assert planned.code == 0, planned.err
    assert "& queue/by-hand" in planned.out
    assert "maxContacts: (none) -> 4" in planned.out
    assert "1 to adopt" in planned.out


def test_what_exists_already_is_a_conflict_otherwise(desk: Desk) -> None:
    center = desk.world.make(hello())
    _existing(desk, center)
    planned = desk.plan(manifest(center))
    assert planned.code == 1, "a plan that cannot be carried out is no success"
    assert "! queue/by-hand: " in planned.out
    assert "adoptionPolicy: Adopt" in planned.out


def test_the_json_output_has_the_members_that_are_documented(desk: Desk) -> None:
    center = desk.world.make(hello())
    center.spec["queues"].append({"name": "new", "hours": "always"})
    value = desk.plan(manifest(center, routingProfiles=[]), "json").value
    assert _members(value) == {"kind", "name", "problems", "resources", "leaving", "summary", "confirm"}
    assert value["summary"] == {"add": 1, "change": 0, "delete": 1, "adopt": 0, "waiting": 0}
    assert _members(value["leaving"][0]) == {"key", "id", "action", "reason", "waitsForConfirmation"}
    resource = next(item for item in value["resources"] if item["key"] == "queue/new")
    assert _members(resource) == {
        "key", "path", "awsName", "id", "effect", "onlyObserved", "problem", "steps", "leftAsItIs", "waitsFor"
    }  # fmt: skip
    assert _members(resource["steps"][0]) == {
        "service", "operation", "params", "knownAfterApply", "reason", "changes", "interrupts", "waitsForConfirmation"
    }  # fmt: skip
    assert _members(resource["steps"][0]["changes"][0]) == {"path", "old", "new"}


def _members(value: Value) -> set[str]:
    return set(value)


def test_several_centers_and_a_folder_are_planned_one_after_the_other(desk: Desk) -> None:
    second = manifest(hello(), recorded=False)
    second["metadata"]["name"] = "second"
    second["spec"]["instance"]["alias"] = "second-contact-center"
    desk.file("1.yaml", manifest(hello(), recorded=False))
    desk.file("2.yml", second)
    desk.file("notes.txt", "not a manifest")
    planned = desk.run(desk.folder)
    assert planned.code == 0, planned.err
    assert planned.out.index("ContactCenter hello") < planned.out.index("ContactCenter second")


def test_flows_come_from_config_maps_of_the_same_files(desk: Desk) -> None:
    high_volume = example("high-volume")
    body = without_cache(manifest(high_volume, recorded=False))
    alone = desk.plan(body)
    assert alone.code == 1
    assert "add its manifest with -f" in alone.out
    maps = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": high_volume.namespace},
            "data": data,
        }
        for name, data in high_volume.config_maps.items()
    ]
    files = [desk.file("center.yaml", body), *(desk.file(f"map-{n}.yaml", item) for n, item in enumerate(maps))]
    together = desk.run(*files)
    assert together.code == 0, together.out + together.err
    assert "0 to change, 0 to delete, 0 to adopt, 0 unchanged" in together.out


def test_what_waits_for_a_cache_of_which_nothing_is_known_is_shown_and_counted(desk: Desk) -> None:
    body = manifest(example("high-volume"), recorded=False)
    readers = {entry["name"] for entry in body["spec"]["functions"]} - {
        entry["name"] for entry in without_cache(body)["spec"]["functions"] if entry in body["spec"]["functions"]
    }
    assert readers, "the example has functions that read the cache"
    path = desk.file("center.yaml", body)
    text = desk.run(path)
    reason = "the CacheLayer that cacheRef names publishes nothing yet"
    for name in readers:
        for kind in ("function", "role", "log-group"):
            assert f"> {kind}/{name}: waits: spec.functions[name={name}]: environment[" in text.out
    assert text.out.count(reason) == text.out.count("\n> ") > len(readers)
    assert f"unchanged, {text.out.count(reason)} waiting" in text.out

    shown = desk.plan(body, "json").value
    waiting = [item["key"] for item in shown["resources"] if reason in (item["waitsFor"] or "")]
    assert shown["summary"]["waiting"] == len(waiting) == text.out.count(reason)


def test_without_a_cluster_that_names_the_installation_the_plan_says_what_that_means(desk: Desk) -> None:
    path = desk.file("center.yaml", manifest(hello(), recorded=False))
    planned = desk.run(path, flags=())
    assert planned.code == 0
    assert "5 to add" in planned.out
    assert "will look like another installation's" in planned.err
