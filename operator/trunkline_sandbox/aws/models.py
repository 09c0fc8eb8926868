"""AWS's own service models, as botocore ships them, and which operation a request asks for.

Routing goes by protocol: `X-Amz-Target` (json), `Action` (query, ec2), method and path (rest-json). rest-xml is left to
moto's router. Nothing is checked here beyond that.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from trunkline_sandbox.aws.messages import HttpRequest

# SigV4 scopes name the signing name; where botocore's service is called differently, or several share one name.
SERVICE_BY_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "email": "ses",
    "states": "stepfunctions",
    "elasticloadbalancing": "elbv2",
}
READING = (
    "Get",
    "List",
    "Describe",
    "Search",
    "BatchGet",
    "Head",
    "Query",
    "Scan",
    "Lookup",
    "Simulate",
    "Filter",
    "AssumeRole",
)


@dataclass(frozen=True, slots=True)
class Target:
    """An operation of a service, with the labels found in the path."""

    service: str
    operation: OperationModel
    labels: dict[str, str]

    @property
    def name(self) -> str:
        return str(self.operation.name)


def is_mutating(operation: str) -> bool:
    """Whether an operation changes something, judged by its name as IAM's access levels do."""
    return not operation.startswith(READING)


@functools.cache
def loader() -> Loader:
    """One loader for all: it keeps what it has read, and models are large."""
    return Loader()


@functools.cache
def known_services() -> frozenset[str]:
    """The botocore names of all services."""
    return frozenset(loader().list_available_services("service-2"))


@functools.cache
def service_model(service: str) -> ServiceModel:
    """The model of a service by its botocore name, parsed once."""
    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def protocol(service: str) -> str:
    """json, rest-json, query, ec2 or rest-xml: what botocore speaks with a service that offers several."""
    return str(service_model(service).resolved_protocol)


def spoken_protocol(service: str, request: HttpRequest) -> str:
    """What this request speaks: older SDKs send a form to services that newer ones send JSON to."""
    if request.headers.get("x-amz-target"):
        return "json"
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        offered = service_model(service).metadata.get("protocols", [])
        if "query" in offered:
            return "query"
    return protocol(service)


def service_for(signing_name: str, headers: dict[str, str] | Any) -> str:
    """The botocore name of the service that a request is signed for."""
    if signing_name == "dynamodb" and str(headers.get("x-amz-target", "")).startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    return SERVICE_BY_SIGNING_NAME.get(signing_name, signing_name)


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    segments: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]

    def match(self, segments: list[str], present: dict[str, list[str]]) -> dict[str, str] | None:
        """The labels, or None. A label at the end takes what is left of the path: ARNs are not always encoded."""
        last = len(self.segments) - 1
        if len(segments) < len(self.segments):
            return None
        if len(segments) > len(self.segments) and not self.segments[last].startswith("{"):
            return None
        labels: dict[str, str] = {}
        for index, wanted in enumerate(self.segments):
            given = "/".join(segments[index:]) if index == last else segments[index]
            if wanted.startswith("{"):
                if not given:
                    return None
                labels[wanted.strip("{}+")] = unquote(given)
            elif wanted != given:
                return None
        if any(present.get(name, [None])[0] != value for name, value in self.arguments):
            return None
        return labels

    @property
    def rank(self) -> tuple[int, int]:
        """More literal parts first: `/users/search` before `/users/{Id}`."""
        literal = sum(not segment.startswith("{") for segment in self.segments)
        return (-literal - len(self.arguments), -len(self.segments))


@functools.cache
def _routes(service: str) -> dict[tuple[str, str], list[_Route]]:
    """Routes of a rest-json service by method and first path segment, the most literal first."""
    found: dict[tuple[str, str], list[_Route]] = {}
    model = service_model(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = str(http["requestUri"]).partition("?")
        segments = tuple(path.strip("/").split("/"))
        arguments = tuple((key, values[0]) for key, values in parse_qs(query, keep_blank_values=True).items())
        found.setdefault((str(http["method"]), segments[0]), []).append(_Route(name, segments, arguments))
    for routes in found.values():
        routes.sort(key=lambda route: route.rank)
    return found


def _rest_target(service: str, request: HttpRequest) -> Target | None:
    segments = request.path.strip("/").split("/")
    routes = _routes(service)
    present = request.arguments() if request.query else {}
    for first in (segments[0], "{"):
        for route in routes.get((request.method, first), ()):
            labels = route.match(segments, present)
            if labels is not None:
                return Target(service, service_model(service).operation_model(route.operation), labels)
    return None


def _named_target(service: str, name: str) -> Target | None:
    model = service_model(service)
    if name not in model.operation_names:
        return None
    return Target(service, model.operation_model(name), {})


def find_target(service: str, request: HttpRequest) -> Target | None:
    """The operation that a request asks for; None if the model has no such operation."""
    target = request.headers.get("x-amz-target", "")
    if target:
        return _named_target(service, target.rpartition(".")[2])
    spoken = spoken_protocol(service, request)
    if spoken == "rest-json":
        return _rest_target(service, request)
    if spoken in ("query", "ec2"):
        form = parse_qs(request.body.decode(errors="replace")) if request.body else request.arguments()
        return _named_target(service, form.get("Action", [""])[0])
    return None
