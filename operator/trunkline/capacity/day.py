"""All layers of a center through a day, a week or a year of slots, and which of them binds. Pure.

Calls become what each layer holds: self-service, queue and talk the quota and the trunks; talk and after-contact work the
agents; lookups, which follow arrivals, the functions, tables, caches and streams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from trunkline.capacity.center import Center, Target
from trunkline.capacity.headroom import Headroom
from trunkline.capacity.layers import Need, Standing, binding, total
from trunkline.capacity.layers_calls import agents, concurrent_calls, trunk_lines, users
from trunkline.capacity.layers_data import cache_connections
from trunkline.capacity.limits import HIRING_SECONDS, Layer, Limit
from trunkline.capacity.offered_load import Stage, responses
from trunkline.capacity.pool_day import Arrivals, PoolDay, offered, pool_day
from trunkline.capacity.workload import Traffic


@dataclass(frozen=True, slots=True)
class LayerDay:
    """A layer's need per slot, and where it stands at its peak, which is in slot `peak`."""

    standing: Standing
    values: tuple[float, ...]
    peak: int


@dataclass(frozen=True, slots=True)
class Day:
    """Slots of so many seconds with their traffic, each pool's slots, and each layer."""

    slot_seconds: float
    traffic: tuple[Traffic, ...]
    pools: Mapping[str, PoolDay]
    layers: tuple[LayerDay, ...]

    @property
    def redials(self) -> bool:
        """Whether the traffic is of people, who call again."""
        return any(pool.redials for pool in self.pools.values())

    @property
    def binding(self) -> LayerDay | None:
        """The layer that growth reaches first; None if none has a limit."""
        first = binding(layer.standing for layer in self.layers)
        return next((layer for layer in self.layers if layer.standing is first), None)


def plan(
    center: Center, traffic: Sequence[Traffic], slot_seconds: float, *, cyclic: bool = False, redials: bool = False
) -> Day:
    """What traffic, one entry per slot, asks of a center.

    cyclic: before the first slot is what the last one leaves, as on each of many equal days. redials: the traffic is of
    people; without, of calls as counted, which have those who call again in them already.
    Raises ValueError for no slots.
    """
    if not traffic:
        raise ValueError("a plan needs at least one slot of traffic")
    arrivals = Arrivals([one.expected for one in traffic], slot_seconds, center.workload, cyclic)
    pools = {
        pool.name: pool_day(pool, arrivals, center.objectives, center.shrinkage_share, redials=redials)
        for pool in center.pools
    }
    held = _Held(traffic, arrivals, pools)
    layers = [
        _of_calls(center, held, Layer.CALLS),
        _of_calls(center, held, Layer.TRUNKS),
        *(_of_people(center, pools) if pools else []),
        *(_of_use(center, index, traffic) for index in range(len(center.uses))),
    ]
    layers += _shared(center, layers)
    return Day(slot_seconds, tuple(traffic), pools, tuple(layers))


@dataclass(slots=True)
class _Held:
    """Calls that hold the quota, for either of the rates that a headroom may ask for."""

    traffic: Sequence[Traffic]
    expected: Arrivals
    pools: Mapping[str, PoolDay]
    _found: dict[type, Mapping[str, Sequence[float]]] = field(default_factory=dict)

    def parts(self, headroom: Headroom) -> Mapping[str, Sequence[float]]:
        """Calls in self-service, queue and talk, per slot."""
        kind = type(headroom)
        if kind not in self._found:
            self._found[kind] = self._parts(replace(self.expected, rates=[headroom.rate(one) for one in self.traffic]))
        return self._found[kind]

    def _parts(self, arrivals: Arrivals) -> Mapping[str, Sequence[float]]:
        (service,) = responses(arrivals.slot_seconds, (Stage(arrivals.workload.self_service_seconds),))
        loads = [(day, offered(arrivals, day.pool)) for day in self.pools.values()]
        held = [day.held(load.most_talk, load.most_wrap_up) for day, load in loads]
        slots = range(len(arrivals.rates))
        return {
            "self-service": service.to(arrivals.rates, arrivals.cyclic).highest,
            "queue": [sum(one.queue[slot] for one in held) for slot in slots],
            "talk": [sum(one.talk[slot] for one in held) for slot in slots],
        }


