"""The token of a cache: whether AWS would take it, and how it is recognized without being kept.

What may stand in one: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html. The record holds a salted
scrypt of it (RFC 7914), from which it cannot be had back.
"""

from __future__ import annotations

import asyncio
import hashlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from trunkline.api.cache import CacheLayerSpec
from trunkline.api.counted import counted
from trunkline.blueprints.cache import GROUP, HANDLE, TOKEN
from trunkline.drivers.cache_token import SET_WORD
from trunkline.drivers.replication_group_state import RETIRING_WORD, ROTATED_AT_WORD, TOKEN_WORD
from trunkline.engine.record import Record
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
        return f"it has {counted(len(token), 'character')}: write {LEAST} to {MOST}"
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
class Rotation:
    """How far a rotation is, by the record. token: fingerprint of what the cache was told last; empty: nothing yet.

    taken: it takes that token. under_way: it takes the one before it too.
    """

    token: str = ""
    taken: bool = False
    under_way: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Record) -> Rotation:
        """By the words of the drivers."""
        group, ending = record.entries.get(f"{GROUP}/{HANDLE}"), record.entries.get(f"{TOKEN}/{HANDLE}")
        if group is None:
            return cls()
        token, retiring = group.words.get(TOKEN_WORD, ""), group.words.get(RETIRING_WORD, "")
        rotated_at = group.words.get(ROTATED_AT_WORD, "")
        ended = ending.words.get(SET_WORD, "") if ending is not None else ""
        return cls(
            token=token,
            taken=bool(token) and (not retiring or bool(rotated_at)),
            under_way=bool(retiring) and ended != token,
            words=(token, retiring, rotated_at, ended),
        )


@dataclass(frozen=True, slots=True)
class TokenRead:
    """The token as this pass sees it. problem: why there is none that AWS would take; nothing is called then.

    contents: what was read by name, whose changes make another pass. placeholder: what stands for it in params.
    superseded: another token stands in the Secret by now, and comes next.
    """

    value: str | None = field(default=None, repr=False)
    fingerprint: str | None = None
    problem: str = ""
    contents: Mapping[Named, Content] = field(default_factory=dict, repr=False)
    placeholder: str = ""
    superseded: bool = False

    @property
    def watches(self) -> frozenset[Named]:
        return frozenset(self.contents)


async def read_token(
    inputs: Inputs,
    spec: CacheLayerSpec,
    memory: CacheMemory,
    salt: str,
    rotation: Rotation,
    *,
    recognized: Callable[[str, str], str] = fingerprint,
) -> TokenRead:
    """Reads it, if the spec names one. While a rotation is under way, that one's token, if it is known still.

    recognized: what a token and the salt are recognized by.
    """
    written = spec.auth.token if spec.auth is not None else None
    if written is None:
        return TokenRead()
    reference = written.secret_key_ref
    named = Named(Source.SECRET, reference.name, reference.key)
    content = await inputs.content(named)
    contents = {named: content}
    path = "spec.auth.token.secretKeyRef"
    if content.value is None:
        place = f"key {reference.key} of Secret {reference.name} in namespace {inputs.snapshot.key.namespace}"
        remedy = f"create it with {LEAST} to {MOST} letters, digits and {SPECIAL}, or name another Secret or key here"
        told = f"{path}: {content.problem}; the cache's token is read from {place}: {remedy}"
        return TokenRead(problem=told, contents=contents)
    if (wrong := wrong_with(content.value)) is not None:
        where = f"key {reference.key} of Secret {reference.name}"
        return TokenRead(problem=f"{path}: {where} is refused: {wrong}", contents=contents)
    digest = hashlib.sha256(content.value.encode()).hexdigest()
    if memory.token[0] != digest:
        loop = asyncio.get_running_loop()
        memory.token = (digest, await loop.run_in_executor(None, recognized, content.value, salt))
    found = TokenRead(content.value, memory.token[1], "", contents, f"{reference.name}/{reference.key}")
    begun, value = memory.rotating
    if rotation.under_way and rotation.token == begun and begun != found.fingerprint:
        return replace(found, value=value, fingerprint=begun, superseded=True)
    memory.rotating = (memory.token[1], content.value)
    return found
