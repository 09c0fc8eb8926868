"""Checks of what the API server allows: rights of the operator, admission policies. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.doctor.facts import AdmissionPolicy, Cluster, Facts, Right, Unread
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning
from trunkline.doctor.judging import CHART, MOST_NAMED, permission, reached, some


def rights(facts: Facts) -> Iterator[Finding]:
    """The operator's service account may do all that the chart grants."""
    cluster = reached(facts)
    if cluster is None:
        return
    if not cluster.installed:
        yield skipped("rights", "NotInstalledYet", "no operator is installed, so nothing is granted yet", CHART)
        return
    found = cluster.rights
    if isinstance(found, Unread):
        yield unknown("rights", found.reason, permission(cluster))
        return
    missing = [right for right in found.rights if not right.allowed]
    if missing:
        told = f"{found.subject} may not {_rights(missing)}"
        remedy = "Install with the chart, or kubectl apply --server-side -f docs/rbac.yaml"
        yield failed("rights", "Missing", told, remedy)
    else:
        yield ok("rights", f"{found.subject} has all {len(found.rights)} rights that it needs{_where(found.rights)}")


def _where(all_of: tuple[Right, ...]) -> str:
    namespaces = sorted({right.namespace for right in all_of if right.namespace})
    return f" ({', '.join(namespaces[:MOST_NAMED])})" if namespaces else ""


def _rights(missing: list[Right]) -> str:
    by_resource: dict[tuple[str, str], list[str]] = {}
    for right in missing:
        by_resource.setdefault((right.resource, right.namespace), []).append(right.verb)
    told = [
        f"{'/'.join(verbs)} {resource}{f' in {namespace}' if namespace else ''}"
        for (resource, namespace), verbs in by_resource.items()
    ]
    return some(tuple(told), separator="; ")


# --- admission policies


def admission(facts: Facts) -> Iterator[Finding]:
    """The chart's admission policies are there, bound, and deny."""
    cluster = reached(facts)
    if cluster is None:
        return
    found = cluster.policies
    if isinstance(found, Unread):
        yield unknown("admission", found.reason, permission(cluster))
        return
    if not cluster.installed and not any(policy.present for policy in found):
        yield skipped("admission", "NotInstalledYet", "admission policies come with the chart trunkline-crds")
        return
    problems = [problem for policy in found for problem in _policy(policy, cluster)]
    yield from problems
    if not problems:
        yield ok("admission", f"{', '.join(policy.name for policy in found if policy.present)}: bound, and they deny")


def _policy(policy: AdmissionPolicy, cluster: Cluster) -> Iterator[Finding]:
    if not policy.present:
        if policy.name != "trunkline-tenants" or _has_tenants(cluster):
            told = f"{policy.name} is not installed: {_WITHOUT[policy.name]}"
            key = _VALUES[policy.name]
            remedy = f"Set crds.policies.{key}=true (chart trunkline-crds: policies.{key}=true) and helm upgrade."
            yield warning("admission", "NotInstalled", told, remedy)
    elif not policy.denies:
        told = f"{policy.name} has no binding that denies: {_WITHOUT[policy.name]}"
        yield failed(
            "admission", "NotBound", told, f"kubectl get validatingadmissionpolicybinding {policy.name} -o yaml"
        )
    elif policy.warnings:
        told = f"{policy.name}: the API server warns: {policy.warnings[0]}"
        yield warning("admission", "TypeChecking", told, f"kubectl describe validatingadmissionpolicy {policy.name}")
    if policy.present and policy.denies and policy.parameters:
        yield from _list(policy, cluster)


def _list(policy: AdmissionPolicy, cluster: Cluster) -> Iterator[Finding]:
    """The list that a policy reads is there, and is that of the operators."""
    if isinstance(policy.given, Unread):
        told = f"{policy.name}: whether ConfigMap {policy.parameters} is there is not known: {policy.given.reason}"
        yield unknown("admission", told, permission(cluster))
    elif not policy.given:
        told = f"{policy.name} reads ConfigMap {policy.parameters}, which does not exist: every object is refused"
        yield failed("admission", "NoList", told, _same(cluster) or _SAME.format("tenants.configMapName"))
    operators = () if isinstance(cluster.operators, Unread) else cluster.operators
    other = tuple(f"{one.title} {one.tenants}" for one in operators if one.tenants not in ("", policy.parameters))
    if other and policy.given:
        told = (
            f"{policy.name} reads ConfigMap {policy.parameters}, and {some(other)}: what one allows the other refuses"
        )
        yield failed("admission", "OtherList", told, _same(cluster))


def _same(cluster: Cluster) -> str:
    operators = () if isinstance(cluster.operators, Unread) else cluster.operators
    lists = sorted({one.tenants for one in operators if one.tenants})
    if len(lists) > 1:
        return "The policy is one for the whole cluster: let all releases read one list, or disable it."
    return _SAME.format(lists[0]) if lists else ""


def _has_tenants(cluster: Cluster) -> bool:
    operators = () if isinstance(cluster.operators, Unread) else cluster.operators
    return any("TRUNKLINE_TENANTS" in one.environment for one in operators)


_SAME = (
    "Set crds.policies.tenants.configMapNamespace and configMapName (chart trunkline-crds: policies.tenants…) to those of "
    "the operator's list, {}, and helm upgrade; or make the ConfigMap that is named."
)
_WITHOUT = {
    "trunkline-termination-protection": "spec.terminationProtection refuses no deletion of an object",
    "trunkline-definitions": "a definition can be deleted, and every object with it",
    "trunkline-consent": "whoever may write an object may also confirm",
    "trunkline-tenants": "a role that is not listed for a namespace is refused by the operator only",
}
_VALUES = {
    "trunkline-termination-protection": "terminationProtection",
    "trunkline-definitions": "definitions",
    "trunkline-consent": "consent",
    "trunkline-tenants": "tenants.enabled",
}
POLICIES = tuple(_WITHOUT)
