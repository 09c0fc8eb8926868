"""The address of a cache as configuration gives it. Pure.

`rediss://host:port?cluster=true`: rediss with TLS, redis without; the port is 6379 if it is left out; cluster=true where
the cache is in cluster mode, as ElastiCache serverless always is. No user, no password, no database: a login stands in a
secret, and a cluster has one database.

Source of the scheme names: https://www.iana.org/assignments/uri-schemes/prov/rediss
"""

from __future__ import annotations

from shared.slots import Address
from shared.typed import NamedTuple

DEFAULT_PORT = 6379


class CacheAddress(NamedTuple):
    """Where the cache is and how it is spoken to."""

    address: Address
    tls: bool
    cluster: bool


def parse(url: str) -> CacheAddress | None:
    """The address in a URL; None if it is not one of the form above. urllib would take longer to load than all else."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme not in ("redis", "rediss"):
        return None
    authority, _, query = rest.partition("?")
    host, port = _host_and_port(authority.removesuffix("/"))
    if not host or port is None or any(mark in host for mark in "@/# "):
        return None
    options = dict(option.partition("=")[::2] for option in query.split("&") if option)
    if set(options) - {"cluster"} or options.get("cluster", "false") not in ("true", "false"):
        return None
    return CacheAddress(Address(host, port), scheme == "rediss", options.get("cluster") == "true")


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if authority.startswith("["):  # an IPv6 address, RFC 3986
        host, _, after = authority[1:].partition("]")
        port = after.removeprefix(":") if after.startswith(":") or not after else "?"
    else:
        host, _, port = authority.partition(":")
    if not port:
        return host, DEFAULT_PORT
    return host, int(port) if port.isascii() and port.isdigit() and 0 < int(port) < 65536 else None
