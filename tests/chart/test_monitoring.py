"""The rules that the chart renders, as the tool judges them that Prometheus has for it."""

from __future__ import annotations

import json
from pathlib import Path

from tools.parts import PrometheusPrograms

from tests.alerts.rules import JOB, groups, promtool
from tests.chart.helm import CHART, VALUES, Helm, one

EVERYTHING = CHART / "ci" / "everything-values.yaml"


def test_rendered_rules_are_sound_and_of_this_release_alone(
    helm: Helm, prometheus_programs: PrometheusPrograms, tmp_path: Path
) -> None:
    rendered = one(helm.template([EVERYTHING]), "PrometheusRule")
    text = json.dumps(rendered["spec"])
    (tmp_path / "rules.yaml").write_text(text)
    promtool(prometheus_programs.promtool, "check", "rules", tmp_path / "rules.yaml")
    assert JOB not in text.replace(f"operator-{JOB.removeprefix('trunkline-')}", "")
    assert 'namespace=\\"trunkline\\"' not in text
    assert "github.com" not in text

    rules = {rule["alert"]: rule for group in rendered["spec"]["groups"] for rule in group["rules"] if "alert" in rule}
    written = {rule["alert"]: rule for group in groups() for rule in group["rules"] if "alert" in rule}
    assert written.keys() - rules.keys() == {"TrunklineForecastOff"}
    assert rules["TrunklineNotReady"]["for"] == "2h"
    assert rules["TrunklineCacheUnhealthy"]["labels"] == {"severity": "ticket", "team": "contact-centers"}
    assert rules["TrunklineQuotaNearlyUsed"]["expr"].endswith("> 0.8")
    assert float(rules["TrunklineLimitBreachAhead"]["expr"].rpartition("<")[2]) == 2_592_000
    assert {rule["labels"]["team"] for rule in rules.values()} == {"contact-centers"}


def test_prometheus_is_led_to_the_metrics_alone(helm: Helm) -> None:
    """By the name of a port, and the job that rules look for is the Service's name; every Service has the labels."""
    checked = 0
    for path in VALUES:
        release = helm.template([path])
        for monitor in (item for item in release if item["kind"] == "ServiceMonitor"):
            (endpoint,) = monitor["spec"]["endpoints"]
            services = [item for item in release if item["kind"] == "Service"]
            led = [item for item in services for port in item["spec"]["ports"] if port["name"] == endpoint["port"]]
            rules = [item for item in release if item["kind"] == "PrometheusRule"]
            assert [item["metadata"]["name"] for item in led] == [f"{monitor['metadata']['name']}-metrics"], path.name
            for rule in rules:
                assert f'job="{led[0]["metadata"]["name"]}"' in json.dumps(rule).replace('\\"', '"')
            checked += 1
    assert checked
