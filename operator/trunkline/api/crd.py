"""The CustomResourceDefinitions, written from the models.

A key that a structural schema may not hold is an error here, not a surprise on the API server. `generated` is what
`trunkline.api.generate` asks for: the CRDs for `kubectl apply --server-side` and the chart's copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from trunkline.api.cache import CacheLayer
from trunkline.api.center import ContactCenter
from trunkline.api.common import EXAMPLE
from trunkline.api.managed import GROUP, VERSION
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.api.schema import SchemaError, structural

ALLOWED = (
    "description",
    "type",
    "format",
    "enum",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "properties",
    "items",
    "additionalProperties",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
)
"""In the order in which they are written."""

HEADER = "# Generated from operator/trunkline/api by `make generate`; do not edit.\n"


def written(schema: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """A structural schema as a CRD holds it: our own keys gone, the rest in a fixed order.

    Raises SchemaError with the path of a key that is not allowed, of a list without a list type, of a rule whose
    message has more than one line.
    """
    unknown = set(schema) - set(ALLOWED) - {EXAMPLE}
    if unknown:
        raise SchemaError(f"{path or '.'}: a structural schema may not hold {', '.join(sorted(unknown))}")
    if schema.get("type") == "array" and "x-kubernetes-list-type" not in schema:
        raise SchemaError(f"{path}: say whether the list is a map, a set or atomic")
    result = {key: schema[key] for key in ALLOWED if key in schema}
    if "properties" in result:
        result["properties"] = {name: written(inner, f"{path}.{name}") for name, inner in schema["properties"].items()}
        if not result["properties"]:
            del result["properties"]
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), Mapping):
            result[key] = written(schema[key], f"{path}[]")
    if any("\n" in rule["message"] for rule in result.get("x-kubernetes-validations", ())):
        raise SchemaError(f"{path}: the API server refuses messages of more than one line")
    return result


def contact_center() -> dict[str, Any]:
    """The CRD of ContactCenter."""
    return _crd(
        ContactCenter,
        short="cc",
        columns=[
            _condition("Ready", "status"),
            _condition("Reason", "reason"),
            _column("Instance", ".status.instance.id", "Id of the Amazon Connect instance."),
            _column("Resources", ".status.summary.resources", "Number of AWS resources.", kind="integer"),
            *_LAST_COLUMNS,
        ],
    )


def cache_layer() -> dict[str, Any]:
    """The CRD of CacheLayer."""
    return _crd(
        CacheLayer,
        short="cache",
        columns=[
            _condition("Ready", "status"),
            _condition("Reason", "reason"),
            _condition("Healthy", "status", of="Healthy"),
            _column("Hits", ".status.hitRatioPercent", "Percent of lookups that found something.", kind="integer"),
            _column("Memory", ".status.memoryUsedPercent", "Percent of memory in use.", kind="integer"),
            _column("Endpoint", ".status.endpoint", "Host name of the cache.", priority=1),
            *_LAST_COLUMNS,
        ],
    )


def scaling_policy() -> dict[str, Any]:
    """The CRD of ScalingPolicy."""
    return _crd(
        ScalingPolicy,
        short="sp",
        columns=[
            _column("Target", ".spec.targetRef.name", "The object whose calls these are."),
            _column("Mode", ".spec.mode", "Recommend or Auto."),
            _condition("Ready", "status"),
            _condition("Reason", "reason"),
            _condition("Limited", "status", of="ScalingLimited"),
            _column("Calls", ".status.demand.concurrentCalls", "Calls at the same time, now.", kind="integer"),
            _column("Binding", ".status.bindingLayer", "The layer that growth reaches first."),
            _AGE,
            _MESSAGE,
            _ACCOUNT,
        ],
        selectable=".spec.targetRef.name",
    )


def _crd(
    kind_of: type[ContactCenter | CacheLayer | ScalingPolicy],
    *,
    short: str,
    columns: list[dict[str, Any]],
    selectable: str = ".spec.region",
) -> dict[str, Any]:
    kind, plural = kind_of.kind, kind_of.plural
    outline = dict(structural(kind_of))
    properties = outline["properties"]
    outline["properties"] = {
        "apiVersion": {"type": "string", "description": f"{GROUP}/{VERSION}."},
        "kind": {"type": "string", "description": f"{kind}."},
        "metadata": {"type": "object"},
        "spec": properties["spec"],
        "status": {**properties["status"], "default": {}},
    }
    singular = kind.lower()
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": singular,
                "shortNames": [short],
                "categories": ["aws", "all", "trunkline"],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": columns,
                    "selectableFields": [{"jsonPath": selectable}],
                    "schema": {"openAPIV3Schema": written(outline)},
                }
            ],
        },
    }


def _column(name: str, path: str, description: str, kind: str = "string", priority: int = 0) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "type": kind, "jsonPath": path, "description": description}
    return {**column, "priority": priority} if priority else column


def _condition(name: str, field: str, priority: int = 0, of: str = "Ready") -> dict[str, Any]:
    path = f'.status.conditions[?(@.type=="{of}")].{field}'
    return _column(name, path, f"{field.capitalize()} of the condition {of}.", priority=priority)


_AGE = _column("Age", ".metadata.creationTimestamp", "Since when the object exists.", kind="date")
_MESSAGE = _condition("Message", "message", priority=1)
_ACCOUNT = _column("Account", ".status.account", "AWS account.", priority=1)
_LAST_COLUMNS = (_AGE, _MESSAGE, _column("Region", ".spec.region", "AWS region.", priority=1), _ACCOUNT)


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as the files hold it."""
    text: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120)
    return HEADER + text


_KEPT = {
    "helm.sh/resource-policy": "keep",
    # Client-side apply stops at 256 KiB, and a definition that leaves the source of an Application would be pruned with
    # every object of its kind.
    "argocd.argoproj.io/sync-options": "ServerSideApply=true,Prune=false",
}
_LABELS = {"app.kubernetes.io/component": "crds", "app.kubernetes.io/part-of": "trunkline"}


def as_template(document: Mapping[str, Any]) -> str:
    """The document as a Helm template: neither uninstalled nor pruned, braces of texts escaped."""
    metadata = {**document["metadata"], "labels": _LABELS, "annotations": _KEPT}
    escaped = as_yaml({**document, "metadata": metadata}).replace("{{", "{{ `{{` }}")
    return escaped.replace("{{ `{{ `{{` }}` }}", "{{ `{{` }}")


def generated() -> Mapping[str, str]:
    """Paths in the repository, and what they hold."""
    files = {}
    for crd in (contact_center(), cache_layer(), scaling_policy()):
        plural, group = crd["metadata"]["name"].split(".", 1)
        files[f"crds/{group}_{plural}.yaml"] = as_yaml(crd)
        files[f"helm/trunkline/charts/crds/templates/{plural}.yaml"] = as_template(crd)
    return files
