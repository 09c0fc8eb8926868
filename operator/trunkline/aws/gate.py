"""The gate: the one door to AWS.

Passes are coroutines; a token of the budget is taken before a thread, page by page, and only the HTTP call itself runs
in one, so a few threads serve thousands of waiting passes. Before each mutating call the guard is asked whether this
pass may still change anything, and at the socket the clock, whether this process still leads. Placeholders are filled
as the last thing before the call.

A throttled call had no effect and is made again here a few times, each time behind the others; every other refusal is
the engine's business and raised as `CallRefusedError`. Each call is told to the observer, each mutating one is logged.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol
from weakref import WeakSet

from trunkline.aws import limits
from trunkline.aws.accounts import Account, Accounts
from trunkline.aws.calls import Call, Errand, GateObserver, Guard, Request, log
from trunkline.aws.clients import CALL_SECONDS, Clients
from trunkline.aws.credentials import POD, Identity, RoleSession, RoleSessions, not_assumed
from trunkline.aws.filling import Fillers, Secrets, fill
from trunkline.aws.refusal import refused
from trunkline.engine.audit import PLAN
from trunkline.engine.bucket import Bucket
from trunkline.engine.budget import OVERTAKEN, STOPPED, Budget, Priority
from trunkline.engine.clock import Clock
from trunkline.engine.driver import Caller, Scope
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError, Refusal
from trunkline.engine.plan import Answer
from trunkline.tenure.right import NotLeadingError, Tenure

__all__ = ["CALL_SECONDS", "POD", "Account", "Call", "Gate", "GateObserver", "Guard", "Identity"]

THROTTLE_RETRIES = 2
LAST_SECONDS = 2 * CALL_SECONDS  # from the stop on, for calls in flight, with new credentials before them
READS = ("BatchGet", "Describe", "Get", "Head", "List", "Search", "Simulate")

_LOG = logging.getLogger(__name__)


class ArchiveLike(Protocol):
    """A zip in the catalog, known by its base64 SHA-256."""

    @property
    def sha256_base64(self) -> str: ...

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Signed:
    """What goes to a thread: filled params and whose session signs them. Never shown."""

    params: Mapping[str, Any] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    session: RoleSession | None = field(repr=False)


class _ExpiredError(Exception):
    """The credentials of a call had expired; it had no effect."""

    def __init__(self, error: CallRefusedError, session: RoleSession | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.session = session


class _Caller:
    """The gate as one pass of one object sees it (`trunkline.engine.driver.Caller`)."""

    def __init__(self, gate: Gate, errand: Errand) -> None:
        self._gate = gate
        self._errand = errand
        self._overtaken = False

    def overtake(self, owner: str) -> None:
        """No call starts any more if the pass is this owner's and less urgent than a change."""
        if self._errand.owner == owner and self._errand.priority is not Priority.CHANGE:
            self._overtaken = True

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        """One page. Raises CallRefusedError; ValueError for an operation that is not a read, before any call."""
        if not operation.startswith(READS):
            raise ValueError(f"{operation} is not a read: it must be a step of a plan")
        self._check()
        return await self._gate.perform(self._errand, Request(service, operation, params))

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        """Raises CallRefusedError, PassEndedError."""
        self._check()
        return await self._gate.perform(self._errand, Request(service, operation, params, mutating=True))

    def _check(self) -> None:
        if self._overtaken:
            raise PassEndedError(OVERTAKEN)


