"""Of the rights that are printed for the demo none is unused: a life of it asks for every one.

What is made, edited, tampered with, upgraded, rotated and removed here are the changes that people make; each is done by
the operator with the printed rights only, so this proves that none is missing on the way too.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.column import centers
from tests.column.policies import calls
from tests.column.test_scaling_forecast import rate
from tests.column.world import Object, World, quick
from tests.rights.limited import demo, denied, granted, limit, of_objects, policies
from trunkline.aws.archives import archives_root, builtin_archives
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.faults import Fault

pytestmark = (
    pytest.mark.sweep
)  # its fast siblings: test_iam_policy.py (none missing), tests/drivers (declared is called)

Value = dict[str, Any]


class Life:
    """The demo in an account, and what somebody else does there."""

    def __init__(self, folder: Path) -> None:
        self.world = World(quick(enforce_permissions=True, cache_vpc_must_exist=False))
        self.center, self.cache, self.policy = demo()
        self.cache.spec["nodes"] |= {"clusterMode": "enabled", "shards": 2}
        self.policy.spec["requestQuotaIncreases"] = True
        coming = copy.deepcopy(self.center)  # as its manifest will be: printed before that is applied
        entry(coming.spec, "queues", "sales")["quickConnects"] = ["desk", "shop"]
        documents = of_objects(folder, coming, self.cache, self.policy)
        self.granted = granted(policies(documents))
        limit(self.world, documents)
        self.world.add(self.center)
        self.world.add(self.policy)

    @property
    def instance(self) -> str:
        return str(self.center.status["instance"]["id"])

    def settle(self, *objects: Object, cause: Priority = Priority.CHANGE) -> None:
        for object_ in objects or (self.cache, self.center, self.policy):
            self.world.run(self.world.settle(object_, cause))
        assert denied(self.world) == set()

    def drift(self) -> None:
        """Everything is looked at in depth, as it is every half hour."""
        self.world.run(asyncio.sleep(3600.0))
        self.settle(cause=Priority.DRIFT)

    def edit(self, object_: Object, change: Callable[[Value], None]) -> None:
        spec = copy.deepcopy(object_.spec)
        change(spec)
        object_.spec, object_.generation = spec, object_.generation + 1
        self.settle(object_)

    @property
    def unused(self) -> list[str]:
        return sorted(self.granted - {action for action, _ in self.world.cloud.asked})


def entry(spec: Value, section: str, name: str) -> Value:
    return next(item for item in spec[section] if item["name"] == name)


def test_every_printed_right_is_used_in_a_life_of_the_demo(tmp_path: Path) -> None:
    life = Life(tmp_path)
    for stage in (
        beginning,
        links_of_queues,
        first_edits,
        second_edits,
        third_edits,
        caches,
        tampering,
        upgrade,
        lost_records,
    ):
        stage(life)
        life.drift()
    end(life)
    assert life.world.cloud.failures == []
    assert life.unused == []


def beginning(life: Life) -> None:
    """Center and cache wait for each other: the cache is filled by a function of the center before others are told of it."""
    world = life.world

    async def together() -> None:
        for _ in range(60):
            for object_ in (life.cache, life.center):
                await world.once(object_, Priority.PROGRESS)
            await asyncio.sleep(10.0)

    world.run(together())
    life.settle(life.cache, life.center)
    scaling(life)


def links_of_queues(life: Life) -> None:
    """Quick connects are made by others, and named here."""
    connect = life.world.client("connect")
    for name in ("desk", "shop"):
        config = {"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": "+12065550100"}}
        connect.create_quick_connect(InstanceId=life.instance, Name=name, QuickConnectConfig=config)

    def linked(spec: Value) -> None:
        entry(spec, "queues", "sales")["quickConnects"] = ["desk", "shop"]

    def fewer(spec: Value) -> None:
        entry(spec, "queues", "sales")["quickConnects"] = ["shop"]

    life.edit(life.center, linked)
    life.edit(life.center, fewer)


def first_edits(life: Life) -> None:
    """Names, numbers and words of everything; tags too."""

    def change(spec: Value) -> None:
        spec["tags"] = {"environment": "staging"}  # one changed, one gone
        spec["instance"]["attributes"]["earlyMedia"] = False
        business, holiday = entry(spec, "hoursOfOperation", "business"), entry(spec, "hoursOfOperation", "holiday")
        business |= {"description": "Sales and more", "parents": []}
        holiday["overrides"] = holiday["overrides"][1:]
        holiday["overrides"][-1]["hours"] = [{"start": "10:00", "end": "15:00"}]
        sales = entry(spec, "queues", "sales")
        sales |= {"awsName": "Selling", "hours": "extended", "maxContacts": 90, "status": "DISABLED"}
        sales["outbound"] = {"callerName": "Acme"}
        profile = entry(spec, "routingProfiles", "supervisor")
        profile |= {"awsName": "Supervisors", "defaultOutboundQueue": "vip"}
        profile["agentAvailabilityTimer"] = "TIME_SINCE_LAST_INBOUND"
        profile["media"][2]["concurrency"] = 4
        profile["queues"] = profile["queues"][:-1]
        profile["queues"][0]["priority"] = 2
        entry(spec, "flows", "survey")["description"] = "After the call"
        entry(spec, "flowModules", "callback")["description"] = "Calls back"
        lookup = entry(spec, "functions", "customer-lookup")
        lookup |= {"memoryMiB": 2048}
        entry(spec, "functions", "call-routing").pop("logRetentionDays")
        entry(spec, "functions", "realtime-metrics")["logRetentionDays"] = 14
        table = entry(spec, "tables", "operations")
        table["pointInTimeRecovery"]["recoveryPeriodInDays"] = 8
        spec["instance"]["deletionPolicy"] = "Delete"  # what holds data goes by its own policy only
        for item in (*spec["functions"], *spec["tables"]):
            item["deletionPolicy"] = "Delete"

    life.edit(life.center, change)


def second_edits(life: Life) -> None:
    """What was taken away comes back, and functions lose their network, their limits, and their place in flows."""

    def change(spec: Value) -> None:
        entry(spec, "hoursOfOperation", "business")["parents"] = ["holiday"]
        queues = entry(spec, "routingProfiles", "supervisor")["queues"]
        queues.append({"queue": "sales", "channel": "TASK", "priority": 4, "delaySeconds": 60})
        warmer = entry(spec, "functions", "cache-warmer")
        warmer.pop("vpc")
        for name in ("realtime-metrics", "customer-lookup"):  # from now on they share the account's
            entry(spec, "functions", name).pop("reservedConcurrency")
        entry(spec, "functions", "call-disposition")["alias"] = "current"
        spec["functions"] = [item for item in spec["functions"] if item["name"] != "config-fetcher"]

    life.edit(life.center, change)
    maps = life.center.config_maps
    for name, key in (("acme-flows", "survey.json"), ("acme-modules", "callback.json")):
        content = json.loads(maps[name][key])
        content["Actions"] = [
            {**item, "Parameters": {**item["Parameters"], "Text": "Thank you."}}
            if "Text" in item["Parameters"]
            else item
            for item in content["Actions"]
        ]
        maps[name] = {**maps[name], key: json.dumps(content)}
    life.settle(life.center)


def third_edits(life: Life) -> None:
    """A function that flows called is called no more, and goes."""
    maps = life.center.config_maps
    before, after = "trunkline:function/call-routing", "trunkline:function/customer-lookup"
    for name, data in maps.items():
        maps[name] = {key: text.replace(before, after) for key, text in data.items()}

    def change(spec: Value) -> None:
        spec["functions"] = [item for item in spec["functions"] if item["name"] != "call-routing"]

    life.edit(life.center, change)
    more = {
        "hoursOfOperation": centers.hours("night"),
        "queues": centers.queue("night", hours="night"),
        "routingProfiles": centers.profile("night", "night"),
        "flows": centers.flow("night", centers.calls("ask", "module", "night")),
        "flowModules": centers.module("night", centers.says("greet", "Good evening.")),
    }

    def add(spec: Value) -> None:
        for section, item in more.items():
            spec[section] = [*spec[section], item]

    def remove(spec: Value) -> None:
        for section in more:
            spec[section] = spec[section][:-1]

    life.edit(life.center, add)
    life.edit(life.center, remove)


def scaling(life: Life) -> None:
    """Calls that are counted, a day that is known before, and one when nothing is forecast any more."""
    world, queue = life.world, life.center.resource("queue", "vip")["id"]
    told = {"queue": queue, "channel": "VOICE"}
    world.cloud.extra("connect", "history", **told, values=lambda at: {"CONTACTS_CREATED": 900.0 * rate(at)})
    calls(world, 3000.0)
    for resource in ("AccountProvisionedReadCapacityUnits", "AccountProvisionedWriteCapacityUnits"):
        dimensions = {"Service": "DynamoDB", "Type": "Resource", "Resource": resource, "Class": "None"}
        usage = {"namespace": "AWS/Usage", "metric": "ResourceCount", "dimensions": dimensions, "value": None}
        world.cloud.extra("cloudwatch", "measure", **usage)  # an account that CloudWatch knows nothing of yet
    world.cloud.faults.add(Fault("error", "service-quotas", "GetServiceQuota", times=2))

    async def hours() -> None:
        for _ in range(8):
            await asyncio.sleep(4 * 3600.0)
            calls(world, 3000.0)
            await world.once(life.policy, Priority.DRIFT)

    life.settle(life.policy)
    world.run(hours())
    life.edit(life.policy, lambda spec: spec.update(demand={"constant": {"concurrentCalls": 100}}))


def caches(life: Life) -> None:
    """Bigger and smaller, another token, other subnets and parameters."""

    def grow(spec: Value) -> None:
        spec["nodes"] |= {"shards": 3, "replicasPerShard": 3}
        spec["apply"] = "Immediately"
        spec["tags"] = {"environment": "staging"}
        spec["network"]["subnetIds"] = spec["network"]["subnetIds"][:2]
        spec["snapshots"]["retentionDays"] = 8

    def shrink(spec: Value) -> None:
        spec["nodes"] |= {"shards": 2, "replicasPerShard": 1}
        spec["parameters"] = []

    life.edit(life.cache, grow)
    life.edit(life.cache, shrink)
    life.cache.secrets["acme-cache-token"]["token"] = "and-one-more-token-then"
    life.settle(life.cache)


def tampering(life: Life) -> None:
    """What others change is mended."""
    iam, secrets = life.world.client("iam"), life.world.client("secretsmanager")
    role = "trunkline-acme-customer-lookup"
    iam.delete_role_permissions_boundary(RoleName=role)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
    theirs = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    )
    iam.put_role_policy(RoleName=role, PolicyName="theirs", PolicyDocument=theirs)
    secrets.update_secret(SecretId="acme-cache", Description="theirs")
    life.drift()
    secrets.delete_secret(SecretId="acme-cache", RecoveryWindowInDays=7)


def upgrade(life: Life) -> None:
    """Another version of the operator brings other code."""
    archives = dict(builtin_archives(archives_root()))
    first, second = "call-disposition", "config-fetcher"
    life.world.start({**archives, first: archives[second]})
    life.settle()


def lost_records(life: Life) -> None:
    """A restore without status: everything is found again."""
    for object_ in (life.cache, life.center, life.policy):
        object_.status = {}
    switches = life.world.cloud.switches
    life.world.cloud.switches = replace(switches, search_lag_seconds=1e9)  # Search knows nothing of it yet
    life.world.start()
    life.settle()
    life.world.cloud.switches = switches


def end(life: Life) -> None:
    """Everything goes, and what has no record is found by its tags."""
    life.center.status = {}
    life.world.start()
    for object_ in (life.policy, life.center, life.cache):
        object_.deleting = True
        life.settle(object_)
        assert object_.gone, object_.status
