"""Gathers the AWS side, through the gate as the operator does. Reads only: nothing is made, changed or deleted.

What is found is kept as it comes, so that a slow service costs its own answer and no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trunkline.api.counted import counted
from trunkline.api.manifest import Document
from trunkline.aws.clients import Clients
from trunkline.aws.dates import Dates
from trunkline.aws.gate import Gate
from trunkline.aws.port import GatePort
from trunkline.aws.tenants import ANYBODY, Tenants
from trunkline.blueprints.roles import RoleRules
from trunkline.doctor.asking import in_time
from trunkline.doctor.facts import Assumed, Aws, Caller, Problem, Quota, Reply, Simulated, Skew, Unread
from trunkline.doctor.reads import Read, reads
from trunkline.doctor.sample import identities, sample
from trunkline.doctor.simulation import denied, questions, role_of
from trunkline.doctor.used import INSTANCES, Account, Need, accounts, combined, grants, needs, uses
from trunkline.doctor.wanted import Wanted
from trunkline.engine.budget import Budget, Priority
from trunkline.engine.clock import SystemClock
from trunkline.engine.driver import Caller as Reading
from trunkline.engine.gate import Access, Errand, Place
from trunkline.engine.outcome import CallRefusedError, PassEndedError
from trunkline.rights.grants import Grant
from trunkline.rights.places import Place as Where
from trunkline.rights.reading import KINDS
from trunkline.rights.uses import Uses

THREADS = 8
MOST_IDENTITIES = 40
MOST_USED = 60  # objects whose whole blueprint is made, tens of milliseconds each
MOST_PAGES = 20
_UNREACHABLE = (
    "EndpointConnection",
    "ConnectTimeout",
    "ConnectionClosed",
    "ProxyConnection",
    "ReadTimeout",
    "SSL",
    "HTTPClient",
)

Late = Callable[[str], None]


async def gather_aws(documents: Sequence[Document], wanted: Wanted, seconds: float, late: Late) -> Aws:
    """Within so many seconds. documents: objects, with the ConfigMaps beside them."""
    dates = Dates(time.time)
    budget = Budget()
    gate = Gate(
        Clients(dates.session(), pool=THREADS, read_seconds=wanted.call_seconds),
        budget,
        clock=SystemClock(),
        threads=THREADS,
    )
    folder = wanted.environment.get("TRUNKLINE_TENANTS") if wanted.in_cluster else None
    port = GatePort(gate, wanted.installation, Tenants(Path(folder)) if folder else ANYBODY)
    budget.start()
    gathering = _Gathering(port, wanted, documents, late)
    try:
        await gathering.run(seconds)
        skews = tuple(Skew(host, ahead) for host, ahead in sorted(dates.ahead().items()))
        return replace(gathering.facts(), skews=skews)
    finally:
        gate.stop()
        # Calls that nobody answers end by their own timeouts; nobody waits for them here.
        await in_time({"the end of calls": gate.close()}, 1.0, lambda _name: None)


@dataclass(slots=True)
class _Gathering:
    port: GatePort
    wanted: Wanted
    documents: Sequence[Document]
    late: Late
    caller: Caller | Unread = field(default_factory=lambda: Unread("no answer in time", away=True))
    assumed: list[Assumed] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    simulated: list[Simulated] = field(default_factory=list)
    quotas: list[Quota] = field(default_factory=list)
    places: dict[Access, Place] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()

    def facts(self) -> Aws:
        """What there is by now."""
        ordered = sorted(self.replies, key=lambda one: (one.role_arn, one.region, one.service, one.action))
        return Aws(
            self.caller,
            tuple(self.assumed),
            tuple(ordered),
            tuple(self.simulated),
            tuple(self.quotas),
            unreadable=self.unreadable,
        )

    async def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        own = Access(self.wanted.region, object_name="trunkline/doctor")
        self.caller = (await in_time({"identity": self._identify(own)}, seconds, self.late))["identity"]
        if isinstance(self.caller, Unread):
            return
        listed = accounts(self.documents)
        if len(listed) > MOST_IDENTITIES:
            left = counted(len(listed) - MOST_IDENTITIES, "identity", "identities")
            self.late(f"{left} (a namespace with its role and Region) beyond {MOST_IDENTITIES}")
        work = {
            f"role {account.access.role_arn or 'own'} ({account.objects[0]})": self._assume(account)
            for account in identities(listed, MOST_IDENTITIES)
        }
        await in_time(work, end - time.monotonic(), self.late)
        rules = RoleRules(self.wanted.role_path, self.wanted.permissions_boundary)
        ours = [document for document in self.documents if document.kind in KINDS]
        asked = sample(ours, MOST_USED)
        if told := asked.told():
            self.late(told)
        beside = [document for document in self.documents if document.kind not in KINDS]
        by_role, self.unreadable = uses([*asked.documents, *beside], rules)
        more = {f"permissions of {role or 'the own identity'}": self._role(role, of) for role, of in by_role.items()}
        found = combined(needs(self.documents), {access: place.account for access, place in self.places.items()})
        for number, need in enumerate(found, 1):
            more[f"quota {number}, {need.name}"] = self._quota(need)
        await in_time(more, end - time.monotonic(), self.late)

    # --- identities

    async def _identify(self, own: Access) -> Caller | Unread:
        try:
            self.places[own] = place = await self.port.place(own, _errand("Doctor/trunkline/doctor"))
            answer = await self._reading(own, place).read("sts", "GetCallerIdentity", {})
        except (CallRefusedError, PassEndedError) as error:
            return Unread(str(error), away=_problem(error).unreachable)
        arn = str(answer.at("Arn"))
        role = self.wanted.role.rpartition("/")[2]
        own_role = bool(role) and f":assumed-role/{role}/" in arn
        return Caller(place.account, arn, as_operator=self.wanted.in_cluster or own_role or arn == self.wanted.role)

    async def _assume(self, account: Account) -> None:
        access = account.access
        found: str | Problem
        try:
            self.places[access] = place = await self.port.place(access, _errand(f"{account.kind}/{access.object_name}"))
            found = place.account
        except (CallRefusedError, PassEndedError) as error:
            found = _problem(error)
        self.assumed.append(Assumed(access.role_arn, account.objects, found, account.wanted))

    # --- services and permissions

    async def _role(self, role: str, of: Uses) -> None:
        """One role: what it may do by the simulator, and one read of each service in each Region."""
        there = [
            (access, place)
            for access, place in self.places.items()
            if access.role_arn == role and access.object_name != "trunkline/doctor"
        ]
        if not there:
            return
        regions = {access.region: (access, place) for access, place in there}
        asked = []
        for access, place in regions.values():
            where = Where(
                place.partition, place.account, access.region, self.wanted.installation, self.wanted.role_path
            )
            granted = grants(of, where, self.wanted.permissions_boundary)
            asked += [self._read(access, place, read) for read in reads(granted, time.time())]
            asked.append(self._simulate(access, place, granted))
        await asyncio.gather(*asked)

    async def _read(self, access: Access, place: Place, read: Read) -> None:
        problem: Problem | None = None
        try:
            await self._reading(access, place).read(read.service, read.operation, read.params)
        except (CallRefusedError, PassEndedError) as error:
            problem = _problem(error) if not getattr(error, "absent", False) else None
        self.replies.append(Reply(read.service, read.action, access.region, access.role_arn, problem))

    async def _simulate(self, access: Access, place: Place, granted: Sequence[Grant]) -> None:
        principal = self._principal(access)
        answers = []
        actions = {grant.action for grant in granted}
        try:
            for question in questions(granted, place.account, access.region):
                answers += await self._answers(access, place, question.params(principal))
        except (CallRefusedError, PassEndedError) as error:
            told = Unread(
                f"{getattr(getattr(error, 'refusal', None), 'code', type(error).__name__)} by SimulatePrincipalPolicy"
            )
            self.simulated.append(Simulated(principal, access.region, len(actions), told))
            return
        self.simulated.append(Simulated(principal, access.region, len(actions), tuple(denied(answers))))

    async def _answers(self, access: Access, place: Place, params: dict[str, Any]) -> list[Mapping[str, Any]]:
        """Every page. A role's own rights are asked about as whoever the doctor is, unless it is of another account."""
        own = Access(self.wanted.region, object_name="trunkline/doctor")
        asking = own if own in self.places and self.places[own].account == place.account else access
        reading = self._reading(asking, self.places[asking])
        found: list[Mapping[str, Any]] = []
        marker: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            answer = await reading.read("iam", "SimulatePrincipalPolicy", {**params, **marker})
            found.append(answer.body)
            if not answer.at("IsTruncated"):
                break
            marker = {"Marker": answer.at("Marker")}
        return found

    def _principal(self, access: Access) -> str:
        if access.role_arn:
            return access.role_arn
        arn = "" if isinstance(self.caller, Unread) else self.caller.arn
        return self.wanted.role or role_of(arn, self.wanted.environment.get("AWS_ROLE_ARN", ""))

    # --- quotas

    async def _quota(self, need: Need) -> None:
        reading = self._reading(need.access, self.places[need.access])
        value: float | Unread = need.default
        needed = need.needed
        try:
            if need.code == INSTANCES[2]:
                needed += await _instances(reading)
            if needed > need.default * 0.9:
                value = await _granted(reading, need)
        except (CallRefusedError, PassEndedError) as error:
            value = Unread(str(error))
        self.quotas.append(Quota(need.access.region, need.service, need.name, need.code, value, needed, need.of))

    def _reading(self, access: Access, place: Place) -> Reading:
        return self.port.caller(access, place, _errand(f"Doctor/{access.object_name}"))


