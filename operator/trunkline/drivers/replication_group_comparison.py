"""One replication group compared: what is wanted, what is there, what was asked for already; and how a change is asked for.

Pure. AWS takes one change at a time. A change that is made at once takes all that is pending with it, and is asked about
for that. What AWS may roll back afterwards, of which it tells nobody, is asked for once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trunkline.drivers.cache_desired import ReplicationGroupDesired
from trunkline.drivers.fields import Compared, Fields
from trunkline.drivers.replication_group_state import SERVICE, GroupState
from trunkline.engine.plan import Change, Step

ASKED_WORD = (
    "asked"  # requests that may be rolled back, "field=value;...": none is made again as long as it is the same
)
NODE_TYPE, SHARDS, REPLICAS = "CacheNodeType", "shards", "replicas"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group: what is wanted, what is there, and what the record says of it."""

    desired: ReplicationGroupDesired
    state: GroupState
    words: Mapping[str, str]
    fields: Fields

    def modify(
        self,
        params: Mapping[str, Any],
        changes: tuple[Change, ...],
        *,
        interrupts: str | None = None,
        now: bool = False,
    ) -> Step:
        """A ModifyReplicationGroup. now: it has no sense to wait for the window.

        ApplyImmediately is of this request and of any that is pending: API reference, ModifyReplicationGroup.
        """
        immediately = now or self.desired.immediately
        asks = [interrupts] if interrupts else []
        if waiting := self.state.for_window:
            names = ", ".join(waiting)
            asks.append(f"brings forward what waits for the maintenance window ({names}): each shard fails over now")
        waits = "; ".join(asks) if immediately and asks else None
        return Step(
            SERVICE,
            "ModifyReplicationGroup",
            {"ReplicationGroupId": self.state.id, **params, "ApplyImmediately": immediately},
            "differs",
            changes,
            settles=True,
            interrupts=waits,
        )

    def differs(self, compared: Compared, awaited: str) -> bool:
        """Whether it is to be asked for: it differs, and is not asked for already."""
        return compared.change is not None and self.state.awaited(awaited) != compared.value


def asked_before(words: Mapping[str, str]) -> dict[str, str]:
    """Requests that may have been rolled back, by field."""
    return dict(item.split("=", 1) for item in words.get(ASKED_WORD, "").split(";") if "=" in item)


def asked_still(of: Comparison) -> str:
    """The word, without what came to its end."""
    desired, state = of.desired, of.state
    done = {
        NODE_TYPE: state.node_type == desired.node_type,
        SHARDS: len(state.shard_ids) == desired.shards,
        REPLICAS: set(state.replicas) == {desired.replicas_per_shard},
    }
    return _asked_word({name: value for name, value in asked_before(of.words).items() if not done.get(name, True)})


def _asked_word(asked: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in sorted(asked.items()))


def rolled_back(of: Comparison, field: str, wanted: object, path: str, there: object) -> bool:
    """Whether the very same was asked for before, and is not there all the same; it is reported then."""
    if asked_before(of.words).get(field) != str(wanted):
        return False
    of.fields.report(
        f"{path} (AWS rolled the change back: see the events of the group, then write another value)", there, wanted
    )
    return True


def remembering(step: Step, of: Comparison, field: str, wanted: object) -> Step:
    word = _asked_word({**asked_before(of.words), field: str(wanted)})
    return replace(step, remembers=(*step.remembers, (ASKED_WORD, word)))
