"""What a CacheLayer publishes, as tools see it that track and prune: an owner reference, and no label of its owner."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.column.layers import nodes
from tests.column.test_cache_nodes import SLOW
from tests.column.world import World
from trunkline.handlers.port import Key, Publication, Source
from trunkline.runtime.kube import JSON, KubeError
from trunkline.runtime.publications import Publications
from trunkline_sandbox.cluster import ApiError, Cluster

Value = dict[str, Any]


class Asked:
    """The runtime's port to the API server, by the tests' client."""

    def __init__(self, cluster: Cluster) -> None:
        self._api = cluster.api

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        **_: Any,
    ) -> Any:
        asked = "&".join(f"{name}={value}" for name, value in (query or {}).items())
        try:
            return self._api.request(method, f"{path}?{asked}" if asked else path, body, content_type=content_type)
        except ApiError as error:
            raise KubeError(error.status, "", str(error)) from error


def test_it_has_an_owner_reference_that_follows_the_owner_and_none_of_its_labels(
    cluster: Cluster, namespace: str
) -> None:
    published = Publications(Asked(cluster))
    key = Key("CacheLayer", namespace, "acme-cache")
    told = Publication(Source.CONFIG_MAP, "acme-cache", {"host": "a"})

    def there() -> Value:
        return dict(cluster.api.request("GET", f"/api/v1/namespaces/{namespace}/configmaps/acme-cache"))

    assert asyncio.run(published.publish(key, "uid-1", told)) == ""
    metadata = there()["metadata"]
    owner = {"apiVersion": "trunkline.dev/v1alpha1", "kind": "CacheLayer", "name": "acme-cache"}
    assert metadata["ownerReferences"] == [{**owner, "uid": "uid-1"}]
    assert set(metadata["labels"]) == {"trunkline.dev/published-by", "app.kubernetes.io/managed-by"}
    assert "annotations" not in metadata

    version = metadata["resourceVersion"]
    assert asyncio.run(published.publish(key, "uid-1", told)) == ""
    assert there()["metadata"]["resourceVersion"] == version, "what stands there is not written again"

    # kubectl replace --force: the same name, another uid. The reference to the one that is gone is the collector's.
    assert asyncio.run(published.publish(key, "uid-2", told)) == ""
    assert {"uid-2"} <= {item["uid"] for item in there()["metadata"]["ownerReferences"]}

    asyncio.run(published.release(key, "uid-2", Source.CONFIG_MAP, "acme-cache"))
    assert "uid-2" not in {item["uid"] for item in there()["metadata"].get("ownerReferences", ())}
    assert there()["data"] == {"host": "a"}
    asyncio.run(published.publish(key, "uid-3", told))
    assert "uid-3" in {item["uid"] for item in there()["metadata"]["ownerReferences"]}, "taken back"


def test_what_a_retained_cache_published_outlives_its_object() -> None:
    world = World(SLOW)
    made = world.make(nodes(deletionPolicy="Retain"))
    assert len(world.published) == 2
    assert all(there.owned for there in world.published.values())
    made.deleting = True
    world.run(world.settle(made))
    assert made.gone
    assert len(world.published) == 2
    assert not any(there.owned for there in world.published.values()), "or the garbage collector takes them"
