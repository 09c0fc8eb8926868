"""What is known of the objects, as lean as it goes: a body is kept packed, managedFields and foreign annotations not.

Pure. Says whether what was seen is a reason for a pass: a new object or uid, another generation, a deletion, one of the
annotations that ask for something. Own writes of status and finalizer are none.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import OrderedDict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.engine.vanished import Vanished
from trunkline.handlers.port import Key, Snapshot
from trunkline.runtime.config import ANNOTATION_PREFIX, FIELD_MANAGER, WAKING_ANNOTATIONS
from trunkline.runtime.vanished import applied_fields, vanished


@dataclass(frozen=True, slots=True)
class Seen:
    """One object as last seen. version: its resourceVersion. published: what of its status others stand on. vanished: as a
    snapshot has it. spec, status: packed; spec_mark, status_mark: what tells whether they are the same as others.
    """

    uid: str
    version: str
    generation: int
    deleting: bool
    paused: bool
    finalizers: tuple[str, ...]
    annotations: Mapping[str, str]
    spec: bytes
    spec_mark: int
    status: bytes
    status_mark: int
    published: str
    created: str = ""
    vanished: Vanished | None = None
    applied: int = 0  # hash of what managers applied of the spec

    def snapshot(self, key: Key) -> Snapshot:
        """For one pass."""
        return Snapshot(
            key=key,
            uid=self.uid,
            generation=self.generation,
            deleting=self.deleting,
            spec=unpack(self.spec),
            annotations=dict(self.annotations),
            status=unpack(self.status),
            created=self.created,
            vanished=self.vanished,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What an observation brought. wakes: the object wants a pass. first: it was not known before. published: what
    others stand on is different.
    """

    wakes: bool = False
    first: bool = False
    published: bool = False
    replaced: str = ""  # the uid that was here before, if another object took its place


MOST_BURIED = 1000
SHORT = 512  # bytes of JSON that are not worth compressing


class Cache:
    """The objects of our kinds."""

    def __init__(self) -> None:
        self._seen: dict[Key, Seen] = {}
        self._beside: dict[tuple[str, str], set[Key]] = {}  # by kind and namespace
        self._buried: OrderedDict[str, str] = OrderedDict()  # uid to the version of the deletion; the last ones

    def __len__(self) -> int:
        return len(self._seen)

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._seen))

    def get(self, key: Key) -> Seen | None:
        """The object as last seen."""
        return self._seen.get(key)

    def of(self, kind: str, namespace: str) -> list[Key]:
        """Those of a kind in a namespace, by name. Each pass asks: it must not cost a look at all objects."""
        return sorted(self._beside.get((kind, namespace), ()))

    def all(self) -> dict[Key, Seen]:
        """What is known now."""
        return dict(self._seen)

    def unlisted(self, before: Mapping[Key, Seen], listed: Container[Key]) -> Iterator[tuple[Key, Seen]]:
        """Of what was known before a list, what the list has not, and nobody has told of since."""
        return ((key, seen) for key, seen in before.items() if key not in listed and self.get(key) is seen)

    def observe(self, key: Key, raw: Mapping[str, Any]) -> Change:
        """Take in a body from a watch, a list or an answer; what is older than what we have says nothing."""
        old, metadata = self._seen.get(key), raw["metadata"]
        uid, version = metadata["uid"], metadata.get("resourceVersion", "")
        if older(version, self._buried.get(uid, "")):
            return Change()  # the answer to a write of ours that was under way while the watch told the deletion
        if old is not None and older(version, old.version):
            return Change()  # also of another uid: versions grow across all objects of an API server
        if old is not None and version and (uid, version) == (old.uid, old.version):
            return Change()  # the watch tells what the answer to a write has told
        self._seen[key] = new = seen(raw, old)
        if old is None:
            self._beside.setdefault((key.kind, key.namespace), set()).add(key)
            return Change(wakes=True, first=True, published=bool(new.published))
        return Change(
            wakes=_wakes(old, new),
            published=old.published != new.published,
            replaced=old.uid if old.uid != new.uid else "",
        )

    def remove(self, key: Key, uid: str | None = None, version: str = "") -> Seen | None:
        """The object is gone; another one that took its place (another uid) stays. Returns what was removed.

        version: of the deletion, if that is known: what is older and comes later says nothing.
        """
        if uid is not None and version:
            self._buried[uid] = version
            if len(self._buried) > MOST_BURIED:
                self._buried.popitem(last=False)
        old = self._seen.get(key)
        if old is None or (uid is not None and old.uid != uid):
            return None
        beside = self._beside[key.kind, key.namespace]
        beside.remove(key)
        if not beside:
            del self._beside[key.kind, key.namespace]
        return self._seen.pop(key)


