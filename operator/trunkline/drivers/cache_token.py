"""The end of a token's rotation: the group is told to take the new token alone.

Not a resource of its own: it comes after the group has let the new token in and functions have been told. AWS does not
show tokens, but when one was changed last: a SET whose answer was lost is recognized by that.
Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html, "Modifying the AUTH token".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.cache_desired import CacheTokenDesired
from trunkline.drivers.reads import together
from trunkline.drivers.replication_group_state import NO_WINDOW
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

SERVICE = "elasticache"
SET_WORD = "ended"  # fingerprint of the token that is taken alone
AVAILABLE = "available"
BUSY_SECONDS = 10.0
SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CacheTokenState:
    """changed_at: when AWS says that the token was changed last; empty if there is none."""

    group: str
    status: str
    changed_at: str
    changing: bool


class CacheTokenDriver:
    """Reads the group. What the engine records as id is the group's name."""

    kind = "cache-token"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset({"elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"})

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[CacheTokenState]]:
        found = await together(_observed(aws, scope, want) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: CacheTokenDesired | None,
        found: Found[CacheTokenState] | None,
        entry: Entry | None,
        context: Context,  # noqa: ARG002  # nothing here carries tags
    ) -> Plan:
        if desired is None:
            return NOTHING
        if found is None:
            return Plan(waiting=Waiting(f"{desired.group} is not there yet", BUSY_SECONDS, idle=True))
        words = entry.words if entry is not None else {}
        fingerprint, state = desired.token.fingerprint, found.state
        if any(isinstance(value, Ref) for value in (desired.retiring, desired.rotated_at, desired.secret)):
            return Plan()  # nothing is known of a rotation yet: the engine waits for what tells of one
        if not desired.retiring or words.get(SET_WORD) == fingerprint:
            return Plan()
        if desired.secret not in (None, fingerprint):
            return Plan(waiting=Waiting("functions have not been told of the new token yet", SETTLE_SECONDS))
        if state.changing or state.status != AVAILABLE:
            return Plan(waiting=Waiting(f"{desired.group} is being changed", BUSY_SECONDS))
        if state.changed_at != desired.rotated_at:
            return Plan(remembers=((SET_WORD, fingerprint),))
        text = None
        if desired.window not in (None, NO_WINDOW):
            text = f"brings forward what waits for the maintenance window ({desired.window}): each shard fails over now"
        step = Step(
            SERVICE,
            "ModifyReplicationGroup",
            {
                "ReplicationGroupId": desired.group,
                "AuthToken": desired.token.placeholder,
                "AuthTokenUpdateStrategy": "SET",
                "ApplyImmediately": True,
            },
            "functions know the new token",
            (Change("auth.token", "two tokens are taken", "the token of the Secret alone"),),
            remembers=((SET_WORD, fingerprint),),
            settles=True,
            interrupts=text,
        )
        return Plan((step,))

    def deferrable(self, desired: CacheTokenDesired) -> frozenset[Ref]:  # noqa: ARG002  # it is about waiting
        return frozenset()


async def _observed(aws: Reader, scope: Scope, want: Wanted) -> Found[CacheTokenState] | None:
    name = want.id or want.aws_name
    try:
        answer = await aws.read(SERVICE, "DescribeReplicationGroups", {"ReplicationGroupId": name})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    groups = answer.at("ReplicationGroups") or ()
    if not groups:
        return None
    group = groups[0]
    changed_at = group.get("AuthTokenLastModifiedDate")
    pending = group.get("PendingModifiedValues") or {}
    state = CacheTokenState(
        group=group["ReplicationGroupId"],
        status=group.get("Status") or "",
        changed_at=str(changed_at) if changed_at else "",
        changing=bool(pending.get("AuthTokenStatus")),
    )
    # It is part of the group, whose tags say whose it is.
    tags = {OWNER_TAG: scope.owner, ENTRY_TAG: want.key}
    return Found(state.group, group["ARN"], want.aws_name, state, tags)
