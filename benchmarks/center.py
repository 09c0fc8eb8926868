"""The center of the figures (5 hours, 20 queues, 5 profiles, 20 flows), and the least that the API allows for it.

Four profiles serve five queues each, the fifth all twenty. Flows name queues, and the first one five others; no flow is
named by one that it names, so each is made once, complete.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.column.centers import Value, calls, flow, hours, profile, queue, says
from tests.column.world import REGION, Object, quick

from trunkline_sandbox.aws.buckets import CONNECT
from trunkline_sandbox.aws.switches import Switches

HOURS = tuple(f"hours-{number}" for number in range(5))
QUEUES = tuple(f"queue-{number:02}" for number in range(20))
PROFILES = {
    **{f"profile-{number}": QUEUES[number * 5 : number * 5 + 5] for number in range(4)},
    "supervisor": QUEUES,
}
FLOWS = tuple(f"flow-{number:02}" for number in range(20))
ALIAS = "figures-center"
INSTANCE_SECONDS = 60.0
MAX_CONTACTS = 10
CONFIGS_PER_CALL = 10  # of queues, in CreateRoutingProfile and AssociateRoutingProfileQueues

SWITCHES = quick(instance_creation_seconds=INSTANCE_SECONDS)
"""The documented 2 calls a second with a burst of 5 for each operation; an instance takes a minute; Search lags."""


def switches(*, flow_content: bool) -> Switches:
    """flow_content: whether SearchContactFlows answers the content of flows, which AWS does not document."""
    return quick(SWITCHES, search_returns_flow_content=flow_content)


def spec() -> Value:
    """The center's spec."""
    return {
        "region": REGION,
        "instance": {
            "alias": ALIAS,
            "identityManagement": "CONNECT_MANAGED",
            "attributes": {"inboundCalls": True, "outboundCalls": True, "contactflowLogs": True},
        },
        "hoursOfOperation": [hours(name) for name in HOURS],
        "queues": [
            queue(name, HOURS[number % len(HOURS)], maxContacts=MAX_CONTACTS) for number, name in enumerate(QUEUES)
        ],
        "routingProfiles": [profile(name, *queues) for name, queues in PROFILES.items()],
        "flows": [_flow(number) for number in range(len(FLOWS))],
    }


def center() -> Object:
    """The center as an object that was just applied."""
    return Object("figures", spec())


def _flow(number: int) -> Value:
    """Says something, sets a queue; the first hands on to others."""
    others = FLOWS[1:6] if number == 0 else ()
    after = [f"to-{name}" for name in others]
    actions: list[Any] = [
        says("greet", f"Welcome to line {number}.", "choose"),
        calls("choose", "queue", QUEUES[number], after[0] if after else "end"),
    ]
    for here, name, following in zip(after, others, [*after[1:], "end"], strict=False):  # the last leads to the end
        actions.append(calls(here, "flow", name, following))
    return flow(FLOWS[number], *actions)


def least_writes() -> Mapping[str, int]:
    """Mutating calls by operation: one create a resource, further queue configs ten a call, one attribute that is not
    given at the instance's creation.
    """
    further = sum(math.ceil(max(0, len(queues) - CONFIGS_PER_CALL) / CONFIGS_PER_CALL) for queues in PROFILES.values())
    return Counter(
        {
            "CreateInstance": 1,
            "UpdateInstanceAttribute": 1,
            "CreateHoursOfOperation": len(HOURS),
            "CreateQueue": len(QUEUES),
            "CreateRoutingProfile": len(PROFILES),
            "AssociateRoutingProfileQueues": further,
            "CreateContactFlow": len(FLOWS),
        }
    )


def least_reads() -> Mapping[str, int]:
    """Reads that no client can do without, beside polls of an instance under creation.

    ListInstances: CreateInstance has no error for an alias that exists, so whoever must not make a second one looks.
    ListInstanceAttributes, 7 a page: AWS does not document what a new instance has.
    """
    return Counter({"ListInstances": 1, "ListInstanceAttributes": 2})


def least_seconds() -> float:
    """(n - burst) / rate of the slowest bucket, and the instance's own creation."""
    rate, burst = CONNECT
    return INSTANCE_SECONDS + max((number - burst) / rate for number in least_writes().values())