def _of_calls(center: Center, held: _Held, layer: Layer) -> LayerDay:
    target = Target(layer)
    headroom = center.headroom(target)
    parts = held.parts(headroom)
    size = headroom.servers if layer is Layer.CALLS else headroom.lines
    loads = [sum(slot) for slot in zip(*parts.values(), strict=True)]
    values = [size(load) for load in loads]
    peak = _peak(values, loads)
    of_peak = {name: slots[peak] for name, slots in parts.items()}
    need = concurrent_calls(of_peak, headroom) if layer is Layer.CALLS else trunk_lines(of_peak, headroom)
    return _layer_day(center, target, need, values, peak)


def _of_people(center: Center, pools: Mapping[str, PoolDay]) -> list[LayerDay]:
    """Agents, whose limit is how many there are, and the users that those rostered at once have to be."""
    loads = [
        sum(slots) for slots in zip(*((slot.erlangs for slot in day.slots) for day in pools.values()), strict=True)
    ]
    needed = [
        sum(slots) for slots in zip(*((slot.agents for slot in day.slots) for day in pools.values()), strict=True)
    ]
    people = [
        sum(slots) for slots in zip(*((slot.rostered for slot in day.slots) for day in pools.values()), strict=True)
    ]
    peak = _peak(needed, loads)
    at_peak = {name: day.slots[peak] for name, day in pools.items()}
    need = agents(
        {name: slot.agents for name, slot in at_peak.items()}, {name: slot.binds for name, slot in at_peak.items()}
    )
    standing = _layer_day(center, Target(Layer.AGENTS), need, needed, peak)
    most = _peak(people, loads)
    rostered = users({name: day.slots[most].rostered for name, day in pools.items()})
    given = [slot.given for slot in at_peak.values()]
    known = [count for count in given if count is not None]
    if len(known) == len(given):
        there = Limit(Layer.AGENTS, sum(known), "agents", "the agents given", HIRING_SECONDS, adjustable=True)
        limit = center.limit(Target(Layer.AGENTS)) or there
        standing = replace(standing, standing=Standing(need, sum(known), limit))
    return [standing, _layer_day(center, Target(Layer.USERS), rostered, people, most)]


def _of_use(center: Center, index: int, traffic: Sequence[Traffic]) -> LayerDay:
    use = center.uses[index]
    target = Target(use.layer, use.name)
    headroom = center.headroom(target)
    rates = [headroom.rate(one) for one in traffic]
    values = [use.value(rate, headroom) for rate in rates]
    peak = _peak(values, rates)
    return _layer_day(center, target, use.at(rates[peak], headroom), values, peak)


def _shared(center: Center, layers: Sequence[LayerDay]) -> list[LayerDay]:
    """What resources need together of a limit of the account, or of another resource."""
    functions = [layer for layer in layers if layer.standing.need.layer is Layer.PROVISIONED]
    if not functions:
        return []
    values = [sum(slots) for slots in zip(*(layer.values for layer in functions), strict=True)]
    peak = _peak(values, values)
    needs = [replace(layer.standing.need, value=layer.values[peak]) for layer in functions]
    whole = total(Layer.LAMBDA, needs)
    found = [_layer_day(center, Target(Layer.LAMBDA), whole, values, peak)]
    for layer in layers:
        if layer.standing.need.layer is Layer.CACHE_SHARDS:
            name = layer.standing.need.resource
            need = cache_connections(name, whole.value)
            found.append(_layer_day(center, Target(Layer.CACHE_CONNECTIONS, name), need, values, peak))
    return found


def _layer_day(center: Center, target: Target, need: Need, values: Sequence[float], peak: int) -> LayerDay:
    return LayerDay(Standing(need, center.have.get(target), center.limit(target)), tuple(values), peak)


def _peak(values: Sequence[float], loads: Sequence[float]) -> int:
    """The slot of the highest value; of several the one with the highest load, whose figures explain it."""
    highest = max(values)
    return max((slot for slot, value in enumerate(values) if value == highest), key=loads.__getitem__)