class Gate:
    """All calls of the process go through one gate, in one event loop.

    archives: the catalog that ARCHIVE placeholders are filled from. threads: the most HTTP calls at once. tenure: until
    when this process may change anything, looked at once more when a change is sent; None: for ever.
    """

    def __init__(
        self,
        clients: Clients,
        budget: Budget,
        *,
        clock: Clock,
        archives: Iterable[ArchiveLike] = (),
        threads: int = 32,
        observer: GateObserver | None = None,
        bucket: Callable[[str, str, str, str], Bucket] = limits.DOCUMENTED.bucket,
        tenure: Tenure | None = None,
    ) -> None:
        self._clients = clients
        self._budget = budget
        self._clock = clock
        self._archives = {archive.sha256_base64: archive for archive in archives}
        self._observer = observer
        self._bucket = bucket
        self._tenure = tenure
        self._threads = asyncio.Semaphore(threads)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="aws")
        self._sessions = RoleSessions(clock)
        self._accounts = Accounts()
        self._calls: set[asyncio.Task[Answer]] = set()
        self._callers: WeakSet[_Caller] = WeakSet()
        self._stopped = False
        self._stopped_at = 0.0
        self._last_call = 0.0

    @property
    def last_call(self) -> float:
        """When the last call ended, of the loop's time."""
        return self._last_call

    def caller(
        self,
        identity: Identity,
        scope: Scope,
        priority: Priority,
        owner: str,
        guard: Guard,
        *,
        secrets: Secrets | None = None,
        generation: int = 0,
    ) -> Caller:
        """The gate for one pass.

        Of the scope, account and region count: credentials that lead to another account call nothing. guard: asked
        before each mutating call. secrets: fills SECRET placeholders, from what the pass read and froze. generation: of
        the spec that the pass works on.
        """
        errand = Errand(identity, scope.account, scope.region, priority, owner, guard, secrets, generation)
        caller = _Caller(self, errand)
        self._callers.add(caller)
        return caller

    def overtake(self, owner: str) -> None:
        """A change of this owner has come: its less urgent passes end at their next call, also those that wait.

        Or the change would wait behind a drift check of its own object, which waits behind everybody else's.
        """
        for caller in list(self._callers):
            caller.overtake(owner)
        self._budget.overtake(owner)

    async def account(self, identity: Identity, region: str, priority: Priority, owner: str) -> Account:
        """Where the credentials lead (STS GetCallerIdentity, asked once per set of credentials).

        Raises CallRefusedError, *blocked* where a role may not be assumed.
        """
        return await self._account(Errand(identity, "", region, priority, owner))

    def stop(self) -> None:
        """From now on no call starts: who asks for one is told that the pass has ended. Those in flight go on."""
        if not self._stopped:
            self._stopped, self._stopped_at = True, time.monotonic()
        self._budget.stop()

    async def close(self, seconds: float = LAST_SECONDS) -> None:
        """Stop, let the calls in flight have so long since the stop, let threads and connections go."""
        self.stop()
        if self._calls:
            await asyncio.wait(self._calls, timeout=max(0.0, self._stopped_at + seconds - time.monotonic()))
        if self._calls:  # each byte has its time, but not all of an answer
            _LOG.warning("%d calls did not end in %g s", len(self._calls), seconds)
        self._executor.shutdown(wait=False)
        self._clients.close()

    async def perform(self, errand: Errand, request: Request) -> Answer:
        """A call of a pass: made again while throttled, and once with new credentials."""
        if errand.account:
            await self._check_account(errand, request)
        throttled, renewed = 0, False
        while True:
            try:
                return await self._once(errand, request)
            except _ExpiredError as expired:
                self._sessions.forget(errand.identity, expired.session)
                if renewed or errand.identity.own:
                    raise expired.error from None
                renewed = True
            except CallRefusedError as error:
                throttled += 1
                if not error.throttled or throttled > THROTTLE_RETRIES:
                    raise

    async def _once(self, errand: Errand, request: Request) -> Answer:
        session = await self._sessions.session(errand.identity, lambda _: self._assume(errand))
        bucket = self._bucket(errand.account, errand.region, request.service, request.operation)
        taken = await self._budget.take(bucket, errand.priority, errand.owner)
        try:
            fillers = Fillers(self._archive, errand.secrets, lambda name: self._current(errand, name))
            params, secrets = await fill(request.service, request.operation, request.params, fillers)
            await self._enter(errand, request)
        except BaseException:
            self._budget.give_back(bucket)
            raise
        call = asyncio.ensure_future(self._call(errand, request, _Signed(params, secrets, session), bucket, taken))
        self._calls.add(call)
        call.add_done_callback(self._left)
        return await asyncio.shield(call)  # a pass that is cancelled leaves its call to end, and to be noted

    async def _enter(self, errand: Errand, request: Request) -> None:
        """Wait for a thread; only then ask the guard, whose word is good for one call's time."""
        await self._threads.acquire()
        try:
            if request.mutating and errand.guard is not None:
                await errand.guard()
            self._check_open()
        except BaseException:
            self._threads.release()
            raise

    def _left(self, call: asyncio.Task[Answer]) -> None:
        self._threads.release()
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # seen, even if the pass is gone

    def _check_open(self) -> None:
        if self._stopped:
            raise PassEndedError(STOPPED)

    async def _call(self, errand: Errand, request: Request, signed: _Signed, bucket: Bucket, taken: float) -> Answer:
        loop = asyncio.get_running_loop()
        start = loop.time()
        send = partial(
            self._clients.call,
            *(request.service, request.operation, errand.region, signed.params, signed.session),
            tenure=self._tenure if request.mutating else None,
        )
        try:
            answer = await loop.run_in_executor(self._executor, send)
        except NotLeadingError as refusal:
            self._budget.give_back(bucket)
            raise PassEndedError(str(refusal)) from None
        except Exception as raised:
            error, expired = refused(
                raised, request.service, request.operation, mutating=request.mutating, secrets=signed.secrets
            )
        else:
            self._note(errand, request, loop.time() - start, "", answer.request_id)
            return answer
        self._note(errand, request, loop.time() - start, error.refusal.code, error.refusal.request_id)
        if error.throttled:
            self._budget.throttled(bucket, taken)
        # Raised here and not in the handler: the SDK's exception may quote params, and must not hang on to this one.
        raise _ExpiredError(error, signed.session) if expired else error

    def _note(self, errand: Errand, request: Request, seconds: float, code: str, request_id: str) -> None:
        self._last_call = asyncio.get_running_loop().time()
        call = Call(
            at=self._clock.wall(),
            owner=errand.owner,
            account=errand.account,
            region=errand.region,
            role_arn=errand.identity.role_arn,
            service=request.service,
            operation=request.operation,
            mutating=request.mutating,
            code=code,
            request_id=request_id,
            seconds=seconds,
            generation=errand.generation,
            plan=PLAN.get(),
        )
        if call.mutating:
            log(call)
        if self._observer is not None:
            self._observer.called(call)

    def _archive(self, sha256_base64: str) -> bytes:
        return self._archives[sha256_base64].read()

    async def _current(self, errand: Errand, name: str) -> str | None:
        """The present value of a secret, a part of which is kept; None if there is none."""
        unguarded = replace(errand, guard=None, secrets=None)
        try:
            answer = await self.perform(unguarded, Request("secretsmanager", "GetSecretValue", {"SecretId": name}))
        except CallRefusedError as error:
            if error.absent:
                return None
            raise
        return str(answer.at("SecretString") or "")

    # Credentials and account

    async def _assume(self, errand: Errand) -> RoleSession:
        """AssumeRole, with the pod's credentials."""
        params: dict[str, Any] = {"RoleArn": errand.identity.role_arn, "RoleSessionName": errand.identity.session_name}
        if errand.identity.external_id:
            params["ExternalId"] = errand.identity.external_id
        if errand.identity.tags:
            params["Tags"] = [{"Key": key, "Value": value} for key, value in errand.identity.tags]
        own = Errand(POD, "", errand.region, errand.priority, errand.owner)
        try:
            answer = await self.perform(own, Request("sts", "AssumeRole", params))
        except CallRefusedError as error:
            raise not_assumed(errand.identity, error) from None
        given = answer.body["Credentials"]
        return RoleSession(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], given["Expiration"].timestamp()
        )

    async def _account(self, errand: Errand) -> Account:
        unknown = Errand(errand.identity, "", errand.region, errand.priority, errand.owner)
        loop = asyncio.get_running_loop()
        return await self._accounts.of(
            errand.identity,
            ask=lambda: self.perform(unknown, Request("sts", "GetCallerIdentity", {})),
            access_key=lambda: loop.run_in_executor(self._executor, self._clients.access_key),
        )

    async def _check_account(self, errand: Errand, request: Request) -> None:
        found = await self._account(errand)
        if found.id != errand.account:
            message = (
                f"the credentials lead to account {found.id}, the object's resources are in {errand.account}:"
                " nothing is called. Correct spec.credentials or spec.accountId"
            )
            raise CallRefusedError(
                Refusal(Outcome.BLOCKED, request.service, request.operation, "WrongAccount", message)
            )
