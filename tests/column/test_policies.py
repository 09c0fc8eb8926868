"""Who may change, take over and delete: every policy from the spec to the calls that AWS sees, or does not see."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.column.centers import connect_center, content, flow, hours, instance, profile, queue, says, small_center
from tests.column.elsewhere import Neighbor
from tests.column.picture import picture
from tests.column.world import REGION, Object, World, example
from trunkline.engine.budget import Priority
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG

BASIC = {"name": "basic", "awsName": "Basic Hours", "external": {}}
RETAIN, DELETE = {"deletionPolicy": "Retain"}, {"deletionPolicy": "Delete"}


def tagged(owner: str, entry: str) -> dict[str, str]:
    return {OWNER_TAG: owner, ENTRY_TAG: entry}


def by_id(instance_id: str, **spec: Any) -> Object:
    """A center in an instance of somebody else: hours and one queue."""
    base = {"region": REGION, "instance": {"id": instance_id}, "hoursOfOperation": [hours("office")]}
    return Object("guest", {**base, "queues": [queue("front-desk", maxContacts=20)], **spec})


def delete(world: World, center: Object) -> list[str]:
    """Deletes the object as kubectl does; answers all calls that AWS then saw."""
    mark = world.cloud.calls.number
    center.deleting = True
    world.run(world.settle(center))
    return world.calls(mark)


def messages(center: Object, reason: str) -> list[str]:
    return [note.message for note in center.notes if note.reason == reason]


def again(world: World, center: Object, **changes: Any) -> Object:
    """The same manifest applied anew after a deletion: another object, nothing remembered."""
    spec = {**copy.deepcopy(center.spec), **changes}
    world.start()
    return world.make(Object(center.name, spec, center.namespace, uid="77777777-2222-4333-8444-555555555555"))


class TestAdoption:
    def test_what_somebody_else_made_under_that_name_is_a_conflict_and_stays_as_it_is(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        theirs = neighbor.queue("front-desk", neighbor.hours("theirs"), MaxContacts=5)
        center = world.make(by_id(neighbor.instance_id))
        ready = center.condition("Ready")
        assert (ready["status"], ready["reason"]) == ("False", "Blocked")
        assert "spec.queues[name=front-desk]" in ready["message"]
        assert "adoptionPolicy: Adopt" in ready["message"]
        assert neighbor.queue_as_it_is(theirs)["MaxContacts"] == 5
        assert neighbor.queue_as_it_is(theirs)["Tags"] == {}
        assert center.resource("hours", "office")["state"] == "Ready", "the rest of the center goes on"

    def test_adopt_takes_it_over_as_it_is_and_changes_what_the_spec_says(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        outbound = {"OutboundCallerIdName": "Front Desk"}
        theirs = neighbor.queue(
            "front-desk", neighbor.hours("theirs"), MaxContacts=5, OutboundCallerConfig=outbound, Description="by hand"
        )
        center = world.make(by_id(neighbor.instance_id, adoptionPolicy="Adopt"))
        assert center.ready, center.condition("Ready")
        taken = neighbor.queue_as_it_is(theirs)
        assert taken["MaxContacts"] == 20
        assert (taken["OutboundCallerConfig"], taken["Description"]) == (outbound, "by hand")
        assert taken["Tags"][OWNER_TAG] == "test/contact-centers/guest"
        line = center.resource("queue", "front-desk")
        assert (line["id"], line["origin"]) == (theirs, "Adopted")

    @pytest.mark.parametrize("remembered", [True, False], ids=["recorded", "record-lost"])
    def test_what_was_adopted_is_left_when_its_entry_goes(self, remembered: bool) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        neighbor.queue("front-desk", neighbor.hours("theirs"))
        center = world.make(by_id(neighbor.instance_id, adoptionPolicy="Adopt"))
        if not remembered:
            center.status = {}
            world.start()
            world.run(world.settle(center))
        center.edit(queues=[queue("other")])
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")
        assert neighbor.queues() >= {"front-desk", "other"}
        assert "queue/front-desk" in " ".join(messages(center, "Retained"))

    @pytest.mark.parametrize("remembered", [True, False], ids=["recorded", "record-lost"])
    def test_what_was_adopted_is_left_when_the_object_goes_with_delete(self, remembered: bool) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        neighbor.queue("front-desk", neighbor.hours("theirs"))
        spec = {"hoursOfOperation": [BASIC], "queues": [queue("front-desk", "basic"), queue("second", "basic")]}
        center = world.make(by_id(neighbor.instance_id, adoptionPolicy="Adopt", **spec, **DELETE))
        if not remembered:
            center.status = {}
            world.start()
        delete(world, center)
        assert center.gone
        assert neighbor.queues() == {"BasicQueue", "front-desk"}

    def test_what_was_adopted_goes_by_a_policy_of_its_own(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        neighbor.queue("front-desk", neighbor.hours("theirs"))
        center = world.make(
            by_id(neighbor.instance_id, adoptionPolicy="Adopt", queues=[queue("front-desk", **DELETE), queue("second")])
        )
        center.edit(queues=[queue("second")])
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "second"}

    def test_another_installation_is_a_conflict_until_it_is_taken_over_by_annotation(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        tags = tagged("old-cluster/contact-centers/guest", "queue/front-desk")
        theirs = neighbor.queue("front-desk", neighbor.hours("theirs"), Tags=tags)
        center = world.make(by_id(neighbor.instance_id, adoptionPolicy="Adopt"))
        assert "trunkline.dev/take-over: old-cluster" in center.condition("Ready")["message"]
        assert neighbor.queue_as_it_is(theirs)["Tags"] == tags
        center.annotations["trunkline.dev/take-over"] = "old-cluster"
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")
        assert neighbor.queue_as_it_is(theirs)["Tags"][OWNER_TAG] == "test/contact-centers/guest"

    def test_two_objects_that_want_one_queue_the_second_is_told(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        first = world.make(by_id(neighbor.instance_id))
        second = by_id(neighbor.instance_id, adoptionPolicy="Adopt", queues=[queue("front-desk", maxContacts=7)])
        second.name, second.uid = "second", "66666666-2222-4333-8444-555555555555"
        second.spec["hoursOfOperation"] = [hours("office", awsName="other hours")]
        world.make(second)
        assert "belongs to test/contact-centers/guest" in second.condition("Ready")["message"]
        mark = world.cloud.calls.number
        world.clock.advance(600.0)
        world.run(world.once(first, Priority.DRIFT))
        assert world.mutating(mark) == []


class TestManagement:
    def test_observe_says_what_differs_and_touches_nothing(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        theirs = neighbor.queue("front-desk", neighbor.hours("office"), MaxContacts=5)
        before = picture(world)
        center = world.make(by_id(neighbor.instance_id, management={"default": "Observe"}, adoptionPolicy="Adopt"))
        assert picture(world) == before
        assert center.resource("queue", "front-desk")["state"] == "Differs"
        assert "maxContacts" in center.resource("queue", "front-desk")["message"]
        assert neighbor.queue_as_it_is(theirs)["Tags"] == {}

    def test_observe_makes_and_deletes_nothing(self) -> None:
        world = World()
        center = world.make(connect_center())
        center.edit(management={"queues": "Observe"}, queues=[*center.spec["queues"], queue("third")])
        mark = world.cloud.calls.number
        world.run(world.settle(center))
        center.edit(queues=[queue("support")], routingProfiles=[profile("agent", "support")])
        world.run(world.settle(center))
        assert [name for name in world.mutating(mark) if "Queue" in name and "RoutingProfile" not in name] == []
        assert center.resource("queue", "sales")["state"] == "Kept"

    def test_listed_deletes_what_was_made_and_is_listed_no_more_and_nothing_else(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        center = world.make(connect_center(queues=[queue("sales"), queue("support"), queue("third")]))
        neighbor.instance_id = center.status["instance"]["id"]
        neighbor.queue("by-hand", neighbor.hours("theirs"))
        center.edit(queues=[queue("sales"), queue("support")])
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")
        assert neighbor.queues() == {"BasicQueue", "sales", "support", "by-hand"}
        assert center.resource("queue", "third") == {}

    def test_exclusive_removes_what_nobody_listed_once_that_is_confirmed(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        center = world.make(connect_center())
        neighbor.instance_id = center.status["instance"]["id"]
        theirs = neighbor.hours("theirs")
        neighbor.queue("by-hand", theirs)
        neighbor.queue("another-owner", theirs, Tags=tagged("elsewhere/ns/other", "queue/another-owner"))
        center.edit(management={"queues": "Exclusive"})
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "sales", "support", "by-hand", "another-owner"}
        plan = center.status["lastPlan"]
        assert [line.split(":")[0] for line in plan["toConfirm"]] == ["queue/by-hand"]
        center.annotations["trunkline.dev/confirm"] = plan["id"]
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "sales", "support", "another-owner"}
        assert center.ready, center.condition("Ready")

    def test_an_absent_section_is_never_the_empty_list_of_exclusive(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        neighbor.flow("by-hand")
        center = by_id(neighbor.instance_id, management={"flows": "Exclusive"}, confirm="Never")
        world.make(center)
        assert center.ready, center.condition("Ready")
        listed = neighbor.connect.list_contact_flows(InstanceId=neighbor.instance_id)["ContactFlowSummaryList"]
        assert "by-hand" in {item["Name"] for item in listed}


MANY = [queue(name) for name in ("one", "two", "three", "four", "five")]


class TestConfirm:
    def _emptied(self, **spec: Any) -> tuple[World, Object, Neighbor]:
        world = World()
        center = world.make(connect_center(queues=MANY, routingProfiles=[], flows=[], **spec))
        assert center.ready, center.condition("Ready")
        center.edit(queues=[queue("five", maxContacts=3)])
        world.run(world.settle(center))
        return world, center, Neighbor(world, center.status["instance"]["id"])

    def test_four_deletes_in_a_section_wait_and_all_else_goes_on(self) -> None:
        world, center, neighbor = self._emptied()
        assert neighbor.queues() == {"BasicQueue", "one", "two", "three", "four", "five"}
        assert neighbor.queue_as_it_is(center.resource("queue", "five")["id"])["MaxContacts"] == 3
        waits = center.condition("ConfirmationRequired")
        assert waits["status"] == "True"
        assert f"trunkline.dev/confirm: {center.status['lastPlan']['id']}" in waits["message"]
        assert center.condition("Ready")["reason"] == "ConfirmationRequired"
        assert center.resource("queue", "one")["state"] == "ConfirmationRequired"
        assert len(messages(center, "ConfirmationRequired")) == 4, "one Event each, on the transition"
        world.run(world.settle(center))
        assert len(messages(center, "ConfirmationRequired")) == 4

    def test_they_go_by_the_id_of_that_plan_and_by_no_other(self) -> None:
        world, center, neighbor = self._emptied()
        plan_id = center.status["lastPlan"]["id"]
        center.annotations["trunkline.dev/confirm"] = "000000000000"
        world.run(world.settle(center))
        assert "one" in neighbor.queues()
        center.annotations["trunkline.dev/confirm"] = plan_id
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "five"}
        assert center.condition("ConfirmationRequired")["status"] == "False"
        assert center.ready, center.condition("Ready")

    def test_a_confirmation_is_not_good_for_more_than_it_was_given_for(self) -> None:
        world, center, neighbor = self._emptied()
        center.annotations["trunkline.dev/confirm"] = center.status["lastPlan"]["id"]
        center.edit(queues=[])
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "one", "two", "three", "four", "five"}

    def test_taking_the_edit_back_ends_the_waiting(self) -> None:
        world, center, neighbor = self._emptied()
        center.edit(queues=MANY)
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")
        assert center.condition("ConfirmationRequired")["status"] == "False"
        assert neighbor.queues() == {"BasicQueue", "one", "two", "three", "four", "five"}

    def test_never_asks_nobody(self) -> None:
        _, center, neighbor = self._emptied(confirm="Never")
        assert neighbor.queues() == {"BasicQueue", "five"}
        assert center.ready, center.condition("Ready")

    def test_three_deletes_in_a_section_need_no_confirmation(self) -> None:
        world = World()
        center = world.make(connect_center(queues=MANY, routingProfiles=[], flows=[]))
        center.edit(queues=MANY[3:])
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")
        assert Neighbor(world, center.status["instance"]["id"]).queues() == {"BasicQueue", "four", "five"}

    def test_always_asks_before_the_first_call(self) -> None:
        world = World()
        center = world.add(connect_center(confirm="Always"))
        for _ in range(20):
            world.run(world.settle(center))
            plan = center.status["lastPlan"]
            if "id" not in plan:
                break
            mark = world.cloud.calls.number
            world.run(world.settle(center))
            assert world.mutating(mark) == []
            center.annotations["trunkline.dev/confirm"] = plan["id"]
        assert center.ready, center.condition("Ready")

    def test_disabling_a_queue_that_something_uses_waits(self) -> None:
        world = World()
        center = world.make(connect_center())
        center.edit(queues=[queue("sales", status="DISABLED", maxContacts=10), queue("support", maxContacts=4)])
        mark = world.cloud.calls.number
        world.run(world.settle(center))
        assert world.mutating(mark) == ["UpdateQueueMaxContacts"]
        center.annotations["trunkline.dev/confirm"] = center.status["lastPlan"]["id"]
        world.run(world.settle(center))
        assert world.mutating(mark) == ["UpdateQueueMaxContacts", "UpdateQueueStatus"]
        assert center.ready, center.condition("Ready")


class TestPaused:
    def test_nothing_is_changed_and_what_would_be_is_told(self) -> None:
        world = World()
        center = world.make(connect_center())
        center.edit(paused=True, queues=[queue("sales", maxContacts=99), queue("support")])
        mark = world.cloud.calls.number
        world.run(world.settle(center))
        assert world.mutating(mark) == []
        assert center.condition("Ready")["reason"] == "Paused"
        assert center.resource("queue", "sales")["state"] == "Differs"
        center.edit(paused=False)
        world.run(world.settle(center))
        assert world.mutating(mark) == ["UpdateQueueMaxContacts"]
        assert center.ready, center.condition("Ready")

    def test_a_paused_object_is_deletable(self) -> None:
        world = World()
        center = world.make(small_center(**DELETE))
        center.edit(paused=True)
        world.run(world.settle(center))
        calls = delete(world, center)
        assert center.gone
        assert {"DeleteQueue", "DeleteFunction"} <= set(calls)

    def test_paused_from_the_start_makes_nothing(self) -> None:
        world = World()
        center = world.make(connect_center(paused=True))
        assert world.mutating() == []
        assert not center.ready


class TestDeletion:
    def test_retain_calls_nothing_at_all(self) -> None:
        world = World()
        center = world.make(small_center())
        before = picture(world)
        assert delete(world, center) == []
        assert center.gone
        assert picture(world) == before
        assert "left in AWS" in messages(center, "Retained")[0]

    def test_what_was_retained_is_taken_back_when_the_object_is_applied_again(self) -> None:
        world = World()
        center = world.make(small_center())
        before = picture(world)
        ids = {(item["kind"], item["name"]): item["id"] for item in center.status["resources"]}
        delete(world, center)
        mark = world.cloud.calls.number
        world.clock.advance(60.0)
        back = again(world, center)
        assert back.ready, back.condition("Ready")
        assert world.mutating(mark) == []
        assert picture(world) == before
        assert {(item["kind"], item["name"]): item["id"] for item in back.status["resources"]} == ids
        assert "Adopted" not in json.dumps(back.status["resources"]), "it is ours as it was before"

    def test_delete_removes_what_was_made_but_instance_and_table(self) -> None:
        world = World()
        center = world.make(small_center(**DELETE))
        calls = delete(world, center)
        assert center.gone
        assert {"DeleteTable", "DeleteInstance"} & set(calls) == set()
        left = picture(world)
        ours = {line.rsplit(" = ", 1)[1] for line in left if "trunkline.dev/entry = " in line}
        assert ours == {'"instance/instance"', '"table/customers"'}
        assert not any(line.startswith(("iam trunkline", "lambda.functions.")) for line in left), left
        retained = messages(center, "Retained")[-1]
        assert "instance/instance" in retained
        assert "table/customers" in retained
        assert "log-group/lookup" in retained, "who looks into what happened needs the logs"

    def test_instance_and_table_go_by_policies_of_their_own(self) -> None:
        world = World()
        center = small_center(**DELETE)
        center.spec["instance"] = {**instance(), **DELETE}
        center.spec["tables"] = [{**center.spec["tables"][0], **DELETE}]
        world.make(center)
        calls = delete(world, center)
        assert center.gone
        left = [line for line in picture(world) if not line.startswith("logs ")]
        assert left == ["connect.instances = []", "connect.phone_numbers = []"]
        assert "DeleteQueue" not in calls, "queues go with the instance"

    def test_an_entry_that_is_to_be_retained_stays(self) -> None:
        world = World()
        center = world.make(
            connect_center(
                **DELETE,
                hoursOfOperation=[hours("office"), BASIC],
                queues=[queue("sales", "basic", **RETAIN), queue("support")],
            )
        )
        neighbor = Neighbor(world, center.status["instance"]["id"])
        delete(world, center)
        assert center.gone
        assert neighbor.queues() == {"BasicQueue", "sales"}

    def test_nothing_that_was_not_made_here_is_deleted(self) -> None:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        neighbor.queue("theirs", neighbor.hours("theirs"))
        center = world.make(by_id(neighbor.instance_id, **DELETE))
        delete(world, center)
        assert center.gone
        assert neighbor.queues() == {"BasicQueue", "theirs"}

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param({"queues": "sales"}, id="a section that is no list"),
            pytest.param({"instance": {}}, id="no form of the instance"),
            pytest.param({"flows": [{"name": "x", "content": {"inline": {"modules": []}}}]}, id="an unreadable flow"),
            pytest.param({"unheardOf": True, "confirm": "Perhaps"}, id="an unknown policy"),
        ],
    )
    def test_deletion_needs_no_spec_that_parses(self, broken: dict[str, Any]) -> None:
        world = World()
        center = world.make(connect_center(**DELETE))
        neighbor = Neighbor(world, center.status["instance"]["id"])
        center.edit(**broken)
        world.run(world.settle(center))
        assert neighbor.queues() == {"BasicQueue", "sales", "support"}, "what cannot be read is no reason to delete"
        delete(world, center)
        assert center.gone
        assert neighbor.queues() == {"BasicQueue"}

    @pytest.mark.parametrize("policy", ["delete", None, {"a": 1}])
    def test_an_unreadable_policy_is_retain(self, policy: Any) -> None:
        world = World()
        center = world.make(connect_center(**DELETE))
        center.edit(deletionPolicy=policy)
        assert delete(world, center) == []
        assert center.gone

    def test_termination_protection_acts_as_retain(self) -> None:
        world = World()
        center = world.make(connect_center(terminationProtection=True, **DELETE))
        assert delete(world, center) == []
        assert center.gone

    @pytest.mark.parametrize("recorded", [pytest.param(True, id="recorded"), pytest.param(False, id="record lost")])
    def test_termination_protection_is_for_entries_with_a_policy_of_their_own_too(self, recorded: bool) -> None:
        """A deletion comes through where the admission policy is not installed, or with the definition."""
        world = World()
        center = world.make(connect_center(terminationProtection=True, **DELETE))
        center.edit(
            instance={**center.spec["instance"], "deletionPolicy": "Delete"},
            queues=[{**queue, "deletionPolicy": "Delete"} for queue in center.spec["queues"]],
        )
        world.run(world.settle(center))
        if not recorded:
            center.status = {}
            world.start()
        assert delete(world, center) == []
        assert center.gone

    def test_without_a_record_what_carries_our_tags_is_found_and_deleted(self) -> None:
        world = World()
        center = world.make(small_center(**DELETE))
        neighbor = Neighbor(world, center.status["instance"]["id"])
        by_hand = neighbor.queue("by-hand", neighbor.hours("theirs"))
        center.status = {}
        world.start()
        delete(world, center)
        assert center.gone
        assert neighbor.queues() == {"BasicQueue", "by-hand"}
        assert neighbor.queue_as_it_is(by_hand)["Name"] == "by-hand"
        lines = picture(world)
        assert not any(line.startswith("lambda.functions.") for line in lines), lines
        assert any(line.startswith("dynamodb.tables") for line in lines), "a table goes by its own policy only"

    def test_what_aws_refuses_is_named_and_an_annotation_abandons_it(self) -> None:
        world = World()
        center = world.make(connect_center(**DELETE))
        neighbor = Neighbor(world, center.status["instance"]["id"])
        neighbor.profile("theirs", center.resource("queue", "sales")["id"])
        delete(world, center)
        assert center.finalizer
        assert "queue/sales" in center.condition("Ready")["message"]
        assert "ResourceInUse" in center.condition("Ready")["message"]
        center.annotations["trunkline.dev/abandon"] = "true"
        world.run(world.settle(center))
        assert center.gone
        assert "queue/sales" in messages(center, "Abandoned")[0]
        assert neighbor.queues() == {"BasicQueue", "sales"}

    def test_what_held_it_goes_and_the_deletion_goes_on_by_itself(self) -> None:
        world = World()
        center = world.make(connect_center(**DELETE))
        neighbor = Neighbor(world, center.status["instance"]["id"])
        theirs = neighbor.profile("theirs", center.resource("queue", "sales")["id"])
        delete(world, center)
        assert center.finalizer
        neighbor.connect.delete_routing_profile(InstanceId=neighbor.instance_id, RoutingProfileId=theirs)
        world.run(world.settle(center, Priority.PROGRESS))
        assert center.gone


class TestWrongAccount:
    OTHER = "999999999999"

    def test_credentials_that_lead_elsewhere_touch_nothing(self) -> None:
        world = World()
        center = world.make(connect_center(accountId=self.OTHER))
        assert world.calls(service="connect") == []
        assert world.mutating() == []
        ready = center.condition("Ready")
        assert (ready["status"], ready["reason"]) == ("False", "WrongAccount")
        assert "spec.accountId" in ready["message"]
        assert not center.finalizer

    def test_nor_do_they_once_the_record_is_of_another_account(self) -> None:
        world = World()
        center = world.make(connect_center())
        center.status = {**center.status, "account": self.OTHER}
        resources = copy.deepcopy(center.status["resources"])
        world.start()
        mark = world.cloud.calls.number
        world.run(world.once(center))
        assert world.calls(mark, "connect") == []
        assert center.condition("Ready")["reason"] == "WrongAccount"
        assert center.status["resources"] == resources, "the record stays"

    def test_nor_does_a_deletion(self) -> None:
        world = World()
        center = world.make(connect_center(**DELETE))
        center.status = {**center.status, "account": self.OTHER}
        world.start()
        calls = delete(world, center)
        assert [name for name in calls if name != "GetCallerIdentity"] == []
        assert not center.gone
        assert self.OTHER in center.condition("Ready")["message"]


def _break_queue(world: World, center: Object) -> None:
    neighbor = Neighbor(world, center.status["instance"]["id"])
    neighbor.connect.update_queue_max_contacts(
        InstanceId=neighbor.instance_id, QueueId=center.resource("queue", "sales")["id"], MaxContacts=1
    )


def _delete_profile(world: World, center: Object) -> None:
    neighbor = Neighbor(world, center.status["instance"]["id"])
    neighbor.connect.delete_routing_profile(
        InstanceId=neighbor.instance_id, RoutingProfileId=center.resource("routing-profile", "agent")["id"]
    )


def _rewrite_flow(world: World, center: Object) -> None:
    neighbor = Neighbor(world, center.status["instance"]["id"])
    neighbor.connect.update_contact_flow_content(
        InstanceId=neighbor.instance_id,
        ContactFlowId=center.resource("flow", "inbound")["id"],
        Content=json.dumps(content(says("hello", "Somebody was here."))),
    )


def _shrink_function(world: World, center: Object) -> None:
    name = center.resource("function", "lookup")["id"]
    world.client("lambda").update_function_configuration(FunctionName=name, MemorySize=128)


def _untag_queue(world: World, center: Object) -> None:
    neighbor = Neighbor(world, center.status["instance"]["id"])
    queue_ = neighbor.queue_as_it_is(center.resource("queue", "sales")["id"])
    neighbor.connect.untag_resource(resourceArn=queue_["QueueArn"], tagKeys=[OWNER_TAG])


def _stop_logging(world: World, center: Object) -> None:
    neighbor = Neighbor(world, center.status["instance"]["id"])
    neighbor.connect.update_instance_attribute(
        InstanceId=neighbor.instance_id, AttributeType="CONTACTFLOW_LOGS", Value="false"
    )


class TestDrift:
    @pytest.mark.parametrize(
        "damage", [_break_queue, _delete_profile, _rewrite_flow, _shrink_function, _untag_queue, _stop_logging]
    )
    def test_what_somebody_changed_is_put_back_by_the_next_check(self, damage: Any) -> None:
        world = World()
        center = world.make(small_center())
        before = [line for line in picture(world) if not line.startswith("lambda") or "ersion" not in line]
        world.clock.advance(600.0)
        damage(world, center)
        world.clock.advance(2000.0)
        world.run(world.settle(center, Priority.DRIFT))
        assert center.ready, center.condition("Ready")
        assert [line for line in picture(world) if not line.startswith("lambda") or "ersion" not in line] == before
        assert {"DriftRepaired", "Created"} & {note.reason for note in center.notes[-4:]}

    def test_a_table_that_vanished_is_not_silently_replaced_by_an_empty_one(self) -> None:
        world = World()
        center = world.make(small_center())
        world.client("dynamodb").delete_table(TableName="small-customers")
        world.clock.advance(2000.0)
        world.run(world.settle(center, Priority.DRIFT))
        assert "starts empty" in center.condition("ConfirmationRequired")["message"]
        center.annotations["trunkline.dev/confirm"] = center.status["lastPlan"]["id"]
        world.run(world.settle(center))
        assert center.ready, center.condition("Ready")


class TestInstancesOfOthers:
    def _world(self) -> tuple[World, Neighbor]:
        world = World()
        neighbor = Neighbor(world)
        neighbor.instance()
        office = neighbor.hours("Office Hours")
        neighbor.queue("Front Desk", office, MaxContacts=5)
        neighbor.queue("Overflow", office)
        return world, neighbor

    def _example(self, neighbor: Neighbor, **changes: Any) -> Object:
        center = example("existing-instance")
        center.spec["instance"]["id"] = neighbor.instance_id
        center.spec.update(changes)
        return center

    def test_the_example_only_watches(self) -> None:
        world, neighbor = self._world()
        before = picture(world)
        center = world.make(self._example(neighbor))
        assert picture(world) == before
        states = {item["name"]: item["state"] for item in center.status["resources"] if item["state"] != "Ready"}
        assert states == {"office": "Differs", "front-desk": "Differs", "overflow": "Differs"}
        assert delete(world, center) == []
        assert center.gone

    def test_listed_changes_what_the_spec_lists_and_never_the_instance(self) -> None:
        world, neighbor = self._world()
        before = {line for line in picture(world) if ".resources." not in line}
        center = world.make(self._example(neighbor, management={"default": "Listed"}))
        assert center.ready, center.condition("Ready")
        after = picture(world)
        assert {line for line in after if ".resources." not in line} == before, "neither its attributes nor its tags"
        assert any("queue[Front Desk].fields.MaxContacts = 20" in line for line in after)
        assert not any("Basic Hours" in line and "trunkline.dev" in line for line in after)

    def test_an_attribute_that_the_spec_lists_is_all_that_is_set(self) -> None:
        world, neighbor = self._world()
        before = set(picture(world))
        instance_ = {"id": neighbor.instance_id, "attributes": {"contactflowLogs": True}}
        center = world.make(Object("guest", {"region": REGION, "instance": instance_}))
        assert center.ready, center.condition("Ready")
        changed = {line.rsplit(" = ", 1)[0].rsplit(".", 1)[1] for line in before ^ set(picture(world))}
        assert changed == {"CONTACTFLOW_LOGS"}

    def test_the_instance_of_another_center(self) -> None:
        world = World()
        owner = world.make(connect_center())
        guest = world.make(
            Object(
                "guest",
                {
                    "region": REGION,
                    "instance": {"centerRef": {"name": "small"}},
                    "hoursOfOperation": [hours("guest-hours")],
                    "queues": [queue("guest-queue", "guest-hours")],
                    "flows": [flow("guest-flow", says("hello", "Hello."))],
                    **DELETE,
                },
                uid="88888888-2222-4333-8444-555555555555",
            )
        )
        assert guest.ready, guest.condition("Ready")
        assert guest.status["instance"]["id"] == owner.status["instance"]["id"]
        mark = world.cloud.calls.number
        world.clock.advance(600.0)
        world.run(world.once(owner, Priority.DRIFT))
        assert world.mutating(mark) == [], "neither has anything to say about the other's"
        calls = delete(world, guest)
        assert guest.gone
        assert "DeleteInstance" not in calls
        neighbor = Neighbor(world, owner.status["instance"]["id"])
        assert neighbor.queues() == {"BasicQueue", "sales", "support"}

    def test_the_instance_of_a_center_that_has_none_yet_is_waited_for(self) -> None:
        world = World()
        guest = Object(
            "guest",
            {"region": REGION, "instance": {"centerRef": {"name": "small"}}, "hoursOfOperation": [hours("office")]},
        )
        world.make(guest)
        assert "small" in guest.condition("Ready")["message"]
        assert world.mutating() == []
