"""Service Quotas: reading what is granted, asking for more (asked, never granted here).

Source: Service Quotas API reference. Values come from `Switches.service_quotas` and `Switches.connect_quotas`, else
from the defaults below; codes as AWS publishes them where known.
"""

from __future__ import annotations

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
    "dynamodb": (("Maximum number of tables", "L-F98FE922", 2500),),
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
}


class ServiceQuotasService:
    """Quotas of the services named in DEFAULTS."""

    name = "service-quotas"

    def __init__(self) -> None:
        self._requests: list[dict[str, Any]] = []

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        service = params.get("ServiceCode", "")
        if operation in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
            return {"Quotas": self._list(context, service, default=operation != "ListServiceQuotas")}
        if operation in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
            return {"Quota": self._one(context, params, default=operation != "GetServiceQuota")}
        if operation == "RequestServiceQuotaIncrease":
            return {"RequestedQuota": self._request(context, params)}
        if operation == "ListRequestedServiceQuotaChangeHistoryByQuota":
            found = [item for item in self._requests if item["QuotaCode"] == params["QuotaCode"]]
            return {"RequestedQuotas": found}
        if operation == "ListRequestedServiceQuotaChangeHistory":
            return {"RequestedQuotas": list(self._requests)}
        raise NotImplementedOperation(operation)

    def _list(self, context: CallContext, service: str, *, default: bool) -> list[dict[str, Any]]:
        if service not in DEFAULTS:
            raise ServiceFault("NoSuchResourceException", f"No quotas for the service {service} here", 400)
        return [_quota(context, service, *item, default=default) for item in DEFAULTS[service]]

    def _one(self, context: CallContext, params: dict[str, Any], *, default: bool) -> dict[str, Any]:
        for quota in self._list(context, params["ServiceCode"], default=default):
            if quota["QuotaCode"] == params["QuotaCode"]:
                return quota
        raise ServiceFault("NoSuchResourceException", "The request failed because the specified quota is unknown", 400)

    def _request(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        quota = self._one(context, params, default=False)
        if params["DesiredValue"] <= quota["Value"]:
            raise ServiceFault("IllegalArgumentException", "The desired value must exceed the current value", 400)
        if any(item["QuotaCode"] == params["QuotaCode"] for item in self._requests):
            text = "Only one open service quota increase request is allowed per quota"
            raise ServiceFault("ResourceAlreadyExistsException", text, 400)
        request = {
            "Id": f"request-{len(self._requests) + 1}",
            "ServiceCode": params["ServiceCode"],
            "QuotaCode": params["QuotaCode"],
            "QuotaName": quota["QuotaName"],
            "DesiredValue": params["DesiredValue"],
            "Status": "PENDING",
            "Created": context.clock.now(),
            "Requester": context.principal,
        }
        self._requests.append(request)
        return request

    def reset(self) -> None:
        self._requests.clear()

    def inspect(self) -> dict[str, Any]:
        return {"requests": list(self._requests)}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        del account, region
        return []


def _quota(
    context: CallContext, service: str, name: str, code: str, standard: float, *, default: bool
) -> dict[str, Any]:
    value = standard
    if not default:
        switches = context.switches
        if service == "connect":
            value = switches.connect_quotas.get(name, value)
        elif code == "L-B99A9384":
            value = switches.lambda_account_concurrency
        value = switches.service_quotas.get(f"{service}/{name}", value)
    return {
        "ServiceCode": service,
        "ServiceName": _NAMES[service],
        "QuotaArn": f"arn:aws:servicequotas:{context.region}:{context.account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
