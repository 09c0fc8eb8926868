"""The offline AWS as one value: every request of every service goes through `OfflineAws.handle`, in this order.

Who calls (access key) -> call log -> injected faults -> permissions -> token bucket -> form and constraints by AWS's
service model -> the service (implemented here, or moto) -> call log. No sockets, no threads; time is the clock's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trunkline_sandbox.aws import models, parse, serialize, validate
from trunkline_sandbox.aws.arrival import Arrival, unsigned_scope
from trunkline_sandbox.aws.base import MotoBase
from trunkline_sandbox.aws.buckets import Buckets, bucket_name
from trunkline_sandbox.aws.calls import NO_ANSWER, Call, CallLog, digest
from trunkline_sandbox.aws.clock import SystemClock
from trunkline_sandbox.aws.control import Control
from trunkline_sandbox.aws.credentials import (
    DEFAULT_ACCOUNT,
    Credential,
    CredentialRefused,
    Credentials,
    scope_of,
)
from trunkline_sandbox.aws.dialects import dialect
from trunkline_sandbox.aws.faults import Fault, Faults, suffer_after, suffer_before
from trunkline_sandbox.aws.messages import HttpRequest, HttpResponse, NoAnswer, ProcessKilled
from trunkline_sandbox.aws.permissions import Asked, refusal
from trunkline_sandbox.aws.registry import Services
from trunkline_sandbox.aws.service import (
    Answering,
    CallContext,
    Clock,
    NotImplementedOperation,
    Outside,
    OwnService,
    PassOn,
    ServiceFault,
    WithNamedResources,
)
from trunkline_sandbox.aws.switches import Switches, granted
from trunkline_sandbox.aws.wsgi import WsgiApplication

logger = logging.getLogger(__name__)

NOT_IMPLEMENTED = "NotImplementedInSandbox"


class OfflineAws:
    """One offline AWS. moto's state is the process's, so make one at a time; making one resets moto."""

    def __init__(
        self, clock: Clock | None = None, switches: Switches | None = None, services: Iterable[OwnService] = ()
    ) -> None:
        """`services` replace or add to those implemented here, by their name."""
        self.clock: Clock = clock or SystemClock()
        self.switches = switches or Switches()
        self.credentials = Credentials()
        self.calls = CallLog()
        self.faults = Faults()
        self.buckets = Buckets()
        # Called with the call and "before" or "after" its effect; may raise ProcessKilled or NoAnswer.
        self.hooks: list[Callable[[Call, str], None]] = []
        # Actions with their resources that policies were asked for, while they are enforced.
        self.asked: set[tuple[str, str]] = set()
        # Failures of the sandbox itself; a test may assert that there were none.
        self.failures: list[str] = []
        self._lock = threading.RLock()
        self._base = MotoBase()
        self.services = Services(self.credentials, services, self._grant)
        self.wsgi = WsgiApplication(self.handle)
        self._control = Control(self)
        self._base.reset()

    # --- the ways in

    def send(
        self, method: str, url: str, headers: Mapping[str, str | bytes], body: bytes | str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request in this process: status, headers, body. Raises NoAnswer where a connection would break."""
        response = self.handle(HttpRequest.of(method, url, headers, body))
        return response.status, dict(response.headers), response.body

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request. Raises NoAnswer, AnswerTooLate and, in tests of one process, ProcessKilled."""
        if request.path.startswith("/_trunkline"):
            return self._control.handle(request)
        with self._lock:
            arrival = self._arrive(request)
            if isinstance(arrival, HttpResponse):
                return arrival
            call = arrival.call
            fault = self.faults.strike(call.service, call.operation, call.account, mutating=call.mutating)
        try:
            response = self._before(arrival, fault)
            if response is None:
                with self._lock:
                    self._run_hooks(arrival.call, "before")
                    made = self._answer(arrival)
                    if isinstance(made, HttpResponse):
                        self._effected(arrival.call, made)
                response = made if isinstance(made, HttpResponse) else self._outside(arrival, made)
                suffer_after(fault)
        except (NoAnswer, ProcessKilled):
            self._close(arrival.call, NO_ANSWER, 0)
            raise
        self._close(arrival.call, response.outcome, response.status)
        return response

    def _close(self, call: Call, outcome: str, status: int) -> None:
        with self._lock:
            self.calls.close(call, outcome, status)

    def reset(self) -> None:
        """Forget all resources, calls, faults and sessions. Clock, switches and registered keys stay."""
        with self._lock:
            self._base.reset()
            self.services.reset()
            self.credentials.reset()
            self.calls.reset()
            self.faults.clear()
            self.buckets.reset()
            self.failures.clear()
            self.asked.clear()

    def inspect(self) -> dict[str, Any]:
        """Everything, as JSON."""
        with self._lock:
            self.services.pass_time(self.clock, self.switches)
            return {
                "now": self.clock.now(),
                "services": self.services.inspect(),
                "faults": self.faults.inspect(),
                "buckets": self.buckets.inspect(),
                "calls": self.calls.counts(),
                "credentials": self.credentials.inspect(),
                "failures": list(self.failures),
            }

    def extra(self, service: str, name: str, /, **arguments: Any) -> Any:
        """Ask or tell a service what AWS has no API for, such as which tokens a cache accepts; see `service.WithExtras`.

        Raises ValueError if there is no such thing, or the arguments make no sense.
        """
        with self._lock:
            self.services.own(service)  # one that is not made yet has to learn the time too
            self.services.pass_time(self.clock, self.switches)
            return self.services.extra(service, name, arguments)

    def _grant(self, service: str, quota: str, value: float) -> None:
        """Allow what was asked of Service Quotas, for every account: quotas are switches here."""
        self.switches = granted(self.switches, service, quota, value)

    # --- identify

    def _arrive(self, request: HttpRequest) -> Arrival | HttpResponse:
        scope = scope_of(request) or unsigned_scope(request)
        service = models.service_for(scope.signing_name, request.headers) if scope is not None else "s3"
        target = models.find_target(service, request) if service in models.known_services() else None
        operation = target.name if target is not None else self._unmodelled(service, request)
        anonymous = Credential("", "", DEFAULT_ACCOUNT, "anonymous", "anonymous", policies=())
        refused: CredentialRefused | None = None
        credential = anonymous
        if scope is None:
            refused = CredentialRefused("unsigned", "Request is missing Authentication Token")
        elif scope.access_key:
            try:
                credential = self.credentials.identify(request, scope, self.clock.now())
            except CredentialRefused as error:
                refused = error
        region = scope.region if scope is not None else ""
        call = self.calls.open(
            time=self.clock.now(),
            account=credential.account,
            region=region,
            principal=credential.principal,
            service=service,
            operation=operation,
            mutating=models.is_mutating(operation),
        )
        arrival = Arrival(request, service, operation, credential, region, call, target)
        if refused is None:
            return arrival
        code, status = getattr(dialect(service), refused.kind)
        response = self._fault(arrival, ServiceFault(code, refused.message, status))
        self.calls.close(call, code, response.status)
        return response

    def _unmodelled(self, service: str, request: HttpRequest) -> str:
        """The operation's name where our routing has none: rest-xml, and what AWS does not have."""
        if service in models.known_services() and models.protocol(service) == "rest-xml":
            return self._base.operation_of(service, request)
        return ""

    # --- faults

    def _before(self, arrival: Arrival, fault: Fault | None) -> HttpResponse | None:
        """What a fault does before the call; an answer if it replaces the call's."""
        if fault is None:
            return None
        spelled = dialect(arrival.service)
        if fault.kind == "throttle":
            return self._fault(arrival, ServiceFault(spelled.throttled[0], "Rate exceeded", spelled.throttled[1]))
        if fault.kind == "error":
            code = fault.code or spelled.broken[0]
            return self._fault(arrival, ServiceFault(code, fault.message, fault.status))
        suffer_before(fault, self.clock)
        return None

    def _run_hooks(self, call: Call, moment: str) -> None:
        for hook in self.hooks:
            hook(call, moment)

    # --- answer

    def _outside(self, arrival: Arrival, outside: Outside) -> HttpResponse:
        """The answer of work that must not hold up other calls."""
        response = self._guarded(arrival, lambda: self._serialized(arrival, outside.work()))
        with self._lock:
            self._effected(arrival.call, response)
        return response

    def _effected(self, call: Call, response: HttpResponse) -> None:
        call.effect = response.status < 400
        self._run_hooks(call, "after")

    def _answer(self, arrival: Arrival) -> HttpResponse | Outside:
        try:
            return self._guarded(arrival, lambda: self._serve(arrival))
        except Outside as outside:
            return outside

    def _guarded(self, arrival: Arrival, answer: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return answer()
        except Outside:
            raise
        except ServiceFault as error:
            return self._fault(arrival, error)
        except NotImplementedOperation as error:
            what = f"{arrival.service}:{arrival.operation or '?'}"
            text = f"{what} is not implemented in the offline AWS. {error}".strip()
            return self._fault(arrival, ServiceFault(NOT_IMPLEMENTED, text, 501))
        except Exception as error:  # a bug of the sandbox must be loud and must not look like AWS's own weather
            logger.exception("offline AWS: %s:%s failed", arrival.service, arrival.operation)
            text = f"the offline AWS failed: {type(error).__name__}: {error}"
            self.failures.append(f"{arrival.service}:{arrival.operation}: {text}")
            return self._fault(arrival, ServiceFault(dialect(arrival.service).broken[0], text, 500))

    def _serve(self, arrival: Arrival) -> HttpResponse:
        self.services.pass_time(self.clock, self.switches)
        own = self.services.own(arrival.service)
        if own is not None and arrival.target is None:
            raise NotImplementedOperation(f"{arrival.request.method} {arrival.request.path} is no operation of it.")
        if own is None and not self._base.implements(arrival.service):
            raise NotImplementedOperation("The service is not there.")
        params = self._params(arrival)
        self._permit(arrival, params)
        self._draw(arrival)
        self._check(arrival, params)
        context = self._context(arrival)
        if own is not None:
            try:
                result = own.call(context, arrival.operation, params)
            except PassOn:
                return self._from_base(arrival)
            return self._serialized(arrival, result)
        overlay = self.services.overlay(arrival.service)
        if overlay is None:
            return self._from_base(arrival)
        overlay.before(context, arrival.operation, params)
        answering: object = overlay
        answered = answering.answer(context, arrival.operation, params) if isinstance(answering, Answering) else None
        if answered is not None:
            return self._serialized(arrival, answered)
        response = self._from_base(arrival)
        overlay.after(context, arrival.operation, params, response.status)
        return response

    @staticmethod
    def _serialized(arrival: Arrival, result: dict[str, Any]) -> HttpResponse:
        model = models.service_model(arrival.service)
        return serialize.answer(model, model.operation_model(arrival.operation), result, arrival.request_id)

    def _params(self, arrival: Arrival) -> dict[str, Any]:
        """The members, if the request has the operation's form. Permissions and rates come before a bad form."""
        if arrival.target is None:
            return {}
        try:
            params = parse.parse(arrival.target, arrival.request)
        except parse.MalformedRequest as error:
            self._permit(arrival, {})
            self._draw(arrival)
            spelled = dialect(arrival.service)
            code, status = spelled.invalid if error.unknown else spelled.malformed
            raise ServiceFault(code, str(error), status) from None
        arrival.call.digest = digest(params)
        return params

    def _permit(self, arrival: Arrival, params: dict[str, Any]) -> None:
        if not self.switches.enforce_permissions:
            return
        own: object = self.services.own(arrival.service)
        if isinstance(own, WithNamedResources):
            params = own.judged(arrival.credential.account, arrival.region, params)
        account = arrival.credential.account
        asked = Asked(arrival.service, arrival.operation, params, account, arrival.region)
        text = refusal(
            arrival.credential,
            asked,
            lambda arn: self.services.tags_of(arn, account, arrival.region),
            lambda action, resource: self.asked.add((action, resource)),
        )
        if text is not None:
            code, status = dialect(arrival.service).denied
            raise ServiceFault(code, text, status)

    def _draw(self, arrival: Arrival) -> None:
        if not self.switches.throttling:
            return
        name = bucket_name(arrival.service, arrival.operation)
        account, rates = arrival.credential.account, self.switches.rates
        if not self.buckets.take(account, arrival.region, name, now=self.clock.now(), overrides=rates):
            code, status = dialect(arrival.service).throttled
            raise ServiceFault(code, "Rate exceeded", status)

    @staticmethod
    def _check(arrival: Arrival, params: dict[str, Any]) -> None:
        if arrival.target is None:
            return
        found = validate.violations(arrival.target.operation.input_shape, params)
        if not found:
            return
        spelled = dialect(arrival.service)
        missing = spelled.missing_is_malformed and any(item.missing for item in found)
        code, status = spelled.malformed if missing else spelled.invalid
        raise ServiceFault(code, validate.message(found), status)

    def _context(self, arrival: Arrival) -> CallContext:
        return CallContext(
            account=arrival.credential.account,
            region=arrival.region,
            principal=arrival.credential.principal,
            request_id=arrival.request_id,
            clock=self.clock,
            switches=self.switches,
        )

    def _from_base(self, arrival: Arrival) -> HttpResponse:
        response = self._base.handle(arrival.request, arrival.credential.account)
        if response.status < 300:
            return response
        outcome = serialize.code_of(response) or str(response.status)
        return HttpResponse(response.status, response.headers, response.body, outcome)

    def _fault(self, arrival: Arrival, error: ServiceFault) -> HttpResponse:
        model = models.service_model(arrival.service) if arrival.service in models.known_services() else None
        return serialize.fault(model, error, arrival.request_id)
