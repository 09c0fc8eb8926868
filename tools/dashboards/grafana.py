"""Dashboards as values, and as the JSON that Grafana reads (its dashboard schema 39, Grafana 10.4 and newer). Pure.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SCHEMA = 39
COLUMNS = 24
HEIGHT = 8
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
NOTHING = " or on() vector(0)"
"""0 where there is no answer at all; without `on()` there would be a line of 0 beside every answer."""

Kind = Literal["timeseries", "stat", "table", "state-timeline"]


@dataclass(frozen=True, slots=True)
class Query:
    """expression: PromQL with variables. legend: with `{{label}}`. empty: why it often has no answer, such as errors that
    there are none of; then 0 is shown instead. Empty if there is always one.
    """

    expression: str
    legend: str = ""
    empty: str = ""

    @property
    def asked(self) -> str:
        """What Prometheus is asked."""
        return f"{self.expression}{NOTHING}" if self.empty else self.expression


@dataclass(frozen=True, slots=True)
class Panel:
    """meaning: a sentence for who looks at it. unit: Grafana's name. width: of 24 columns. mappings: text and color by value."""

    title: str
    meaning: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: Kind = "timeseries"
    width: int = 8
    stacked: bool = False
    mappings: tuple[tuple[float, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels below a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """What is chosen above the panels: the values of a label of a series, narrowed by the variables before it."""

    name: str
    label: str
    series: str

    @property
    def query(self) -> str:
        """As Grafana asks Prometheus."""
        return f"label_values({self.series}, {self.label})"


JOB = Variable("job", "job", "trunkline_leader")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """name: of its file, and its uid, which links keep."""

    name: str
    title: str
    meaning: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]

    def panels(self) -> Iterator[Panel]:
        """All of them."""
        for row in self.rows:
            yield from row.panels


def rendered(dashboard: Dashboard) -> str:
    """The file's text."""
    document = {
        "uid": dashboard.name,
        "title": dashboard.title,
        "description": dashboard.meaning,
        "tags": ["trunkline"],
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "links": [_others()],
        "templating": {"list": [_datasource(), *(_variable(one) for one in dashboard.variables)]},
        "annotations": {"list": []},
        "panels": _placed(dashboard.rows),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _others() -> dict[str, Any]:
    return {
        "title": "Trunkline",
        "type": "dashboards",
        "tags": ["trunkline"],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}


def _variable(one: Variable) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": "query",
        "datasource": DATASOURCE,
        "definition": one.query,
        "query": {"query": one.query, "refId": one.name},
        "refresh": 2,
        "sort": 1,
        "multi": False,
        "includeAll": False,
        "hide": 0,
    }


def _placed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Panels from left to right, in lines of 24 columns, below the heading of their row."""
    found: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        place = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
        found.append({"id": len(found) + 1, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []})  # fmt: skip
        y, x = y + 1, 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                y, x = y + HEIGHT, 0
            place = {"x": x, "y": y, "w": panel.width, "h": HEIGHT}
            found.append({"id": len(found) + 1, "gridPos": place, **_panel(panel)})
            x += panel.width
        y += HEIGHT
    return found


def _panel(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "custom": {}, "mappings": _mappings(panel)}
    if panel.kind == "timeseries":
        mode = "normal" if panel.stacked else "none"
        defaults["custom"] = {
            "fillOpacity": 20 if panel.stacked else 5,
            "stacking": {"mode": mode},
            "showPoints": "never",
        }
    made: dict[str, Any] = {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.meaning,
        "datasource": DATASOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(panel.kind),
        "targets": [_target(query, number, panel.kind) for number, query in enumerate(panel.queries)],
    }
    if panel.kind == "table":
        hidden = {"Time": True, "Value": False, "__name__": True}
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": hidden}}]
    return made


def _options(kind: Kind) -> dict[str, Any]:
    if kind == "timeseries":
        legend = {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"], "showLegend": True}
        return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    if kind == "state-timeline":
        return {"mergeValues": True, "showValue": "never", "rowHeight": 0.8}
    return {"showHeader": True}


def _target(query: Query, number: int, kind: Kind) -> dict[str, Any]:
    target: dict[str, Any] = {
        "refId": chr(ord("A") + number),
        "datasource": DATASOURCE,
        "expr": query.asked,
        "legendFormat": query.legend or "__auto",
        "range": kind != "table",
        "instant": kind == "table",
    }
    if kind == "table":
        target["format"] = "table"
    return target


def _mappings(panel: Panel) -> list[dict[str, Any]]:
    if not panel.mappings:
        return []
    options = {f"{value:g}": {"text": text, "color": color} for value, text, color in panel.mappings}
    return [{"type": "value", "options": options}]
