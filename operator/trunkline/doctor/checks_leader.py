"""Checks of who works: installed operators, and who of them leads. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from trunkline.doctor.facts import Cluster, Facts, Lease, Operator, Unread, Watcher
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning
from trunkline.doctor.judging import CHART, MOST_NAMED, NOT_BY_THE_CHART, permission, reached

NOT_SEEN = 7.0  # seconds without a renewal, while a leader renews every 1.5
NOT_RENEWED = 2.0  # so many durations of a lease without renewal are more than a late one
SKEW_SECONDS = 30.0  # no clock that anybody keeps is so far off


def lease(facts: Facts) -> Iterator[Finding]:
    """Somebody leads, and renews; their clock is right."""
    cluster = reached(facts)
    if cluster is None:
        return
    found = cluster.lease
    namespace, _, name = cluster.lease_name.partition("/")
    logs = f"kubectl -n {namespace} logs deploy/{name} --tail=50"
    if isinstance(found, Unread):
        yield unknown("lease", found.reason, permission(cluster))
    elif found is None and not cluster.installed:
        told = f"there is no Lease {cluster.lease_name}: {NOT_BY_THE_CHART}, or one runs without --lease-namespace"
        yield skipped("lease", "NotInstalledYet", told)
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
    cluster = reached(facts)
    if cluster is None:
        return
    found = cluster.operators
    if isinstance(found, Unread):
        yield unknown("operator", found.reason, permission(cluster))
    elif not found:
        told = "no Deployment of an operator is there (label app.kubernetes.io/part-of=trunkline)"
        yield skipped("operator", "NotInstalledYet", told, CHART)
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
    elif one.stuck:
        told = f"{told}, and pods of its newest version do not come up: those of the one before work on"
        yield failed("operator", "RolloutStuck", told, f"{look}; to go back: helm rollback RELEASE -n {one.namespace}")
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
        yield unknown("operator", told, permission(cluster))
