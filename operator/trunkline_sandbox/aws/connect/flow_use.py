"""Who refers to a flow: other flows, modules, queues, quick connects and phone numbers are asked by id."""

from trunkline_sandbox.aws.connect.entity import Entity, Kind
from trunkline_sandbox.aws.connect.store import Instance


def flow_users(instance: Instance, flow: Entity) -> list[Entity]:
    """Resources of the instance that name this flow in their published content or configuration."""
    users = []
    for kind in (Kind.FLOW, Kind.FLOW_MODULE):
        users += [
            entity
            for entity in instance.alive(kind)
            if entity is not flow and flow.id in str(entity.links["published"] or "")
        ]
    for kind in (Kind.QUEUE, Kind.QUICK_CONNECT):
        users += [entity for entity in instance.alive(kind) if flow.id in repr(dict(entity.fields))]
    return users
