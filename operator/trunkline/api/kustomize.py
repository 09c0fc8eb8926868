"""`kustomize/`: a Component that teaches kustomize our lists and references, written from the same schema as the CRDs.

Kustomize knows no list keys of custom kinds, not even from an API server: a patch of one queue would drop all others.
With `x-kubernetes-patch-merge-key` it merges by name, and `$patch: delete` takes one entry away. With `nameReference` a
generated ConfigMap's hash, a prefix and a suffix reach those who name it.
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/openapi/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from trunkline.api.cache import CacheLayer
from trunkline.api.center import ContactCenter
from trunkline.api.managed import GROUP, VERSION
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.api.schema import structural

KINDS = (ContactCenter, CacheLayer, ScalingPolicy)
_HEADER = "# Generated from operator/trunkline/api by `make generate`; do not edit.\n"
_REFERRED = {
    "configMapKeyRef": ("ConfigMap", ""),
    "secretKeyRef": ("Secret", ""),
    "centerRef": (ContactCenter.kind, GROUP),
    "targetRef": (ContactCenter.kind, GROUP),
    "cacheRef": (CacheLayer.kind, GROUP),
}
"""By the field that names one: kind and group of what it names, always in the same namespace."""


def generated() -> Mapping[str, str]:
    """Paths in the repository, and what they hold."""
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "openapi": {"path": "openapi.json"},
        "configurations": ["namereference.yaml"],
    }
    return {
        "kustomize/kustomization.yaml": _yaml(component),
        "kustomize/openapi.json": json.dumps({"definitions": dict(_definitions())}, indent=1) + "\n",
        "kustomize/namereference.yaml": _yaml({"nameReference": _references()}),
    }


def _definitions() -> Iterator[tuple[str, dict[str, Any]]]:
    text = {"type": "string"}
    for kind in KINDS:
        spec = _keyed(structural(kind)["properties"]["spec"]) or {"type": "object"}
        properties = {"apiVersion": text, "kind": text, "metadata": {"type": "object"}, "spec": spec}
        yield (
            f"dev.trunkline.{VERSION}.{kind.kind}",
            {
                "type": "object",
                "properties": properties,
                "x-kubernetes-group-version-kind": [{"group": GROUP, "kind": kind.kind, "version": VERSION}],
            },
        )


def _keyed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """What leads to lists of entries with a key; of anything else kustomize needs no schema."""
    if schema.get("type") == "array":
        keys: Sequence[str] = schema.get("x-kubernetes-list-map-keys") or ()
        if schema.get("x-kubernetes-list-type") != "map" or len(keys) != 1:  # kustomize knows one key, not two
            return None
        items = _keyed(schema["items"]) or {"type": "object"}
        merge = {"x-kubernetes-patch-merge-key": keys[0], "x-kubernetes-patch-strategy": "merge"}
        return {"type": "array", "items": items, **merge}
    inner = {
        name: found for name, field in schema.get("properties", {}).items() if (found := _keyed(field)) is not None
    }
    return {"type": "object", "properties": inner} if inner else None


def _references() -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {referred: [] for referred in _REFERRED.values()}
    for kind in KINDS:
        schema: Mapping[str, Any] = structural(kind)["properties"]["spec"]
        for field, path in _paths(schema, "spec"):
            found[_REFERRED[field]].append({"group": GROUP, "kind": kind.kind, "path": f"{path}/name"})
    return [
        {"kind": kind, **({"group": group} if group else {"version": "v1"}), "fieldSpecs": specs}
        for (kind, group), specs in found.items()
        if specs
    ]


def _paths(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Every field that names an object. Lists are no step of a path: kustomize goes into all their entries."""
    for name, field in schema.get("properties", {}).items():
        inner = field.get("items", field) if field.get("type") == "array" else field
        if name in _REFERRED:
            yield name, f"{path}/{name}"
        else:
            yield from _paths(inner, f"{path}/{name}")


def _yaml(document: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(document), sort_keys=False, width=120)
    return _HEADER + text
