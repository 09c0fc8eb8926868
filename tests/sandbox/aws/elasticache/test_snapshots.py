"""Snapshots of groups: taking, listing, deleting."""

from __future__ import annotations

from tests.sandbox.aws.elasticache.caches import SNAPSHOT, Caches
from tests.sandbox.aws.offline import refused


def test_a_group_is_snapshotting_for_a_while(caches: Caches) -> None:
    caches.made(SnapshotRetentionLimit=3)
    taken = caches.client.create_snapshot(ReplicationGroupId="acme", SnapshotName="Nightly")["Snapshot"]
    assert (taken["SnapshotName"], taken["SnapshotStatus"], taken["EngineVersion"]) == ("nightly", "creating", "8.0.1")
    assert caches.group()["Status"] == "snapshotting"
    caches.refused("InvalidReplicationGroupState", ReplicationGroupDescription="x")
    caches.aws.clock.advance(SNAPSHOT)
    assert caches.group()["Status"] == "available"
    (found,) = caches.client.describe_snapshots(SnapshotSource="user")["Snapshots"]
    assert (found["SnapshotStatus"], found["SnapshotSource"]) == ("available", "manual")
    assert caches.client.describe_snapshots(SnapshotSource="system")["Snapshots"] == []


def test_names_are_unique_and_groups_must_be_there(caches: Caches) -> None:
    caches.made()
    create = caches.client.create_snapshot
    create(ReplicationGroupId="acme", SnapshotName="nightly")
    caches.aws.clock.advance(SNAPSHOT)
    refused("SnapshotAlreadyExistsFault", create, ReplicationGroupId="acme", SnapshotName="nightly")
    refused("ReplicationGroupNotFoundFault", create, ReplicationGroupId="none", SnapshotName="other")
    refused("InvalidParameterCombination", create, SnapshotName="other")


def test_a_snapshot_is_deleted_when_it_is_done(caches: Caches) -> None:
    caches.made()
    caches.client.create_snapshot(ReplicationGroupId="acme", SnapshotName="nightly")
    delete = caches.client.delete_snapshot
    refused("InvalidSnapshotState", delete, SnapshotName="nightly")
    caches.aws.clock.advance(SNAPSHOT)
    assert delete(SnapshotName="nightly")["Snapshot"]["SnapshotStatus"] == "deleting"
    caches.aws.clock.advance(SNAPSHOT)
    refused("SnapshotNotFoundFault", caches.client.describe_snapshots, SnapshotName="nightly")
    refused("SnapshotNotFoundFault", delete, SnapshotName="nightly")
