"""The dashboards: written from their description, and every panel answered by a Prometheus that scraped an operator."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tools.dashboards import DASHBOARDS, Dashboard, differing
from tools.parts import PrometheusPrograms

from tests.alerts.rules import JOB, RECORDED, ROOT, expressions, groups
from tests.alerts.server import Pages, Prometheus
from tests.alerts.shown import pages
from trunkline.telemetry.reference import described

FOLDER = ROOT / "helm" / "trunkline" / "files" / "dashboards"
NAMES = {"trunkline-center": "small", "trunkline-cache": "acme-cache", "trunkline-capacity": "peak"}
NOT_HERE = {
    "Calls that wait: {{bucket}} {{priority}}",
    "Replication lag: {{name}}",
    "Resources by state: {{state}}",
    "Shared with other policies: {{limit}} granted",
    "Shared with other policies: {{limit}} wanted",
    "Waits for you: ",
    "Warmed: ",
}
"""Panels and legends of what did not happen: see `shown`."""
EACH = [pytest.param(one, id=one.name) for one in DASHBOARDS]


@pytest.fixture(scope="module")
def prometheus(
    prometheus_programs: PrometheusPrograms, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """One that has scraped every page, and has recorded what rules record of them."""
    shown = pages()
    served = Pages(shown)
    server = Prometheus(prometheus_programs, served.address, tmp_path_factory.mktemp("prometheus"))
    try:
        server.until(
            f"count_over_time(trunkline_leader[5m]) >= {len(shown)}",
            "trunkline_leader",
            "trunkline:scaling_error_budget_burn:rate3d > 0",
            "trunkline:scaling_forecast_wape:rate1d",
        )
        yield server
    finally:
        server.stop()
        served.close()


def test_what_is_committed_is_what_would_be_generated() -> None:
    assert differing(ROOT) == [], "run `make generate`"


@pytest.mark.parametrize("dashboard", EACH)
def test_every_panel_is_answered(prometheus: Prometheus, dashboard: Dashboard) -> None:
    """Of the file that Grafana reads, with its variables chosen as Grafana chooses them: the first value."""
    assert unanswered(prometheus, FOLDER / f"{dashboard.name}.json") == []


def unanswered(prometheus: Prometheus, path: Path, choice: Mapping[str, str] | None = None) -> list[str]:
    """Variables without a value, and panels' queries without an answer. choice: of variables, else the first value."""
    document = json.loads(path.read_text())
    chosen = {"__rate_interval": "1m"}
    missing = []
    for variable in document["templating"]["list"]:
        if variable["type"] == "query":
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()  # type: ignore[union-attr]
            values = prometheus.label_values(label, substituted(series, chosen))
            missing += [] if values else [f"{variable['name']}: {variable['query']['query']}"]
            chosen[variable["name"]] = (choice or {}).get(variable["name"], min(values, default=""))
    for panel in document["panels"]:
        for target in panel.get("targets", ()):
            if not prometheus.query(substituted(target["expr"], chosen)):
                missing.append(f"{panel['title']}: {target['expr']}")
    return missing


def substituted(text: str, chosen: dict[str, str]) -> str:
    """As Grafana does; KeyError for a variable that the dashboard has not."""
    return re.sub(r"\$(\w+)", lambda match: chosen[match[1]], text)


def test_what_may_have_no_answer_is_said_and_is_shown_as_0(prometheus: Prometheus) -> None:
    """Of these queries the answer is not 0 for being wrong: but for what this operator has none of, they have one."""
    chosen = {"job": JOB, "namespace": "contact-centers", "__rate_interval": "1m"}
    silent = set()
    for dashboard in DASHBOARDS:
        chosen["name"] = NAMES.get(dashboard.name, "")
        for panel in dashboard.panels():
            for query in panel.queries:
                assert ("vector(0)" in query.asked) is bool(query.empty), (panel.title, query.expression)
                if query.empty and not prometheus.query(substituted(query.expression, chosen)):
                    silent.add(f"{panel.title}: {query.legend}")
    assert sorted(silent) == sorted(NOT_HERE)
    assert prometheus.query('trunkline_leader{job="nobody"} or on() vector(0)') == [({}, 0.0)]
    assert [value for _, value in prometheus.query("sum by (job) (trunkline_leader) or on() vector(0)")] == [1.0]


def test_the_server_evaluates_every_rule_and_the_samples_keep_their_namespace(prometheus: Prometheus) -> None:
    rules = prometheus.rules()
    assert len(rules) == len(expressions())
    assert [rule for rule in rules if rule["health"] != "ok"] == []
    assert {labels["namespace"] for labels, _ in prometheus.query("trunkline_condition")} == {"contact-centers"}
    assert {labels["namespace"] for labels, _ in prometheus.query("trunkline_leader")} == {"trunkline"}


def test_every_panel_asks_for_figures_that_are_there() -> None:
    known = {metric.name for metric in described()}
    recorded = {rule["record"] for group in groups() for rule in group["rules"] if "record" in rule}
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels():
            for query in panel.queries:
                assert set(RECORDED.findall(query.expression)) <= recorded, panel.title
                for name in re.findall(r"\btrunkline_\w+", query.expression):
                    assert re.sub("_(total|bucket)$", "", name) in known, (panel.title, name)


def test_every_figure_is_in_a_dashboard_or_an_alert() -> None:
    """What nobody looks at and nobody is told of is not worth its series."""
    text = " ".join([*expressions().values(), *(path.read_text() for path in FOLDER.glob("*.json"))])
    unseen = {metric.name for metric in described() if not re.search(rf"\b{metric.name}(_total|_bucket)?\b", text)}
    assert unseen == set()


@pytest.mark.parametrize("dashboard", EACH)
def test_grafana_can_lay_it_out(dashboard: Dashboard) -> None:
    document = json.loads((FOLDER / f"{dashboard.name}.json").read_text())
    panels: list[dict[str, Any]] = document["panels"]
    assert document["uid"] == dashboard.name
    assert max(Counter(panel["id"] for panel in panels).values()) == 1
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or below, (one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    for panel in panels:
        if panel["type"] != "row":
            assert panel["description"].endswith("."), panel["title"]
            assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
