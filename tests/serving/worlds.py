"""A mounted certificate as the kubelet writes it, and a client that speaks to a listener of the same loop."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trunkline_sandbox.cluster.certificates import Authority, Credentials

HOST = "127.0.0.1"


@dataclass
class Mounted:
    """A Secret of type kubernetes.io/tls in a pod: the files are links behind a link, which one rename swaps."""

    folder: Path
    authority: Authority
    states: int = 0

    def renew(self) -> Credentials:
        """Another certificate, with another key."""
        made = self.authority.server(["localhost"], [HOST])
        self.write(made.certificate, made.key)
        return made

    def write(self, certificate: bytes, key: bytes) -> None:
        self.states += 1
        state = self.folder / f"..state-{self.states}"
        state.mkdir(parents=True)
        for name, content in (("tls.crt", certificate), ("tls.key", key)):
            (state / name).write_bytes(content)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(Path("..data") / name)
        link = self.folder / "..new"
        link.symlink_to(state.name)
        link.rename(self.folder / "..data")


@dataclass(frozen=True)
class Seen:
    """An answer, and with which certificate it came (PEM)."""

    status: int
    text: str
    headers: Mapping[str, str]
    certificate: str = ""


class Listening(Protocol):
    """What is asked."""

    @property
    def port(self) -> int: ...


async def ask(
    listener: Listening,
    path: str,
    authority: Authority | None = None,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Seen:
    """As a client does that verifies the server. authority: None is plain HTTP."""

    def asked() -> Seen:
        if authority is None:
            connection = http.client.HTTPConnection(HOST, listener.port, timeout=20)
        else:
            trust = ssl.create_default_context(cadata=authority.credentials.certificate.decode())
            connection = http.client.HTTPSConnection(HOST, listener.port, timeout=20, context=trust)
        try:
            connection.connect()
            shown = (
                connection.sock.getpeercert(binary_form=True) if isinstance(connection.sock, ssl.SSLSocket) else None
            )
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode()
            pem = ssl.DER_cert_to_PEM_cert(shown) if shown else ""
            return Seen(answer.status, text, dict(answer.getheaders()), pem)
        finally:
            connection.close()

    return await asyncio.to_thread(asked)
