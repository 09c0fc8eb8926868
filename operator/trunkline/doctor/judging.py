"""What checks of the Kubernetes side share: the cluster if there is one to judge, and words. Pure."""

from __future__ import annotations

from trunkline.doctor.facts import Cluster, Facts, Unread

MOST_NAMED = 5
CHART = (
    "helm upgrade --install trunkline helm/trunkline -n trunkline --create-namespace "
    "--set image.repository=registry.example/trunkline --set image.digest=sha256:DIGEST"
)  # with the image that was built (docs/install.md): none is published
NOT_BY_THE_CHART = (
    "no operator was installed by the chart"  # one may run all the same: nothing in a cluster tells of it
)
EXEC = "kubectl -n {0} exec deploy/{1} -- /usr/bin/python3 -m trunkline.cli doctor"


def reached(facts: Facts) -> Cluster | None:
    """The cluster, if it was asked and answered."""
    cluster = facts.cluster
    return None if isinstance(cluster, Unread) or isinstance(cluster.server, Unread) else cluster


def permission(cluster: Cluster) -> str:
    """Who could read it."""
    if cluster.in_cluster:
        return "Run trunkline doctor with your own kubeconfig: the operator's service account may not read this."
    namespace, _, name = cluster.lease_name.partition("/")
    return f"Ask who may, or run it as the operator: {EXEC.format(namespace, name)}"


def some(names: tuple[str, ...], separator: str = ", ") -> str:
    more = len(names) - MOST_NAMED
    return separator.join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
