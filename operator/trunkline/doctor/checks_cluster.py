"""Checks of the Kubernetes side: version, definitions, rights, admission policies, Lease, installations. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from trunkline.doctor.facts import AdmissionPolicy, Cluster, Definition, Facts, Lease, Operator, Right, Unread, Watcher
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning

LEAST_MINOR = 33  # rules in the definitions need it
MOST_NAMED = 5
NOT_SEEN = 7.0  # seconds without a renewal, while a leader renews every 1.5
NOT_RENEWED = 2.0  # so many durations of a lease without renewal are more than a late one
SKEW_SECONDS = 30.0  # no clock that anybody keeps is so far off
_CHART = "helm upgrade --install trunkline helm/trunkline -n trunkline --create-namespace"
_DEFINITIONS = "Upgrade the release that holds it, or: kubectl apply --server-side --force-conflicts -f crds/"
_INSTALL = "kubectl apply --server-side -f crds/"
_KEEP = "helm.sh/resource-policy"
_SYNC = "argocd.argoproj.io/sync-options"
EXEC = "kubectl -n {0} exec deploy/{1} -- /usr/bin/python3 -m trunkline.cli doctor"


def cluster_of(facts: Facts) -> Cluster | None:
    """The cluster, if there is one to judge."""
    return None if isinstance(facts.cluster, Unread) else facts.cluster


def api_server(facts: Facts) -> Iterator[Finding]:
    """Kubernetes 1.33 or newer, and there."""
    if isinstance(facts.cluster, Unread):
        yield skipped("api-server", "NotAsked", facts.cluster.reason)
        return
    server = facts.cluster.server
    if isinstance(server, Unread):
        yield failed(
            "api-server", "NotReached", server.reason, "Check with kubectl cluster-info, --kubeconfig, --context."
        )
        return
    minor = re.match(r"v?1\.(\d+)", server.version)
    if minor is None:
        yield unknown("api-server", f"{server.host} says it is {server.version!r}", reason="UnknownVersion")
    elif int(minor[1]) < LEAST_MINOR:
        told = f"Kubernetes {server.version}: rules in Trunkline's definitions need 1.{LEAST_MINOR} or newer"
        yield failed("api-server", "TooOld", told, f"Upgrade the cluster to 1.{LEAST_MINOR} or newer.")
    else:
        yield ok("api-server", f"Kubernetes {server.version} at {server.host}")


# --- definitions


def definitions(facts: Facts) -> Iterator[Finding]:
    """Installed, established, served, of this version's schema, kept by Helm and Argo CD, without conversion."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    missing = [plural for plural, found in cluster.definitions.items() if found is None]
    if missing:
        told = f"not installed: {', '.join(f'{plural}.trunkline.dev' for plural in missing)}"
        if cluster.installed or len(missing) < len(cluster.definitions):
            yield failed("definitions", "NotInstalled", told, _INSTALL)
        else:
            yield warning("definitions", "NotInstalledYet", told, f"{_CHART}, or {_INSTALL}")
    problems = []
    for plural, found in cluster.definitions.items():
        if isinstance(found, Unread):
            problems.append(unknown("definitions", f"{plural}: {found.reason}", _permission(cluster)))
        elif found is not None:
            problems += list(_definition(found))
    yield from problems
    there = [found for found in cluster.definitions.values() if isinstance(found, Definition)]
    if there and not problems and not missing:
        told = "three definitions, served as v1alpha1 with this version's "
        by_discovery = any(found.published for found in there)
        yield ok(
            "definitions", told + ("fields (the definitions themselves may not be read)" if by_discovery else "schema")
        )


def _definition(found: Definition) -> Iterator[Finding]:
    name = f"{found.plural}.trunkline.dev"
    if found.deleting:
        told = f"{name} is being deleted, and every object of it"
        yield failed(
            "definitions", "Deleting", told, "Take finalizers of its objects away, or wait; then install it anew."
        )
        return
    if not found.established:
        yield failed("definitions", "NotEstablished", f"{name} is not established", f"kubectl describe crd {name}")
    if "v1alpha1" not in found.served:
        told = f"{name} serves {', '.join(found.served) or 'nothing'}, not v1alpha1"
        yield failed("definitions", "NotServed", told, _DEFINITIONS)
    if found.conversion != "None":
        told = f"{name} converts by {found.conversion}: without that webhook no object can be read"
        yield warning("definitions", "Converted", told, _DEFINITIONS)
    yield from _schema(name, found)
    if found.published:
        return
    if found.annotations.get(_KEEP) != "keep" and found.annotations.get("meta.helm.sh/release-name"):
        told = f"{name} belongs to a Helm release and is not kept: an uninstall deletes every object of it"
        yield warning("definitions", "NotKept", told, f"kubectl annotate --overwrite crd {name} {_KEEP}=keep")
    if "argocd.argoproj.io/tracking-id" in found.annotations and "Prune=false" not in found.annotations.get(_SYNC, ""):
        told = f"{name} is synced by Argo CD and may be pruned, with every object of it"
        remedy = f"kubectl annotate --overwrite crd {name} {_SYNC}=ServerSideApply=true,Prune=false"
        yield warning("definitions", "NotKept", told, remedy)


