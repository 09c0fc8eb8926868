"""Filling a new cache before functions are switched to it: one page per pass, at the spec's pace, resumable by its cursor.

The operator seldom reaches a cache, so a function of the center reads the table and writes the entries; its event and
answer are those of the builtin cache-warmer. Its answers are data: what cannot be read is a failed page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from trunkline.api.cache_settings import Warm
from trunkline.engine.driver import Caller
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.conditions import Condition
from trunkline.handlers.publishing import Endpoint
from trunkline.handlers.resources import shortened

PERMISSIONS = frozenset({"lambda:InvokeFunction", "dynamodb:DescribeTable"})
PAGE_SECONDS = 2.0  # of the spec's rate go into one page ...
MOST_IN_PAGE = 1000  # ... which has no more than the function takes
LONGEST_CURSOR = 2048  # that status takes; one that is longer would cost the whole status
LONGEST_REASON = 200
MOST_DIGITS = 9
STALLED_SECONDS = 900.0  # without a page that moved: the cache is then used as it is
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 5.0, 120.0


class State(StrEnum):
    RUNNING = "Running"
    DONE = "Done"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Warmed:
    """How far it came; what status says. endpoint: the cache that is filled, host:port."""

    endpoint: str
    state: State = State.RUNNING
    items: int = 0
    of: int | None = None
    cursor: str = ""
    started_at: str = ""

    @property
    def over(self) -> bool:
        """Nothing is filled any more."""
        return self.state is not State.RUNNING

    def written(self) -> dict[str, Any]:
        """As status has it."""
        value = {
            "endpoint": self.endpoint,
            "state": self.state.value,
            "items": self.items,
            "of": self.of,
            "cursor": self.cursor,
            "startedAt": self.started_at,
        }
        return {name: item for name, item in value.items() if item not in (None, "")}

    @classmethod
    def read(cls, status: Mapping[str, Any]) -> Warmed | None:
        """What stands in a status; None if there is nothing, or nothing that can be read."""
        value = status.get("warmed")
        if not isinstance(value, Mapping) or value.get("state") not in set(State) or not value.get("endpoint"):
            return None
        items, of = value.get("items"), value.get("of")
        return cls(
            str(value["endpoint"]),
            State(value["state"]),
            items if isinstance(items, int) else 0,
            of if isinstance(of, int) else None,
            str(value.get("cursor") or ""),
            str(value.get("startedAt") or ""),
        )


@dataclass(frozen=True, slots=True)
class Warmer:
    """The function that fills, and the table that it reads, by their names in AWS. why_not: it cannot be called yet."""

    function: str = ""
    alias: str = ""
    table: str = ""
    why_not: str = ""


def warmer_of(warm: Warm, center: Mapping[str, Any] | None, account: str, region: str) -> Warmer:
    """From the status of the center that `from.centerRef` names; None if there is no such center.

    account, region: of the cache, where functions are called: elsewhere others may have the name.
    """
    name = warm.source.center_ref.name
    if center is None:
        return Warmer(why_not=f"there is no ContactCenter {name}")
    if (where := _where(center)) not in ((account, region), (account, ""), ("", region), ("", "")):
        there = " ".join(part for part in where if part)
        return Warmer(
            why_not=f"ContactCenter {name} is in {there}, this cache in {account} {region}: write one beside it"
        )
    function = _resource(center, "function", warm.through)
    if function is None or function.get("state") != "Ready":
        return Warmer(why_not=f"function {warm.through} of ContactCenter {name} is not ready")
    table = _resource(center, "table", warm.source.table)
    words = function.get("words")
    return Warmer(
        function=str(function.get("awsName") or function.get("name")),
        alias=str(words.get("alias") or "") if isinstance(words, Mapping) else "",
        table=str(table.get("awsName") or table.get("name")) if table is not None else "",
    )


def _where(center: Mapping[str, Any]) -> tuple[str, str]:
    """Account and Region of a center, as far as its status says them."""
    instance = center.get("instance")
    parts = str(instance.get("arn") or "").split(":") if isinstance(instance, Mapping) else []
    return str(center.get("account") or ""), parts[3] if len(parts) > 3 else ""


def _resource(center: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any] | None:
    return next(
        (
            item
            for item in center.get("resources") or ()
            if isinstance(item, Mapping) and (item.get("kind"), item.get("name")) == (kind, name)
        ),
        None,
    )


@dataclass(slots=True)
class Pace:
    """When the next page may be asked for; lost at a restart. Times in seconds since the epoch.

    moved_at: when a page last moved. failures: in a row; trouble: the last one, in words.
    """

    next_page: float = 0.0
    moved_at: float = 0.0
    failures: int = 0
    trouble: str = ""


def begun(endpoint: Endpoint, before: Warmed | None, now: float, made_at: str = "") -> Warmed:
    """The filling of this cache: the one under way or done, or a new one.

    made_at: when AWS made it, in UTC as status writes times; a cache that was made anew may have the address of the one
    before, and is empty.
    """
    if before is not None and before.endpoint == endpoint.address and not made_at > before.started_at:
        return before
    return Warmed(endpoint.address, started_at=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


@dataclass(frozen=True, slots=True)
class Filling:
    """What a page needs: the spec's words, the function, and the cache that is not switched to yet."""

    warm: Warm
    warmer: Warmer
    endpoint: Endpoint
    secret_arn: str | None


