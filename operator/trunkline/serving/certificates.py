"""The certificate of a server, from the folder that a Secret of type kubernetes.io/tls is mounted as.

The kubelet renews it there, and it is served from the next connections on: looked after at handshakes, at most every few
seconds. What cannot be loaded leaves the one before in its place and is logged once. TLS 1.2 or newer. No key is ever shown.
https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from trunkline.runtime.config import RuntimeFailedError

CERTIFICATE, KEY = "tls.crt", "tls.key"
LOOK_SECONDS = 5.0
_CURRENT = "..data"
"""The kubelet's link to the folder of the files as they are now: both are read behind one state of it."""

logger = logging.getLogger(__name__)


class ServedCertificate:
    """monotonic: seconds. look: so many of them pass between two looks at the files."""

    def __init__(
        self, folder: Path, *, monotonic: Callable[[], float] = time.monotonic, look: float = LOOK_SECONDS
    ) -> None:
        """Raises RuntimeFailedError if there is no certificate with its key."""
        self._folder = folder
        self._monotonic = monotonic
        self._look = look
        self._looked = monotonic()
        self._refused: tuple[tuple[int, int, int], ...] | None = ()
        """What could not be loaded; None: not even looked at."""
        try:
            self._state = self._read_state()
            self._current = self._loaded()
        except OSError as error:  # ssl.SSLError is one
            raise RuntimeFailedError(
                f"{folder}: no certificate can be read ({error}): it must hold {CERTIFICATE} and {KEY}, in PEM, which belong "
                "to each other"
            ) from error
        self.context = self._loaded()
        """For the server. Its callback puts the certificate of now into each handshake."""
        self.context.sni_callback = self._hello

    def _hello(self, handshake: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Called at each handshake, whether or not the client names a server."""
        now = self._monotonic()
        if now - self._looked >= self._look:
            self._looked = now
            self._take_up()
        handshake.context = self._current

    def _take_up(self) -> None:
        state = None
        try:
            state = self._read_state()
            if state == self._state:
                return
            self._current = self._loaded()
        except OSError as error:  # perhaps no file descriptor was left: what is there now is tried again
            if state != self._refused:
                logger.warning(
                    "%s: the new certificate cannot be read, the one before is served: %s", self._folder, error
                )
            self._refused = state
        else:
            self._state, self._refused = state, ()
            logger.info("%s: a new certificate is served", self._folder)

    def _read_state(self) -> tuple[tuple[int, int, int], ...]:
        found = ((self._folder / name).stat() for name in (CERTIFICATE, KEY))
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in found)

    def _loaded(self) -> ssl.SSLContext:
        folder = self._folder / _CURRENT
        folder = folder.resolve() if folder.exists() else self._folder
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY, password=_no_password)
        return context


def _no_password() -> str:
    """OpenSSL would ask the terminal."""
    return ""
