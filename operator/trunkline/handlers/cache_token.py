"""The token of a cache: whether AWS would take it, and how it is recognized without being kept.

What may stand in one: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html. The record holds a salted
scrypt of it (RFC 7914), from which it cannot be had back.
"""

from __future__ import annotations

import asyncio
import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline.api.cache import CacheLayerSpec
from trunkline.handlers.cache_memory import CacheMemory
from trunkline.handlers.port import Content, Inputs, Named, Source

LEAST, MOST = 16, 128
SPECIAL = "!&#$^<>-"
_ALLOWED = frozenset(string.ascii_letters + string.digits + SPECIAL)
_COST, _BLOCK, _LANES = 2**14, 8, 1


def wrong_with(token: str) -> str | None:
    """Why AWS would refuse it and what to write instead, without a character of it; None if it would not."""
    if token != token.strip():
        return "it begins or ends with white space, a line break perhaps: write it without (printf, not echo)"
    if not LEAST <= len(token) <= MOST:
        return f"it has {len(token)} characters: write {LEAST} to {MOST}"
    if not set(token) <= _ALLOWED:
        return f"it has characters that ElastiCache refuses: write letters, digits and {SPECIAL}"
    return None


def fingerprint(token: str, salt: str) -> str:
    """Equal for equal tokens of one salt, 32 hex digits. Takes tens of milliseconds, so that guessing takes long.

    salt: the owner (installation/namespace/name), so that it survives the object being made anew, and two objects with one token do not show it.
    """
    derived = hashlib.scrypt(
        token.encode(), salt=f"trunkline cache token\n{salt}".encode(), n=_COST, r=_BLOCK, p=_LANES, dklen=16
    )
    return derived.hex()


@dataclass(frozen=True, slots=True)
class TokenRead:
    """The token as this pass sees it. problem: why there is none that AWS would take; nothing is called then.

    contents: what was read by name, whose changes make another pass.
    """

    value: str | None = field(default=None, repr=False)
    fingerprint: str | None = None
    problem: str = ""
    contents: Mapping[Named, Content] = field(default_factory=dict, repr=False)

    @property
    def watches(self) -> frozenset[Named]:
        return frozenset(self.contents)


async def read_token(inputs: Inputs, spec: CacheLayerSpec, memory: CacheMemory, salt: str) -> TokenRead:
    """Reads it, if the spec names one."""
    written = spec.auth.token if spec.auth is not None else None
    if written is None:
        return TokenRead()
    reference = written.secret_key_ref
    named = Named(Source.SECRET, reference.name, reference.key)
    content = await inputs.content(named)
    contents = {named: content}
    path = "spec.auth.token.secretKeyRef"
    if content.value is None:
        return TokenRead(problem=f"{path}: {content.problem}", contents=contents)
    if (wrong := wrong_with(content.value)) is not None:
        where = f"key {reference.key} of Secret {reference.name}"
        return TokenRead(problem=f"{path}: {where} is refused: {wrong}", contents=contents)
    digest = hashlib.sha256(content.value.encode()).hexdigest()
    if memory.token[0] != digest:
        loop = asyncio.get_running_loop()
        memory.token = (digest, await loop.run_in_executor(None, fingerprint, content.value, salt))
    return TokenRead(content.value, memory.token[1], "", contents)
