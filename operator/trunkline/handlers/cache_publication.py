"""What a CacheLayer publishes, and when: objects of the namespace, and what functions are given by its status.

A new address goes out once the cache is ready, its secret stands, and it was filled if that is wanted; until then what
was published stays. A new token goes out once the cache takes it. The port writes; nothing here is a secret's value but
what goes to the port.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.cache_settings import Publish
from trunkline.blueprints.roles import PublishedCache
from trunkline.engine.result import NodeResult, State
from trunkline.handlers.port import Inputs, Publication, Source
from trunkline.handlers.publishing import Endpoint

SECTION = "publish"
AGAIN_SECONDS = 60.0  # somebody has to rename something


@dataclass(frozen=True, slots=True)
class Outcome:
    """written: what stands there and is ours. troubles: what could not be written, as resources of status."""

    written: tuple[tuple[Source, str], ...]
    troubles: tuple[NodeResult, ...] = ()


def publications(publish: Publish | None, endpoint: Endpoint | None, token: str | None) -> tuple[Publication, ...]:
    """The objects to be written. endpoint, token: None if they are not to be told yet."""
    found = []
    if publish is not None and publish.config_map_name is not None and endpoint is not None:
        found.append(Publication(Source.CONFIG_MAP, publish.config_map_name, _told(endpoint)))
    if publish is not None and publish.secret_name is not None and token is not None:
        found.append(Publication(Source.SECRET, publish.secret_name, {"token": token}))
    return tuple(found)


def _told(endpoint: Endpoint) -> Mapping[str, str]:
    return {
        "host": endpoint.host,
        "port": str(endpoint.port),
        "tls": str(endpoint.tls).lower(),
        "cluster": str(endpoint.cluster).lower(),
        "url": endpoint.url,
    }


def digest(publication: Publication) -> str:
    """Equal for equal content; to be kept in memory only."""
    return hashlib.sha256(json.dumps(dict(publication.data), sort_keys=True).encode()).hexdigest()


def wanted(publish: Publish | None) -> frozenset[tuple[Source, str]]:
    """The names that the spec wants something under."""
    if publish is None:
        return frozenset()
    pairs = ((Source.CONFIG_MAP, publish.config_map_name), (Source.SECRET, publish.secret_name))
    return frozenset((source, name) for source, name in pairs if name is not None)


def standing(status: Mapping[str, Any]) -> frozenset[tuple[Source, str]]:
    """What earlier passes have written, by status."""
    items = (item for item in status.get("published") or () if isinstance(item, Mapping))
    return frozenset(
        (Source(item["kind"]), str(item["name"]))
        for item in items
        if item.get("kind") in set(Source) and item.get("name")
    )


async def publish(
    inputs: Inputs, spec: Publish | None, items: Iterable[Publication], told: dict[tuple[Source, str], str]
) -> Outcome:
    """Writes what is to be written and takes away what the spec names no more. Raises PassEndedError.

    told: digests of what was written, by source and name; what stands there already is not looked at again.
    """
    before = standing(inputs.snapshot.status)
    names = wanted(spec)
    written, troubles = set(before & names), []
    for item in items:
        place = (item.source, item.name)
        why_not = ""
        if told.get(place) != digest(item):
            await inputs.ensure_finalizer()
            why_not = await inputs.publish(item)
        if why_not:
            told.pop(place, None)
            written.discard(place)
            key, message = f"{item.source.value}/{item.name}", f"{_path(item.source)}: {why_not}"
            troubles.append(NodeResult(key, SECTION, item.name, State.BLOCKED, "NotPublished", message, AGAIN_SECONDS))
        else:
            told[place] = digest(item)
            written.add(place)
    refused = {Source(trouble.key.partition("/")[0]) for trouble in troubles}
    for source, name in sorted(before - names):
        if source in refused:
            written.add((source, name))  # whoever reads it would have nothing, as long as the new one does not stand
            continue
        await inputs.withdraw(source, name)
        told.pop((source, name), None)
    return Outcome(tuple(sorted(written)), tuple(troubles))


def _path(source: Source) -> str:
    return f"spec.publish.{'configMapName' if source is Source.CONFIG_MAP else 'secretName'}"


async def withdraw(inputs: Inputs) -> None:
    """Takes away all that was written: what status says, and what the spec names should status be lost; the port leaves
    alone what is not ours. Raises PassEndedError.
    """
    snapshot = inputs.snapshot
    for source, name in sorted(standing(snapshot.status) | _named(snapshot.spec)):
        await inputs.withdraw(source, name)


async def release(inputs: Inputs) -> None:
    """Lets all that was written outlive the object, whose cache goes on. Raises PassEndedError."""
    snapshot = inputs.snapshot
    for source, name in sorted(standing(snapshot.status) | _named(snapshot.spec)):
        await inputs.release(source, name)


def _named(spec: Mapping[str, Any]) -> frozenset[tuple[Source, str]]:
    """As `wanted`, of a spec that need not parse."""
    publish = spec.get("publish")
    if not isinstance(publish, Mapping):
        return frozenset()
    pairs = ((Source.CONFIG_MAP, publish.get("configMapName")), (Source.SECRET, publish.get("secretName")))
    return frozenset((source, name) for source, name in pairs if isinstance(name, str) and name)


def as_status(published: PublishedCache | None) -> dict[str, str | None]:
    """What functions are given, as status has it."""
    if published is None:
        return {}
    return {"url": published.url, "secretArn": published.secret_arn, "kmsKeyArn": published.kms_key_arn}
