"""The queues of a routing profile: which, on which channel, in which order, ten a call.

Part of the `routing-profile` driver. What is gained is associated before what is lost is disassociated, so that agents
are never without a queue in between, unless AWS has no room for both or the channel itself goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.connect import SERVICE, bare, chunks
from trunkline.drivers.fields import Fields
from trunkline.engine.driver import UNREAD, Unread
from trunkline.engine.plan import Change, Step
from trunkline.engine.resource import Ref

CONFIGS_A_CALL = 10
CONFIGS_A_PROFILE = 50  # queue and channel pairs, unless the quota was raised

Link = Ref | str
Pair = tuple[Link, str]  # queue id, channel
Ranks = Mapping[Pair, tuple[int, int]]  # priority, delay in seconds


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """A queue (id) on a channel: priority 1 is served first, delay in seconds."""

    queue: Link
    channel: str
    priority: int = 1
    delay: int = 0

    @property
    def pair(self) -> Pair:
        return (bare(self.queue), self.channel)


@dataclass(frozen=True, slots=True)
class QueueSteps:
    """Steps in two parts, whose order depends on what else changes."""

    gain: tuple[Step, ...]
    lose: tuple[Step, ...]
    crowded: bool  # AWS has no room for what comes beside what goes

    @property
    def in_order(self) -> tuple[Step, ...]:
        """All steps."""
        return (*self.lose, *self.gain) if self.crowded else (*self.gain, *self.lose)


def queue_steps(
    base: Mapping[str, Any],
    desired: tuple[Sequence[QueueConfig] | None, Sequence[Pair] | None],
    observed: tuple[Ranks | Unread, frozenset[Pair] | Unread],
    fields: Fields,
) -> QueueSteps:
    """Steps that make the queues of an existing profile what they should be. base: instance and profile.

    desired, observed: routed queues, queues for manual assignment.
    """
    wanted, ranks = _queues_compared(desired[0], observed[0], fields)
    manual, observed_manual = _manual_compared(desired[1], observed[1], fields)
    gained = [config for pair, config in wanted.items() if pair not in ranks]
    changed = [
        config for pair, config in wanted.items() if pair in ranks and ranks[pair] != (config.priority, config.delay)
    ]
    lost = sorted((pair for pair in ranks if pair not in wanted), key=pair_key)
    gained_manual = sorted(manual - observed_manual, key=pair_key)
    lost_manual = sorted(observed_manual - manual, key=pair_key)
    update = [
        Step(
            SERVICE,
            "UpdateRoutingProfileQueues",
            {**base, "QueueConfigs": list(map(config_params, some))},
            "queues differ",
            tuple(_change(config, ranks) for config in some),
        )
        for some in chunks(ordered(changed), CONFIGS_A_CALL)
    ]
    return QueueSteps(
        gain=(*associate(base, ordered(gained), gained_manual, _gains(gained, gained_manual)), *update),
        lose=tuple(_disassociate(base, lost, lost_manual, ranks)),
        crowded=len(ranks) + len(gained) > CONFIGS_A_PROFILE,
    )


def _queues_compared(
    desired: Sequence[QueueConfig] | None, observed: Ranks | Unread, fields: Fields
) -> tuple[dict[Pair, QueueConfig], Ranks]:
    wanted = {config.pair: config for config in desired} if desired is not None else None
    if isinstance(observed, Unread):
        fields.optional("queues", wanted, UNREAD)
        return {}, {}
    compared = fields.optional("queues", wanted, observed, default={})
    if compared.change is None and wanted is None:
        return {}, {}
    return wanted or {}, observed


def _manual_compared(
    desired: Sequence[Pair] | None, observed: frozenset[Pair] | Unread, fields: Fields
) -> tuple[frozenset[Pair], frozenset[Pair]]:
    wanted = frozenset((bare(queue), channel) for queue, channel in desired) if desired is not None else None
    compared = fields.optional("manualAssignmentQueues", wanted, observed, default=frozenset())
    if compared.change is None or isinstance(observed, Unread):
        return frozenset(), frozenset()
    return compared.value, observed


def associate(
    base: Mapping[str, Any], configs: Sequence[QueueConfig], manual: Sequence[Pair], changes: tuple[Change, ...]
) -> list[Step]:
    """The steps that add queues, ten a call."""
    steps = [
        Step(
            SERVICE,
            "AssociateRoutingProfileQueues",
            {**base, "QueueConfigs": list(map(config_params, some))},
            "queues missing",
            changes if first else (),
        )
        for first, some in _firsts(chunks(configs, CONFIGS_A_CALL))
    ]
    steps += [
        Step(
            SERVICE,
            "AssociateRoutingProfileQueues",
            {**base, "ManualAssignmentQueueConfigs": list(map(manual_params, some))},
            "manual assignment queues missing",
            changes if first and not configs else (),
        )
        for first, some in _firsts(chunks(manual, CONFIGS_A_CALL))
    ]
    return steps


def _disassociate(
    base: Mapping[str, Any], pairs: Sequence[Pair], manual: Sequence[Pair], observed: Mapping[Pair, tuple[int, int]]
) -> list[Step]:
    steps = [
        Step(
            SERVICE,
            "DisassociateRoutingProfileQueues",
            {**base, "QueueReferences": list(map(_reference, some))},
            "queues left",
            tuple(Change(_path(pair), _rank(*observed[pair]), None) for pair in some),
        )
        for some in chunks(pairs, CONFIGS_A_CALL)
    ]
    steps += [
        Step(
            SERVICE,
            "DisassociateRoutingProfileQueues",
            {**base, "ManualAssignmentQueueReferences": list(map(_reference, some))},
            "manual assignment queues left",
            tuple(Change("manualAssignmentQueues", pair_told(pair), None) for pair in some),
        )
        for some in chunks(manual, CONFIGS_A_CALL)
    ]
    return steps


def _firsts(runs: Sequence[Sequence[Any]]) -> list[tuple[bool, Sequence[Any]]]:
    return [(index == 0, run) for index, run in enumerate(runs)]


def _gains(configs: Sequence[QueueConfig], manual: Sequence[Pair]) -> tuple[Change, ...]:
    return (
        *(Change(_path(config.pair), None, _rank(config.priority, config.delay)) for config in ordered(configs)),
        *(Change("manualAssignmentQueues", None, pair_told(pair)) for pair in manual),
    )


def _change(config: QueueConfig, observed: Mapping[Pair, tuple[int, int]]) -> Change:
    return Change(_path(config.pair), _rank(*observed[config.pair]), _rank(config.priority, config.delay))


def _path(pair: Pair) -> str:
    return f"queues[{pair_told(pair)}]"


def _rank(priority: int, delay: int) -> str:
    return f"priority {priority}, delaySeconds {delay}"


def told(config: QueueConfig) -> str:
    """A queue config in a few words."""
    return f"{pair_told(config.pair)}: {_rank(config.priority, config.delay)}"


def pair_told(pair: Pair) -> str:
    """A pair in two words."""
    return f"{pair[0]} {pair[1]}"


def pair_key(pair: Pair) -> tuple[str, str]:
    """Orders pairs whether their references are known or not."""
    return (str(pair[0]), pair[1])


def ordered(configs: Sequence[QueueConfig]) -> list[QueueConfig]:
    """By priority, so that the first call of several carries what matters most."""
    return sorted(configs, key=lambda config: (config.priority, config.delay, *pair_key(config.pair)))


def _reference(pair: Pair) -> dict[str, Any]:
    return {"QueueId": pair[0], "Channel": pair[1]}


def config_params(config: QueueConfig) -> dict[str, Any]:
    """A queue config as AWS wants it."""
    return {"QueueReference": _reference(config.pair), "Priority": config.priority, "Delay": config.delay}


def manual_params(pair: Pair) -> dict[str, Any]:
    """A queue for manual assignment as AWS wants it."""
    return {"QueueReference": _reference((bare(pair[0]), pair[1]))}
