"""Queues: entries of `spec.queues` to nodes, and the quick connects that they only name. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.api.queues import Queue
from trunkline.blueprints.entries import aws_name, instance_entry_node, ref
from trunkline.drivers.queue_state import OutboundDesired, QueueDesired
from trunkline.engine.resource import Node, Ref

SECTION = "queues"


def queue_node(entry: Queue, tags: Mapping[str, str]) -> Node:
    """The node of one queue."""
    outbound = entry.outbound
    email = entry.email
    desired = QueueDesired(
        name=aws_name(entry),
        hours=Ref(f"hours/{entry.hours}"),
        description=entry.description,
        status=entry.status.value if entry.status is not None else None,
        max_contacts=entry.max_contacts,
        outbound=OutboundDesired(
            caller_name=outbound.caller_name,
            caller_number=outbound.caller_number,
            flow=ref("flow", outbound.flow),
        )
        if outbound is not None
        else OutboundDesired(),
        outbound_email=email.outbound_address if email is not None else None,
        email_addresses=tuple(email.addresses) if email is not None and email.addresses is not None else None,
        quick_connects=None
        if entry.quick_connects is None
        else tuple(Ref(f"quick-connect/{name}") for name in entry.quick_connects),
    )
    return instance_entry_node("queue", SECTION, entry, desired, tags)
