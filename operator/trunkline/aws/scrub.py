"""Takes secrets out of texts that AWS or the SDK wrote, before anybody else sees them.

Exact values that the gate filled in are replaced wherever they appear; beyond that, what looks like a credential, a
signature or an echoed parameter value. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_CHARACTERS = 900  # an Event's message may have 1,024 bytes, and names the call as well
SHORTEST_SECRET = 4  # a shorter value would blank out innocent words

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        # IAM's encoded failure message: a page of base64 that only the account's own sts:Decode… opens
        (r"(encoded authorization failure message:)\s*\S+", r"\1 <left out>"),
        # SignatureDoesNotMatch repeats the whole canonical request, signed headers and token included
        (r"(the canonical string for this request should have been|the string-to-sign should have been).*", r"\1 <left out>"),
        (r"([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|Signature|AWSAccessKeyId))=[^&\s\"']+", r"\1=<left out>"),
        (r"(Authorization|X-Amz-Security-Token)(\"?\s*:\s*).+?(?=$|[\r\n])", r"\1\2<left out>"),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b", "<access key>"),
        (r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|$)", "<PEM block>"),
        (r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", "<token>"),  # RFC 7519: what signs in as a service account, for one
        (r"\b([a-z][a-z0-9+.-]{0,30}://)[^/\s@\"'<>]+@", r"\1<left out>@"),  # RFC 3986, 3.2.1: user and password of a URL
        # botocore's validation: "Invalid type for parameter X, value: ..., type: ..., valid types: ..."
        (r"(, value:\s).*?(, type:|, valid |$)", r"\1<left out>\2"),
        # AWS's validation, the value of what is named like a secret
        (r"(value\s)'[^']*'(\sat\s'[^']*(?:password|secret|token|environment|variables)[^']*')", r"\1<left out>\2"),
        # not the name of a secret in its ARN
        (r"(?<!\d{12}:)\b(password|secret(?:[ _-]?access[ _-]?key)?|auth[ _-]?token|session[ _-]?token)(\"?\s*[:=]\s*)\S+", r"\1\2<left out>"),
    )
)  # fmt: skip


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets, on one line, of bounded length."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "<secret>")
    text = " ".join(without_credentials(text).split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def without_credentials(text: str) -> str:
    """The text without what looks like a credential; lines and length as they are."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
