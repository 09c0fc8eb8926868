"""What the tests of ElastiCache share: an offline AWS where things take time, and a group on two subnets."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused

CREATION, MODIFICATION, MEMBERS, SNAPSHOT, DELETION = 300, 60, 30, 20, 40
FIRST, SECOND, THIRD = ("first-token-0123456789", "second-token-0123456789", "third-token-0123456789")


class Caches:
    """ElastiCache as the tests call it."""

    def __init__(self, aws: Offline) -> None:
        self.aws = aws
        self.client: Any = aws.client("elasticache")
        # An EC2 client for a list of names takes longer than everything else.
        zones = ec2_backends[ACCOUNT][REGION].subnets.values()
        self.subnets: list[str] = [name for zone in zones for name in zone]

    def subnet_group(self, name: str = "acme") -> None:
        self.client.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="lookups", SubnetIds=self.subnets[:2]
        )

    def create(self, **changes: Any) -> dict[str, Any]:
        """The group `acme`, of valkey 8.0 with one replica and TLS. A member of None is left out."""
        params: dict[str, Any] = {
            "ReplicationGroupId": "acme",
            "ReplicationGroupDescription": "lookups",
            "Engine": "valkey",
            "EngineVersion": "8.0",
            "CacheNodeType": "cache.r7g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "CacheSubnetGroupName": "acme",
            "TransitEncryptionEnabled": True,
        }
        wanted = {name: value for name, value in (params | changes).items() if value is not None}
        found: dict[str, Any] = self.client.create_replication_group(**wanted)["ReplicationGroup"]
        return found

    def made(self, **changes: Any) -> None:
        """As `create`, with its subnet group, and settled."""
        self.subnet_group()
        self.create(**changes)
        self.settle()

    def settle(self) -> None:
        """Let everything that was begun come to its end."""
        self.aws.clock.advance(CREATION + MEMBERS)

    def group(self, name: str = "acme") -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
        return found

    def members(self) -> dict[str, dict[str, Any]]:
        found = self.client.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
        return {item["CacheClusterId"]: item for item in found}

    def states(self) -> list[str]:
        """The status of the group, then of its nodes."""
        return [self.group()["Status"], *(item["CacheClusterStatus"] for item in self.members().values())]

    def modify(self, *, now: bool = True, **changes: Any) -> dict[str, Any]:
        params = {"ReplicationGroupId": "acme", "ApplyImmediately": now}
        found: dict[str, Any] = self.client.modify_replication_group(**(params | changes))["ReplicationGroup"]
        return found

    def modified(self, **changes: Any) -> None:
        """As `modify`, and settled."""
        self.modify(**changes)
        self.aws.clock.advance(MODIFICATION + MEMBERS)

    def refused(self, code: str, **changes: Any) -> str:
        """A modification is refused; why."""
        return refused(code, self.modify, **changes)

    def accepts(self, *tokens: str) -> list[bool]:
        return [self.aws.cloud.extra("elasticache", "accepts", cache="acme", token=token) for token in tokens]

    def shards(self) -> dict[str, int]:
        """The number of replicas by shard."""
        return {item["NodeGroupId"]: len(item["NodeGroupMembers"]) - 1 for item in self.group()["NodeGroups"]}
