"""Connections to AWS that look whether we still lead when a change leaves (`trunkline.tenure.connection`).

botocore has no setting for the class of its connections. Each client's HTTP session keeps its pools' classes in a table
that its proxies' pools are made from as well; that one is changed, of our own clients only. The tests fail if another
release of botocore does not use it any more.
"""

from __future__ import annotations

from typing import Any

from trunkline.tenure.connection import guarded


def guard(client: Any) -> None:
    """Let a new client of botocore use them."""
    classes = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001  # see the module
    classes |= guarded(classes)
