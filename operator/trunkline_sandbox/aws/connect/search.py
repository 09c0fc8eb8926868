"""SearchFilter and SearchCriteria, as the Search operations share them.

Search answers the resources that match the criteria and whose tags match the filter. Conditions nest by AndConditions
and OrConditions; each node holds one kind of condition. Fields that a resource does not offer are refused.
"""

from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Seen
from trunkline_sandbox.aws.connect.paging import page_seen

Text = str | list[str]
Condition = Callable[[Any, Seen], bool]


def search(
    call: Call,
    found: list[Seen],
    *,
    fields: Mapping[str, Callable[[Seen], Text]],
    maximum: int,
    conditions: Mapping[str, Condition] | None = None,
) -> tuple[list[Seen], Answer]:
    """One page of what the call searches for, and the members that go with it.

    `fields` are the FieldNames of StringCondition; `conditions` are further leaf conditions by member name.
    """
    criteria = call.params.get("SearchCriteria") or {}
    wanted = [seen for seen in found if _criteria(criteria, seen, fields, conditions or {}) and _filter(call, seen)]
    shown, token = page_seen(call, wanted, maximum)
    return shown, {**token, "ApproximateTotalCount": len(wanted)}


def named(*, name: str = "Name", description: str = "Description") -> dict[str, Callable[[Seen], Text]]:
    """The fields that nearly every resource offers: name, description, resourceID."""
    return {
        "name": lambda seen: str(seen.state.fields.get(name, "")),
        "description": lambda seen: str(seen.state.fields.get(description, "")),
        "resourceID": lambda seen: seen.entity.id,
    }


def _criteria(
    node: Mapping[str, Any],
    seen: Seen,
    fields: Mapping[str, Callable[[Seen], Text]],
    conditions: Mapping[str, Condition],
) -> bool:
    results: list[bool] = []
    for member, value in node.items():
        if member == "AndConditions":
            results.append(all(_criteria(inner, seen, fields, conditions) for inner in value))
        elif member == "OrConditions":
            results.append(any(_criteria(inner, seen, fields, conditions) for inner in value))
        elif member == "StringCondition":
            results.append(_string(value, seen, fields))
        elif member in conditions:
            results.append(conditions[member](value, seen))
        else:
            raise faults.invalid_parameter(f"SearchCriteria.{member} is not supported by this operation.")
    return all(results)


def _string(condition: Mapping[str, Any], seen: Seen, fields: Mapping[str, Callable[[Seen], Text]]) -> bool:
    by_name = {name.casefold(): read for name, read in fields.items()}
    read = by_name.get(str(condition.get("FieldName", "")).casefold())
    if read is None:
        raise faults.invalid_parameter(f"FieldName must be one of {', '.join(fields)}.")
    value = str(condition.get("Value", "")).casefold()
    actual = read(seen)
    texts = [actual] if isinstance(actual, str) else actual
    return any(_compare(str(condition.get("ComparisonType", "EXACT")), text.casefold(), value) for text in texts)


def _compare(comparison: str, text: str, value: str) -> bool:
    if comparison == "STARTS_WITH":
        return text.startswith(value)
    if comparison == "CONTAINS":
        return value in text
    return text == value


def _filter(call: Call, seen: Seen) -> bool:
    asked = call.params.get("SearchFilter") or {}
    members = ("TagFilter", "AttributeFilter", "UserAttributeFilter", "FlowAttributeFilter")
    return all(_tags(asked[member], seen) for member in members if member in asked)


def _tags(node: Mapping[str, Any], seen: Seen) -> bool:
    """A ControlPlaneTagFilter or one of the attribute filters: an OR of ANDs of tags, an AND of tags, or one tag."""
    results: list[bool] = []
    if "OrConditions" in node:
        results.append(any(_all_of(group, seen) for group in node["OrConditions"]))
    if "AndConditions" in node:
        results.append(_all_of(node["AndConditions"], seen))
    if "AndCondition" in node:
        results.append(_all_of(node["AndCondition"], seen))
    results.extend(_leaves(node, seen))
    return all(results)


def _all_of(group: Any, seen: Seen) -> bool:
    """`group` is a list of tag conditions, or a structure that holds one among other conditions."""
    if isinstance(group, list):
        return all(_tag(condition, seen) for condition in group)
    return all(_tag(condition, seen) for condition in group.get("TagConditions", [])) and all(_leaves(group, seen))


def _leaves(node: Mapping[str, Any], seen: Seen) -> list[bool]:
    results = []
    if "TagCondition" in node:
        results.append(_tag(node["TagCondition"], seen))
    if "ContactFlowTypeCondition" in node:
        results.append(seen.state.fields.get("Type") == node["ContactFlowTypeCondition"].get("ContactFlowType"))
    if "HierarchyGroupCondition" in node:
        results.append(seen.state.fields.get("HierarchyGroupId") == node["HierarchyGroupCondition"].get("Value"))
    return results


def _tag(condition: Mapping[str, str], seen: Seen) -> bool:
    """A tag condition without a value asks for the key alone."""
    tags = seen.state.tags
    key, value = condition.get("TagKey"), condition.get("TagValue")
    if key is None:
        return value in tags.values()
    return key in tags and (not value or tags[key] == value)
