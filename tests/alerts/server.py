"""A Prometheus of its own that scrapes /metrics of ours, and its API."""

from __future__ import annotations

import json
import math
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from tools.parts import PrometheusPrograms

from tests.alerts.rules import FILES, JOB, NAMESPACE
from tests.parts.process import Process, free_port

SCRAPE_SECONDS = 1.0  # which is also how long a scrape may take: beside many others that is short
START_SECONDS = 60.0
HTTP_SECONDS = 20.0


class Pages:
    """A server of /metrics whose answers are given: each scrape gets the next, and the last for ever."""

    def __init__(self, pages: Sequence[bytes]) -> None:
        turns = iter(pages[:-1])
        last = pages[-1]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = next(turns, last)
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE_LATEST)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # of the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Prometheus:
    """The real server with our rules, on a target as the chart's ServiceMonitor would make it. every: seconds."""

    def __init__(self, programs: PrometheusPrograms, target: str, folder: Path, every: float = SCRAPE_SECONDS) -> None:
        self._at: float | None = None
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        labels = {"job": JOB, "namespace": NAMESPACE, "pod": "trunkline-0", "service": JOB, "endpoint": "http"}
        config = {
            "global": {"scrape_interval": f"{every * 1000:.0f}ms", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in FILES],
            "scrape_configs": [
                {"job_name": JOB, "honor_labels": True, "static_configs": [{"targets": [target], "labels": labels}]}
            ],
        }
        (folder / "prometheus.yml").write_text(json.dumps(config))
        command = [str(programs.server), f"--config.file={folder / 'prometheus.yml'}"]
        command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
        self.process = Process(command, folder / "prometheus.log", cwd=folder)
        self.process.wait_ready(lambda: self.get("/-/ready") is not None, START_SECONDS)

    def get(self, path: str, **parameters: str) -> str:
        """What it answers. Raises OSError."""
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}" if parameters else f"{self.url}{path}"
        with urllib.request.urlopen(url, timeout=HTTP_SECONDS) as answer:
            return str(answer.read().decode())

    def query(self, expression: str) -> list[tuple[Mapping[str, str], float]]:
        """Labels and values that it answers; what is no number is left out, for no panel shows it."""
        moment = {} if self._at is None else {"time": f"{self._at:.3f}"}
        answer = json.loads(self.get("/api/v1/query", query=expression, **moment))["data"]["result"]
        found = [(item["metric"], float(item["value"][1])) for item in answer]
        return [(labels, value) for labels, value in found if not math.isnan(value)]

    def settle(self, *expressions: str) -> bool:
        """Whether there is an answer to each at one moment, this one; then all later questions are of it, and a scrape
        that comes too late, beside many other tests, changes no answer.
        """
        self._at = time.time()
        if all(self.query(expression) for expression in expressions):
            return True
        self._at = None
        return False

    def until(self, *expressions: str) -> None:
        """Until it is settled. Raises NotStartedError with the end of its log."""
        self.process.wait_ready(lambda: self.settle(*expressions), START_SECONDS)

    def label_values(self, label: str, series: str) -> list[str]:
        """As Grafana's `label_values(series, label)`."""
        answer = json.loads(self.get(f"/api/v1/label/{label}/values", **{"match[]": series}))
        return list(answer["data"])

    def rules(self) -> list[Mapping[str, Any]]:
        """Every rule as it has it, with its health and its last error."""
        return [rule for group in json.loads(self.get("/api/v1/rules"))["data"]["groups"] for rule in group["rules"]]

    def stop(self) -> None:
        self.process.stop()
