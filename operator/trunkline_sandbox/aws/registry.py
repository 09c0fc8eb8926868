"""Which services are implemented here, and what is laid over moto's. Each is made when it is first called."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any, cast

from trunkline_sandbox.aws.credentials import Credentials
from trunkline_sandbox.aws.iam import IamOverlay, find_role, role_tags
from trunkline_sandbox.aws.kinesis import KinesisOverlay
from trunkline_sandbox.aws.logs import LogsOverlay
from trunkline_sandbox.aws.quotas import Grant, ServiceQuotasService
from trunkline_sandbox.aws.service import Clock, Overlay, OwnService, WithExtras, WithOwnWill
from trunkline_sandbox.aws.simulation import simulate
from trunkline_sandbox.aws.sts import StsService
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.tagging import TaggingService, everything_tagged

_PACKAGE = "trunkline_sandbox.aws"


class Services:
    """Services by their botocore name."""

    def __init__(self, credentials: Credentials, given: Iterable[OwnService] = (), grant: Grant | None = None) -> None:
        self._iam = IamOverlay(partial(simulate, credentials=credentials))
        self._overlays: dict[str, Overlay] = {"iam": self._iam, "kinesis": KinesisOverlay(), "logs": LogsOverlay()}
        self._factories: dict[str, Callable[[], OwnService]] = {
            "application-autoscaling": lambda: _make(
                "applicationautoscaling.service",
                "ApplicationAutoScalingService",
                *(self.own(name) for name in ("lambda", "dynamodb", "elasticache")),
            ),
            "cloudwatch": lambda: _make(
                "cloudwatch.service", "CloudWatchService", self.own("elasticache"), self.own("dynamodb")
            ),
            "connect": lambda: _make("connect.service", "ConnectService", Switches(), self.own("lambda")),
            "dynamodb": lambda: _make("dynamodb.service", "DynamoDbService"),
            "elasticache": lambda: _make("elasticache.service", "ElastiCacheService"),
            "lambda": lambda: _make("lambda_.service", "LambdaService", self._iam),
            "resourcegroupstaggingapi": lambda: TaggingService(self._tagged),
            "secretsmanager": lambda: _make("secretsmanager.service", "SecretsManagerService"),
            "service-quotas": lambda: ServiceQuotasService(grant),
            "sts": lambda: StsService(credentials),
        }
        self._own: dict[str, OwnService] = {}
        for service in given:
            self._factories[service.name] = lambda service=service: service  # type: ignore[misc]
            self._own[service.name] = service

    def own(self, name: str) -> OwnService | None:
        """The service implemented here, if it is."""
        if name not in self._own and name in self._factories:
            self._own[name] = self._factories[name]()
        return self._own.get(name)

    def extra(self, service: str, name: str, arguments: dict[str, Any]) -> Any:
        """What a service answers that AWS has no API for. Raises ValueError, see `OfflineAws.extra`."""
        own: object = self.own(service)
        offered: Mapping[str, Callable[..., Any]] = own.extras if isinstance(own, WithExtras) else {}
        if name not in offered:
            known = ", ".join(sorted(offered)) or "none"
            raise ValueError(f"{service} has no {name!r}; there is {known}")
        try:
            inspect.signature(offered[name]).bind(**arguments)
        except TypeError as error:
            raise ValueError(f"{service} {name}: {error}") from None
        return offered[name](**arguments)

    def pass_time(self, clock: Clock, switches: Switches) -> None:
        """Let services do what they do by themselves, up to now."""
        for service in list(self._own.values()):
            if _acts(type(service)):
                cast("WithOwnWill", service).pass_time(clock, switches)

    def overlay(self, name: str) -> Overlay | None:
        """What is laid over moto's service, if anything."""
        return self._overlays.get(name)

    def reset(self) -> None:
        for service in self._own.values():
            service.reset()
        for overlay in self._overlays.values():
            overlay.reset()

    def inspect(self) -> dict[str, Any]:
        return {name: service.inspect() for name, service in sorted(self._own.items())}

    def tags_of(self, arn: str, account: str, region: str) -> Mapping[str, str]:
        """The tags of what an ARN names; empty if there is none. An alias or version has its function's."""
        if ":role/" in arn:  # IAM is of no Region
            role = find_role(account, arn.rpartition("/")[2])
            return role_tags(role) if role is not None else {}
        whole = ":".join(arn.split(":")[:7]) if ":function:" in arn else arn
        return dict(everything_tagged(account, region, self._tagged)).get(whole, {})

    def _tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        found: list[tuple[str, dict[str, str]]] = []
        for service in self._own.values():
            found.extend(service.tagged(account, region))
        return found


@cache
def _acts(kind: type[OwnService]) -> bool:
    """Asked at each call, and looking at a Protocol takes as long as answering one."""
    return issubclass(kind, WithOwnWill)


def _make(module: str, name: str, *arguments: Any) -> OwnService:
    service: OwnService = getattr(importlib.import_module(f"{_PACKAGE}.{module}"), name)(*arguments)
    return service
