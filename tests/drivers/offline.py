"""One driver against the offline AWS, in this process and on a clock that stands still until it is moved.

`OfflineCaller` is what drivers read and steps call through: botocore serialises, signs and parses, the offline AWS
answers. `World` does for one resource what the engine does for all: observe, plan, take the steps, keep the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from tests.drivers.plans import OWNER, check
from trunkline.aws.cache_secret import cache_secret
from trunkline.aws.refusal import refused
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Context, Driver, Found, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Answer, Plan, Step
from trunkline.engine.record import Entry, Origin
from trunkline.engine.resource import Filling, Placeholder, Ref, resolve
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session

ACCOUNT, REGION = "123456789012", "us-east-1"
SWITCHES = Switches(throttling=False)  # the budget is the gate's business; here nothing may wait for tokens
SCOPE = Scope(ACCOUNT, REGION, OWNER, "uid-1")
ROUNDS = 100


class Killed(BaseException):
    """The process died here."""


class OfflineCaller:
    """A `Caller` over botocore. calls: every (service, operation) in order. before, after: hooks of mutating calls."""

    def __init__(self, cloud: OfflineAws) -> None:
        self._session = connected_session(cloud, region=REGION)
        self._clients: dict[str, Any] = {}
        self.calls: list[tuple[str, str]] = []
        self.after: Callable[[str], None] = lambda operation: None
        self.archives: dict[str, bytes] = {}
        self.secrets: dict[str, str] = {}

    def forget(self) -> None:
        self.calls.clear()
        self.after = lambda operation: None

    @property
    def names(self) -> list[str]:
        return [operation for _, operation in self.calls]

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        return await self._call(service, operation, params, mutating=False)

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        answer = await self._call(service, operation, params, mutating=True)
        self.after(operation)
        return answer

    async def _call(self, service: str, operation: str, params: Mapping[str, Any], *, mutating: bool) -> Answer:
        self.calls.append((service, operation))
        client = self._client(service)
        try:
            body = getattr(client, xform_name(operation))(**await self._filled(dict(params)))
        except (ClientError, BotoCoreError, OSError) as error:
            raise refused(error, service, operation, mutating=mutating)[0] from error
        request_id = body.pop("ResponseMetadata", {}).get("RequestId", "")
        return Answer(body, request_id)

    def _client(self, service: str) -> Any:
        client = self._clients.get(service)
        if client is None:
            config = _config()
            client = self._clients[service] = self._session.create_client(service, config=config)
        return client

    async def _filled(self, value: Any) -> Any:
        """What the gate does with placeholders: bytes of archives by their digest, tokens, and the cache's secret."""
        if isinstance(value, Mapping):
            return {key: await self._filled(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [await self._filled(item) for item in value]
        if isinstance(value, Placeholder):
            return await self._filling(value)
        return value

    async def _filling(self, placeholder: Placeholder) -> str | bytes:
        if placeholder.filling is Filling.ARCHIVE:
            return self.archives[placeholder.name]
        if placeholder.filling is Filling.SECRET:
            return await self._secret(placeholder.name)
        assert placeholder.filling is Filling.CACHE_SECRET, placeholder
        return await cache_secret(placeholder.name, self._secret, self._current)

    async def _secret(self, name: str) -> str:
        return self.secrets[name]

    async def _current(self, name: str) -> str | None:
        try:
            return str(self._client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
        except ClientError:
            return None


def _config() -> Any:
    from botocore.config import Config  # noqa: PLC0415  # only the first client needs it

    return Config(retries={"total_max_attempts": 1}, parameter_validation=True)


@dataclass
class World:
    """One resource, its driver and its record. desired: with open references; known: what they are."""

    cloud: OfflineAws
    clock: ManualClock
    aws: OfflineCaller
    driver: Driver
    key: str
    aws_name: str
    desired: Any
    known: dict[Ref, str] = field(default_factory=dict)
    scope: Scope = SCOPE
    entry: Entry | None = None
    deferred: frozenset[Ref] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        own = {OWNER_TAG: self.scope.owner, ENTRY_TAG: self.key}
        return Context(self.scope, self.key, {**self.tags, **own}, self.deferred, now=self.clock.now())

    async def all(self, *, exact: bool, by_name: bool = False, desired: bool = True) -> list[Found[Any]]:
        entry = None if by_name else self.entry
        wanted = Wanted(
            self.key,
            self.aws_name,
            id=entry.id if entry else "",
            arn=entry.arn if entry else "",
            desired=self.desired if desired else None,
            words=entry.words if entry else {},
        )
        return list(await self.driver.observe(self.aws, self.scope, [wanted], exact=exact))

    async def look(self, *, exact: bool, by_name: bool = False, desired: bool = True) -> Found[Any] | None:
        """The resource as the engine would recognize it: by recorded id, by our tags, by name."""
        items = await self.all(exact=exact, by_name=by_name, desired=desired)
        mine = {OWNER_TAG: self.scope.owner, ENTRY_TAG: self.key}
        recorded = [item for item in items if self.entry is not None and item.id == self.entry.id]
        tagged = [item for item in items if item.tags and mine.items() <= item.tags.items()]
        named = [item for item in items if self.entry is None and item.aws_name == self.aws_name]
        return next(iter([*recorded, *tagged, *named]), None)

    def plan(self, found: Found[Any] | None, *, delete: bool = False) -> Plan:
        if found is not None:
            self.known |= {Ref(self.key, "id"): found.id, Ref(self.key, "arn"): found.arn}
            self.known |= {Ref(self.key, name): value for name, value in found.attributes.items()}
        desired = None if delete else resolve(self.desired, self.known.get)
        plan = self.driver.plan(desired, found, self.entry, self.context)
        check(plan)
        return plan

    async def take(self, plan: Plan) -> None:
        """The steps in order, up to one that settles. The record follows each."""
        for step in plan.steps:
            await self._step(step)
            if step.settles:
                return
        if not plan.steps and self.entry is not None:
            self.entry = self.entry.remember(dict(plan.remembers))

    async def _step(self, step: Step) -> None:
        params = resolve(dict(step.params), self.known.get)
        answer = await self.aws.mutate(step.service, step.operation, params)
        provided = {attribute: str(answer.at(path)) for attribute, path in step.provides if answer.at(path) is not None}
        self.known |= {Ref(self.key, attribute): value for attribute, value in provided.items()}
        if step.creates:
            kind, name = self.key.split("/", 1)
            id_ = provided.get("id", self.aws_name)
            self.entry = Entry(kind, kind, name, id_, provided.get("arn", ""), self.aws_name)
        if self.entry is not None:
            self.entry = self.entry.remember(dict(step.remembers))

    async def converge(self, *, exact: bool = True, delete: bool = False) -> None:
        """Pass after pass until nothing is left to do; time goes on by what the plans wait for."""
        plan = Plan()
        for _ in range(ROUNDS):
            found = await self.look(exact=exact, desired=not delete)
            self._adopt(found)
            plan = self.plan(found, delete=delete)
            await self._take_or_look_again(plan, gone=delete)
            if plan.settled:
                return
            self.clock.advance(plan.waiting.check_after if plan.waiting is not None else 1.0)
        raise AssertionError(f"{self.key} does not settle: {[step.operation for step in plan.steps]}, {plan.waiting}")

    def _adopt(self, found: Found[Any] | None) -> None:
        """What the engine records of something that it recognizes."""
        if found is not None and self.entry is None:
            kind, name = self.key.split("/", 1)
            self.entry = Entry(kind, kind, name, found.id, found.arn, found.aws_name, Origin.CREATED)

    async def _take_or_look_again(self, plan: Plan, *, gone: bool) -> None:
        try:
            await self.take(plan)
        except CallRefusedError as error:
            if not (error.duplicate or error.throttled or error.unknown_effect or (gone and error.absent)):
                raise

    def lose_record(self) -> None:
        """Status was lost: nothing is known but the spec."""
        self.entry = None
        self.known = {ref: value for ref, value in self.known.items() if ref.node != self.key}


def moved(world: World, **changes: Any) -> None:
    """Another desired value from now on."""
    world.desired = replace(world.desired, **changes)
