"""The control endpoint under `/_trunkline/`: state, calls, faults, switches and clock of an offline AWS, as JSON.

GET state, calls?since=N, switches, faults; POST reset, faults; DELETE faults; PUT switches, buckets, clock, keys,
extras/<service>/<name>.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from trunkline_sandbox.aws.calls import as_json
from trunkline_sandbox.aws.clock import Virtual
from trunkline_sandbox.aws.faults import Fault
from trunkline_sandbox.aws.messages import HttpRequest, HttpResponse
from trunkline_sandbox.aws.switches import Switches

if TYPE_CHECKING:
    from trunkline_sandbox.aws.cloud import OfflineAws

PREFIX = "/_trunkline"


def changed(switches: Switches, values: Mapping[str, Any]) -> Switches:
    """Switches with some values replaced, from JSON. Raises ValueError with the field's name."""
    known = {item.name: getattr(switches, item.name) for item in dataclasses.fields(switches)}
    hints = get_type_hints(Switches)
    for name, given in values.items():
        if name not in known:
            raise ValueError(f"{name}: there is no such switch; there are {', '.join(sorted(known))}")
        wanted = type(known[name])
        if wanted is float and isinstance(given, int) and not isinstance(given, bool):
            continue
        choices = get_args(hints[name]) if get_origin(hints[name]) is Literal else ()
        if choices and given not in choices:
            raise ValueError(f"{name}: expected one of {', '.join(map(str, choices))}, found {given!r}")
        if not isinstance(given, wanted):
            raise ValueError(f"{name}: expected {wanted.__name__}, found {given!r}")  # noqa: TRY004 - a bad request
    return dataclasses.replace(switches, **values)


class Control:
    """Answers for people and tests; takes no credentials, as it only listens where the offline AWS does."""

    def __init__(self, cloud: OfflineAws) -> None:
        self._cloud = cloud
        self._routes: dict[tuple[str, str], Callable[[HttpRequest], Any]] = {
            ("GET", "state"): lambda _: cloud.inspect(),
            ("GET", "calls"): self._calls,
            ("GET", "switches"): lambda _: dataclasses.asdict(cloud.switches),
            ("GET", "faults"): lambda _: cloud.faults.inspect(),
            ("POST", "reset"): lambda _: cloud.reset(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: cloud.faults.clear(),
            ("PUT", "switches"): self._switch,
            ("PUT", "buckets"): self._buckets,
            ("PUT", "clock"): self._advance,
            ("PUT", "keys"): self._register,
        }

    def handle(self, request: HttpRequest) -> HttpResponse:
        name = request.path.removeprefix(PREFIX).strip("/")
        route = self._routes.get((request.method, name))
        if route is None and request.method == "PUT" and name.startswith("extras/"):
            route = self._extra
        if route is None:
            offered = ", ".join(f"{method} {PREFIX}/{path}" for method, path in self._routes)
            return _json(404, {"error": f"{request.method} {request.path}: not offered; there is {offered}"})
        try:
            return _json(200, route(request))
        except ValueError as error:
            return _json(400, {"error": str(error)})

    def _calls(self, request: HttpRequest) -> dict[str, Any]:
        since = int(request.arguments().get("since", ["0"])[0])
        log = self._cloud.calls
        return {"number": log.number, "calls": as_json(log.since(since)), "counts": log.counts()}

    def _add_fault(self, request: HttpRequest) -> list[dict[str, Any]]:
        self._cloud.faults.add(Fault.of(_object(request)))
        return self._cloud.faults.inspect()

    def _switch(self, request: HttpRequest) -> dict[str, Any]:
        self._cloud.switches = changed(self._cloud.switches, _object(request))
        return dataclasses.asdict(self._cloud.switches)

    def _buckets(self, request: HttpRequest) -> dict[str, Any]:
        enabled = _object(request).get("enabled")
        if not isinstance(enabled, bool):
            raise ValueError("enabled: expected true or false")  # noqa: TRY004 - answered as a bad request
        self._cloud.switches = dataclasses.replace(self._cloud.switches, throttling=enabled)
        return {"enabled": enabled}

    def _advance(self, request: HttpRequest) -> dict[str, Any]:
        seconds = _object(request).get("advance")
        if not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError("advance: expected seconds to add, zero or more")
        clock = self._cloud.clock
        if not isinstance(clock, Virtual):
            raise ValueError("the clock is the machine's; start with --virtual-clock to move it")  # noqa: TRY004
        clock.advance(float(seconds))
        return {"now": clock.now()}

    def _extra(self, request: HttpRequest) -> Any:
        service, _, name = request.path.removeprefix(PREFIX).strip("/").removeprefix("extras/").partition("/")
        return self._cloud.extra(service, name, **_object(request))

    def _register(self, request: HttpRequest) -> dict[str, Any]:
        value = _object(request)
        for name in ("access_key", "account"):
            if not isinstance(value.get(name), str):
                raise ValueError(f"{name}: expected a string")  # noqa: TRY004 - answered as a bad request
        policies = tuple(value["policies"]) if "policies" in value else None
        credential = self._cloud.credentials.register(
            value["access_key"], value["account"], value.get("principal"), policies=policies
        )
        return {"principal": credential.principal}


def _object(request: HttpRequest) -> dict[str, Any]:
    found = json.loads(request.body or b"{}")
    if not isinstance(found, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004 - answered as a bad request
    return found


def _json(status: int, value: Any) -> HttpResponse:
    body = json.dumps(value, default=str).encode()
    return HttpResponse(status, {"Content-Type": "application/json"}, body)