async def _instances(reading: Reading) -> float:
    """How many there are in the account and Region."""
    number = 0
    following: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = await reading.read("connect", "ListInstances", {"MaxResults": 10, **following})
        number += len(answer.at("InstanceSummaryList") or ())
        if not answer.at("NextToken"):
            break
        following = {"NextToken": answer.at("NextToken")}
    return float(number)


async def _granted(reading: Reading, need: Need) -> float:
    params = {"ServiceCode": need.service, "QuotaCode": need.code}
    if need.of:
        params["ContextId"] = need.of
    try:
        answer = await reading.read("service-quotas", "GetServiceQuota", params)
    except CallRefusedError as error:
        if not error.absent:
            raise
        return need.default  # never raised
    return float(answer.at("Quota.Value"))


async def _reads_only() -> None:
    raise PassEndedError("the doctor changes nothing")


def _errand(owner: str) -> Errand:
    return Errand(Priority.CHANGE, owner, _reads_only)


def _problem(error: CallRefusedError | PassEndedError) -> Problem:
    if isinstance(error, PassEndedError):
        return Problem("NotAsked", str(error))
    refusal = error.refusal
    return Problem(
        refusal.code,
        refusal.message,
        denied="Denied" in refusal.code or refusal.code in ("UnauthorizedOperation", "NotAuthorized"),
        unreachable=refusal.code.startswith(_UNREACHABLE),
    )
