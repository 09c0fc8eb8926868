"""Panels that every kind of object has."""

from __future__ import annotations

from .grafana import Panel, Query

CONDITION_COLORS = ((0, "No", "red"), (1, "Yes", "green"))


def conditions(of: str, width: int) -> Panel:
    """of: selectors of the object."""
    return Panel(
        "Conditions",
        "Every condition with the status that it has: as they changed.",
        (Query(f"max by (type, status) (trunkline_condition{{{of}}})", "{{type}}={{status}}"),),
        kind="state-timeline",
        width=width,
        mappings=((1, "is so", "blue"),),
    )


def resources(of: str, width: int, empty: str = "") -> Panel:
    """of: selectors of the object. empty: why it may have none."""
    return Panel(
        "Resources by state",
        "Blocked, Rejected and ConfirmationRequired wait for a person; the others pass by themselves.",
        (Query(f"max by (state) (trunkline_resources{{{of}}})", "{{state}}", empty),),
        stacked=True,
        width=width,
    )
