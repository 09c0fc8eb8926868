"""ElastiCache as one service, and what a test may ask and set that AWS has no API for.

By name (in this process: `cloud.extra("elasticache", name, ...)`; over HTTP: `PUT /_trunkline/extras/elasticache/<name>`):

    attach   {"cache", "host", "port"}      every endpoint of the cache is this real server from now on
    accepts  {"cache", "token"}             whether every node takes the AUTH token now; "" is a connection without AUTH

Both take `account` and `region` too; the defaults are those of the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.aws.elasticache import (
    catalog,
    events,
    groups,
    parameter_groups,
    scaling,
    serverless,
    serverless_snapshots,
    snapshots,
    subnet_groups,
    tags,
    user_groups,
    users,
)
from trunkline_sandbox.aws.elasticache.state import Endpoint, Group, Member, Serverless
from trunkline_sandbox.aws.elasticache.store import Call, Store
from trunkline_sandbox.aws.service import CallContext, Clock, NotImplementedOperation

_OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    **catalog.OPERATIONS,
    **events.OPERATIONS,
    **groups.OPERATIONS,
    **parameter_groups.OPERATIONS,
    **scaling.OPERATIONS,
    **serverless.OPERATIONS,
    **serverless_snapshots.OPERATIONS,
    **snapshots.OPERATIONS,
    **subnet_groups.OPERATIONS,
    **tags.OPERATIONS,
    **user_groups.OPERATIONS,
    **users.OPERATIONS,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Shards by name, replicas of the largest one; settled: the group and every node takes changes."""

    shard_names: tuple[str, ...]
    replicas: int
    cluster_mode: str
    node_type: str
    settled: bool
    there: bool

    @property
    def shards(self) -> int:
        return len(self.shard_names)


class ElastiCacheService:
    """Amazon ElastiCache. `clock` is read where no call is being answered."""

    name = "elasticache"

    def __init__(self) -> None:
        self._store = Store()
        self._clock: Clock | None = None
        self.extras: Mapping[str, Callable[..., Any]] = {"attach": self.attach, "accepts": self.accepts}

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation not in _OPERATIONS:
            raise NotImplementedOperation
        self._clock = context.clock
        self._settle()
        return _OPERATIONS[operation](Call(self._store, context), params)

    def _settle(self) -> None:
        if self._clock is not None:
            self._store.settle(self._clock.now())

    def reset(self) -> None:
        self._store = Store()

    def attach(self, cache: str, host: str, port: int, *, account: str = DEFAULT_ACCOUNT, region: str = "") -> None:
        """Make a real server the endpoint of a group or serverless cache. Raises ValueError if there is none."""
        self._find(cache, account, region).attached = Endpoint(host, port)

    def accepts(self, cache: str, token: str, *, account: str = DEFAULT_ACCOUNT, region: str = "") -> bool:
        """Whether every node of a group accepts a token now; "" asks for connections without AUTH. With users, none."""
        found = self._find(cache, account, region)
        if not isinstance(found, Group):
            raise ValueError(f"{cache}: a serverless cache has no AUTH token")  # noqa: TRY004 - a bad request
        return token in found.tokens and not found.user_groups

    def _find(self, cache: str, account: str, region: str) -> Group | Serverless:
        self._settle()
        every: list[Group | Serverless] = [*self._store.groups.all(), *self._store.serverless.all()]
        for item in every:
            if item.name == cache and item.account == account and region in ("", item.region):
                return item
        raise ValueError(f"{cache}: there is no such replication group or serverless cache")

    # --- for whoever measures caches

    def now(self) -> float:
        """The time of the clock; 0 before the first call."""
        return self._clock.now() if self._clock is not None else 0.0

    def measured(self, name: str) -> bool:
        """Whether there is a group, node or serverless cache of that name in any account."""
        self._settle()
        groups = self._store.groups.all()
        every = [group.name for group in groups] + [cache.name for cache in self._store.serverless.all()]
        return name in every or any(name == member.name for group in groups for member in group.members)

    def node(self, account: str, region: str, name: str) -> tuple[Group, Member] | None:
        """A node that is there now, with its group."""
        self._settle()
        for group in self._store.groups.of(account, region):
            for member in group.members:
                if member.name == name and member.status != "creating":
                    return group, member
        return None

    def serverless(self, account: str, region: str, name: str) -> Serverless | None:
        """A serverless cache that is there now."""
        self._settle()
        found = self._store.serverless.find(account, region, name)
        return found if found is not None and found.status != "creating" else None

    def layout(self, context: CallContext, name: str) -> Layout | None:
        """How a group is made up now; None if there is none."""
        self._store.settle(context.clock.now())
        group = self._store.groups.find(context.account, context.region, name.lower())
        if group is None:
            return None
        return Layout(
            tuple(shard.name for shard in group.shards),
            max((shard.replicas for shard in group.shards), default=0),
            group.cluster_mode,
            group.node_type,
            group.settled and group.resharding is None,
            group.status not in ("creating", "create-failed", "deleting"),
        )

    def inspect(self) -> dict[str, Any]:
        self._settle()
        return {
            "replicationGroups": {group.arn: _inspected(group) for group in self._store.groups.all()},
            "serverlessCaches": {item.arn: {"status": item.status} for item in self._store.serverless.all()},
            "subnetGroups": [item.arn for item in self._store.subnet_groups.all()],
            "parameterGroups": {item.arn: dict(item.values) for item in self._store.parameter_groups.all()},
            "snapshots": {item.arn: item.status for item in self._store.snapshots.all()},
            "userGroups": {item.arn: list(item.users) for item in self._store.user_groups.all()},
        }

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        self._settle()
        return [
            (item.arn, dict(item.tags))
            for shelf in self._store.shelves()
            for item in shelf.of(account, region)
            if item.tags
        ]


def _inspected(group: Group) -> dict[str, Any]:
    """Tokens are counted, not shown."""
    return {
        "status": group.status,
        "engine": f"{group.engine.name} {group.engine.version}",
        "nodeType": group.node_type,
        "shards": {shard.name: [member.name for member in shard.members] for shard in group.shards},
        "members": {member.name: member.status for member in group.members},
        "inTransit": group.in_transit,
        "clusterMode": group.cluster_mode,
        "tokens": len([token for token in group.tokens if token]),
        "pending": sorted(group.pending),
        "tags": dict(group.tags),
    }
