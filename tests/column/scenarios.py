"""A small language of scenarios: callers, their centers and policies, and the clock of an account, minute by minute.

    play = Play("2026-09-22 10:00", {"small": surge(steady(20), 5, since="2026-09-22 10:30")})
    play.until("2026-09-22 11:00")
    assert play["small"].uncovered() <= 5

Callers are a function of time, calls a second. All else follows from them: what Amazon Connect counts at the same time,
what Application Auto Scaling sees in use, what the last three months were. Real handlers decide, the offline AWS obeys;
what stands there is noted once a minute. Times are by the clock of New York.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.column.callers import MINUTE, Rate, all_busy, at, busy, local
from tests.column.centers import instance, small_center
from tests.column.policies import ALIAS, LOOKUP_LEVER, policy
from tests.column.world import REGION, Object, World, quick
from tests.virtual_time import VirtualClock
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.aws.lambda_.service import LambdaService
from trunkline_sandbox.aws.service import CallContext
from trunkline_sandbox.aws.switches import Switches

QUARTER = 900.0
CALL_SECONDS = 300.0
ACCOUNT = "123456789012"
QUOTA = "Concurrent active calls per instance"

NO_WAIT = Switches(lambda_vpc_must_exist=False)
"""Centers are there at once: they are only what policies speak of."""

Told = Callable[[float, float], float | None]
"""What a metric says in the minute that ends at an instant, of so many calls at the same time; None: nothing."""

LIVE: dict[str, Any] = {
    "name": "live",
    "cloudWatch": {
        "namespace": "AWS/Connect",
        "metricName": "ConcurrentCalls",
        "statistic": "Maximum",
        "periodSeconds": 60,
    },
    "measures": "ConcurrentCalls",
    "maxAgeSeconds": 180,
    "whenMissing": "Fail",
}
FORECAST: dict[str, Any] = {"history": {"connect": {}}, "coverPercent": 99}
WIDE: dict[str, Any] = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 5, "max": 900}}


# --- what stands there


@dataclass(frozen=True, slots=True)
class Minute:
    """ready: environments that are warm. least: the minimum that AWS was told. rate: calls a second that come."""

    at: float
    rate: float
    ready: int
    least: int

    @property
    def covered(self) -> bool:
        return self.ready >= busy(self.rate)


@dataclass(frozen=True, slots=True)
class Write:
    """What was told to Application Auto Scaling, and taken. same: AWS had it so already."""

    at: float
    operation: str
    params: Mapping[str, Any]
    same: bool


@dataclass
class Center:
    """A center, its policy, its callers, and what became of them."""

    of: Object
    policy: Object
    calls: Rate
    said: list[tuple[float, Told]] = field(default_factory=list)
    minutes: list[Minute] = field(default_factory=list)

    @property
    def resource(self) -> str:
        return f"function:{self.of.name}-lookup:{ALIAS}"

    def concurrent(self, instant: float) -> float:
        """Calls at the same time: those that began within the time of a call."""
        steps = 10
        width = CALL_SECONDS / steps
        return width * sum(self.calls(instant - (step + 0.5) * width) for step in range(steps))

    def measured(self, minute_end: float) -> float | None:
        """What CloudWatch has of that minute."""
        told = [one for since, one in self.said if since < minute_end]
        true = self.concurrent(minute_end)
        return told[-1](minute_end, true) if told else true

    def between(self, since: str | None = None, until: str | None = None) -> list[Minute]:
        """Minutes after `since`, and not after `until`."""
        first = at(since) if since is not None else 0.0
        last = at(until) if until is not None else float("inf")
        found = [one for one in self.minutes if first < one.at <= last]
        assert found, f"nothing was seen between {since} and {until}"
        return found

    def uncovered(self, since: str | None = None, until: str | None = None) -> int:
        """Minutes in which fewer environments were warm than lookups keep busy on average."""
        return sum(not one.covered for one in self.between(since, until))

    def short_ppm(self, since: str | None = None, until: str | None = None) -> float:
        """Of a million lookups, those that find no warm environment."""
        seen = self.between(since, until)
        came = sum(one.rate for one in seen)
        return 1e6 * sum(one.rate * all_busy(one.ready, busy(one.rate)) for one in seen) / came if came else 0.0

    def falls(self, since: str | None = None, until: str | None = None) -> list[str]:
        """When fewer were warm than the minute before, or AWS was told less, and how many."""
        seen = self.between(since, until)
        return [
            f"{local(one.at):%H:%M} {before.ready}->{one.ready} least {before.least}->{one.least}"
            for before, one in pairwise(seen)
            if one.ready < before.ready or one.least < before.least
        ]

    @property
    def now(self) -> Minute:
        return self.minutes[-1]

    def says(self, type_: str) -> str:
        """Reason and message of a condition of the policy."""
        found = self.policy.condition(type_)
        return f"{found.get('status')} {found.get('reason')}: {found.get('message')}"


# --- the play


class AccountClock(VirtualClock):
    """The clock of AWS, and beside it the wall clock of the operator's machine, that may be `skew` seconds ahead."""

    skew = 0.0

    def wall(self) -> float:
        return self.now() + self.skew

    def now(self) -> float:
        return self.epoch + self.elapsed


