"""How one value may be written, and what a run of base64 may hold. Pure; decides nothing."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

MOST_UNPACKED = 1 << 20
DEEPEST = 3  # base64 within base64
PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def forms_of(value: str) -> Iterable[str]:
    """A value as it may stand in texts: as it is, in JSON, in a URL, in base64."""
    raw = value.encode()
    yield value
    yield json.dumps(value)[1:-1]
    yield quote(value, safe="")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
    yield raw.hex()


def unpacked(run: str, depth: int = 0) -> Iterator[str]:
    """What a run of base64 may hold, gzip and base64 inside of it too."""
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    for start in (0, 1, 2, 3) if depth == 0 else (0,):
        cut = bare[start:]
        if len(cut) % 4 == 1:  # a lone character holds no byte
            cut = cut[:-1]
        try:
            raw = base64.b64decode(cut + "=" * (-len(cut) % 4))
        except (binascii.Error, ValueError):
            continue
        if raw[:2] == b"\x1f\x8b":
            raw = _inflated(raw)
        text = raw.decode("utf-8", "replace")
        yield text
        if depth < DEEPEST:
            for inner in PACKED.findall(text):
                yield from unpacked(inner, depth + 1)


def _inflated(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, MOST_UNPACKED)
    except zlib.error:
        return raw
