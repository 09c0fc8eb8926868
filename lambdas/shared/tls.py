"""TLS as a client, with a root file of our own.

Loading the few roots that AWS's certificates lead to takes a third of the time that the system's whole store takes, and
every cold start pays for it. AWS_CA_BUNDLE names another file, as with AWS's own SDKs.
Source of roots.pem: https://www.amazontrust.com/repository/ (Amazon Root CA 1 to 4, Starfield Services Root CA - G2).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

ROOTS = __file__.rpartition("/")[0] + "/roots.pem"


def client_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """A context that verifies certificate and name. Raises OSError if the root file cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=environ.get("AWS_CA_BUNDLE") or ROOTS)
    return context
