"""ConfigMaps and Secrets that tell the namespace where something is: written by server-side apply, never over others'.

Whose an object is stands in its label, and in an owner reference for those who show trees and collect garbage; no label
of the owner is copied, or a tool that tracks by labels would prune what it did not apply. What has the name and not our
label is left as it is, and said. The values of a Secret reach the API server and nothing else: no log, no exception.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from trunkline.handlers.port import Key, Publication, Source
from trunkline.runtime.config import FIELD_MANAGER, GROUP, VERSION
from trunkline.runtime.kube import APPLY_PATCH, JSON_PATCH, Kube, KubeError

OWNER_LABEL = f"{GROUP}/published-by"
_PLURAL = {Source.CONFIG_MAP: "configmaps", Source.SECRET: "secrets"}
_REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT)


def owner_label(key: Key) -> str:
    """The label's value: at most 63 characters, for a kind's name has 50 at most."""
    return f"{key.kind.lower()}.{key.name}"


class Publications:
    """Writes and withdraws them."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube

    async def publish(self, key: Key, uid: str, publication: Publication) -> str:
        """Writes it unless it stands there. Answers why it was not written; empty if it was, or stood there.

        uid: of the object that publishes it; one that was made anew is its owner from then on. Raises KubeError where
        the API server says neither yes nor no.
        """
        source, name = publication.source, publication.name
        what = f"{source.value} {name}"
        try:
            there = await self._get(key, source, name)
            if there is None:
                await self._create(key, uid, publication)
            elif not _ours(there, key):
                return f"{what} exists and is not ours: it is not overwritten; rename it, or write another name"
            elif _data(there, source) != dict(publication.data) or uid not in _owners(there):
                await self._apply(key, uid, publication, str(there["metadata"]["resourceVersion"]))
        except KubeError as error:
            if error.status not in _REFUSED:
                raise
            # The message may quote what was sent; of a Secret only the reason is safe to show.
            return f"{what} cannot be written: {error.reason or error.status}"
        return ""

    async def withdraw(self, key: Key, source: Source, name: str) -> None:
        """Deletes one of ours; gone, and somebody else's, is as good. Raises KubeError."""
        there = await self._get(key, source, name)
        if there is None or not _ours(there, key):
            return
        metadata = there["metadata"]
        body = {"preconditions": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}}
        try:
            await self._kube.request("DELETE", f"{_path(key, source)}/{name}", body)
        except KubeError as error:
            if not error.absent:
                raise

    async def release(self, key: Key, uid: str, source: Source, name: str) -> None:
        """Takes our owner reference from one of ours, so that it outlives its owner. Raises KubeError.

        What we may not do is left: a deletion hangs on nothing that can be made again.
        """
        there = await self._get(key, source, name)
        if there is None or not _ours(there, key) or uid not in _owners(there):
            return
        others = [owner for owner in there["metadata"]["ownerReferences"] if owner.get("uid") != uid]
        body = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": there["metadata"]["resourceVersion"]},
            {"op": "add", "path": "/metadata/ownerReferences", "value": others},
        ]
        path = f"{_path(key, source)}/{name}"
        query = {"fieldManager": FIELD_MANAGER}
        try:
            await self._kube.request("PATCH", path, body, query=query, content_type=JSON_PATCH)
        except KubeError as error:
            if not error.absent and error.status != HTTPStatus.FORBIDDEN:
                raise

    async def _get(self, key: Key, source: Source, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = await self._kube.request("GET", f"{_path(key, source)}/{name}")
        except KubeError as error:
            if error.absent:
                return None
            raise
        return found

    async def _create(self, key: Key, uid: str, publication: Publication) -> None:
        """A create and no apply: apply would lay itself over what somebody makes at this very moment."""
        query = {"fieldManager": FIELD_MANAGER}
        await self._kube.request("POST", _path(key, publication.source), _body(key, uid, publication), query=query)

    async def _apply(self, key: Key, uid: str, publication: Publication, version: str) -> None:
        body = _body(key, uid, publication)
        body["metadata"]["resourceVersion"] = version
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        path = f"{_path(key, publication.source)}/{publication.name}"
        await self._kube.request("PATCH", path, body, query=query, content_type=APPLY_PATCH)


def _path(key: Key, source: Source) -> str:
    return f"/api/v1/namespaces/{key.namespace}/{_PLURAL[source]}"


def _body(key: Key, uid: str, publication: Publication) -> dict[str, Any]:
    secret = publication.source is Source.SECRET
    data = {name: _coded(value) if secret else value for name, value in publication.data.items()}
    labels = {OWNER_LABEL: owner_label(key), "app.kubernetes.io/managed-by": FIELD_MANAGER}
    owner = {"apiVersion": f"{GROUP}/{VERSION}", "kind": key.kind, "name": key.name, "uid": uid}
    metadata = {
        "name": publication.name,
        "namespace": key.namespace,
        "labels": labels,
        "ownerReferences": [owner],
    }
    body: dict[str, Any] = {"apiVersion": "v1", "kind": publication.source.value, "metadata": metadata, "data": data}
    return {**body, "type": "Opaque"} if secret else body


def _ours(there: Mapping[str, Any], key: Key) -> bool:
    return bool((there["metadata"].get("labels") or {}).get(OWNER_LABEL) == owner_label(key))


def _owners(there: Mapping[str, Any]) -> set[str]:
    return {str(owner.get("uid")) for owner in there["metadata"].get("ownerReferences") or ()}


def _data(there: Mapping[str, Any], source: Source) -> dict[str, str | None]:
    """What stands there; a value that is no text is none of ours."""
    data = there.get("data") or {}
    return {name: _decoded(value) if source is Source.SECRET else value for name, value in data.items()}


def _coded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _decoded(value: str) -> str | None:
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return None