def _schema(name: str, found: Definition) -> Iterator[Finding]:
    difference = found.difference
    if difference.lacks:
        told = (
            f"{name} does not know {_some(difference.lacks)}: the API server drops these fields from what is applied. "
            "It is of an older version than this command"
        )
        yield failed("definitions", "OlderSchema", told, _DEFINITIONS)
    elif difference.more:
        told = f"{name} knows {_some(difference.more)}, which this version does not: it is of a newer one"
        yield warning(
            "definitions", "NewerSchema", told, "Run the doctor of the installed version, or upgrade the operator."
        )
    elif difference.differ:
        told = f"{name} has other rules, types or limits than this version at {_some(difference.differ)}"
        yield warning("definitions", "OtherSchema", told, _DEFINITIONS)


# --- rights


def rights(facts: Facts) -> Iterator[Finding]:
    """The operator's service account may do all that the chart grants."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    if not cluster.installed:
        yield skipped("rights", "NotInstalledYet", "no operator is installed, so nothing is granted yet", _CHART)
        return
    found = cluster.rights
    if isinstance(found, Unread):
        yield unknown("rights", found.reason, _permission(cluster))
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
    return _some(tuple(told), separator="; ")


# --- admission policies


def admission(facts: Facts) -> Iterator[Finding]:
    """The chart's admission policies are there, bound, and deny."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    found = cluster.policies
    if isinstance(found, Unread):
        yield unknown("admission", found.reason, _permission(cluster))
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


def _has_tenants(cluster: Cluster) -> bool:
    operators = () if isinstance(cluster.operators, Unread) else cluster.operators
    return any("TRUNKLINE_TENANTS" in one.environment for one in operators)


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


# --- who leads


def lease(facts: Facts) -> Iterator[Finding]:
    """Somebody leads, and renews; their clock is right."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    found = cluster.lease
    namespace, _, name = cluster.lease_name.partition("/")
    logs = f"kubectl -n {namespace} logs deploy/{name} --tail=50"
    if isinstance(found, Unread):
        yield unknown("lease", found.reason, _permission(cluster))
    elif found is None and not cluster.installed:
        yield skipped("lease", "NotInstalledYet", f"there is no Lease {cluster.lease_name}: no operator has run yet")
    elif found is None:
        told = f"there is no Lease {cluster.lease_name}: no operator has led yet"
        yield failed("lease", "Absent", told, f"{logs}; another place: --operator-namespace, --lease-name")
    else:
        yield from _lease(found, logs)


def _lease(found: Lease, logs: str) -> Iterator[Finding]:
    if not found.holder:
        yield failed("lease", "NoHolder", f"nobody holds the Lease {found.name}: nobody works", logs)
        return
    age = found.read_at - found.renewed_at if found.renewed_at is not None else None
    told = f"{found.holder} holds {found.name}, {found.duration} s, {found.transitions} transitions"
    if not found.moved and (found.apart >= NOT_SEEN or age is None or age > NOT_RENEWED * found.duration):
        since = "" if age is None else f" for {age:.0f} s"
        yield failed("lease", "NotRenewed", f"{told}, and has not renewed it{since}: nobody works", logs)
    elif not found.moved:
        seen = "" if age is None else f", renewed {max(0.0, age):.0f} s ago"
        yield unknown("lease", f"{told}{seen}; no renewal was seen meanwhile", logs, reason="NotSeenRenewed")
    elif age is not None and abs(age) > found.duration + SKEW_SECONDS:
        skew = "behind" if age > 0 else "ahead of"
        told = f"{told}; its clock is {abs(age):.0f} s {skew} the API server's"
        yield warning(
            "lease", "HolderClock", told, "Set the clock of the holder's node: AWS refuses calls at 5 minutes."
        )
    else:
        yield ok("lease", f"{told}, renewed {max(0.0, age or 0.0):.0f} s ago", "Renewed")


def operators(facts: Facts) -> Iterator[Finding]:
    """Installed ones have as many ready replicas as they should, and no two watch the same namespace."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    found = cluster.operators
    if isinstance(found, Unread):
        yield unknown("operator", found.reason, _permission(cluster))
    elif not found:
        told = "no Deployment of an operator is there (label app.kubernetes.io/part-of=trunkline)"
        yield skipped("operator", "NotInstalledYet", told, _CHART)
    else:
        for one in found:
            yield from _operator(one)
    yield from _overlaps(cluster)


