"""Resource Groups Tagging API: GetResources across the services here and moto's.

Source: Resource Groups Tagging API reference, GetResources. Tag filters are ANDed, values of one filter ORed; resource
types are `service[:type]`; pages hold 100 resources unless asked otherwise. A resource that never had a tag is not
found, as documented.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, ServiceFault

Tagged = list[tuple[str, dict[str, str]]]
PAGE = 100
_OURS = ("connect", "dynamodb", "elasticache", "lambda", "secretsmanager")


class TaggingService:
    """`tagged` lists what the services implemented here have in an account and Region."""

    name = "resourcegroupstaggingapi"

    def __init__(self, tagged: Callable[[str, str], Tagged]) -> None:
        self._tagged = tagged

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetResources":
            return self._get_resources(context, params)
        if operation in ("GetTagKeys", "GetTagValues"):
            return self._values(context, operation, params)
        raise NotImplementedOperation(operation)

    def _all(self, context: CallContext) -> Tagged:
        return everything_tagged(context.account, context.region, self._tagged)

    def _get_resources(self, context: CallContext, params: dict[str, Any]) -> dict[str, Any]:
        arns = params.get("ResourceARNList")
        if arns and (params.get("TagFilters") or params.get("ResourceTypeFilters")):
            text = "ResourceARNList cannot be combined with TagFilters or ResourceTypeFilters"
            raise ServiceFault("InvalidParameterException", text, 400)
        matching = [
            (arn, tags)
            for arn, tags in self._all(context)
            if (not arns or arn in arns)
            and _has_type(arn, params.get("ResourceTypeFilters"))
            and _has_tags(tags, params.get("TagFilters", []))
        ]
        page, token = _page(matching, params.get("PaginationToken", ""), params.get("ResourcesPerPage", PAGE))
        return {"PaginationToken": token, "ResourceTagMappingList": [_mapping(arn, tags) for arn, tags in page]}

    def _values(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        tags = [tags for _, tags in self._all(context)]
        if operation == "GetTagKeys":
            return {"PaginationToken": "", "TagKeys": sorted({key for item in tags for key in item})}
        found = sorted({item[params["Key"]] for item in tags if params["Key"] in item})
        return {"PaginationToken": "", "TagValues": found}

    def reset(self) -> None:
        """There is nothing of its own to forget."""

    def inspect(self) -> dict[str, Any]:
        return {}

    def tagged(self, account: str, region: str) -> Tagged:
        del account, region
        return []


def everything_tagged(account: str, region: str, ours: Callable[[str, str], Tagged]) -> Tagged:
    """What is tagged in an account and Region, by ARN."""
    return sorted({**dict(_of_moto(account, region)), **dict(ours(account, region))}.items())


def _of_moto(account: str, region: str) -> Tagged:
    """What moto's services have tagged. DynamoDB and Lambda are ours: moto's copy would be stale."""
    from moto.core.resource_tagging import iter_taggable_backends  # noqa: PLC0415 - moto is slow to import

    return [
        (resource.arn, dict(resource.tags))
        for backend in iter_taggable_backends(account, region)
        if backend.SERVICE_NAMESPACE not in _OURS
        for resource in backend.iter_tagged_resources()
        if resource.tags
    ]


def _mapping(arn: str, tags: dict[str, str]) -> dict[str, Any]:
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def _has_tags(tags: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    return all(
        item["Key"] in tags and (not item.get("Values") or tags[item["Key"]] in item["Values"]) for item in filters
    )


def _has_type(arn: str, types: list[str] | None) -> bool:
    if not types:
        return True
    parts = arn.split(":", 5)
    kind = parts[5].replace(":", "/").split("/")[0]
    return any(item in (parts[2], f"{parts[2]}:{kind}", f"{parts[2]}:{_deepest(parts[5])}") for item in types)


def _deepest(path: str) -> str:
    """`instance/<id>/queue/<id>` is of the type `queue`: the last word before an id."""
    words = path.split("/")
    return words[-2] if len(words) > 1 else words[0]


def _page(matching: Tagged, token: str, size: int) -> tuple[Tagged, str]:
    if token and not token.isdecimal():
        raise ServiceFault("PaginationTokenExpiredException", "A PaginationToken is valid for 15 minutes.", 400)
    start = int(token or 0)
    following = start + size
    return matching[start:following], str(following) if following < len(matching) else ""
