"""Who calls: access keys, temporary sessions, and the principal behind each.

Signatures are not verified (secrets here are throwaway); what is verified is that the key is known, that a temporary
key comes with its own token, and that it has not expired. Keys that IAM made here (moto) are known too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline_sandbox.aws.messages import HttpRequest

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_ACCESS_KEY = "AKIATRUNKLINESANDBOX"
DEFAULT_SECRET_KEY = "trunkline-sandbox"
_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key and what it stands for. `policies` None: unlimited; of a role session: those of `role` as well."""

    access_key: str
    secret_key: str
    account: str
    principal: str
    user_id: str
    token: str | None = None
    expires: float | None = None
    role: str | None = None
    policies: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What the signature says about the call."""

    access_key: str
    region: str
    signing_name: str


class CredentialRefused(Exception):  # noqa: N818 - an answer, not a failure here
    """The caller is nobody. `kind` names the dialect's spelling: unknown_key, expired or unsigned."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


INVALID_TOKEN = "The security token included in the request is invalid."


def scope_of(request: HttpRequest) -> Scope | None:
    """The SigV4 scope, from the header or a presigned URL. None for an unsigned request."""
    found = _SCOPE.search(request.headers.get("authorization", ""))
    if found is not None:
        return Scope(found[1], found[3], found[4])
    presigned = request.arguments().get("X-Amz-Credential") if "X-Amz-Credential" in request.query else None
    if presigned:
        parts = presigned[0].split("/")
        if len(parts) == 5:
            return Scope(parts[0], parts[2], parts[3])
    return None


@dataclass
class Credentials:
    """The known access keys."""

    _keys: dict[str, Credential] = field(default_factory=dict)
    _registered: dict[str, Credential] = field(default_factory=dict)
    _sessions: int = 0

    def __post_init__(self) -> None:
        self.register(DEFAULT_ACCESS_KEY, DEFAULT_ACCOUNT)

    def register(
        self,
        access_key: str,
        account: str,
        principal: str | None = None,
        *,
        secret_key: str = DEFAULT_SECRET_KEY,
        policies: tuple[Mapping[str, Any], ...] | None = None,
    ) -> Credential:
        """Make an access key known; it survives `reset`. Without policies it may do everything."""
        arn = principal or f"arn:aws:iam::{account}:user/trunkline"
        credential = Credential(access_key, secret_key, account, arn, "AIDA" + access_key[4:], policies=policies)
        self._keys[access_key] = self._registered[access_key] = credential
        return credential

    def open_session(
        self, account: str, role: str, session_name: str, *, role_id: str, expires: float, policies: tuple[Any, ...]
    ) -> Credential:
        """Temporary credentials for a role. `role` is its name, `policies` those of the session itself."""
        self._sessions += 1
        serial = f"{self._sessions:016d}"
        credential = Credential(
            access_key=f"ASIA{serial}",
            secret_key=f"secret-{serial}",
            account=account,
            principal=f"arn:aws:sts::{account}:assumed-role/{role}/{session_name}",
            user_id=f"{role_id}:{session_name}",
            token=f"session-token-{serial}",
            expires=expires,
            role=role,
            policies=policies,
        )
        self._keys[credential.access_key] = credential
        return credential

    def identify(self, request: HttpRequest, scope: Scope, now: float) -> Credential:
        """The credential of a signed request. Raises CredentialRefused."""
        credential = self._keys.get(scope.access_key) or _made_by_iam(scope.access_key)
        if credential is None:
            raise CredentialRefused("unknown_key", INVALID_TOKEN)
        token = request.headers.get("x-amz-security-token")
        if token is None and "X-Amz-Security-Token" in request.query:
            token = request.arguments()["X-Amz-Security-Token"][0]
        if credential.token is not None and token != credential.token:
            raise CredentialRefused("unknown_key", INVALID_TOKEN)
        if credential.expires is not None and now >= credential.expires:
            raise CredentialRefused("expired", "The security token included in the request is expired")
        return credential

    def known(self) -> list[Credential]:
        return list(self._keys.values())

    def reset(self) -> None:
        """Forget sessions; registered keys stay."""
        self._keys = dict(self._registered)
        self._sessions = 0

    def inspect(self) -> dict[str, Any]:
        return {key: {"account": item.account, "principal": item.principal} for key, item in self._keys.items()}


def _made_by_iam(access_key: str) -> Credential | None:
    from moto.iam.models import iam_backends  # noqa: PLC0415 - moto is slow to import and not always needed

    for account, by_region in list(iam_backends.items()):
        for backend in by_region.values():
            for user in backend.users.values():
                if any(key.access_key_id == access_key for key in user.access_keys):
                    return Credential(access_key, "", str(account), user.arn, user.id, policies=())
    return None
