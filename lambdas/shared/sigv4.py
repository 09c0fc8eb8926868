"""Signature Version 4: the headers that prove to AWS who asks. Pure; the time is passed in.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from shared.credentials import Credentials
from shared.digest import hmac_sha256, sha256

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ALGORITHM = "AWS4-HMAC-SHA256"


def quoted(text: str, safe: str = "") -> str:
    """Percent-encoded as AWS does it: everything but letters, digits, -._~ and what is safe."""
    keep = _UNRESERVED | frozenset(safe.encode())
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in text.encode())


def query_string(query: Sequence[tuple[str, str]]) -> str:
    """Pairs as they stand in a URL, in the order that is signed."""
    return "&".join(f"{name}={value}" for name, value in sorted((quoted(n), quoted(v)) for n, v in query))


class Signer:
    """Signs for one service in one region. The key of a day is kept: it is most of the work."""

    __slots__ = ("_key", "_key_of", "_region", "_service")

    def __init__(self, service: str, region: str) -> None:
        self._service = service
        self._region = region
        self._key = b""
        self._key_of: tuple[str, str] = ("", "")

    def headers(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        credentials: Credentials,
        now: float,
    ) -> dict[str, str]:
        """All headers of the request, signed ones included.

        path: as it stands in the URL, percent-encoded once. query: as `query_string` makes it. headers: names in small
        letters, host among them. now: seconds since the epoch.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        day = stamp[:8]
        signed = {**headers, "x-amz-date": stamp}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        names = sorted(signed)
        lines = "".join(f"{name}:{signed[name].strip()}\n" for name in names)
        listed = ";".join(names)
        digest = sha256(body).hexdigest()
        # The path is encoded a second time, for every service but S3.
        request = f"{method}\n{quoted(path, '/~')}\n{query}\n{lines}\n{listed}\n{digest}"
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac_sha256(self._day_key(day, credentials.secret_key), text.encode()).hex()
        signed["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
        )
        return signed

    def _day_key(self, day: str, secret: str) -> bytes:
        if self._key_of != (day, secret):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac_sha256(key, part.encode())
            self._key, self._key_of = key, (day, secret)
        return self._key
