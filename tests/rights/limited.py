"""A column world whose operator has exactly the rights that `trunkline iam-policy` prints for its objects, and no more."""

from __future__ import annotations

import argparse
import copy
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.column.layers import layer
from tests.column.policies import policy
from tests.column.world import INSTALLATION, REGION, ROOT, Object, World, example
from trunkline.api.manifest import Document, read
from trunkline.blueprints.roles import RoleRules
from trunkline.rights.arguments import add_iam_policy_arguments
from trunkline.rights.command import run_iam_policy
from trunkline_sandbox.aws.transport import connected_session

ACCOUNT = "123456789012"
BOUNDARY = "trunkline-functions"
KEY = "AKIAOPERATOR00000000"
FLAGS = ("--account", ACCOUNT, "--installation", INSTALLATION, "--permissions-boundary", BOUNDARY)

Value = dict[str, Any]


def printed(*arguments: str) -> dict[str, Value]:
    """What the command prints, by name. Raises AssertionError with its complaint."""
    parser = argparse.ArgumentParser()
    add_iam_policy_arguments(parser)
    out = io.StringIO()
    code = run_iam_policy(parser.parse_args(arguments), out)
    assert code == 0
    found: dict[str, Value] = json.loads(out.getvalue())
    return found


def manifest(object_: Object) -> Value:
    """The object as somebody applies it."""
    return {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": object_.kind,
        "metadata": {"name": object_.name, "namespace": object_.namespace},
        "spec": copy.deepcopy(object_.spec),
    }


def config_maps(object_: Object) -> list[Value]:
    """The ConfigMaps beside it."""
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": object_.namespace},
            "data": data,
        }
        for name, data in object_.config_maps.items()
    ]


def of_objects(folder: Path, *objects: Object, flags: tuple[str, ...] = FLAGS) -> dict[str, Value]:
    """The documents for objects."""
    items = [item for object_ in objects for item in (manifest(object_), *config_maps(object_))]
    file = folder / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    return printed("-f", str(file), *flags)


def policies(documents: dict[str, Value], role: str = "pod") -> list[Value]:
    """Those to attach to a role."""
    return [
        document for name, document in documents.items() if name.rpartition("-")[2].isdigit() and name.startswith(role)
    ]


def granted(documents: list[Value]) -> set[str]:
    """The actions that policies name."""
    return {action for document in documents for statement in document["Statement"] for action in statement["Action"]}


def limit(world: World, documents: dict[str, Value]) -> None:
    """From now on the operator signs with a key that may do what these say, and makes roles under their boundary."""
    iam = world.client("iam")
    iam.create_policy(PolicyName=BOUNDARY, PolicyDocument=json.dumps(documents["boundary"]))
    world.cloud.credentials.register(KEY, ACCOUNT, policies=tuple(policies(documents)))
    world.operator = connected_session(world.cloud, region=REGION, access_key=KEY)
    world.roles = RoleRules("/trunkline/", BOUNDARY)
    world.start()


def demo() -> tuple[Object, Object, Object]:
    """The center, the cache and the policy of the examples, as the API server keeps them; AWS's part is never retained."""
    center = example("high-volume")
    found = {document.kind: document for folder in ("high-volume", "scaling") for document in _documents(folder)}
    cache = layer(found["CacheLayer"].name, **dict(found["CacheLayer"].body["spec"]))
    cache.secrets = {"acme-cache-token": {"token": "a-token-of-the-first-days"}}
    scaling = policy(found["ScalingPolicy"].name, **{**found["ScalingPolicy"].body["spec"], "mode": "Auto"})
    for object_ in (center, cache, scaling):
        object_.namespace = center.namespace
        object_.spec["deletionPolicy"] = "Delete"
    center.spec["confirm"] = cache.spec["confirm"] = "Never"
    center.beside = (cache,)
    return center, cache, scaling


def _documents(folder: str) -> Iterator[Document]:
    for file in sorted((ROOT / "examples" / folder).glob("*.yaml")):
        yield from read(file.read_text(), file.name)


def denied(world: World) -> set[str]:
    """Calls that were refused for want of a right."""
    calls = world.cloud.calls.since()
    return {
        f"{call.service}:{call.operation}"
        for call in calls
        if "Denied" in call.outcome or "Unauthorized" in call.outcome
    }
