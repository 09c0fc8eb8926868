"""Grafana's dashboards of the chart, and the page about them, written from a description in Python.

`python -m tools.dashboards --write` writes helm/trunkline/files/dashboards and docs/dashboards.md, `--verify` compares.
"""

from __future__ import annotations

from .files import DASHBOARDS, differing, generated, write
from .grafana import Dashboard, Panel, Query, Variable

__all__ = ["DASHBOARDS", "Dashboard", "Panel", "Query", "Variable", "differing", "generated", "write"]
