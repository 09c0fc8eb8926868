"""Gathers which operators are installed, from their Deployments, and who watches what, from bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.api.managed import GROUP
from trunkline.doctor.asking import Asking
from trunkline.doctor.facts import Operator, Unread, Watcher
from trunkline.doctor.tenants import Listed, of_config_map
from trunkline.doctor.wanted import Wanted

MOST_BINDINGS = 5_000
OPERATORS = "app.kubernetes.io/part-of=trunkline,app.kubernetes.io/component=operator"
WATCHED_BY = f"{GROUP}/watched-by"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"


async def installed(ask: Asking, wanted: Wanted) -> tuple[Operator, ...] | Unread:
    """All of the cluster, or of the operator's own namespace where no more may be read."""
    found = await ask.listed("/apis/apps/v1/deployments", 100, OPERATORS)
    if isinstance(found, Unread):
        own = await ask.listed(f"/apis/apps/v1/namespaces/{wanted.lease[0]}/deployments", 100, OPERATORS)
        if isinstance(own, Unread):
            return found
        found = own
    return tuple([await _operator(ask, body) for body in found])


async def _operator(ask: Asking, body: Mapping[str, Any]) -> Operator:
    metadata, spec = body["metadata"], body.get("spec") or {}
    pod = (spec.get("template") or {}).get("spec") or {}
    container: Mapping[str, Any] = next(
        (one for one in pod.get("containers") or () if one.get("name") == "operator"), {}
    )
    account = str(pod.get("serviceAccountName") or "default")
    named = await ask.get(f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}")
    tenants = _tenants(metadata["namespace"], pod, container)
    annotations = {} if named is None or isinstance(named, Unread) else named["metadata"].get("annotations") or {}
    return Operator(
        namespace=metadata["namespace"],
        name=metadata["name"],
        version=str((metadata.get("labels") or {}).get("app.kubernetes.io/version") or ""),
        service_account=account,
        environment={one["name"]: str(one["value"]) for one in container.get("env") or () if "value" in one},
        ready=int((body.get("status") or {}).get("readyReplicas") or 0),
        wanted=int(spec.get("replicas", 1)),
        stuck=_stuck(body),
        role_arn=str(annotations.get("eks.amazonaws.com/role-arn") or ""),
        tenants=tenants,
        listed=await _listed(ask, tenants) if tenants else None,
    )


def _stuck(body: Mapping[str, Any]) -> bool:
    """The Deployment's own word for it: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment"""
    conditions = (body.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Progressing" and one.get("status") == "False" for one in conditions)


def _tenants(namespace: str, pod: Mapping[str, Any], container: Mapping[str, Any]) -> str:
    """The ConfigMap that is mounted where TRUNKLINE_TENANTS points to."""
    folder = next((one.get("value") for one in container.get("env") or () if one["name"] == "TRUNKLINE_TENANTS"), None)
    mounts = container.get("volumeMounts") or ()
    volume = next((one["name"] for one in mounts if folder and one["mountPath"].rstrip("/") == folder.rstrip("/")), "")
    name = next((one.get("configMap", {}).get("name") for one in pod.get("volumes") or () if one["name"] == volume), "")
    return f"{namespace}/{name}" if name else ""


async def _listed(ask: Asking, tenants: str) -> Listed | Unread | None:
    namespace, _, name = tenants.partition("/")
    body = await ask.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
    return body if body is None or isinstance(body, Unread) else of_config_map(body)


async def watchers(ask: Asking) -> tuple[Watcher, ...] | Unread:
    """By the annotation that the chart writes on its bindings."""
    found: list[Watcher] = []
    for kind in ("clusterrolebindings", "rolebindings"):
        bindings = await ask.listed(f"{_RBAC}/{kind}", MOST_BINDINGS)
        if isinstance(bindings, Unread):
            return bindings
        for binding in bindings:
            metadata = binding["metadata"]
            by = (metadata.get("annotations") or {}).get(WATCHED_BY)
            found += [Watcher(str(metadata.get("namespace") or ""), str(by))] if by else []
    return tuple(found)


def the_operator(operators: tuple[Operator, ...] | Unread, wanted: Wanted) -> Operator | None:
    """The one that is asked about: that of the Lease, or the only one."""
    if isinstance(operators, Unread) or not operators:
        return None
    named = [one for one in operators if (one.namespace, one.name) == wanted.lease]
    if named:
        return named[0]
    return operators[0] if len(operators) == 1 else None
