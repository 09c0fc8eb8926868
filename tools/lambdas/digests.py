"""The committed digests: what every machine's zips must hash to, as Lambda's CodeSha256 says it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.parts import CPYTHON_VERSION

FILE = "digests.json"


def code_sha256(data: bytes) -> str:
    """Base64 SHA-256."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def digests(archives: Mapping[str, bytes]) -> str:
    """The text of the file: {"cpython": version, "codeSha256": {name: digest}}."""
    by_name = {name: code_sha256(data) for name, data in sorted(archives.items())}
    return json.dumps({"cpython": CPYTHON_VERSION, "codeSha256": by_name}, indent=2) + "\n"


def differences(archives: Mapping[str, bytes], path: Path) -> Iterator[str]:
    """A line for each function whose zip is not the committed one; for the file itself if it cannot be read."""
    try:
        committed = json.loads(path.read_text())["codeSha256"]
    except (OSError, ValueError, KeyError) as error:
        yield f"{path}: {error}"
        return
    for name in sorted({*committed, *archives}):
        built = code_sha256(archives[name]) if name in archives else "not built"
        if committed.get(name) != built:
            yield f"{name}: {path.name} says {committed.get(name, 'nothing')}, built is {built}"
