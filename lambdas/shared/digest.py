"""SHA-256, HMAC of it, and BLAKE2b. Pure.

Straight from the interpreter's own implementations: `hashlib` and `hmac` load OpenSSL's too, which takes 3 ms of every
cold start, and for the few hundred bytes that are hashed here OpenSSL is no faster.
Sources: FIPS 180-4, RFC 2104, RFC 7693.
"""

from __future__ import annotations

from shared.typed import TYPE_CHECKING

__all__ = ["blake2b", "hmac_sha256", "sha256"]

if TYPE_CHECKING:
    from hashlib import blake2b, sha256
else:
    try:
        from _blake2 import blake2b

        from _sha2 import sha256
    except ImportError:  # another interpreter than the one that Lambda runs
        from hashlib import sha256

_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """The keyed hash of RFC 2104."""
    if len(key) > _BLOCK_BYTES:
        key = sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    inner = sha256(key.translate(_INNER) + message).digest()
    return sha256(key.translate(_OUTER) + inner).digest()
