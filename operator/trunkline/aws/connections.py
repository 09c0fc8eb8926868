"""Connections to AWS that look whether we still lead when a change leaves (`trunkline.tenure.connection`).

botocore has no setting for the class of its connections. Each client's HTTP session keeps its pools' classes in a table
that its proxies' pools are made from as well; that one is changed, of our own clients only. The tests fail if another
release of botocore does not use it any more.
"""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool, AWSHTTPSConnection, AWSHTTPSConnectionPool

from trunkline.tenure.connection import GuardedConnection


class _Connection(GuardedConnection, AWSHTTPConnection):  # type: ignore[misc]  # botocore has no types
    """Plain HTTP: the offline AWS, an endpoint within a network."""


class _TlsConnection(GuardedConnection, AWSHTTPSConnection):  # type: ignore[misc]
    """HTTPS."""


class _Pool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _TlsConnection


def guard(client: Any) -> None:
    """Let a new client of botocore use them."""
    classes = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001  # see the module
    classes |= {"http": _Pool, "https": _TlsPool}
