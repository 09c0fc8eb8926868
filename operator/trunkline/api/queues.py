"""Queues.

Limits: https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateQueue.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import SET, AwsName, Handle, Model, Uuid, absent, entries, integer, text, unmanaged
from trunkline.api.entry import InstanceEntry, unless_external


class QueueStatus(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class OutboundCaller(Model):
    """What the called see and hear when agents call from this queue."""

    caller_name: Annotated[str, text(255)] | None = unmanaged("Name shown to the called.")
    caller_number: Uuid | None = unmanaged(
        "Number shown to the called: the id of a phone number claimed for the instance."
    )
    flow: Handle | None = unmanaged("Outbound whisper flow, by name in flows.")


class QueueEmail(Model):
    """E-mail addresses of the queue."""

    outbound_address: Uuid | None = unmanaged(
        "Address that agents write from: the id of an e-mail address of the instance."
    )
    addresses: Annotated[tuple[Uuid, ...], entries(50), SET] | None = unmanaged(
        "Addresses of the queue, by id. [] removes all."
    )


class Queue(InstanceEntry):
    """Where contacts wait for an agent."""

    rules = (*unless_external("hours"),)

    hours: Handle | None = absent("Hours of operation, by name in hoursOfOperation. Required.", "the queue is external")
    status: QueueStatus | None = unmanaged(
        "DISABLED takes no new contacts and can be undone, a delete cannot.", "a new queue is ENABLED"
    )
    max_contacts: Annotated[int, integer(0, 1_000_000)] | None = unmanaged(
        "Contacts that may wait; AWS checks it against the quota of concurrent contacts."
    )
    outbound: OutboundCaller | None = unmanaged("Outbound calls of agents.")
    email: QueueEmail | None = unmanaged("E-mail.")
    quick_connects: Annotated[tuple[AwsName, ...], entries(50), SET] | None = unmanaged(
        "Quick connects that agents of the queue see, by their names in the instance. [] removes all."
    )
