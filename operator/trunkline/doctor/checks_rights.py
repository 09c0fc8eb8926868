"""Checks of what the API server allows: rights of the operator, admission policies. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.doctor.facts import AdmissionPolicy, Cluster, Facts, Operator, Right, Unread
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning
from trunkline.doctor.judging import CHART, MOST_NAMED, NOT_BY_THE_CHART, permission, reached, some
from trunkline.doctor.tenants import Listed, differing


def rights(facts: Facts) -> Iterator[Finding]:
    """The operator's service account may do all that the chart grants."""
    cluster = reached(facts)
    if cluster is None:
        return
    if not cluster.installed:
        yield skipped("rights", "NotInstalledYet", f"{NOT_BY_THE_CHART}: there are none that it granted", CHART)
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
    if policy.name == "trunkline-tenants" and policy.present and policy.denies:
        yield from _list(policy, cluster)


def _list(policy: AdmissionPolicy, cluster: Cluster) -> Iterator[Finding]:
    """The policy has a list, and it is that of the operators."""
    if policy.listed is None:
        told = f"{policy.name} is not as the chart of this version writes it: what it lists cannot be read"
        yield unknown("admission", told, "helm upgrade the release that has the definitions, and look again")
    elif not any(policy.listed.values()):
        yield failed("admission", "NoList", f"{policy.name} lists no role: every object is refused", _ONE_LIST)
    else:
        for one in () if isinstance(cluster.operators, Unread) else cluster.operators:
            if one.tenants:
                yield from _same(policy, policy.listed, one, cluster)
            elif _TENANTS not in one.environment:
                told = (
                    f"{one.title} has no list of tenants and checks nothing: only {policy.name} does, "
                    "which judges what is written, not what was there before it"
                )
                yield warning("admission", "OnlyThePolicy", told, _BOTH)


def _same(policy: AdmissionPolicy, listed: Listed, operator: Operator, cluster: Cluster) -> Iterator[Finding]:
    """An operator's list gives the namespaces that it watches what the policy gives them."""
    title = f"{operator.title} reads ConfigMap {operator.tenants}"
    if isinstance(operator.listed, Unread):
        told = f"whether {policy.name} lists what {operator.title} does is not known: {operator.listed.reason}"
        yield unknown("admission", told, permission(cluster))
    elif operator.listed is None:
        yield failed("admission", "NoList", f"{title}, which does not exist: its pods do not start", _ONE_LIST)
    elif other := differing(listed, operator.listed, operator.namespaces):
        told = f"{title}, and {policy.name} has another list for {some(other)}: what one allows the other refuses"
        yield failed("admission", "OtherList", told, _ONE_LIST)


def _has_tenants(cluster: Cluster) -> bool:
    operators = () if isinstance(cluster.operators, Unread) else cluster.operators
    return any(_TENANTS in one.environment for one in operators)


_TENANTS = "TRUNKLINE_TENANTS"
_BOTH = "Set tenants.enabled=true, and in tenants.roles the list of the release of trunkline-crds; then helm upgrade."
_ONE_LIST = (
    "Write one list into crds.policies.tenants.roles, which the operator of that release reads too; where trunkline-crds is a "
    "release of its own, into its policies.tenants.roles and the operator's tenants.roles, alike; then helm upgrade."
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
