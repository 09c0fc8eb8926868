"""Service Quotas: reading what is granted, asking for more, and what becomes of it.

Source: Service Quotas API reference. Values come from `Switches.service_quotas` and `Switches.connect_quotas`, else
from the defaults below; codes as AWS publishes them where known. Quotas "per instance" of Amazon Connect are applied to
resources: with a ContextId, an instance's id or ARN, they are that instance's own.

A request stays PENDING until it is decided, in this process by `cloud.extra("service-quotas", "decide", ...)`, over HTTP
by `PUT /_trunkline/extras/service-quotas/decide`:

    decide  {"id", "status"}    CASE_OPENED, APPROVED (the quota is then the value asked for), DENIED, CASE_CLOSED
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, ServiceFault

# service code -> (quota name, quota code, default). Amazon Connect administrator guide, "Amazon Connect service quotas".
DEFAULTS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "connect": (
        ("Amazon Connect instance count", "L-AA17A6B9", 2),
        ("Concurrent active calls per instance", "L-12AB7C57", 10),
        ("Concurrent active chats per instance", "L-D4BA6F6E", 100),
        ("Concurrent active tasks per instance", "L-60553137", 2500),
        ("Users per instance", "L-9A46857E", 500),
        ("Queues per instance", "L-19A87C94", 50),
        ("Queues per routing profile per instance", "L-516BC0EB", 50),
        ("Routing profiles per instance", "L-D3E7BE26", 100),
        ("Hours of operation per instance", "L-20CD02F7", 100),
        ("Contact flows per instance", "L-22922690", 100),
        ("Modules per instance", "L-19755C7E", 200),
        ("Prompts per instance", "L-0865B754", 500),
        ("Quick connects per instance", "L-68BBE2E8", 100),
        ("Security profiles per instance", "L-F325A715", 100),
        ("Phone numbers per instance", "L-8F812903", 5),
        ("AWS Lambda functions per instance", "L-E3D2F503", 50),
    ),
    "lambda": (("Concurrent executions", "L-B99A9384", 1000),),
    # DynamoDB developer guide, "Service, account, and table quotas".
    "dynamodb": (
        ("Maximum number of tables", "L-F98FE922", 2500),
        ("Table-level read throughput limit", "L-CF0CBE56", 40_000),
        ("Table-level write throughput limit", "L-AB614373", 40_000),
        ("Account-level read throughput limit (Provisioned mode)", "L-34F6A552", 80_000),
        ("Account-level write throughput limit (Provisioned mode)", "L-34F8CCC8", 80_000),
    ),
    # Kinesis developer guide, "Quotas and limits".
    "kinesis": (("Shards per Region", "L-E0EF3E72", 200),),
    # ElastiCache user guide, "Quotas for ElastiCache".
    "elasticache": (
        ("Nodes per Region", "L-DFE45DF3", 300),
        ("Nodes per cluster per instance type (Redis cluster mode enabled)", "L-AF354865", 90),
        ("Serverless caches per Region", "L-BBCDAECC", 40),
    ),
}


_NAMES = {
    "connect": "Amazon Connect",
    "lambda": "AWS Lambda",
    "dynamodb": "Amazon DynamoDB",
    "elasticache": "Amazon ElastiCache",
    "kinesis": "Amazon Kinesis Data Streams",
}
PAGE = 100
_OPEN = ("PENDING", "CASE_OPENED")
_DECISIONS = ("CASE_OPENED", "APPROVED", "DENIED", "CASE_CLOSED")
Grant = Callable[[str, str, float], None]  # service code, quota name, value


class ServiceQuotasService:
    """Quotas of the services named in DEFAULTS. `grant` makes the services allow what was approved."""

    name = "service-quotas"

    def __init__(self, grant: Grant | None = None) -> None:
        self._grant = grant
        self._requests: list[dict[str, Any]] = []
        self._places: dict[str, tuple[str, str]] = {}
        self._clock: Callable[[], float] = lambda: 0.0
        self.extras: Mapping[str, Callable[..., Any]] = {"decide": self.decide}
        self._operations: dict[str, Callable[[CallContext, dict[str, Any]], dict[str, Any]]] = {
            "GetAWSDefaultServiceQuota": lambda context, params: {"Quota": self._one(context, params, default=True)},
            "GetRequestedServiceQuotaChange": self._requested,
            "GetServiceQuota": lambda context, params: {"Quota": self._one(context, params, default=False)},
            "ListAWSDefaultServiceQuotas": lambda context, params: self._listed(context, params, default=True),
            "ListRequestedServiceQuotaChangeHistory": self._history,
            "ListRequestedServiceQuotaChangeHistoryByQuota": self._history,
            "ListServiceQuotas": lambda context, params: self._listed(context, params, default=False),
            "ListServices": _services,
            "RequestServiceQuotaIncrease": self._request,
        }

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self._clock = context.clock.now
        if operation not in self._operations:
            raise NotImplementedOperation(operation)
        return self._operations[operation](context, params)

    def decide(self, id: str, status: str) -> None:  # noqa: A002 - AWS's word
        """What becomes of a request. Raises ValueError for an unknown or decided one."""
        if status not in _DECISIONS:
            raise ValueError(f"status: expected one of {', '.join(_DECISIONS)}, found {status!r}")
        found = next((item for item in self._requests if item["Id"] == id and item["Status"] in _OPEN), None)
        if found is None:
            raise ValueError(f"{id}: there is no open request of that id")
        found |= {"Status": status, "LastUpdated": self._clock(), "CaseId": f"case-{id}"}
        if status == "APPROVED" and self._grant is not None:
            context_id = found.get("QuotaContext", {}).get("ContextId", "")
            name = f"{found['QuotaName']}@{context_id}" if context_id else found["QuotaName"]
            self._grant(found["ServiceCode"], name, found["DesiredValue"])

    # --- quotas

    def _all(self, context: CallContext, service: str, *, default: bool, where: str = "") -> list[dict[str, Any]]:
        if service not in DEFAULTS:
            raise ServiceFault("NoSuchResourceException", f"No quotas for the service {service} here", 400)
        return [_quota(context, service, *item, default=default, where=where) for item in DEFAULTS[service]]

    def _listed(self, context: CallContext, params: dict[str, Any], *, default: bool) -> dict[str, Any]:
        found = self._all(context, params["ServiceCode"], default=default)
        level = params.get("QuotaAppliedAtLevel", "ALL")
        found = [item for item in found if item["QuotaCode"] == params.get("QuotaCode", item["QuotaCode"])]
        return _page("Quotas", [item for item in found if level in ("ALL", item["QuotaAppliedAtLevel"])], params)

    def _one(self, context: CallContext, params: dict[str, Any], *, default: bool) -> dict[str, Any]:
        where = str(params.get("ContextId", "")).rpartition("/")[2]
        for quota in self._all(context, params["ServiceCode"], default=default, where=where):
            if quota["QuotaCode"] == params["QuotaCode"]:
                if where and quota["QuotaAppliedAtLevel"] != "RESOURCE":
                    raise ServiceFault("IllegalArgumentException", "The quota is not applied to resources", 400)
                return quota
        raise ServiceFault("NoSuchResourceException", "The request failed because the specified quota is unknown", 400)

    # --- requests

    def _request(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        quota = self._one(context, params, default=False)
        if not quota["Adjustable"]:
            raise ServiceFault("IllegalArgumentException", "The quota cannot be adjusted", 400)
        if params["DesiredValue"] <= quota["Value"]:
            raise ServiceFault("IllegalArgumentException", "The desired value must exceed the current value", 400)
        same = ("ServiceCode", "QuotaCode", "QuotaContext")
        for item in self._of(context):
            if item["Status"] in _OPEN and all(item.get(name) == quota.get(name) for name in same):
                text = "Only one open service quota increase request is allowed per quota"
                raise ServiceFault("ResourceAlreadyExistsException", text, 400)
        request = {
            "Id": f"request-{len(self._requests) + 1}",
            **{
                name: quota[name]
                for name in ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn", "Unit")
            },
            "DesiredValue": params["DesiredValue"],
            "Status": "PENDING",
            "Created": context.clock.now(),
            "Requester": context.principal,
            "GlobalQuota": False,
            "QuotaRequestedAtLevel": "RESOURCE" if "QuotaContext" in quota else "ACCOUNT",
        }
        if "QuotaContext" in quota:
            request["QuotaContext"] = quota["QuotaContext"]
        self._requests.append(request)
        self._places[str(request["Id"])] = (context.account, context.region)
        return {"RequestedQuota": dict(request)}

    def _of(self, context: CallContext) -> list[dict[str, Any]]:
        return [item for item in self._requests if self._places[item["Id"]] == (context.account, context.region)]

    def _requested(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        for item in self._of(context):
            if item["Id"] == params["RequestId"]:
                return {"RequestedQuota": dict(item)}
        raise ServiceFault("NoSuchResourceException", "There is no such request", 400)

    def _history(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        wanted = {name: params[name] for name in ("ServiceCode", "QuotaCode", "Status") if name in params}
        level = params.get("QuotaRequestedAtLevel", "ALL")
        found = [
            dict(item)
            for item in self._of(context)
            if all(item[name] == value for name, value in wanted.items())
            and level in ("ALL", item["QuotaRequestedAtLevel"])
        ]
        return _page("RequestedQuotas", found, params)

    def reset(self) -> None:
        self._requests.clear()
        self._places.clear()

    def inspect(self) -> dict[str, Any]:
        return {"requests": [dict(item) for item in self._requests]}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        del account, region
        return []


def _services(context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
    del context
    found = [{"ServiceCode": code, "ServiceName": name} for code, name in sorted(_NAMES.items())]
    return _page("Services", found, params)


def _page(member: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    token = params.get("NextToken", "0")
    if not token.isdecimal() or int(token) > len(items):
        raise ServiceFault("InvalidPaginationTokenException", "Invalid pagination token", 400)
    start, following = int(token), int(token) + params.get("MaxResults", PAGE)
    return {member: items[start:following]} | ({"NextToken": str(following)} if following < len(items) else {})


def _quota(
    context: CallContext, service: str, name: str, code: str, standard: float, *, default: bool, where: str
) -> dict[str, Any]:
    value = standard
    if not default:
        switches = context.switches
        if service == "connect":
            value = switches.connect_quotas.get(name, value)
        elif code == "L-B99A9384":
            value = switches.lambda_account_concurrency
        value = switches.service_quotas.get(f"{service}/{name}", value)
        value = switches.service_quotas.get(f"{service}/{name}@{where}", value)
    of_instances = service == "connect" and name.endswith("per instance")
    found: dict[str, Any] = {
        "ServiceCode": service,
        "ServiceName": _NAMES[service],
        "QuotaArn": f"arn:aws:servicequotas:{context.region}:{context.account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "RESOURCE" if of_instances else "ACCOUNT",
    }
    if where and of_instances:
        scope = {"ContextScope": "RESOURCE", "ContextScopeType": "AWS::Connect::Instance", "ContextId": where}
        found["QuotaContext"] = scope
    return found
