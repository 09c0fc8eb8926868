"""A request on its way through the offline AWS: what is known of it once it was identified."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline_sandbox.aws.calls import Call
from trunkline_sandbox.aws.credentials import Credential, Scope
from trunkline_sandbox.aws.messages import HttpRequest
from trunkline_sandbox.aws.models import Target

UNSIGNED_OPERATIONS = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """`target` is None where AWS's model has no such operation, or S3's routing is moto's."""

    request: HttpRequest
    service: str
    operation: str
    credential: Credential
    region: str
    call: Call
    target: Target | None

    @property
    def request_id(self) -> str:
        """The same in every run."""
        return f"00000000-0000-4000-8000-{self.call.number:012d}"


def unsigned_scope(request: HttpRequest) -> Scope | None:
    """STS takes some operations unsigned; the Region is then that of the host, or the classic one."""
    body = request.body[:4096].decode(errors="replace")
    if any(f"Action={name}" in body for name in UNSIGNED_OPERATIONS):
        parts = request.host.split(".")
        return Scope("", parts[1] if len(parts) > 3 else "us-east-1", "sts")
    return None
