"""Our kinds at the API server: where they are, and the few requests that are made of them.

Knows paths and bodies; whether to try again is for who asks. Every answer that carries an object is handed to `seen`, so
that the cache knows of own writes before the watch brings them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from trunkline.handlers.port import Content, Key, Named, Source
from trunkline.runtime.config import FIELD_MANAGER, GROUP, VERSION, RuntimeFailedError
from trunkline.runtime.kube import APPLY_PATCH, JSON_PATCH, METADATA_LIST, Kube, KubeError, pages
from trunkline.runtime.publications import Publications

API_VERSION = f"{GROUP}/{VERSION}"
METADATA_PAGE = 500
METADATA_SECONDS = 15.0  # for one page
COUNT_SECONDS = 5.0
_PLURAL = {Source.CONFIG_MAP: "configmaps", Source.SECRET: "secrets"}

SeenBy = Callable[[Key, Mapping[str, Any]], None]


def ignore(_key: Key, _raw: Mapping[str, Any]) -> None:
    """Nobody listens."""


class Objects:
    """kinds: kind to plural. namespaces: none is all of them. list_seconds: timeout of one page of a list."""

    def __init__(
        self, kube: Kube, kinds: Mapping[str, str], namespaces: tuple[str, ...] = (), *, list_seconds: float = 60.0
    ) -> None:
        self._kube = kube
        self._kinds = dict(kinds)
        self._namespaces = namespaces
        self._list_seconds = list_seconds
        self.seen: SeenBy = ignore
        self.publications = Publications(kube)

    async def check_served(self) -> None:
        """Raises RuntimeFailedError if the API server does not serve our kinds: kopf would wait for them for ever;
        KubeError if it cannot say so now.
        """
        try:
            answer = await self._kube.request("GET", f"/apis/{API_VERSION}")
        except KubeError as error:
            if error.passing:
                raise
            if not error.absent:
                raise RuntimeFailedError(f"the API server cannot be asked for {API_VERSION}: {error}") from error
            answer = {}
        served = {resource["name"] for resource in answer.get("resources") or ()}
        missing = sorted(plural for plural in self._kinds.values() if plural not in served)
        if missing:
            raise RuntimeFailedError(
                f"the API server does not serve {', '.join(f'{plural}.{GROUP}' for plural in missing)} in version "
                f"{VERSION}: install the CRDs first (kubectl apply --server-side -f crds/)"
            )

    async def get(self, key: Key) -> Mapping[str, Any]:
        """The object as it is now. Raises KubeError."""
        return self._seen(key, await self._kube.request("GET", self._path(key)))

    async def list_full(self) -> AsyncIterator[tuple[Key, Mapping[str, Any]]]:
        """All objects of all kinds as they are now, one after the other. Raises KubeError."""
        for kind, path in self._collections():
            async for page in pages(self._kube, path, timeout=self._list_seconds):
                for raw in page:
                    yield _key(kind, raw), raw

    async def list_metadata(self) -> Mapping[Key, str]:
        """The resourceVersions of all objects as they are now. Raises KubeError."""
        found = {}
        for kind, path in self._collections():
            listed = pages(self._kube, path, accept=METADATA_LIST, size=METADATA_PAGE, timeout=METADATA_SECONDS)
            async for page in listed:
                for raw in page:
                    found[_key(kind, raw)] = str(raw["metadata"].get("resourceVersion") or "")
        return found

    async def count(self) -> Sequence[tuple[str, str, int]]:
        """Kind, namespace (empty: all of them) and how many objects there are now. Raises KubeError.

        One object's metadata is read of each collection; with a limit and without a selector the answer says how many
        more there are (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
        """
        found = []
        for kind, path in self._collections():
            answer = await self._kube.request(
                "GET", path, query={"limit": "1"}, accept=METADATA_LIST, timeout=COUNT_SECONDS
            )
            within = path.split("/")[5] if "/namespaces/" in path else ""
            number = len(answer.get("items") or ()) + int(answer["metadata"].get("remainingItemCount") or 0)
            found.append((kind, within, number))
        return found

    async def apply_status(self, key: Key, version: str, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Server-side apply of the whole status by our field manager, if the object still has this resourceVersion.

        Raises KubeError; a conflict if it has another one.
        https://kubernetes.io/docs/reference/using-api/server-side-apply/
        """
        body = {
            "apiVersion": API_VERSION,
            "kind": key.kind,
            "metadata": {"name": key.name, "namespace": key.namespace, "resourceVersion": version},
            "status": dict(status),
        }
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        path = f"{self._path(key)}/status"
        return self._seen(key, await self._kube.request("PATCH", path, body, query=query, content_type=APPLY_PATCH))

    async def set_finalizers(self, key: Key, version: str, finalizers: Iterable[str]) -> Mapping[str, Any]:
        """Replaces the finalizers, if the object still has this resourceVersion (a failed test is status 422)."""
        body = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/metadata/finalizers", "value": list(finalizers)},
        ]
        query = {"fieldManager": FIELD_MANAGER}
        answer = await self._kube.request("PATCH", self._path(key), body, query=query, content_type=JSON_PATCH)
        return self._seen(key, answer)

    async def post_event(self, namespace: str, event: Mapping[str, Any]) -> None:
        """Raises KubeError."""
        await self._kube.request("POST", f"/api/v1/namespaces/{namespace}/events", event)

    async def content(self, namespace: str, named: Named) -> Content:
        """What stands in a key of a ConfigMap or Secret. Raises KubeError where the API server says neither yes nor no."""
        path = f"/api/v1/namespaces/{namespace}/{_PLURAL[named.source]}/{named.name}"
        try:
            raw = await self._kube.request("GET", path)
        except KubeError as error:
            if error.absent:
                return Content(None, f"{named.source} {named.name} not found")
            if error.status in (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
                return Content(None, f"{named.source} {named.name} cannot be read: {error.message}")
            raise
        return extract(raw, named)

    def _seen(self, key: Key, raw: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = raw
        self.seen(key, answer)
        return answer

    def _path(self, key: Key) -> str:
        return f"/apis/{API_VERSION}/namespaces/{key.namespace}/{self._kinds[key.kind]}/{key.name}"

    def _collections(self) -> Iterator[tuple[str, str]]:
        for kind, plural in self._kinds.items():
            for namespace in self._namespaces or (None,):
                within = f"/namespaces/{namespace}" if namespace is not None else ""
                yield kind, f"/apis/{API_VERSION}{within}/{plural}"


def extract(raw: Mapping[str, Any], named: Named) -> Content:
    """A key's value out of a ConfigMap or Secret. What is wrong is said without the value."""
    where = f"{named.source} {named.name}"
    data = raw.get("data") or {}
    binary = raw.get("binaryData") or {}
    if named.source is Source.SECRET:
        data, binary = {}, data
    if named.key in data:
        return Content(str(data[named.key]))
    if named.key in binary:
        try:
            return Content(base64.b64decode(binary[named.key], validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            return Content(None, f"key {named.key} of {where} is not UTF-8 text")
    present = sorted([*data, *binary])
    hint = f"; it has {', '.join(present[:10])}" if present else "; it is empty"
    return Content(None, f"{where} has no key {named.key}{hint}")


def _key(kind: str, raw: Mapping[str, Any]) -> Key:
    return Key(kind, raw["metadata"]["namespace"], raw["metadata"]["name"])
