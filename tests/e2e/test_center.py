"""The main job as a user does it: kubectl on one side, AWS on the other, and only the operator in between."""

from __future__ import annotations

import copy
import json

from tests.e2e.world import Value, World, minimal


def test_the_minimal_example_becomes_ready_follows_edits_and_tells_of_it_once(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace))
    world.kubectl("wait", "--for=condition=Ready", "contactcenter/hello", "--timeout=55s")
    header, row = world.kubectl("get", "cc").splitlines()
    assert header.split() == ["NAME", "READY", "REASON", "INSTANCE", "RESOURCES", "AGE"]
    assert row.split()[:5] == ["hello", "True", "Converged", world.instance_id("hello"), "5"], row
    made = ["CreateContactFlow", "CreateHoursOfOperation", "CreateInstance", "CreateQueue", "CreateRoutingProfile"]
    assert sorted(world.aws.mutating()) == made

    number = world.aws.sandbox.call_number()
    body = minimal(world.namespace)
    body["spec"]["queues"][0]["maxContacts"] = 7
    world.apply(body)
    world.until_ready("hello")
    assert world.queue("hello", "front-desk")["MaxContacts"] == 7
    assert world.aws.mutating(number) == ["UpdateQueueMaxContacts"]

    world.until("the Event of the edit", lambda: world.events("hello", "Changed"))
    assert world.events("hello", "Changed") == ["changed queue/front-desk (maxContacts: (none) -> 7)"]
    assert len(world.events("hello", "Ready")) == 1, world.events("hello")
    created = ", ".join([*world.events("hello", "Created"), *world.events("hello", "Ready")])
    for key in ("instance/instance", "hours/always", "queue/front-desk", "routing-profile/agent", "flow/welcome"):
        assert created.count(key) == 1, f"{key} in {created}"


def test_a_labelled_config_map_takes_effect_at_once_and_a_reconcile_when_asked_for(world: World) -> None:
    content = {"configMapKeyRef": {"name": "flows", "key": "welcome.json"}}
    body = minimal(world.namespace, flows=[{"name": "welcome", "type": "CONTACT_FLOW", "content": content}])
    body["spec"]["queues"][0]["maxContacts"] = 7
    world.operator.start()
    world.apply(_config_map("Good morning."), body)
    world.until_ready("hello")
    assert "Good morning." in world.flow_content("hello", "welcome")

    world.apply(_config_map("Good evening."))
    world.until("the flow's new words", lambda: "Good evening." in world.flow_content("hello", "welcome"))
    world.until_ready("hello")

    queue = {"InstanceId": world.instance_id("hello"), "QueueId": world.resource("hello", "queue/front-desk")["id"]}
    connect = world.aws.client("connect")
    connect.update_queue_max_contacts(**queue, MaxContacts=1)
    world.until(  # a check that is sooner finds nothing to mend: Search is a second behind
        "the edit in Search",
        lambda: (
            1 in [item.get("MaxContacts") for item in connect.search_queues(InstanceId=queue["InstanceId"])["Queues"]]
        ),
    )
    world.annotate("hello", "reconcile", "now")
    world.until("the repair", lambda: world.queue("hello", "front-desk")["MaxContacts"] == 7)


def test_what_the_api_server_says_of_the_kind_is_what_a_user_needs(world: World) -> None:
    explained = world.kubectl("explain", "contactcenter.spec.queues.maxContacts")
    assert "maxContacts" in explained
    assert "Not managed if absent" in explained
    assert "routingProfiles" in world.kubectl("explain", "cc.spec")


def _config_map(words: str) -> Value:
    content = copy.deepcopy(minimal("")["spec"]["flows"][0]["content"]["inline"])
    spoken = next(action for action in content["Actions"] if action["Type"] == "MessageParticipant")
    spoken["Parameters"]["Text"] = words
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "flows", "labels": {"trunkline.dev/watch": "Enabled"}},
        "data": {"welcome.json": json.dumps(content)},
    }