class Play:
    """An account with its centers, from a time on. spec: of all policies, with live calls as demand unless it says so.

    history: whether Amazon Connect knows the last three months. quota: of concurrent calls; account: of
    concurrent executions. Environments take a minute until they are warm.
    """

    def __init__(
        self,
        start: str,
        callers: Mapping[str, Rate],
        *,
        history: bool = False,
        quota: int = 100_000,
        account: int = 1000,
        **spec: Any,
    ) -> None:
        began = at(start)
        clock = AccountClock(began - 3600.0)
        self.world = World(
            quick(
                NO_WAIT,
                provisioned_concurrency_seconds=MINUTE,
                connect_quotas={QUOTA: quota},
                lambda_account_concurrency=account,
            ),
            clock,
        )
        self.clock = clock
        self.alive = True
        self.writes: list[Write] = []
        self._latest: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._listen()
        self.centers: dict[str, Center] = {}
        for number, (name, rate) in enumerate(callers.items(), start=1):
            self.centers[name] = self._center(number, name, rate, history=history, spec=spec)
        clock.advance(began - clock.now())

    def __getitem__(self, name: str) -> Center:
        return self.centers[name]

    def __iter__(self) -> Iterator[Center]:
        return iter(self.centers.values())

    def _center(self, number: int, name: str, rate: Rate, *, history: bool, spec: Mapping[str, Any]) -> Center:
        of = small_center(name, instance=instance(alias=f"{name}-center"))
        of.uid = f"{str(number) * 8}-2222-4333-8444-555555555555"
        self.world.make(of)
        reference = {"kind": "ContactCenter", "name": name}
        defaults: dict[str, Any] = {"demand": {"metrics": [LIVE]}, "levers": [WIDE], "targetRef": reference}
        made = Center(of, self.world.add(policy(f"peak-{name}", **{**defaults, **spec})), rate)
        tell = self.world.cloud.extra
        dimensions = {"InstanceId": of.status["instance"]["id"], "MetricGroup": "VoiceCalls"}
        metric = {"namespace": "AWS/Connect", "metric": "ConcurrentCalls", "dimensions": dimensions}
        tell("cloudwatch", "measure", **metric, value=made.measured)
        tell("application-autoscaling", "use", resource=made.resource, value=lambda now: busy(made.calls(now)))
        if history:
            queue = next(line["id"] for line in of.status["resources"] if line["kind"] == "queue")
            contacts = {"queue": queue, "channel": "VOICE"}
            tell(
                "connect",
                "history",
                **contacts,
                values=lambda quarter: {"CONTACTS_CREATED": made.calls(quarter + QUARTER / 2) * QUARTER},
            )
        return made

    # --- what happens

    def until(self, end: str, every: float = MINUTE) -> Play:
        """Minutes go by; each policy has its pass every so many seconds, and again as soon as it asks for it."""
        self.world.run(self._until(at(end), every))
        return self

    def source(self, name: str, told: Told) -> None:
        """From now on the metric of a center says something else than the truth."""
        self[name].said.append((self.clock.now(), told))

    def truth(self, name: str) -> None:
        """From now on it says the truth again."""
        self.source(name, lambda _end, true: true)

    def refuse(self, **fault: Any) -> None:
        """From now on AWS refuses these calls; see `trunkline_sandbox.aws.faults`."""
        self.world.cloud.faults.add(Fault(**{"kind": "error", "times": 0, **fault}))

    def mend(self) -> None:
        """AWS refuses nothing any more."""
        self.world.cloud.faults.clear()

    def notes(self) -> list[str]:
        """Events of all policies: reason and text."""
        return [f"{note.reason}: {note.message}" for one in self for note in one.policy.notes]

    async def _until(self, end: float, every: float) -> None:
        due = self.clock.now()
        while self.clock.now() < end:
            minute_end = self.clock.now() + MINUTE
            if self.alive and self.clock.now() >= due:
                due = self.clock.now() + every
                for center in self:
                    await self._passes(center.policy, minute_end)
            await asyncio.sleep(max(0.0, minute_end - self.clock.now()))
            self._note()

    async def _passes(self, of: Object, until: float) -> None:
        result = await self.world.once(of, Priority.DRIFT)
        while result.check_after is not None and self.clock.now() + result.check_after < until:
            await asyncio.sleep(max(0.1, result.check_after))
            result = await self.world.once(of, Priority.PROGRESS)

    def _note(self) -> None:
        """What stands there, without a call: nobody's bucket is the emptier for it."""
        cloud = self.world.cloud
        cloud.services.pass_time(cloud.clock, cloud.switches)
        functions = cloud.services.own("lambda")
        assert isinstance(functions, LambdaService)
        now = self.clock.now()
        context = CallContext(ACCOUNT, REGION, "", "", cloud.clock, cloud.switches)
        targets = self._targets()
        for center in self:
            found = functions.provisioned(context, f"{center.of.name}-lookup", ALIAS)
            least = targets.get(center.resource, [0, 0])[0]
            center.minutes.append(Minute(now, center.calls(now), found[1] if found else 0, least))

    def _targets(self) -> dict[str, list[int]]:
        """Minimum and maximum of every target, by resource."""
        service = self.world.cloud.services.own("application-autoscaling")
        assert service is not None
        inspected = service.inspect()["scalableTargets"]
        return {label.split(" ")[2]: found["capacity"] for label, found in inspected.items()}

    # --- what is written

    def _listen(self) -> None:
        events = self.world.session
        events.register("before-parameter-build.application-autoscaling", self._asked)
        events.register("after-call.application-autoscaling", self._answered)

    def _asked(self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if model.name.startswith(("Describe", "List")):
            return
        context["trunkline_same"] = self._is_so(model.name, params)
        context["trunkline_params"] = params

    def _answered(self, parsed: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if "trunkline_params" in context and parsed["ResponseMetadata"]["HTTPStatusCode"] < 400:
            params = context["trunkline_params"]
            self.writes.append(Write(self.clock.now(), model.name, params, context["trunkline_same"]))
            self._latest[_object(params)] = params if not model.name.startswith("De") else {}

    def _is_so(self, operation: str, params: Mapping[str, Any]) -> bool:
        if operation == "RegisterScalableTarget":  # its minimum moves by itself too
            return self._targets().get(params["ResourceId"]) == [params["MinCapacity"], params["MaxCapacity"]]
        return self._latest.get(_object(params)) == params

    def repeated(self) -> list[Write]:
        """What AWS was told though it had it so."""
        return [write for write in self.writes if write.same]


def _object(params: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("ResourceId", "ScheduledActionName", "PolicyName")
    return tuple(str(params.get(name, "")) for name in names)
