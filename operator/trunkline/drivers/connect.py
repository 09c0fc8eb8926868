"""What all drivers of Amazon Connect share: reading a family in bulk or exactly, and the few steps that all have.

No SDK; reads only through the `Reader` that it is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from trunkline.drivers.reads import together
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Found, Reader, Scope, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Answer, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

SERVICE = "connect"
TAGGING = frozenset({"connect:TagResource", "connect:UntagResource"})

Body = Mapping[str, Any]
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Family:
    """How AWS reads one family of resources in an instance: its operations, and the members of their answers.

    page: the most items a page of the search may have.
    """

    search: str
    searched: str
    page: int
    describe: str
    described: str
    id_param: str
    list: str
    listed: str
    search_params: Mapping[str, Any] = field(default_factory=dict)
    list_params: Mapping[str, Any] = field(default_factory=dict)


async def every(aws: Reader, operation: str, member: str, params: Mapping[str, Any]) -> list[Any]:
    """All items of a paged read; none where what the params name does not exist."""
    items: list[Any] = []
    try:
        async for answer in pages(aws, SERVICE, operation, params):
            items.extend(answer.at(member) or ())
    except CallRefusedError as error:
        if not error.absent:
            raise
    return items


async def present(aws: Reader, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """One read; None where what the params name does not exist."""
    try:
        return await aws.read(SERVICE, operation, params)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise


async def search_all(aws: Reader, scope: Scope, family: Family) -> list[Body]:
    """Every resource of the family in the instance, by Search; it may lag behind writes."""
    params = {"InstanceId": scope.instance_id, "MaxResults": family.page, **family.search_params}
    return await every(aws, family.search, family.searched, params)


async def describe_wanted(
    aws: Reader,
    scope: Scope,
    family: Family,
    wanted: Sequence[Wanted],
    describe: Callable[[str], Awaitable[Body | None]] | None = None,
) -> list[Body]:
    """Each wanted one by Describe; by List first where only a name is known, or where the known id is no more."""

    async def by_id(id_: str) -> Body | None:
        if describe is not None:
            return await describe(id_)
        answer = await present(aws, family.describe, {"InstanceId": scope.instance_id, family.id_param: id_})
        return answer.at(family.described) if answer is not None else None

    ids = dict.fromkeys(id_ for want in wanted if (id_ := known_id(want)))
    bodies = dict(zip(ids, await together(by_id(id_) for id_ in ids), strict=True))
    # What is to be deleted is meant by its id alone: another one of that name is another one.
    names = {
        want.aws_name
        for want in wanted
        if bodies.get(known_id(want)) is None and (want.desired is not None or not want.id)
    }
    if names:
        params = {"InstanceId": scope.instance_id, "MaxResults": 1000, **family.list_params}
        summaries = await every(aws, family.list, family.listed, params)
        more = [item["Id"] for item in summaries if item.get("Name") in names and item["Id"] not in bodies]
        bodies |= dict(zip(more, await together(by_id(id_) for id_ in more), strict=True))
    return [body for body in bodies.values() if body is not None]


def known_id(want: Wanted) -> str:
    """The id of a wanted resource, from its ARN if only that is known; empty if neither is."""
    return want.id or bare_id(want.arn)


def bare_id(id_or_arn: str) -> str:
    """The id at the end of an ARN; an id comes back as it is. Connect takes either in most places and answers ids."""
    return id_or_arn.rsplit("/", 1)[-1]


def bare(value: Any) -> Any:
    """As `bare_id`, for a desired value that may be an open reference or absent."""
    return bare_id(value) if isinstance(value, str) else value


def wanted_of(wanted: Sequence[Wanted], id_: str, name: str) -> Wanted | None:
    """The wanted resource that an existing one is: by id, else by name."""
    named = None
    for want in wanted:
        if known_id(want) == id_:
            return want
        if not want.id and want.aws_name == name:
            named = want
    return named


def tag_steps(found: Found[Any], context: Context, entry: Entry | None) -> tuple[Step, ...]:
    """Steps that mend our tags and leave foreign ones alone."""
    difference = tag_changes(found.tags, context.tags, entry)
    steps = []
    if difference.put:
        changes = tuple(change for change in difference.changes if change.new is not None)
        params: dict[str, Any] = {"resourceArn": found.arn, "tags": dict(difference.put)}
        steps.append(Step(SERVICE, "TagResource", params, "tags differ", changes))
    if difference.remove:
        changes = tuple(change for change in difference.changes if change.new is None)
        params = {"resourceArn": found.arn, "tagKeys": list(difference.remove)}
        steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", changes))
    return tuple(steps)


def chunks(items: Sequence[ItemT], size: int) -> list[Sequence[ItemT]]:
    """The items in runs of at most `size`: AWS caps how many one call takes."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def given(**params: Any) -> dict[str, Any]:
    """The params that have a value: absent ones are left out, as AWS wants them."""
    return {name: value for name, value in params.items() if value is not None}


def sort_key(value: str | Ref) -> str:
    """Orders ids and open references alike, so that a plan is the same each time."""
    return str(value)
