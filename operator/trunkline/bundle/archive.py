"""Members of a bundle, clean, and the archive that holds them, which nobody but its owner may read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trunkline.bundle.collecting import Collected
from trunkline.bundle.redaction import Redaction

MODE = 0o600
MANIFEST = "manifest.json"


def members(collected: Collected, about: Mapping[str, Any]) -> dict[str, bytes]:
    """The archive's content by path, with the manifest of what is in it, what was taken out, and what could not be read.

    First every structure, so that what is left out of one is known when the others are looked at.
    """
    redaction = Redaction(names=_names(collected))
    built = {path: redaction.structure(value) for path, value in collected.values.items()}
    found = {path: _json(redaction.final(value)) for path, value in built.items()}
    found |= {path: redaction.log(text).encode() for path, text in collected.logs.items()}
    found |= {path: redaction.log(text).encode() for path, text in collected.texts.items()}
    unreadable = redaction.final(dict(collected.unreadable))
    sizes = {
        path: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for path, content in found.items()
    }
    manifest = {
        **redaction.final(redaction.structure(dict(about))),
        "members": dict(sorted(sizes.items())),
        "unreadable": unreadable,
        "redacted": dict(sorted(redaction.counts.items())),
    }
    return {MANIFEST: _json(manifest), **found}


def archive(content: Mapping[str, bytes], folder: str, now: float) -> bytes:
    """Everything in one folder. now: seconds since the epoch, the time of each member."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=int(now)) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name in sorted(content):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mtime, entry.mode = len(content[name]), int(now), MODE
            tar.addfile(entry, io.BytesIO(content[name]))
    return buffer.getvalue()


def write(path: Path, packed: bytes) -> None:
    """For its owner alone. Raises OSError, FileExistsError too: nothing is overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, MODE)
        file.write(packed)


def _names(collected: Collected) -> set[str]:
    """What objects are called: variables may say it too, and it is no secret."""
    found: set[str] = set()
    for path, value in collected.values.items():
        for item in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
            metadata = item.get("metadata") if isinstance(item, Mapping) else None
            if path.startswith(("objects/", "operator/")) and isinstance(metadata, Mapping):
                found |= {str(metadata[key]) for key in ("name", "namespace") if key in metadata}
    return found


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n").encode()
