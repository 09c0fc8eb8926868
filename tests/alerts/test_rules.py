"""The recording rules and the alerts: sound, on figures that exist, each with a case that fires and one that does not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tools.parts import PrometheusPrograms

from tests.alerts.cases import CASES, Case
from tests.alerts.rules import FILES, RECORDED, ROOT, alerts, expressions, groups, needed, promtool
from trunkline.telemetry.reference import described

PAGE = ROOT / "docs" / "alerts.md"
_METRIC = re.compile(r"\btrunkline_\w+")


def test_promtool_finds_the_rules_sound(prometheus_programs: PrometheusPrograms) -> None:
    said = promtool(prometheus_programs.promtool, "check", "rules", *FILES)
    assert said.count("SUCCESS") == len(FILES)


def test_each_alert_fires_when_it_shall_and_else_is_silent(
    prometheus_programs: PrometheusPrograms, tmp_path: Path
) -> None:
    """One promtool for all; what it says of a failure begins with the case's alert and reason. Each alert is tested with
    the rules that it stands on: with all of them it would take half a minute.
    """
    files = []
    for name in alerts():
        (tmp_path / f"{name}.rules.yaml").write_text(json.dumps({"groups": needed(name)}))
        for slow, interval in ((False, "1m"), (True, "15m")):
            tests = [_test(case, interval) for case in CASES if case.alert == name and case.slow is slow]
            content = {
                "rule_files": [f"{name}.rules.yaml"],
                "group_eval_order": [group["name"] for group in groups()],
                "evaluation_interval": interval,
                "tests": tests,
            }
            if tests:
                files.append(f"{name}-{interval}.yaml")
                (tmp_path / files[-1]).write_text(json.dumps(content))
    promtool(prometheus_programs.promtool, "test", "rules", *files, cwd=tmp_path)


def _test(case: Case, interval: str) -> dict[str, Any]:
    alert = alerts()[case.alert]
    expected = []
    if case.fires is not None:
        labels = {**case.fires, "severity": alert.severity}
        expected = [{"exp_labels": labels, "exp_annotations": alert.said(labels, case.value)}]
    return {
        "name": f"{case.alert}: {case.why}",
        "interval": interval,
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "alert_rule_test": [{"alertname": case.alert, "eval_time": case.at, "exp_alerts": expected}],
    }


@pytest.mark.parametrize("name", alerts())
def test_each_alert_has_a_case_that_fires_and_one_that_comes_near(name: str) -> None:
    of = [case for case in CASES if case.alert == name]
    read = {metric for group in needed(name) for rule in group["rules"] for metric in _METRIC.findall(rule["expr"])}
    near = [case for case in of if case.fires is None and {series.partition("{")[0] for series in case.series} & read]
    assert any(case.fires is not None for case in of), "no case in which it fires"
    assert near, "no case in which it looks at something and is silent"


def test_every_case_is_of_an_alert() -> None:
    assert {case.alert for case in CASES} == alerts().keys()


def test_every_figure_and_every_recorded_one_is_there() -> None:
    known = {metric.name for metric in described()}
    endings = ("", "_total", "_bucket", "_sum", "_count")
    recorded = {rule["record"] for group in groups() for rule in group["rules"] if "record" in rule}
    for where, expression in expressions().items():
        for name in _METRIC.findall(expression):
            assert any(name.removesuffix(ending) in known for ending in endings if name.endswith(ending)), (where, name)
        assert set(RECORDED.findall(expression)) <= recorded, where


def test_expressions_see_only_the_release_and_no_pod() -> None:
    """What the chart replaces is there to be replaced, and two replicas fire one alert."""
    for where, expression in expressions().items():
        for selector in re.findall(r"trunkline_\w+(\{[^}]*\})?", expression):
            assert 'job="trunkline-metrics"' in selector, where
        by = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
        kept = {label.strip() for labels in by if labels != "job, namespace, instance" for label in labels.split(",")}
        assert not kept & {"pod", "instance"}, where


@pytest.mark.parametrize("name", alerts())
def test_each_alert_says_what_someone_who_is_woken_needs(name: str) -> None:
    alert = alerts()[name]
    assert alert.severity in ("page", "ticket")
    assert alert.annotations.keys() == {"summary", "description", "runbook_url"}
    assert alert.annotations["summary"].endswith(".")
    base, _, anchor = alert.annotations["runbook_url"].partition("#")
    assert base.endswith("/docs/alerts.md")
    section = _sections()[anchor]
    assert section.startswith(f"## {name}\n")
    assert f"**{alert.severity}** after {alert.waits}" in section, "the page says another severity or time"
    for part in ("Phone service:", "Look:", "Do:", "Over:"):
        assert f"**{part}**" in section, f"the page does not say {part}"


@pytest.mark.parametrize("name", alerts())
def test_the_number_that_a_threshold_replaces_is_what_the_alert_compares_with(name: str) -> None:
    """Behind `unless` stands what keeps it silent: there a value meant for the queue would be put in for the passes."""
    expression = alerts()[name].expression
    ending = re.search(r"[<>] -?[0-9.]+$", expression)
    assert ending is None or not re.search(r"\bunless\b", expression)


def test_the_page_has_no_section_of_an_alert_that_is_gone() -> None:
    assert {anchor for anchor in _sections() if anchor.startswith("trunkline")} == {name.lower() for name in alerts()}


def _sections() -> dict[str, str]:
    """Of the page, by the anchor that a heading gets."""
    parts = re.split(r"(?m)^(?=## )", PAGE.read_text(encoding="utf-8"))[1:]
    return {re.sub(r"[^\w\- ]", "", part.splitlines()[0][3:]).strip().lower().replace(" ", "-"): part for part in parts}
