"""Kinesis Data Streams, over moto's: how often and how far the number of shards may change.

Source: API reference, UpdateShardCount: at most ten times in a rolling 24 hours for each stream, at most double, at least
half of the open shards, within the account's shards of the Region (developer guide, "Quotas and limits").
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.service import CallContext, ServiceFault

CHANGES = 10
WINDOW_SECONDS = 86_400.0
SHARDS_PER_REGION = 200.0
_UPDATES = "UpdateShardCount"


class KinesisOverlay:
    """Checks around moto's Kinesis."""

    name = "kinesis"

    def __init__(self) -> None:
        self._changes: dict[str, list[float]] = {}

    def before(self, context: CallContext, operation: str, params: dict[str, Any]) -> None:
        if operation != _UPDATES:
            return
        shards = _open_shards(context)
        name = _name(params)
        if name not in shards:
            return  # moto says so
        now, wanted, current = context.clock.now(), params["TargetShardCount"], shards[name]
        if not current / 2 <= wanted <= current * 2:
            text = (
                f"UpdateShardCount cannot scale {'up over double' if wanted > current else 'down below half'} your current "
                f"open shard count. Current open shard count: {current} Target shard count: {wanted}"
            )
            raise ServiceFault("InvalidArgumentException", text, 400)
        limit = context.switches.service_quotas.get("kinesis/Shards per Region", SHARDS_PER_REGION)
        if sum(shards.values()) - current + wanted > limit:
            text = f"This request would exceed the shard limit for the account {context.account} in {context.region}. Limit: {limit:.0f}."
            raise ServiceFault("LimitExceededException", text, 400)
        recent = [at for at in self._changes.get(_key(context, name), []) if now - at < WINDOW_SECONDS]
        if len(recent) >= CHANGES:
            text = f"You have scaled the stream {name} {CHANGES} times in 24 hours, which is the most there is."
            raise ServiceFault("LimitExceededException", text, 400)

    def after(self, context: CallContext, operation: str, params: dict[str, Any], status: int) -> None:
        if operation == _UPDATES and status < 300:
            self._changes.setdefault(_key(context, _name(params)), []).append(context.clock.now())

    def reset(self) -> None:
        self._changes.clear()


def _name(params: dict[str, Any]) -> str:
    return str(params.get("StreamName") or params.get("StreamARN", "")).rpartition("/")[2]


def _key(context: CallContext, name: str) -> str:
    return f"{context.account}/{context.region}/{name}"


def _open_shards(context: CallContext) -> dict[str, int]:
    """Open shards of every stream by its name, as moto has them."""
    from moto.kinesis.models import kinesis_backends  # noqa: PLC0415 - slow to import and not always needed

    streams = kinesis_backends[context.account][context.region].streams
    return {stream.stream_name: sum(shard.is_open for shard in stream.shards.values()) for stream in streams.values()}
