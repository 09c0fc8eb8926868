"""Three lives, from being applied to being gone, through all that an object goes through between. Each takes seconds."""

from __future__ import annotations

import copy
import functools

from tests.column.centers import connect_center, queue
from tests.column.elsewhere import Neighbor
from tests.column.layers import nodes
from tests.column.policies import CENTER, LOOKUP_LEVER, center, policy
from tests.column.test_cache_nodes import SLOW
from tests.column.world import World
from tests.gitops.life import Life, alive
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.faults import Fault

CONFIRM = "trunkline.dev/confirm"
FULL = Fault("error", operation="CreateQueue", code="LimitExceededException", status=429, times=0)
HELD = Fault("error", operation="DeleteInstance", code="AccessDeniedException", status=403, times=0)
SIGNED_OUT = Fault("error", service="sts", code="AccessDenied", status=403, times=0)
MANY = [queue(name) for name in ("one", "two", "three", "four")]


def _turn(life: Life, cause: Priority = Priority.CHANGE) -> None:
    """Plays what a chapter has begun with until nothing is pending."""
    life.world.run(life.world.settle(life, cause))


@functools.cache  # several tests read it, none goes on with it
def of_a_center() -> Life:
    """A ContactCenter."""
    world = World()
    life = alive(connect_center(deletionPolicy="Delete"))
    life.spec["instance"]["deletionPolicy"] = "Delete"
    world.add(life)
    life.begin(world, "created")
    _turn(life)

    life.turn("edited")
    life.edit(queues=[queue("sales", maxContacts=7), queue("support"), *MANY])
    _turn(life)

    life.turn("drifted")
    Neighbor(world, life.status["instance"]["id"]).connect.update_queue_max_contacts(
        InstanceId=life.status["instance"]["id"], QueueId=life.resource("queue", "sales")["id"], MaxContacts=99
    )
    world.clock.advance(600)
    _turn(life, Priority.DRIFT)

    life.turn("four deletes wait")
    life.edit(queues=[queue("sales", maxContacts=7), queue("support")])
    _turn(life)
    life.turn("confirmed")
    life.annotate(CONFIRM, life.status["lastPlan"]["id"])
    _turn(life)

    life.turn("paused")
    life.edit(paused=True, queues=[queue("sales", maxContacts=8), queue("support")])
    _turn(life)
    life.turn("resumed")
    life.edit(paused=False)
    _turn(life)

    life.turn("rejected")
    right = copy.deepcopy(life.spec["routingProfiles"])
    wrong = copy.deepcopy(right)
    wrong[0]["queues"][0]["queue"] = "nowhere"
    life.edit(routingProfiles=wrong)
    _turn(life)
    life.turn("mended")
    life.edit(routingProfiles=right)
    _turn(life)

    life.turn("signed out")
    world.cloud.faults.add(SIGNED_OUT)
    world.start()
    life.edit(resyncSeconds=900)
    world.run(world.once(life))
    life.turn("signed in")
    world.cloud.faults.clear()
    _turn(life)

    life.turn("no quota")
    world.cloud.faults.add(FULL)
    life.edit(queues=[*life.spec["queues"], queue("third")])
    _turn(life)
    life.turn("quota raised")
    world.cloud.faults.clear()
    life.annotate("trunkline.dev/reconcile", "now")
    _turn(life)

    life.turn("deletion refused")
    world.cloud.faults.add(HELD)
    life.deleting = True
    world.run(world.once(life))
    life.turn("deleted")
    world.cloud.faults.clear()
    _turn(life)
    assert life.gone
    return life


def of_a_cache() -> Life:
    """A CacheLayer of nodes."""
    world = World(SLOW)
    life = alive(nodes(deletionPolicy="Delete"))
    world.add(life)
    life.begin(world, "created")
    _turn(life)

    life.turn("edited")
    life.edit(snapshots={"retentionDays": 3})
    _turn(life)

    life.turn("a failover waits")
    life.edit(nodes={**life.spec["nodes"], "type": "cache.r7g.xlarge"})
    _turn(life)
    life.turn("confirmed")
    life.annotate(CONFIRM, life.status["lastPlan"]["id"])
    _turn(life)

    life.turn("no token")
    life.secrets.clear()
    life.annotate("trunkline.dev/reconcile", "now")
    world.run(world.once(life))

    life.turn("deleted")
    life.deleting = True
    _turn(life)
    assert life.gone
    return life


def of_a_policy() -> Life:
    """A ScalingPolicy, applied before its center."""
    world = World()
    life = alive(policy(demand={"constant": {"concurrentCalls": 3000}}, deletionPolicy="Delete"))
    world.add(life)
    life.begin(world, "before its center")
    world.run(world.once(life))
    life.turn("created")
    target = world.add(center())
    target.name = CENTER
    world.run(world.once(target))
    world.run(world.once(life))
    world.run(world.settle(target))
    _turn(life)

    life.turn("edited")
    life.edit(demand={"constant": {"concurrentCalls": 4000}})
    _turn(life)

    life.turn("paused")
    life.edit(paused=True)
    _turn(life)

    life.turn("rejected")
    life.edit(paused=False, levers=[{**LOOKUP_LEVER, "function": "nobody"}])
    _turn(life)

    life.turn("deleted")
    life.deleting = True
    _turn(life)
    assert life.gone
    return life
