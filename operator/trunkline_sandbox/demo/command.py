"""The main job, offline: YAML becomes a running contact center, is broken behind its back and repaired, and deleted.

A real kube-apiserver, a strict offline AWS with the documented call rates, and the operator, as three processes.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.cluster import ClusterError
from trunkline_sandbox.demo.stage import LOOK_SECONDS, ROOT, DemoError, Stage, exported

NAMESPACE, NAME = "contact-centers", "acme"
TOKEN = "acme-cache-token"  # the Secret's name
EXAMPLE = "examples/high-volume"
READY_SECONDS = 300.0
REPAIR_SECONDS = 60.0
SEARCH_SECONDS = 1.0  # between two looks: half of the operation's rate, which the operator shares
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline-sandbox demo`."""
    parser.add_argument("--once", action="store_true", help="end after the last act instead of leaving all running")


def run(args: argparse.Namespace) -> int:
    """Plays the demo. 0: everything was seen to happen; 1: something did not."""
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        with Stage() as stage:
            Play(stage).play()
            if not args.once:
                _stay(stage)
    except KeyboardInterrupt:
        print("Ended: no process is left, the data is gone", file=sys.stderr)
        return 0
    except (DemoError, ClusterError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def _interrupt(_number: int, _frame: object) -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _stay(stage: Stage) -> None:
    say("All of it goes on running. Ctrl-C ends it and leaves nothing behind. In another terminal:")
    print(exported({"KUBECONFIG": str(stage.cluster.kubeconfig), **stage.environment}), flush=True)
    while True:
        stage.check()
        time.sleep(1.0)


def say(text: str) -> None:
    """A line of the play."""
    print(f"\n== {text}", flush=True)


class Play:
    """The acts, in order. Each waits until it has been seen, or says what was not."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._shown: dict[str, str] = {}

    def play(self) -> None:
        """All acts."""
        self._prepare()
        self._come_up()
        self._break_and_repair()
        self._delete_and_keep()
        self._take_back()

    def _prepare(self) -> None:
        stage = self._stage
        say(f"Kubernetes: a real kube-apiserver at {stage.cluster.url}")
        print(
            f"   offline AWS at {stage.start_aws()}, every Connect operation at 2 calls a second, burst 5", flush=True
        )
        stage.install_crds()
        stage.start_operator()
        print("   the operator runs", flush=True)

    def _come_up(self) -> None:
        say("A Secret with the cache's token, which stands in no file")
        self._stage.kubectl("create", "namespace", NAMESPACE)
        token = f"--from-literal=token={secrets.token_hex(32)}"
        print(indented(self._stage.kubectl("create", "secret", "generic", TOKEN, "-n", NAMESPACE, token)), flush=True)
        self._stage.kubectl("label", "secret", TOKEN, "-n", NAMESPACE, "trunkline.dev/watch=Enabled")
        # The offline AWS keeps functions and their versions, but runs none: what this one answers is given.
        filled = {"cursor": "", "items": "0", "written": "0", "done": "true"}
        self._stage.aws().extra("lambda", "answer", function=f"{NAME}-cache-warmer", payload=filled)
        say(f"kubectl apply --server-side -f {EXAMPLE}/")
        self._apply()
        started = time.monotonic()
        self._wait("Ready", READY_SECONDS, self._is_ready)
        print(f"   Ready after {time.monotonic() - started:.1f} s", flush=True)
        print(self._stage.kubectl("get", "contactcenters,cachelayers,scalingpolicies", "-n", NAMESPACE), flush=True)
        self._count_calls()

    def _apply(self) -> None:
        print(indented(self._stage.kubectl("apply", "--server-side", "-f", str(ROOT / EXAMPLE))), flush=True)

    def _count_calls(self) -> None:
        counts = self._stage.aws().counts()
        connect = {name: outcomes for name, outcomes in counts.items() if name.startswith("connect:")}
        total = sum(sum(outcomes.values()) for outcomes in connect.values())
        throttled = sum(outcomes.get("ThrottlingException", 0) for outcomes in connect.values())
        print(f"   {total} calls to Connect so far, {throttled} of them throttled", flush=True)

    def _break_and_repair(self) -> None:
        connect = self._stage.client("connect")
        instance, queue, flow = self._id("instance", "instance"), self._id("queue", "sales"), self._id("flow", "survey")
        self._wait("shown by Search", REPAIR_SECONDS, lambda _: self._search_shows(instance, flow), quiet=True)
        say("Behind its back: the queue Sales is set to take 1 contact, and the flow Survey is deleted")
        connect.update_queue_max_contacts(InstanceId=instance, QueueId=queue, MaxContacts=1)
        connect.delete_contact_flow(InstanceId=instance, ContactFlowId=flow)
        self._wait("gone from Search", REPAIR_SECONDS, lambda _: not self._search_shows(instance, flow), quiet=True)
        say("kubectl annotate contactcenter acme trunkline.dev/reconcile=now (or wait for the next check)")
        asked = f"trunkline.dev/reconcile={time.time()}"
        self._stage.kubectl("annotate", "contactcenter", NAME, "-n", NAMESPACE, "--overwrite", asked)

        def repaired(center: dict[str, Any] | None) -> bool:
            if _recorded(center, "flow", "survey") in ("", flow) or not self._is_ready(center):
                return False  # AWS is asked last: its call rates are the operator's too
            queried = connect.describe_queue(InstanceId=instance, QueueId=queue)["Queue"]
            return bool(queried.get("MaxContacts") == 100)

        self._wait("repaired", REPAIR_SECONDS, repaired)
        print(
            "   Sales takes 100 contacts again; Survey is back, and the flow that names it names the new one",
            flush=True,
        )
        for event in self._events():
            if any(word in event for word in ("queue/sales", "flow/survey", "flow/sales-inbound")):
                print(f"   {event[:150]}", flush=True)

    def _search_shows(self, instance: str, flow: str) -> bool:
        """Whether Search shows a flow. It lags, and a check asks it first: what is broken and checked within the lag is
        found by the next check only.
        """
        time.sleep(SEARCH_SECONDS)
        found = self._stage.client("connect").search_contact_flows(InstanceId=instance, MaxResults=100)
        return any(item["Id"] == flow for item in found["ContactFlows"])

    def _delete_and_keep(self) -> None:
        say(f"kubectl delete contactcenter {NAME}: deletionPolicy is Retain")
        before = self._in_aws()
        self._stage.kubectl("delete", "contactcenter", NAME, "-n", NAMESPACE, "--timeout=60s")
        after = self._in_aws()
        if before != after:
            raise DemoError(f"something was deleted that was to be kept: {before} became {after}")
        print(f"   the object is gone, and nothing in AWS: {after}", flush=True)

    def _take_back(self) -> None:
        say("The same object applied again takes everything back")
        number = self._stage.aws().call_number()
        self._shown.clear()
        self._apply()
        self._wait("Ready", READY_SECONDS, self._is_ready, quiet=True)
        calls = self._stage.aws().calls(number)
        created = [call["operation"] for call in calls if call["operation"].startswith("Create") and call["effect"]]
        if created:
            raise DemoError(f"made a second time: {', '.join(created)}")
        print(f"   Ready again; {len(calls)} calls, nothing was made twice", flush=True)

    def _in_aws(self) -> str:
        connect, instance = self._stage.client("connect"), self._instance
        queues = connect.list_queues(InstanceId=instance, QueueTypes=["STANDARD"])["QueueSummaryList"]
        flows = connect.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
        tables = self._stage.client("dynamodb").list_tables()["TableNames"]
        functions = self._stage.client("lambda").list_functions()["Functions"]
        return f"{len(queues)} queues, {len(flows)} flows, {len(tables)} tables, {len(functions)} functions"

    @property
    def _instance(self) -> str:
        instances = self._stage.client("connect").list_instances()["InstanceSummaryList"]
        return str(instances[0]["Id"])

    def _id(self, kind: str, name: str) -> str:
        found = _recorded(self._stage.center(NAMESPACE, NAME), kind, name)
        if not found:
            raise DemoError(f"status has no {kind}/{name}")
        return found

    def _events(self) -> list[str]:
        columns = "custom-columns=REASON:.reason,MESSAGE:.message"
        return self._stage.kubectl("get", "events", "-n", NAMESPACE, "-o", columns, "--no-headers").splitlines()

    def _is_ready(self, center: dict[str, Any] | None) -> bool:
        status = (center or {}).get("status", {})
        ready = {item["type"]: item for item in status.get("conditions") or ()}.get("Ready", {})
        generation = (center or {}).get("metadata", {}).get("generation")
        return bool(ready.get("status") == "True" and status.get("observedGeneration") == generation)

    def _wait(
        self, what: str, seconds: float, done: Callable[[dict[str, Any] | None], bool], *, quiet: bool = False
    ) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self._stage.check()
            center = self._stage.center(NAMESPACE, NAME)
            if not quiet:
                self._show(center)
            if done(center):
                return
            if time.monotonic() > deadline:
                conditions = (center or {}).get("status", {}).get("conditions")
                words = self._stage.processes.last_words("operator")
                raise DemoError(f"not {what} within {seconds:.0f} s; conditions: {conditions}\n{words}")
            time.sleep(LOOK_SECONDS)

    def _show(self, center: dict[str, Any] | None) -> None:
        """Resources as they come and change."""
        for resource in (center or {}).get("status", {}).get("resources") or ():
            key = f"{resource.get('kind', resource['section'])}/{resource['name']}"
            state = resource.get("state", "")
            if self._shown.get(key) != state:
                self._shown[key] = state
                detail = resource.get("message") or resource.get("id", "")
                print(f"   {state:<10} {key:<36} {detail[:90]}", flush=True)


def _recorded(center: dict[str, Any] | None, kind: str, name: str) -> str:
    """The id of a resource in status; empty while there is none."""
    resources = (center or {}).get("status", {}).get("resources") or ()
    return next((str(item.get("id", "")) for item in resources if (item.get("kind"), item["name"]) == (kind, name)), "")


def indented(text: str) -> str:
    """Every line three blanks in."""
    return "\n".join(f"   {line}" for line in text.strip().splitlines())
