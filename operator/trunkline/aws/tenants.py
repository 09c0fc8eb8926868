"""Which namespace may use which role, and which the pod's own identity: the admission policy has the same list.

A folder with a file for each namespace (how Kubernetes mounts a ConfigMap), whose lines are ARNs of roles, or `own` for
the pod's identity. It is read anew for every pass, as the kubelet changes it without a restart. Without a folder nothing is
limited; with one, what cannot be read is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trunkline.engine.gate import Access
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal

OWN = "own"
_LISTED = "the list of tenants (value `tenants.roles` of the chart, or `crds.policies.tenants.roles`)"


@dataclass(frozen=True, slots=True)
class Tenants:
    """folder: None limits nothing."""

    folder: Path | None = None

    def check(self, access: Access) -> None:
        """Raises CallRefusedError, *blocked*, if the object's namespace may not use what it names."""
        if self.folder is None:
            return
        namespace = access.object_name.partition("/")[0]
        if (access.role_arn or OWN) in self._allowed(namespace):
            return
        if access.role_arn:
            told = (
                f"credentials.roleArn: namespace {namespace} may not use {access.role_arn}: whoever runs the operator adds "
                f"it to {_LISTED}, or name a role that is there. Nothing is called"
            )
        else:
            told = (
                f"namespace {namespace} may not use the operator's own identity: name a role in spec.credentials.roleArn, "
                f"or whoever runs the operator adds `{OWN}` to {_LISTED}. Nothing is called"
            )
        raise CallRefusedError(Refusal(Outcome.BLOCKED, "sts", "AssumeRole", "RoleNotAllowed", told))

    def _allowed(self, namespace: str) -> frozenset[str]:
        if self.folder is None or not namespace or "/" in namespace or namespace.startswith("."):
            return frozenset()
        try:
            text = (self.folder / namespace).read_text(encoding="utf-8")
        except OSError:
            return frozenset()
        return roles_in(text)


def roles_in(text: str) -> frozenset[str]:
    """What one namespace may use, from its file: a role a line."""
    return frozenset(filter(None, map(str.strip, text.splitlines())))


ANYBODY = Tenants()
