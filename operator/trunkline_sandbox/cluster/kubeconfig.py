"""Kubeconfigs: text for kubectl and every client library, with all certificates inside, so that a copy works as well.

Pure, but for `write`, which never replaces a file that is not ours.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

import yaml

from .certificates import Credentials
from .errors import ClusterError

_MARK = "# Written by trunkline-sandbox for a throwaway cluster; replaced and removed without asking.\n"


def render(url: str, authority: bytes, user: Credentials | str, *, name: str, namespace: str = "default") -> str:
    """A kubeconfig for `url`, whose certificate `authority` (PEM) vouches for.

    Args:
        user: a client certificate, or a bearer token.
        name: what the user is called in it.
        namespace: the namespace of its only context.
    """
    cluster = {"server": url, "certificate-authority-data": _encode(authority)}
    context = {"cluster": "trunkline-sandbox", "user": name, "namespace": namespace}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "trunkline-sandbox", "cluster": cluster}],
        "users": [{"name": name, "user": _user(user)}],
        "contexts": [{"name": "trunkline-sandbox", "context": context}],
        "current-context": "trunkline-sandbox",
    }
    return _MARK + yaml.safe_dump(document, sort_keys=False)


def _user(user: Credentials | str) -> Mapping[str, str]:
    if isinstance(user, str):
        return {"token": user}
    return {"client-certificate-data": _encode(user.certificate), "client-key-data": _encode(user.key)}


def _encode(pem: bytes) -> str:
    return base64.b64encode(pem).decode()


def write(path: Path, text: str) -> None:
    """Write a kubeconfig, readable by this user only; an older one of ours is replaced.

    Raises:
        ClusterError: there is a file that we did not write, or the folder cannot be written to.
    """
    try:
        if path.exists() and not path.read_text(errors="replace").startswith(_MARK):
            raise ClusterError(f"{path} is a kubeconfig that is not ours: give a path that does not exist yet")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        temporary.rename(path)
    except OSError as error:
        raise ClusterError(f"the kubeconfig cannot be written to {path}: {error.strerror}") from error


def remove(path: Path, text: str) -> None:
    """Remove the kubeconfig at `path` if it still is `text`: another cluster may have replaced it meanwhile."""
    try:
        if path.read_text(errors="replace") == text:
            path.unlink()
    except OSError:
        return
