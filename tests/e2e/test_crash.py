"""The operator dies, is told to stop, or loses its API server while it makes a center: the end is the same, nothing twice.

The crash points are real: the offline AWS kills the process right before or after a call takes effect.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.world import Account, Operator, Value, World, install_crds, minimal
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.cluster import ControlPlane, Supervised

MADE_ONCE = (
    "CreateInstance",
    "CreateHoursOfOperation",
    "CreateQueue",
    "CreateRoutingProfile",
    "CreateContactFlow",
    "CreateTable",
    "CreateRole",
    "CreateFunction",
)


def center(alias: str) -> Value:
    """The minimal example, with a function, its role and the table that it reads."""
    return minimal(
        alias,
        tables=[
            {
                "name": "customers",
                "partitionKey": {"name": "CustomerId", "type": "String"},
                "billing": {"mode": "PAY_PER_REQUEST"},
            }
        ],
        functions=[
            {
                "name": "lookup",
                "code": {"builtin": "customer-lookup"},
                "alias": "live",
                "environment": [{"name": "TABLE", "valueFrom": {"table": "customers"}}],
            }
        ],
    )


def expected(alias: str) -> list[str]:
    """What exists when the center is Ready."""
    return sorted(
        [
            f"instance {alias}",
            "hours always",
            "queue front-desk",
            "profile agent",
            "flow welcome",
            "table hello-customers",
            "function hello-lookup",
            "role trunkline-hello-lookup",
        ]
    )


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(
            [("kill_after", "CreateInstance"), ("kill_before", "CreateQueue")], id="instance-made-not-recorded"
        ),
        pytest.param(
            [("kill_after", "CreateTable"), ("kill_after", "CreateContactFlow")],
            id="table-and-flow-made",
            marks=pytest.mark.sweep,  # every call's crash is played on the virtual clock, in tests/column
        ),
        pytest.param(
            [("kill_after", "CreateFunction"), ("kill_after", "CreateRoutingProfile")],
            id="function-made",
            marks=pytest.mark.sweep,
        ),
        pytest.param(
            [("kill_before", "CreateInstance"), ("kill_after", "PublishVersion")],
            id="before-anything",
            marks=pytest.mark.sweep,
        ),
    ],
)
def test_killed_at_a_call_and_started_again_it_makes_nothing_twice(world: World, points: list[tuple[str, str]]) -> None:
    for number, (moment, operation) in enumerate(points):
        world.operator.start()
        _strike(world.aws, world.operator, moment, operation)
        if number == 0:
            world.apply(center(world.namespace))
        assert world.operator.wait() == -signal.SIGKILL, f"it lived past {operation}\n{world.operator.words()}"
        world.aws.sandbox.clear_faults()
    world.operator.start()
    world.until_ready("hello")
    assert world.aws.inventory() == expected(world.namespace)
    for operation in MADE_ONCE:
        assert world.aws.effects(operation) == 1, operation
    ids = {item["id"] for item in world.status("hello")["resources"]}
    assert all(ids), world.status("hello")["resources"]


def test_sigterm_under_way_ends_in_time_with_all_that_was_made_in_the_record(world: World) -> None:
    world.operator.start()
    world.aws.sandbox.add_fault(Fault("delay", operation="CreateQueue", seconds=3.0))
    world.apply(center(world.namespace))
    world.until("the create of the queue is under way", lambda: _asked(world.aws, "CreateQueue"))
    code, seconds = world.operator.terminate()
    assert code == 0, world.operator.words()
    assert seconds < 20.0, f"it took {seconds:.1f} s to end"
    recorded = {f"{item['kind']}/{item['name']}" for item in world.status("hello")["resources"] if item.get("id")}
    made = {
        line for line in world.aws.inventory() if line.split()[0] in ("instance", "hours", "queue", "flow", "profile")
    }
    assert "queue/front-desk" in recorded, "what was in flight at the signal is not in the record"
    assert len([key for key in recorded if key.split("/")[0] in KINDS_OF_CONNECT]) == len(made), (recorded, made)

    number = world.aws.sandbox.call_number()
    world.operator.start()
    world.until_ready("hello")
    assert "CreateQueue" not in world.aws.mutating(number)
    assert world.aws.inventory() == expected(world.namespace)


KINDS_OF_CONNECT = frozenset({"instance", "hours", "queue", "flow", "routing-profile"})


@pytest.fixture
def own_cluster() -> Iterator[ControlPlane]:
    with ControlPlane.start() as cluster:
        yield cluster


@pytest.mark.sweep  # the runtime alone: tests/runtime/test_failures.py
@pytest.mark.cluster
def test_the_api_server_crashes_under_way_and_comes_back(own_cluster: ControlPlane, aws: Account) -> None:
    install_crds(own_cluster)
    namespace = own_cluster.create_namespace()
    with Supervised("trunkline-e2e-") as processes:
        world = World(own_cluster, namespace, aws, processes)
        world.operator.start()
        world.apply(center(namespace))
        world.until("an instance", lambda: aws.effects("CreateInstance"))
        own_cluster.kill_apiserver()
        own_cluster.start_apiserver()
        world.until_ready("hello")
        assert world.operator.running
        assert aws.inventory() == expected(namespace)
        for operation in MADE_ONCE:
            assert aws.effects(operation) == 1, operation

        # and it still hears of what changes
        body = center(namespace)
        body["spec"]["queues"][0]["maxContacts"] = 3
        world.apply(body)
        world.until("the edit", lambda: world.queue("hello", "front-desk").get("MaxContacts") == 3)


def _strike(aws: Account, operator: Operator, moment: str, operation: str) -> None:
    aws.sandbox.add_fault(
        Fault("kill_before" if moment == "kill_before" else "kill_after", operation=operation, pid=operator.pid)
    )


def _asked(aws: Account, operation: str) -> bool:
    return any(call["operation"] == operation for call in aws.sandbox.calls())
