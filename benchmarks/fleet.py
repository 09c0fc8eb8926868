"""Many small centers on a real control plane: the objects, the accounts they are spread over, and what was called for them.

A real kube-apiserver, the offline AWS over HTTP and `trunkline run` are processes of their own, as in the demo.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from tests.column.centers import flow, hours, profile, queue, says

from trunkline.aws.credentials import Identity
from trunkline_sandbox.aws.calls import digest
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.cluster.client import ApiClient
from trunkline_sandbox.demo.stage import REGION, Stage

NAMESPACE = "figures"
COLLECTION = f"/apis/trunkline.dev/v1alpha1/namespaces/{NAMESPACE}/contactcenters"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
ROLE = "center"
ACCOUNTS = tuple(f"{210_000_000_000 + number}" for number in range(20))
PATIENCE_SECONDS = 1800.0
LOOK_SECONDS = 2.0


class NotInTimeError(Exception):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An apply: of which object, and when its request left (seconds since the epoch)."""

    name: str
    at: float


class Fleet:
    """The objects. Each has a role in one of twenty accounts, as centers of one operator have; each account at its own rate."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._aws = stage.aws()

    def prepare(self) -> None:
        """Accounts with a role each, instances that are made at once, room for them, and a namespace."""
        self._aws.switch(instance_creation_seconds=0.0, connect_quotas={"Amazon Connect instance count": 10_000})
        self._aws.throttle(enabled=False)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        for account in ACCOUNTS:
            key = f"AKIAFIGURES{account[-9:]}"
            self._aws.register(key, account)
            iam = boto3.client(
                "iam",
                endpoint_url=self._stage.environment["AWS_ENDPOINT_URL"],
                region_name=REGION,
                aws_access_key_id=key,
                aws_secret_access_key="throwaway",
            )
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        self._api.request("POST", "/api/v1/namespaces", body)

    @property
    def _api(self) -> ApiClient:
        return self._stage.cluster.api

    def apply(self, number: int, name: str, *, max_contacts: int = 5) -> Sent:
        """What `kubectl apply --server-side` does."""
        body = {
            "apiVersion": "trunkline.dev/v1alpha1",
            "kind": "ContactCenter",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": _spec(name, _role(number), max_contacts),
        }
        sent = Sent(name, time.time())
        self._api.request("PATCH", f"{COLLECTION}/{name}?fieldManager=figures&force=true", body, content_type=APPLY)
        return sent

    def delete(self, name: str) -> None:
        """By the default policy what was made is kept, so nothing is called."""
        self._api.request("DELETE", f"{COLLECTION}/{name}")

    def settled(self, name: str) -> bool:
        """Whether the object is Ready by its newest spec."""
        return ready(self._api.request("GET", f"{COLLECTION}/{name}"))

    def wait_settled(self, name: str) -> None:
        """Waits for `settled`. Raises NotInTimeError."""
        _until(f"{name} is not Ready", lambda: self.settled(name), LOOK_SECONDS / 8)

    def wait_all_ready(self, count: int) -> None:
        """Waits until so many objects are Ready. Raises NotInTimeError."""

        def all_ready() -> bool:
            self._stage.check()
            ready = self._ready()
            print(f"  {ready} of {count} centers are Ready", file=sys.stderr)
            return ready >= count

        _until(f"not all of {count} centers are Ready", all_ready, LOOK_SECONDS * 5)

    def _ready(self) -> int:
        shown = self._api.request("GET", f"{COLLECTION}?includeObject=None", accept=TABLE)
        column = [item["name"] for item in shown["columnDefinitions"]].index("Ready")
        return sum(row["cells"][column] == "True" for row in shown["rows"])

    @property
    def operator(self) -> int:
        """The process."""
        return self._stage.processes.status()["operator"].pid

    @contextmanager
    def first_calls(self) -> Iterator[FirstCalls]:
        """Collects applies; at the end, what the log of calls says came of them."""
        before = self._aws.call_number()
        collected = FirstCalls()
        yield collected
        _until(
            "an apply came to no call",
            lambda: collected.look(self._aws.calls(since=before)),
            LOOK_SECONDS,
            patience=60.0,
        )


def ready(body: Mapping[str, Any]) -> bool:
    """Whether an object is Ready by its newest spec."""
    generation = body["metadata"]["generation"]
    return any(
        item["type"] == "Ready" and item["status"] == "True" and item.get("observedGeneration") == generation
        for item in body.get("status", {}).get("conditions", ())
    )


class FirstCalls:
    """From each apply to the first call that AWS saw for its object."""

    def __init__(self) -> None:
        self.sent: list[tuple[Sent, int]] = []
        self.seconds: list[float] = []

    def add(self, sent: Sent, number: int) -> None:
        """An apply of the object with that number."""
        self.sent.append((sent, number))

    def look(self, calls: Sequence[Mapping[str, Any]]) -> bool:
        """Whether each has come to a call; then `seconds` has the time of each."""
        found = [_first(sent, number, calls) for sent, number in self.sent]
        self.seconds = [seconds for seconds in found if seconds is not None]
        return len(self.seconds) == len(found)


def _first(sent: Sent, number: int, calls: Iterable[Mapping[str, Any]]) -> float | None:
    """A call is the object's if it was signed by the object's session, or asked for that."""
    session = Identity(_role(number), "", f"{NAMESPACE}/{sent.name}").session_name
    asks = digest({"RoleArn": _role(number), "RoleSessionName": session})
    times = [
        call["time"]
        for call in calls
        if call["time"] >= sent.at and (call["digest"] == asks or call["principal"].endswith(f"/{session}"))
    ]
    return min(times) - sent.at if times else None


def _role(number: int) -> str:
    return f"arn:aws:iam::{ACCOUNTS[number % len(ACCOUNTS)]}:role/{ROLE}"


def _spec(name: str, role_arn: str, max_contacts: int) -> dict[str, Any]:
    """As small as a center is of use: hours, a queue, a profile, a flow."""
    return {
        "region": REGION,
        "credentials": {"roleArn": role_arn},
        "instance": {"alias": f"figures-{name}", "identityManagement": "CONNECT_MANAGED"},
        "hoursOfOperation": [hours("office")],
        "queues": [queue("sales", maxContacts=max_contacts)],
        "routingProfiles": [profile("agent", "sales")],
        "flows": [flow("inbound", says("greet", "Welcome."))],
    }


def _until(trouble: str, done: Any, look: float, patience: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise NotInTimeError(f"{trouble} after {patience:g} s")
        time.sleep(look)
