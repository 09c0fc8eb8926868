"""Dashboards and alerts beside the demo: its operator is scraped from its first moment, with a policy and a cache that it
can reach. tests/alerts asks the same of figures from one process.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.dashboards import DASHBOARDS
from tools.parts import PrometheusPrograms

from tests.alerts.server import Prometheus
from tests.alerts.test_dashboards import FOLDER, unanswered
from tests.e2e.test_demo import Demo
from tests.e2e.world import ROOT, until
from tests.parts.process import free_port
from tests.parts.redis import RedisServers
from trunkline_sandbox.aws.client import SandboxClient
from trunkline_sandbox.cluster import obtain

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sweep,
    pytest.mark.timeout(900),
]  # sibling: tests/alerts/test_dashboards.py

NAMESPACE, CENTER, POLICY, CACHE = "contact-centers", "acme", "acme", "reached"
DEMO_SECONDS = 300.0
MEASURED_SECONDS = 300.0
SCRAPE_SECONDS = 5.0
QUARTER = 900
CHOSEN = {"trunkline-cache": {"name": CACHE}}


class Running:
    """The demo that goes on, as somebody in another terminal sees it."""

    def __init__(self, demo: Demo) -> None:
        self.exports = dict(re.findall(r"(?m)^export (\w+)=(.*)$", demo.text()))
        self.sandbox = SandboxClient(self.exports["AWS_ENDPOINT_URL"])
        self._kubectl = str(obtain().kubectl)

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        command = [self._kubectl, "--kubeconfig", self.exports["KUBECONFIG"], "-n", NAMESPACE, *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def resource(self, kind: str) -> str:
        """Id of the center's first resource of a kind."""
        path = f'{{.status.resources[?(@.kind=="{kind}")].id}}'
        return self.kubectl("get", "contactcenter", CENTER, "-o", f"jsonpath={path}").split()[0]


@pytest.fixture
def probes() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def demo(tmp_path: Path, probes: str) -> Iterator[Demo]:
    if sys.platform != "linux":
        pytest.skip("processes are told by /proc, which only Linux has")
    made = Demo(tmp_path, (), {"TRUNKLINE_PROBES": probes})
    yield made
    made.end()


@pytest.fixture
def prometheus(prometheus_programs: PrometheusPrograms, probes: str, tmp_path: Path) -> Iterator[Prometheus]:
    folder = tmp_path / "prometheus"
    folder.mkdir()
    server = Prometheus(prometheus_programs, probes, folder, SCRAPE_SECONDS)
    yield server
    server.stop()


def test_every_panel_is_answered_by_the_demo_and_no_alert_fires(
    demo: Demo, prometheus: Prometheus, redis_server: RedisServers
) -> None:
    demo.until("All of it goes on running", DEMO_SECONDS)
    running = Running(demo)
    cache = redis_server.start()
    cache.command("CONFIG", "SET", "maxmemory", "64mb")  # without a limit no part of it is used
    cache.command("SET", "customer", "1")
    _calls(running)
    running.kubectl("apply", "--server-side", "-f", str(ROOT / "examples" / "scaling"))
    running.kubectl("apply", "--server-side", "-f", "-", text=_external(cache.port))

    def measured() -> bool:
        cache.command("GET", "customer")
        return prometheus.settle(
            "trunkline_leader",
            "trunkline:scaling_error_budget_burn:rate3d >= 0",
            "trunkline_scaling_demand_source_fresh == 1",
            f'trunkline_cache_hit_ratio{{name="{CACHE}"}} > 0',
        )

    until(
        "calls and lookups are measured",
        measured,
        lambda: str(prometheus.query("trunkline_condition")),
        MEASURED_SECONDS,
    )
    missing = {
        one.name: unanswered(prometheus, FOLDER / f"{one.name}.json", CHOSEN.get(one.name)) for one in DASHBOARDS
    }
    assert missing == {one.name: [] for one in DASHBOARDS}
    assert [rule for rule in prometheus.rules() if rule["health"] != "ok"] == []
    assert prometheus.query('ALERTS{alertstate="firing"}') == []


def _calls(running: Running) -> None:
    """3,000 calls at once, and as many in the weeks before."""
    instance = {"InstanceId": running.resource("instance"), "MetricGroup": "VoiceCalls"}
    told: dict[str, Any] = {"namespace": "AWS/Connect", "metric": "ConcurrentCalls", "dimensions": instance}
    running.sandbox.extra("cloudwatch", "measure", **told, value=3000.0)
    start = int(time.time()) // QUARTER * QUARTER - 28 * 86_400
    values = {"start": start, "CONTACTS_CREATED": [9000.0] * (28 * 96)}
    running.sandbox.extra("connect", "history", queue=running.resource("queue"), channel="VOICE", values=values)


def _external(port: int) -> str:
    """A cache that others run and that the operator reaches."""
    where = {"host": "127.0.0.1", "port": port, "inTransit": "disabled", "clusterMode": "disabled"}
    made = {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": "CacheLayer",
        "metadata": {"name": CACHE, "namespace": NAMESPACE},
        "spec": {"region": "us-east-1", "external": where},
    }
    return json.dumps(made)
