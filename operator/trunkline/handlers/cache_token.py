"""The token of a cache: whether AWS would take it, and how it is recognized without being kept. Pure.

What may stand in one: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html. The record holds a salted
scrypt of it (RFC 7914), from which it cannot be had back.
"""

from __future__ import annotations

import hashlib
import string

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
