"""The whole path of a snapshot over real sockets: Connect and Kinesis as stubs that speak their protocols, the table in
DynamoDB's own engine. What realtime-metrics saw is what call-routing routes by and stream-processor counts.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from call_routing.app import build as build_call_routing
from realtime_metrics.app import build as build_realtime_metrics
from shared.deadline import Deadline
from shared.invocation import Invocation
from shared.session import Session
from shared.snapshot import Load
from stream_processor.app import build as build_stream_processor
from stream_processor.totals import loads
from tests.lambdas.events import call
from tests.lambdas.operations.test_real_table import INSTANCE, TABLE, World
from tests.lambdas.stream_processor.streams import STREAM, event, record
from tests.parts.dynamodb import DynamoDBServer

QUEUES = {"sales": ("open", 50.0), "backup": ("open", 0.0), "night": ("closed", 0.0)}


class Aws(BaseHTTPRequestHandler):
    """Connect by path, Kinesis by target; keeps what was put."""

    protocol_version = "HTTP/1.1"
    put: list[bytes]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path.partition("?")[0].rpartition("/")[0])
        hours_id = self.path.partition("?")[0].rpartition("/")[2]
        today = datetime.now(UTC).date()
        days = [str(today + timedelta(days=offset)) for offset in (-1, 0, 1, 2)] if hours_id == "open" else []
        midnight = {"Hours": 0, "Minutes": 0}
        slots = [{"Date": day, "OperationalHours": [{"Start": midnight, "End": midnight}]} for day in days]
        self._answer({"TimeZone": "UTC", "EffectiveHoursOfOperationList": slots})

    def do_POST(self) -> None:
        params = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/":
            assert self.headers["x-amz-target"] == "Kinesis_20131202.PutRecords"
            self.put.extend(base64.b64decode(entry["Data"]) for entry in params["Records"])
            self._answer({"FailedRecordCount": 0, "Records": [{"SequenceNumber": "1"}] * len(params["Records"])})
        elif self.path == "/search-queues":
            found = [
                {"QueueId": name, "HoursOfOperationId": hours, "Status": "ENABLED"}
                for name, (hours, _) in QUEUES.items()
            ]
            self._answer({"Queues": found})
        else:
            self.asked.append(self.path)
            self._answer({"MetricResults": [self._metrics(name) for name in params["Filters"]["Queues"]]})

    @staticmethod
    def _metrics(name: str) -> dict[str, Any]:
        metrics = {"CONTACTS_IN_QUEUE": QUEUES[name][1], "AGENTS_STAFFED": 2.0}
        values = [{"Metric": {"Name": metric, "Unit": "COUNT"}, "Value": value} for metric, value in metrics.items()]
        return {"Dimensions": {"Queue": {"Id": name}}, "Collections": values}

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def aws() -> Iterator[tuple[str, type[Aws]]]:
    """Where it listens, and what it keeps."""

    class Own(Aws):
        put: list[bytes] = []  # noqa: RUF012  # this very server's
        asked: list[str] = []  # noqa: RUF012

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", Own
        server.shutdown()
        thread.join()


def test_what_connect_says_is_what_calls_are_routed_by_and_what_is_counted(
    dynamodb_local: DynamoDBServer, aws: tuple[str, type[Aws]]
) -> None:
    world = World(dynamodb_local.account())
    endpoint, stub = aws
    environ = {
        **world.account.environment,
        "AWS_ENDPOINT_URL_CONNECT": endpoint,
        "AWS_ENDPOINT_URL_KINESIS": endpoint,
        "TABLE": TABLE,
        "INSTANCE": INSTANCE,
        "STREAM": STREAM,
        "RULES": json.dumps({"capacity": {"sales": {"maxContactsInQueue": 40}}, "overflow": {"sales": ["backup"]}}),
    }

    def session() -> Session:
        return Session.from_environment(environ)

    metrics = build_realtime_metrics(environ, session(), None)
    started = int(time.time())
    answer = metrics.answer({"source": "aws.events"}, Invocation(Deadline.after(8)))
    assert answer == {"Rounds": "1", "Written": "1", "StoodBy": "0", "Failed": "0"}
    assert sorted(stub.asked) == ["/effective-hours-of-operations/i"] * 2 + ["/metrics/current/i"]

    routing = build_call_routing(environ, session(), None)
    passed = {f"Queue_{name}": f"{INSTANCE}/queue/{name}" for name in QUEUES}
    routed = [
        routing.answer(call(DefaultQueue=default, **passed), Invocation(Deadline.after(2)))
        for default in ("backup", "sales", "night")
    ]
    assert [(one["Queue"], one["Reason"], one["Degraded"]) for one in routed][:2] == [
        ("backup", "default", "false"),
        ("backup", "overflow", "false"),
    ]
    assert routed[2]["Queue"] in {"sales", "backup"}, "never the closed one"

    counting = build_stream_processor(environ, session(), None)
    records = [record(number, content) for number, content in enumerate(stub.put)]
    for _ in range(2):
        assert counting.answer(event(records), Invocation(Deadline.after(5))) == {"batchItemFailures": []}
    totals = {item["PK"]["S"]: loads(item) for item in world.items("Totals")}
    assert totals == {
        "TOTALS#backup": (1, Load(0, 0, 2, 0)),
        "TOTALS#night": (1, Load(0, 0, 2, 0)),
        "TOTALS#sales": (1, Load(50, 0, 2, 0)),
    }
    assert abs(int(world.items("Snapshot")[0]["TakenAt"]["N"]) - started) <= 8
