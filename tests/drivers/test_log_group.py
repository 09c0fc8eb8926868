"""Log groups: how long logs are kept, found among others of the same prefix."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.plans import SCOPE, Answers, context, entry, found, only, operations, refused
from trunkline.drivers.log_group import LogGroupDesired, LogGroupDriver, LogGroupState
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Wanted
from trunkline.engine.plan import Plan

KEY, NAME = "log-group/lookup", "/aws/lambda/acme-lookup"
ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{NAME}"
DRIVER = LogGroupDriver()


def plan(days: int | None, there: int | None, **remembered: str) -> Plan:
    item = replace(found(KEY, LogGroupState(NAME, there), id_=NAME), arn=ARN)
    return DRIVER.plan(LogGroupDesired(NAME, days), item, entry(KEY, NAME, **remembered), context(KEY))


def test_created_with_its_retention() -> None:
    made = DRIVER.plan(LogGroupDesired(NAME, 30), None, None, context(KEY))
    assert operations(made) == ["CreateLogGroup", "PutRetentionPolicy"]
    assert made.steps[0].params["tags"][ENTRY_TAG] == KEY
    assert operations(DRIVER.plan(LogGroupDesired(NAME), None, None, context(KEY))) == ["CreateLogGroup"]


@pytest.mark.parametrize(
    ("days", "there", "before", "expected"),
    [
        pytest.param(30, 30, "", [], id="as wanted"),
        pytest.param(30, 7, "", ["PutRetentionPolicy"], id="differs"),
        pytest.param(30, None, "", ["PutRetentionPolicy"], id="kept for ever"),
        pytest.param(None, 7, "", [], id="not managed"),
        pytest.param(None, 30, "logRetentionDays", ["DeleteRetentionPolicy"], id="left the spec: for ever again"),
        pytest.param(None, None, "logRetentionDays", [], id="left the spec and is gone"),
    ],
)
def test_retention(days: int | None, there: int | None, before: str, expected: list[str]) -> None:
    assert operations(plan(days, there, set=before)) == expected


def test_tags_of_ours_follow_the_spec() -> None:
    item = replace(found(KEY, LogGroupState(NAME, None), id_=NAME, tags={"old": "1", "theirs": "1"}), arn=ARN)
    made = DRIVER.plan(LogGroupDesired(NAME), item, entry(KEY, NAME, tags="old"), context(KEY))
    assert operations(made) == ["TagResource", "UntagResource"]
    assert made.steps[1].params == {"resourceArn": ARN, "tagKeys": ["old"]}


def test_deleted_by_one_call() -> None:
    item = found(KEY, LogGroupState(NAME, None), id_=NAME)
    step = only(DRIVER.plan(None, item, entry(KEY), context(KEY)))
    assert (step.operation, step.deletes) == ("DeleteLogGroup", True)
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


def group(name: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{name}"
    return {"logGroupName": name, "arn": f"{arn}:*", **more}


def observe(aws: Answers, want: Wanted) -> Any:
    items = asyncio.run(DRIVER.observe(aws, SCOPE, [want], exact=False))
    return items[0] if items else None


GROUPS = {
    None: {"logGroups": [group(f"{NAME}-old")], "nextToken": "more"},
    "more": {"logGroups": [group(f"{NAME}2"), group(NAME, retentionInDays=30)]},
}
FOUND = {
    "DescribeLogGroups": lambda params: GROUPS[params.get("nextToken")],
    "ListTagsForResource": {"tags": {OWNER_TAG: "x"}},
}


def test_found_among_others_of_its_prefix() -> None:
    item = observe(Answers(FOUND), Wanted(KEY, NAME))
    assert (item.id, item.arn, item.state, item.tags) == (NAME, ARN, LogGroupState(NAME, 30), {OWNER_TAG: "x"})
    only_others = {**FOUND, "DescribeLogGroups": {"logGroups": [group(f"{NAME}2")]}}
    assert observe(Answers(only_others), Wanted(KEY, NAME)) is None


def test_between_deep_reads_the_tags_of_a_recorded_one_are_not_read() -> None:
    assert observe(Answers(FOUND), Wanted(KEY, NAME, id=NAME, deep=False)).tags is None
    assert observe(Answers(FOUND), Wanted(KEY, NAME, deep=False)).tags == {OWNER_TAG: "x"}, "nobody recorded it"


def test_deleted_between_two_reads_is_absent() -> None:
    gone = {**FOUND, "ListTagsForResource": refused("ListTagsForResource", "ResourceNotFoundException", absent=True)}
    assert observe(Answers(gone), Wanted(KEY, NAME)) is None
    denied = refused("ListTagsForResource", "AccessDeniedException")
    with pytest.raises(type(denied)):
        observe(Answers({**FOUND, "ListTagsForResource": denied}), Wanted(KEY, NAME))
