"""Checks of the Kubernetes side as a whole: version, installation id, objects. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trunkline.doctor.facts import Cluster, Facts, Unread
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning
from trunkline.doctor.judging import reached, some

LEAST_MINOR = 33  # rules in the definitions need it


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


def installation(facts: Facts) -> Iterator[Finding]:
    """There is an installation id, which is the owner of all in AWS."""
    cluster = reached(facts)
    if cluster is None:
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
    cluster = reached(facts)
    if cluster is None:
        return
    if isinstance(cluster.objects, Unread):
        yield unknown("objects", cluster.objects.reason, "Name namespaces that you may read: -n NAMESPACE")
        return
    if not cluster.objects:
        yield skipped("objects", "None", "there are none", "Examine manifests before you apply them: -f MANIFEST")
        return
    lonely = _lonely(cluster)
    if lonely:
        told = f"no operator watches {some(tuple(sorted(lonely)))}: nothing is done there"
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
