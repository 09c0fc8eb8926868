"""Whom a kubeconfig's user acts as. The `kubernetes` client leaves `as:` out in silence, and would ask with more rights.

Reads files only; may not ask anybody.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, KubeConfigMerger

Header = tuple[str, str]


def impersonation(kubeconfig: Path | None, context: str | None) -> tuple[Header, ...]:
    """The headers of each request; empty where nobody is impersonated, or no kubeconfig says who asks."""
    merged = KubeConfigMerger(str(kubeconfig or KUBE_CONFIG_DEFAULT_LOCATION)).config
    config = merged.value if merged is not None else {}
    name = context or config.get("current-context")
    user = _named(config, "contexts", name, "context").get("user")
    return tuple(_headers(_named(config, "users", user, "user")))


def _named(config: dict[str, object], section: str, name: object, key: str) -> dict[str, object]:
    entries = config.get(section)
    for entry in entries if isinstance(entries, list) else ():
        said: dict[str, Any] = (
            getattr(entry, "value", None) or entry
        )  # the merger keeps each in a node that knows its file
        if said.get("name") == name:
            return dict(said.get(key) or {})
    return {}


def _headers(user: dict[str, object]) -> Iterator[Header]:
    if user.get("as"):
        yield "Impersonate-User", str(user["as"])
    if user.get("as-uid"):
        yield "Impersonate-Uid", str(user["as-uid"])
    groups, extra = user.get("as-groups"), user.get("as-user-extra")
    for group in groups if isinstance(groups, list) else ():
        yield "Impersonate-Group", str(group)
    for key, values in extra.items() if isinstance(extra, dict) else ():
        for value in values:
            yield f"Impersonate-Extra-{key}", str(value)