def seen(raw: Mapping[str, Any], old: Seen | None = None) -> Seen:
    """What we keep of a body. old: what was kept of it before; what is the same is not kept twice, nor worked out again."""
    metadata, spec = raw["metadata"], raw.get("spec") or {}
    text, applied = canonical(spec), hash(json.dumps(applied_fields(raw)))
    spec_mark = hash(text)
    same = old is not None and old.spec_mark == spec_mark
    status = raw.get("status") or {}
    status_text = canonical(own_status(status, metadata.get("managedFields") or ()))
    status_mark = hash(status_text)
    annotations = metadata.get("annotations") or {}
    return Seen(
        uid=metadata["uid"],
        version=metadata.get("resourceVersion", ""),
        generation=int(metadata.get("generation", 1)),
        deleting=bool(metadata.get("deletionTimestamp")),
        paused=isinstance(spec, Mapping) and spec.get("paused") is True,
        finalizers=tuple(metadata.get("finalizers") or ()),
        annotations={name: value for name, value in annotations.items() if name.startswith(ANNOTATION_PREFIX)},
        spec=old.spec if old is not None and same else pack(text),
        spec_mark=spec_mark,
        status=old.status if old is not None and old.status_mark == status_mark else pack(status_text),
        status_mark=status_mark,
        published=_published(status),
        created=str(metadata.get("creationTimestamp") or ""),
        vanished=old.vanished if old is not None and same and old.applied == applied else vanished(raw),
        applied=applied,
    )


def _published(status: Mapping[str, Any]) -> str:
    """What others stand on: a center's instance; where functions find a cache, and with which secret."""
    said = [(status.get("instance") or {}).get("id"), *(status.get(name) for name in ("url", "secretArn", "kmsKeyArn"))]
    return json.dumps(said) if any(said) else ""


def own_status(status: Mapping[str, Any], managed: Any) -> dict[str, Any]:
    """The status without the conditions of others, which a server-side apply of it would make ours."""
    owned: set[str] = set()
    for entry in managed:
        if entry.get("manager") == FIELD_MANAGER and entry.get("subresource") == "status":
            fields = ((entry.get("fieldsV1") or {}).get("f:status") or {}).get("f:conditions") or {}
            owned.update(json.loads(name[2:])["type"] for name in fields if name.startswith("k:"))
    kept = {name: value for name, value in status.items() if name != "conditions"}
    conditions = [item for item in status.get("conditions") or () if item.get("type") in owned]
    return {**kept, "conditions": conditions} if conditions else kept


def older(version: str, than: str) -> bool:
    """Whether a resourceVersion is before another. They are numbers that grow, or else nothing is said of them."""
    return version.isdigit() and than.isdigit() and int(version) < int(than)


def canonical(value: object) -> bytes:
    """JSON, the same for equal values. Its `hash` marks it within this process."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def pack(text: bytes) -> bytes:
    """JSON to be kept; compressed if it is long: flow content shrinks to a tenth."""
    return text if len(text) <= SHORT else zlib.compress(text, 1)


def unpack(packed: bytes) -> dict[str, Any]:
    """The value again."""
    # What zlib compresses never begins with a brace (RFC 1950, 2.2).
    value: dict[str, Any] = json.loads(packed if packed[:1] == b"{" else zlib.decompress(packed))
    return value


def digest(value: object) -> bytes:
    """Equal for equal JSON."""
    return hashlib.sha256(canonical(value)).digest()


def _wakes(old: Seen, new: Seen) -> bool:
    return (
        old.uid != new.uid
        or old.generation != new.generation
        or old.vanished != new.vanished
        or (new.deleting and not old.deleting)
        or any(old.annotations.get(name) != new.annotations.get(name) for name in WAKING_ANNOTATIONS)
    )
