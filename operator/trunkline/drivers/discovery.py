"""Finding what is ours without a record: by our owner tag, over all services that know tags.

Used only where a deletion has to go on and nothing is recorded. Reads only.
Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Reader, Scope, pages
from trunkline.engine.record import Entry

SERVICE = "resourcegroupstaggingapi"
PERMISSIONS = frozenset({"tag:GetResources"})
PAGE = 100


async def discover(aws: Reader, scope: Scope) -> dict[str, Entry]:
    """Entries for all that carries our owner tag, by key. Raises CallRefusedError."""
    entries: dict[str, Entry] = {}
    filters = [{"Key": OWNER_TAG, "Values": [scope.owner]}]
    params = {"TagFilters": filters, "ResourcesPerPage": PAGE}
    async for answer in pages(
        aws,
        SERVICE,
        "GetResources",
        params,
        token_in="PaginationToken",  # noqa: S106
        token_out="PaginationToken",  # noqa: S106
    ):
        for mapping in answer.at("ResourceTagMappingList") or ():
            tags = {tag["Key"]: tag["Value"] for tag in mapping.get("Tags", ())}
            kind, _, name = tags.get(ENTRY_TAG, "").partition("/")
            if kind and name:
                arn = mapping["ResourceARN"]
                entry = Entry(kind, kind, name, id=id_from_arn(arn), arn=arn, aws_name=id_from_arn(arn))
                entries[entry.key] = entry
    return entries


def id_from_arn(arn: str) -> str:
    """What a resource is called by its own API: the last part of its ARN (`.../queue/<id>`, `function:<name>`)."""
    resource = arn.split(":", 5)[5] if arn.count(":") >= 5 else arn
    if "/" in resource and not resource.startswith("log-group:"):
        return resource.rsplit("/", 1)[1]
    return resource.split(":", 1)[1] if ":" in resource else resource