def _operator(one: Operator) -> Iterator[Finding]:
    told = f"{one.title} {one.version}: {one.ready} of {one.wanted} replicas ready".replace(" : ", ": ")
    look = f"kubectl -n {one.namespace} describe pods -l app.kubernetes.io/part-of=trunkline"
    if one.wanted == 0:
        yield warning(
            "operator",
            "ScaledToZero",
            f"{one.title} has no replicas: nobody works",
            f"kubectl -n {one.namespace} scale deploy/{one.name} --replicas=2",
        )
    elif one.ready == 0:
        yield failed("operator", "NotReady", told, look)
    elif one.ready < one.wanted:
        yield warning("operator", "NotAllReady", told, look)
    else:
        yield ok("operator", told)


def _overlaps(cluster: Cluster) -> Iterator[Finding]:
    seen: list[Watcher] = []
    if not isinstance(cluster.watchers, Unread):
        seen += cluster.watchers
    if not isinstance(cluster.operators, Unread):
        for one in cluster.operators:
            seen += [Watcher(namespace, one.title) for namespace in one.namespaces or ("",)]
    found = {
        (one.by, other.by, one.namespace or other.namespace)
        for one, other in itertools.combinations(sorted(set(seen), key=lambda item: (item.by, item.namespace)), 2)
        if one.by != other.by and (one.namespace == other.namespace or not (one.namespace and other.namespace))
    }
    for first, second, namespace in sorted(found)[:MOST_NAMED]:
        told = f"{first} and {second} both watch {namespace or 'every namespace'}: each undoes the other's work in AWS"
        yield failed(
            "operator", "WatchedTwice", told, "Give each release its own list (value namespaces), or uninstall one."
        )
    if not found and isinstance(cluster.watchers, Unread) and cluster.installed:
        told = f"whether another installation watches the same namespaces: {cluster.watchers.reason}"
        yield unknown("operator", told, _permission(cluster))


def installation(facts: Facts) -> Iterator[Finding]:
    """There is an installation id, which is the owner of all in AWS."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    given = [] if isinstance(cluster.operators, Unread) else list(cluster.operators)
    for one in given:
        name = one.environment.get("TRUNKLINE_INSTALLATION", "")
        if not name and one.namespaces:
            told = f"{one.title} watches a list of namespaces and has no installation id: it may not read kube-system"
            yield failed("installation", "NotGiven", told, "Set the value `installation` to a name that never changes.")
        elif name:
            yield ok("installation", f"{one.title}: {name}")
    if any(one.environment.get("TRUNKLINE_INSTALLATION") or one.namespaces for one in given):
        return
    if isinstance(cluster.installation, Unread):
        yield unknown(
            "installation", cluster.installation.reason, "Name it: --installation or the value `installation`."
        )
    elif cluster.installation:
        yield ok("installation", f"{cluster.installation} (uid of kube-system)")


def objects(facts: Facts) -> Iterator[Finding]:
    """There are objects, and an operator watches where they are."""
    cluster = cluster_of(facts)
    if cluster is None or isinstance(cluster.server, Unread):
        return
    if isinstance(cluster.objects, Unread):
        yield unknown("objects", cluster.objects.reason, "Name namespaces that you may read: -n NAMESPACE")
        return
    if not cluster.objects:
        yield skipped("objects", "None", "there are none", "Examine manifests before you apply them: -f MANIFEST")
        return
    lonely = _lonely(cluster)
    if lonely:
        told = f"no operator watches {_some(tuple(sorted(lonely)))}: nothing is done there"
        yield warning("objects", "NotWatched", told, "Add the namespaces to the value `namespaces` of a release.")
    else:
        number = sum(one.kind != "ConfigMap" for one in cluster.objects)
        yield ok("objects", f"{number} where an operator watches" if cluster.installed else f"{number}")


def _lonely(cluster: Cluster) -> set[str]:
    """Namespaces with objects and without an operator, as far as can be told."""
    if isinstance(cluster.operators, Unread) or isinstance(cluster.objects, Unread) or not cluster.operators:
        return set()
    if any(not one.namespaces for one in cluster.operators):
        return set()
    watched = {namespace for one in cluster.operators for namespace in one.namespaces}
    return {str((one.body.get("metadata") or {}).get("namespace")) for one in cluster.objects} - watched


# --- words


def _permission(cluster: Cluster) -> str:
    """Who could read it."""
    if cluster.in_cluster:
        return "Run trunkline doctor with your own kubeconfig: the operator's service account may not read this."
    namespace, _, name = cluster.lease_name.partition("/")
    return f"Ask who may, or run it as the operator: {EXEC.format(namespace, name)}"


def _some(names: tuple[str, ...], separator: str = ", ") -> str:
    more = len(names) - MOST_NAMED
    return separator.join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
