"""Namespaces that come and really go: the little of kube-controller-manager that tests and the demo need.

Deleting a namespace only marks it; in a full cluster the namespace controller then deletes what is in it and takes the
last finalizer off. No controller runs here, so this does the same by hand. It is harsher than the real one on one
point: it removes finalizers of what is left, for whoever would have served them is gone when a test ends.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from .client import MERGE_PATCH, ApiClient
from .errors import ApiError

# One answer lists all resources of all groups (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery).
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def create(client: ApiClient, prefix: str) -> str:
    """A new namespace; its name is `prefix` and a random part."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    client.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return name


def delete(client: ApiClient, name: str) -> None:
    """Delete a namespace with everything in it; it is gone on return. One that does not exist is fine."""
    path = f"/api/v1/namespaces/{name}"
    # Marked first: from then on nothing new can be created in it.
    namespace = _unless_gone(client, "DELETE", path)
    if namespace is None:
        return
    for prefix, resource in _namespaced(client):
        _empty(client, f"{prefix}/namespaces/{name}/{resource}")
    if (namespace := _unless_gone(client, "GET", path)) is not None:
        namespace["spec"]["finalizers"] = []
        _unless_gone(client, "PUT", f"{path}/finalize", namespace)


def _namespaced(client: ApiClient) -> Iterator[tuple[str, str]]:
    """(path of the group's preferred version, plural) of each namespaced resource that can be listed and emptied."""
    for root in ("/api", "/apis"):
        for group in client.request("GET", root, accept=_DISCOVERY)["items"]:
            name = group["metadata"].get("name", "")
            for plural, version in _resources(group):
                yield (f"/apis/{name}/{version}" if name else f"/api/{version}"), plural


def _resources(group: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(plural, first version that serves it): the versions are views of the same objects."""
    seen: set[str] = set()
    for version in group.get("versions", ()):
        for resource in version.get("resources", ()):
            plural = resource["resource"]
            deletable = {"list", "deletecollection"} <= set(resource.get("verbs", ()))
            if resource["scope"] == "Namespaced" and deletable and plural not in seen:
                seen.add(plural)
                yield plural, version["version"]


def _empty(client: ApiClient, collection: str) -> None:
    if not _items(client, collection):
        return
    _unless_gone(client, "DELETE", f"{collection}?gracePeriodSeconds=0")
    for item in _items(client, collection):
        patch = {"metadata": {"finalizers": None}}
        _unless_gone(client, "PATCH", f"{collection}/{item['metadata']['name']}", patch)


def _items(client: ApiClient, collection: str) -> list[dict[str, Any]]:
    answer = _unless_gone(client, "GET", collection)
    return [] if answer is None else list(answer["items"])


def _unless_gone(client: ApiClient, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Make the call; None where the object, or with it its CRD, is gone already."""
    try:
        return client.request(method, path, body, content_type=MERGE_PATCH if method == "PATCH" else "application/json")
    except ApiError as error:
        if error.status in (404, 405):
            return None
        raise
