"""`trunkline plan NAME`: the object as it stands in the cluster, with what it names, against the offline AWS."""

from __future__ import annotations

from typing import Any

from tests.cli.desk import Desk, manifest
from tests.column.world import INSTALLATION, Object, example
from tests.kubectl.conftest import Run
from tests.kubectl.stand_in import StandIn

FORBIDDEN = 'Error from server (Forbidden): secrets "x" is forbidden: User "kim" cannot get resource "secrets"'
BILLING = {"mode": "PROVISIONED", "readCapacityUnits": 100, "writeCapacityUnits": 50}


def center() -> Object:
    """The minimal example with a table."""
    found = example("minimal")
    found.entry("queues", "front-desk")["maxContacts"] = 10
    key = {"name": "CallId", "type": "String"}
    found.spec["tables"] = [{"name": "calls", "partitionKey": key, "billing": dict(BILLING)}]
    return found


def live(kubectl: StandIn, body: Any, policies: tuple[Any, ...] = ()) -> None:
    """What the cluster has."""
    kubectl.answer(f"contactcenters.trunkline.dev/{body['metadata']['name']}", body)
    kubectl.answer("cachelayers.trunkline.dev/other", "")
    kubectl.answer("scalingpolicies?", {"items": list(policies)})
    kubectl.answer("namespaces/kube-system", {"metadata": {"uid": INSTALLATION}})


def test_a_live_object_is_planned_as_its_next_pass_would(desk: Desk, run: Run, kubectl: StandIn) -> None:
    """No new generation: what left the spec although nobody removed it is not deleted, as from a file it would be."""
    made = desk.world.make(center())
    queue = {"InstanceId": made.status["instance"]["id"], "QueueId": made.resource("queue", "front-desk")["id"]}
    desk.world.client("connect").update_queue_max_contacts(**queue, MaxContacts=1)
    desk.world.clock.advance(60)
    number = desk.world.cloud.calls.number
    body = manifest(made)
    body["spec"].pop("tables")
    live(kubectl, body)
    planned = run("plan", "cc/hello")
    assert (planned.code, planned.err) == (0, "")
    assert "~ queue/front-desk" in planned.out
    assert "table/calls: kept" in planned.out
    assert "0 to add, 1 to change, 0 to delete, 0 to adopt" in planned.out
    assert desk.world.mutating(number) == [], "a plan changed something"

    missing = run("plan", "cache/other")
    assert (missing.code, "there is no CacheLayer other" in missing.err) == (3, True)


def test_nothing_that_others_wrote_reaches_the_terminal_as_a_command(desk: Desk, run: Run, kubectl: StandIn) -> None:
    """Neither what is planned nor what is complained of."""
    made = desk.world.make(center())
    body = manifest(made)
    planted = "\x1b]0;pwned\x07\x1b[2J\x9b2J\u202e"
    body["spec"]["queues"].append({"name": "other", "awsName": f"other{planted}"})
    body["spec"]["queues"][0]["description"] = f"shown{planted}"
    live(kubectl, body)
    planned = run("plan", "cc/hello")
    assert "pwned" in planned.out + planned.err
    assert all(letter.isprintable() or letter == "\n" for letter in planned.out + planned.err)


def test_what_a_policy_claims_is_left_to_it(desk: Desk, run: Run, kubectl: StandIn) -> None:
    made = desk.world.make(center())
    throughput = {"ReadCapacityUnits": 200, "WriteCapacityUnits": 50}
    desk.world.client("dynamodb").update_table(
        TableName=made.resource("table", "calls")["id"], ProvisionedThroughput=throughput
    )
    desk.world.clock.advance(120)
    lever = {"name": "calls", "table": "calls", "readCapacityUnits": {"min": 100, "max": 500}}
    policy = {
        "metadata": {"name": "peak", "namespace": made.namespace, "generation": 1},
        "spec": {"targetRef": {"kind": "ContactCenter", "name": "hello"}, "mode": "Auto", "levers": [lever]},
    }
    for policies, moved in (((), True), ((policy,), False)):
        kubectl.forget()
        live(kubectl, manifest(made), policies)
        planned = run("plan", "hello", "--installation", INSTALLATION)
        assert planned.code == 0, planned.err
        assert ("UpdateTable" in planned.out) is moved


def test_what_may_not_be_read_is_said_and_not_made_up(desk: Desk, run: Run, kubectl: StandIn) -> None:
    body = manifest(center(), recorded=False)
    body["spec"]["flows"][0]["content"] = {"configMapKeyRef": {"name": "flows", "key": "welcome.json"}}
    kubectl.complain(FORBIDDEN)
    kubectl.answer("contactcenters.trunkline.dev/hello", body)
    planned = run("plan", "cc/hello", "-n", "blue")
    assert planned.code == 1
    assert "ConfigMap flows cannot be read: " in planned.err
    assert 'User "kim" cannot get resource "secrets"' in planned.err
    assert "what ScalingPolicies claim is not known" in planned.err
    assert "may look like another installation's; name it by --installation" in planned.err
    assert "! flow/welcome: " in planned.out
    assert "ConfigMap flows is not in namespace" in planned.out

    body["metadata"]["deletionTimestamp"] = "2026-09-22T00:00:00Z"
    kubectl.answer("contactcenters.trunkline.dev/gone", body)
    leaving = run("plan", "cc/gone")
    assert (leaving.code, "is being deleted: there is no plan but that" in leaving.err) == (1, True)
