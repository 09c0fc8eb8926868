"""Finding what is ours without a record: by our owner tag, over all services that know tags.

Used only where a deletion has to go on and nothing is recorded. Reads only.
Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Iterable

from trunkline.engine.driver import ENTRY_TAG, INSTANCE_KEY, OWNER_TAG, Reader, Scope, pages
from trunkline.engine.match import origin_of
from trunkline.engine.record import Entry, Origin

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
                id_ = id_from_arn(arn)
                entry = Entry(kind, kind, name, id=id_, arn=arn, aws_name=id_, origin=origin_of(tags))
                entries[entry.key] = entry
    if INSTANCE_KEY not in entries and (arn := _instance_arn(entries.values())):
        # An instance that was given by its id carries no tag of ours, and what lies in it is found only through it.
        id_ = id_from_arn(arn)
        entries[INSTANCE_KEY] = Entry("instance", "instance", "instance", id_, arn, id_, Origin.ADOPTED)
    return entries


def _instance_arn(entries: Iterable[Entry]) -> str:
    """The instance that one of these lies in; empty if none does."""
    for entry in entries:
        start, _, rest = entry.arn.partition(":instance/")
        if "/" in rest:
            return f"{start}:instance/{rest.split('/', 1)[0]}"
    return ""


def id_from_arn(arn: str) -> str:
    """What a resource is called by its own API: the last part of its ARN (`.../queue/<id>`, `function:<name>`, `secret:<name>-a1b2c3`)."""
    resource = arn.split(":", 5)[5] if arn.count(":") >= 5 else arn
    if resource.startswith("secret:"):  # its name, and six characters of AWS's own
        return resource.removeprefix("secret:")[:-7]
    if "/" in resource and not resource.startswith("log-group:"):
        return resource.rsplit("/", 1)[1]
    return resource.split(":", 1)[1] if ":" in resource else resource
