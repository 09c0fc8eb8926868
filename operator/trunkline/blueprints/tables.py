"""Tables: entries of `spec.tables` to nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.api.tables import Capacity, GlobalIndex, Key, Projection, Table, WarmThroughput
from trunkline.blueprints.entries import path_of, policy
from trunkline.drivers.table import TableDesired
from trunkline.engine.resource import Node

SECTION = "tables"


def table_node(entry: Table, center: str, tags: Mapping[str, str]) -> Node:
    """The node of one table."""
    raise NotImplementedError