async def advance(filling: Filling, warmed: Warmed, pace: Pace, aws: Caller, now: float) -> Warmed:
    """The next page, if it is time for one. Raises PassEndedError."""
    if pace.moved_at == 0.0:
        pace.moved_at = now
    if warmed.over or now < pace.next_page:
        return warmed
    if filling.warmer.why_not:
        _failed(pace, filling.warmer.why_not, now)
    else:
        try:
            if warmed.of is None:
                warmed = replace(warmed, of=await _size(filling.warmer.table, aws))
            warmed = await _page(filling, warmed, pace, aws, now)
        except CallRefusedError as error:
            _failed(pace, str(error.refusal), now)
    if not warmed.over and now - pace.moved_at >= STALLED_SECONDS:
        return replace(warmed, state=State.FAILED)
    return warmed


async def _size(table: str, aws: Caller) -> int | None:
    """About: DynamoDB counts every six hours."""
    if not table:
        return None
    answer = await aws.read("dynamodb", "DescribeTable", {"TableName": table})
    count = answer.at("Table.ItemCount")
    return count if isinstance(count, int) else None


async def _page(filling: Filling, warmed: Warmed, pace: Pace, aws: Caller, now: float) -> Warmed:
    rate = filling.warm.items_per_second
    limit = max(1, min(MOST_IN_PAGE, int(rate * PAGE_SECONDS)))
    event = {
        "cursor": warmed.cursor or None,
        "limit": limit,
        "ttlSeconds": filling.warm.ttl_seconds,
        "cache": {"url": filling.endpoint.url, "secretArn": filling.secret_arn},
    }
    params: dict[str, Any] = {"FunctionName": filling.warmer.function, "Payload": json.dumps(event).encode()}
    if filling.warmer.alias:
        params["Qualifier"] = filling.warmer.alias
    answer = await aws.mutate("lambda", "Invoke", params)
    said = _said(answer.body.get("Payload"))
    if answer.body.get("FunctionError") or said is None:
        _failed(pace, _complaint(filling.warmer, said), now)
        return warmed
    cursor, items, done = str(said.get("cursor") or ""), _number(said.get("items")), said.get("done") == "true"
    if not done and (not cursor or cursor == warmed.cursor):
        reason = shortened(str(said.get("reason") or "no reason"), LONGEST_REASON)
        _failed(pace, f"function {filling.warmer.function} does not get on: {reason}", now)
        return warmed
    if len(cursor) > LONGEST_CURSOR:
        _failed(pace, f"function {filling.warmer.function} answers a cursor longer than {LONGEST_CURSOR}", now)
        return warmed
    pace.moved_at, pace.failures, pace.trouble = now, 0, ""
    pace.next_page = now + limit / rate
    state = State.DONE if done else State.RUNNING
    return replace(warmed, items=warmed.items + items, cursor="" if done else cursor, state=state)


def _failed(pace: Pace, trouble: str, now: float) -> None:
    pace.failures += 1
    pace.trouble = trouble
    pace.next_page = now + min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(pace.failures - 1, 10))


def _said(payload: Any) -> Mapping[str, Any] | None:
    try:
        value = json.loads(payload)
    except (TypeError, ValueError):
        return None
    return value if isinstance(value, Mapping) else None


def _complaint(warmer: Warmer, said: Mapping[str, Any] | None) -> str:
    """Only the error's type: its message may hold what the function was working on."""
    kind = str((said or {}).get("errorType") or "an answer that cannot be read")[:100]
    return f"function {warmer.function} failed: {kind}"


def _number(value: Any) -> int:
    text = str(value or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def condition(warmed: Warmed, pace: Pace) -> Condition:
    """`Warmed`. Shows how far it came in status, not here: a condition is for what changed."""
    if warmed.state is State.DONE:
        return Condition("Warmed", "True", "Done", f"{warmed.endpoint} was filled with {warmed.items} items")
    if warmed.state is State.FAILED:
        why = pace.trouble or "no page moved"
        text = f"{warmed.endpoint} could not be filled within {STALLED_SECONDS:.0f} s ({why}); it is used as it is"
        return Condition("Warmed", "False", "Failed", text)
    if pace.trouble:
        return Condition("Warmed", "False", "Waiting", f"{warmed.endpoint} is not filled yet: {pace.trouble}")
    return Condition("Warmed", "False", "Running", f"{warmed.endpoint} is being filled")
