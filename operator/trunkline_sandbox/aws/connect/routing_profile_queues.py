"""The queues of a routing profile: pairs of queue and channel, with priority and delay, or for manual assignment.

Ten pairs at most in a call, fifty in a profile. The maxima of a call are the service model's, checked here as well
because the documentation gives DisassociateRoutingProfileQueues its limit in words only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.entity import Kind, modified
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.store import Instance

MAX_PER_CALL = 10


@dataclass(frozen=True, slots=True)
class QueuePair:
    """A queue on a channel. Priority 1 goes first; delay in seconds. Both are 0 for manual assignment."""

    queue: str
    channel: str
    priority: int = 0
    delay: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What makes it unique in a profile."""
        return self.queue, self.channel


def read_queues(
    call: Call,
    instance: Instance,
    configs: list[Mapping[str, Any]],
    known: tuple[QueuePair, ...],
    channels: frozenset[str],
) -> tuple[QueuePair, ...]:
    """`known` with the given RoutingProfileQueueConfigs added. Each must be new and on an enabled channel."""
    added = [
        QueuePair(*_reference(call, instance, config["QueueReference"]), config["Priority"], config["Delay"])
        for config in configs
    ]
    return _joined(call, known, added, channels)


def read_manual(
    call: Call,
    instance: Instance,
    configs: list[Mapping[str, Any]],
    known: tuple[QueuePair, ...],
    channels: frozenset[str],
) -> tuple[QueuePair, ...]:
    """`known` with the given RoutingProfileManualAssignmentQueueConfigs added."""
    added = [QueuePair(*_reference(call, instance, config["QueueReference"])) for config in configs]
    return _joined(call, known, added, channels)


def associate_routing_profile_queues(call: Call) -> Answer:
    """AssociateRoutingProfileQueues: adds pairs; what is associated already is refused."""
    instance = call.instance()
    entity = call.require(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    configs = call.params.get("QueueConfigs") or []
    manual = call.params.get("ManualAssignmentQueueConfigs") or []
    if not configs and not manual:
        raise faults.invalid_parameter("QueueConfigs or ManualAssignmentQueueConfigs must be provided.")
    channels = frozenset(media["Channel"] for media in entity.fields["MediaConcurrencies"])
    links = {
        "queues": read_queues(call, instance, configs, entity.links["queues"], channels),
        "manual": read_manual(call, instance, manual, entity.links["manual"], channels),
    }
    entity.write(call.now, links=links)
    return {}


def disassociate_routing_profile_queues(call: Call) -> Answer:
    """DisassociateRoutingProfileQueues."""
    instance = call.instance()
    entity = call.require(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    links: dict[str, Any] = {}
    for member, link in (("QueueReferences", "queues"), ("ManualAssignmentQueueReferences", "manual")):
        gone = [_key(call, instance, reference) for reference in call.params.get(member) or []]
        _check_count(gone)
        if set(gone) - {pair.key for pair in entity.links[link]}:
            raise faults.invalid_parameter(f"{member}: a queue is not associated with the routing profile.")
        links[link] = tuple(pair for pair in entity.links[link] if pair.key not in gone)
    entity.write(call.now, links=links)
    return {}


def update_routing_profile_queues(call: Call) -> Answer:
    """UpdateRoutingProfileQueues: priority and delay of pairs that are associated."""
    instance = call.instance()
    entity = call.require(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    pairs = {pair.key: pair for pair in entity.links["queues"]}
    _check_count(call.params["QueueConfigs"])
    changed: set[tuple[str, str]] = set()
    for config in call.params["QueueConfigs"]:
        key = _reference(call, instance, config["QueueReference"])
        if key not in pairs:
            raise faults.invalid_parameter("QueueConfigs: a queue is not associated with the routing profile.")
        if key in changed:
            raise faults.invalid_parameter("QueueConfigs: a queue and channel must not be given twice.")
        changed.add(key)
        pairs[key] = QueuePair(*key, config["Priority"], config["Delay"])
    entity.write(call.now, links={"queues": tuple(pairs.values())})
    return {}


def list_routing_profile_queues(call: Call) -> Answer:
    """ListRoutingProfileQueues, in the order of priority."""
    shown, more = _page(call, "queues")
    summaries = [_summary(call, pair) | {"Priority": pair.priority, "Delay": pair.delay} for pair in shown]
    return {"RoutingProfileQueueConfigSummaryList": summaries, **more}


def list_routing_profile_manual_assignment_queues(call: Call) -> Answer:
    """ListRoutingProfileManualAssignmentQueues."""
    shown, more = _page(call, "manual")
    summaries = [_summary(call, pair) for pair in shown]
    return {"RoutingProfileManualAssignmentQueueConfigSummaryList": summaries, **more}


def _reference(call: Call, instance: Instance, reference: Mapping[str, str]) -> tuple[str, str]:
    return call.require(instance, Kind.QUEUE, reference["QueueId"]).id, reference["Channel"]


def _key(call: Call, instance: Instance, reference: Mapping[str, str]) -> tuple[str, str]:
    return call.identifier(instance, Kind.QUEUE, reference["QueueId"]), reference["Channel"]


def _check_count(items: list[Any]) -> None:
    if len(items) > MAX_PER_CALL:
        raise faults.invalid_parameter(f"At most {MAX_PER_CALL} queues can be given in a call, not {len(items)}.")


def _joined(
    call: Call, known: tuple[QueuePair, ...], added: Iterable[QueuePair], channels: frozenset[str]
) -> tuple[QueuePair, ...]:
    new = list(added)
    _check_count(new)
    keys = [pair.key for pair in (*known, *new)]
    if len(set(keys)) != len(keys):
        raise faults.invalid_parameter("A queue and channel can be associated with a routing profile only once.")
    for pair in new:
        if pair.channel not in channels:
            raise faults.invalid_parameter(f"Channel {pair.channel} is not in MediaConcurrencies of the profile.")
    allowed = limit(call.switches, Quota.ROUTING_PROFILE_QUEUES)
    if len(keys) > allowed:
        raise faults.limit_exceeded(f"Limit exceeded: {Quota.ROUTING_PROFILE_QUEUES.value} is {allowed}.")
    return (*known, *new)


def _page(call: Call, link: str) -> tuple[list[QueuePair], Answer]:
    instance = call.instance()
    seen = call.described(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    state = seen.entity.seen(call.now, call.switches.list_lag_seconds) or seen.state
    key = "{0.priority:02d}/{0.queue}/{0.channel}".format
    shown, token = page(call, state.links[link], key, 100)
    return shown, {**token, **modified(seen.entity, state)}


def _summary(call: Call, pair: QueuePair) -> Answer:
    queue = call.instance().get(Kind.QUEUE, pair.queue)
    assert queue is not None, "a queue that is in a profile cannot be deleted"
    return {"QueueId": queue.id, "QueueArn": queue.arn, "QueueName": queue.fields["Name"], "Channel": pair.channel}


OPERATIONS: dict[str, Handler] = {
    "AssociateRoutingProfileQueues": associate_routing_profile_queues,
    "DisassociateRoutingProfileQueues": disassociate_routing_profile_queues,
    "UpdateRoutingProfileQueues": update_routing_profile_queues,
    "ListRoutingProfileQueues": list_routing_profile_queues,
    "ListRoutingProfileManualAssignmentQueues": list_routing_profile_manual_assignment_queues,
}
