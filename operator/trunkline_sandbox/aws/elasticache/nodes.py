"""Making and settling the nodes of a group."""

from __future__ import annotations

from trunkline_sandbox.aws.elasticache.state import Group, Member, Shard
from trunkline_sandbox.aws.elasticache.store import Call

SLOTS = 16_384


def slots(index: int, count: int) -> str:
    """The key space of one of `count` shards, evenly."""
    start, end = index * SLOTS // count, (index + 1) * SLOTS // count - 1
    return f"{start}-{end}"


def zone(call: Call, group: Group, index: int) -> str:
    """Nodes go round the zones of the subnet group."""
    subnets = call.store.subnet_groups.find(*call.place, group.subnet_group)
    zones = sorted(set(subnets.subnets.values())) if subnets is not None else []
    zones = zones or [f"{group.region}{letter}" for letter in "abc"]
    return zones[index % len(zones)]


def add_member(call: Call, group: Group, shard: Shard) -> Member:
    """One more node in a shard, of a name that was never used in the group."""
    group.serial += 1
    taken = {member.name for member in group.members}
    stem = f"{group.name}-{shard.name}" if group.cluster_mode != "disabled" else group.name
    number = 1
    while f"{stem}-{number:03d}" in taken:
        number += 1
    member = Member(f"{stem}-{number:03d}", zone(call, group, len(shard.members)), call.now)
    shard.members.append(member)
    return member


def add_shard(call: Call, group: Group, replicas: int) -> Shard:
    """One more shard; its slots are set by `spread`."""
    taken = {shard.name for shard in group.shards}
    number = 1
    while f"{number:04d}" in taken:
        number += 1
    shard = Shard(f"{number:04d}", "", [])
    group.shards.append(shard)
    for _ in range(replicas + 1):
        add_member(call, group, shard)
    return shard


def spread(group: Group) -> None:
    """Give every shard its even share of the key space."""
    for index, shard in enumerate(group.shards):
        shard.slots = slots(index, len(group.shards))


def settle_members(call: Call, group: Group, at: float) -> None:
    """Let the nodes become available: a while after the group itself, as AWS does."""

    def done() -> None:
        for member in group.members:
            member.status = "available"

    group.due.later(at + call.context.switches.cache_member_seconds, done)
