"""The chart's admission policies on the shared API server, each bound to one namespace of a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.world import until
from trunkline_sandbox.cluster import Cluster

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "helm" / "trunkline" / "charts" / "crds" / "files" / "policies"
PATIENCE = 20.0

Value = dict[str, Any]


def policy(name: str, suffix: str) -> Value:
    """A policy of the chart under a name of the test's own."""
    value: Value = yaml.safe_load((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"))
    value["metadata"]["name"] += f"-{suffix}"
    return value


def tenants(suffix: str, roles: Mapping[str, Sequence[str]]) -> Value:
    """That for roles, with a list; as the chart writes a short one (tests/chart has it write a long one)."""
    value = policy("tenants", suffix)
    (variable,) = (one for one in value["spec"]["variables"] if one["name"] == "tenants")
    variable["expression"] = json.dumps(roles)
    return value


def binding(of: Value, namespace: str | None, **spec: Any) -> Value:
    """Its binding, for one namespace; None: for what lies in none."""
    selected = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}} if namespace else {}
    return {
        "apiVersion": of["apiVersion"],
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": of["metadata"]["name"]},
        "spec": {
            "policyName": of["metadata"]["name"],
            "validationActions": ["Deny"],
            **({"matchResources": selected} if selected else {}),
            **spec,
        },
    }


def apply(cluster: Cluster, *objects: Value) -> None:
    cluster.kubectl(
        "apply",
        "--server-side",
        "-f",
        "-",
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}),
    )


def until_refused(attempt: Callable[[], str], what: str) -> str:
    """What the API server says; a policy is in force a moment after it was written. attempt: answers "" while it is taken."""
    return str(until(f"it is refused: {what}", attempt, patience=PATIENCE))
