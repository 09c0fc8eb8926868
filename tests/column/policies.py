"""ScalingPolicies for the tests of this folder, and a center whose lookups they scale."""

from __future__ import annotations

import zlib
from typing import Any

from pydantic import ValidationError

from tests.column.centers import small_spec
from tests.column.world import Object, World
from trunkline.api.cache import CacheLayer
from trunkline.api.center import ContactCenter
from trunkline.api.refusals import problems_of, unknown_fields
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.api.schema import structural

NAMESPACE = "contact-centers"
CENTER = "small"
FUNCTION = f"{CENTER}-lookup"
ALIAS = "live"
LOOKUP_LEVER: dict[str, Any] = {
    "name": "lookup",
    "function": "lookup",
    "provisionedConcurrency": {"min": 5, "max": 200},
}
TARGET = {"ServiceNamespace": "lambda", "ResourceId": f"function:{FUNCTION}:{ALIAS}"}


def center() -> Object:
    """A center with one function."""
    return Object(CENTER, small_spec())


def policy(name: str = "peak", **spec: Any) -> Object:
    """A policy as the API server keeps it: defaults written. 300 s a call and 5 lookups of 0.3 s."""
    defaults = {
        "targetRef": {"kind": "ContactCenter", "name": CENTER},
        "mode": "Auto",
        "paused": False,
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "resyncSeconds": 60,
        "priority": 0,
        "timeZone": "America/New_York",
        "workload": {"talkSeconds": 300, "lookupsPerCall": 5, "lookupMilliseconds": 300},
        "shrinkagePercent": 30,
        "requestQuotaIncreases": False,
        "levers": [LOOKUP_LEVER],
    }
    uid = f"{zlib.crc32(name.encode()):08x}-3333-4333-8444-555555555555"
    return Object(name, {**defaults, **spec}, namespace=NAMESPACE, uid=uid, kind="ScalingPolicy")


def calls(world: World, concurrent: float | None) -> None:
    """What the instance's ConcurrentCalls is from now on; None: no data any more."""
    dimensions = {"InstanceId": instance(world), "MetricGroup": "VoiceCalls"}
    told = {"namespace": "AWS/Connect", "metric": "ConcurrentCalls", "dimensions": dimensions, "value": concurrent}
    world.cloud.extra("cloudwatch", "measure", **told)


def instance(world: World) -> str:
    """Id of the center's instance."""
    found = next(item for item in world.objects.values() if item.kind == "ContactCenter")
    return str(found.status["instance"]["id"])


def target(world: World, **names: str) -> dict[str, Any]:
    """The scalable target as AWS has it; empty if there is none."""
    asked = {**TARGET, **names}
    client = world.client("application-autoscaling")
    found = client.describe_scalable_targets(
        ServiceNamespace=asked["ServiceNamespace"], ResourceIds=[asked["ResourceId"]]
    )["ScalableTargets"]
    return found[0] if found else {}


def provisioned(world: World) -> int:
    """Environments that the function's alias is told to keep warm."""
    client = world.client("lambda")
    try:
        found = client.get_provisioned_concurrency_config(FunctionName=FUNCTION, Qualifier=ALIAS)
    except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return 0
    return int(found["RequestedProvisionedConcurrentExecutions"])


def lever(of: Object, name: str = "lookup") -> dict[str, Any]:
    """The line of `status.levers`."""
    return next(line for line in of.status["levers"] if line["name"] == name)


def refused_by_the_server(of: Object) -> list[str]:
    """What an API server would not take of a status: fields that the CRD does not know, and values it does not allow."""
    kind = {"ScalingPolicy": ScalingPolicy, "ContactCenter": ContactCenter, "CacheLayer": CacheLayer}[of.kind]
    schema = structural(kind)["properties"]["status"]
    unknown = [str(problem) for problem in unknown_fields(of.status, schema, "status")]
    try:
        type(kind.model_fields["status"].get_default(call_default_factory=True)).model_validate(of.status)
    except ValidationError as error:
        return [*unknown, *(str(problem) for problem in problems_of(error, "status", schema, of.status))]
    return unknown
