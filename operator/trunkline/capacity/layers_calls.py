"""What calls and agents need: the quota of concurrent calls, trunk lines, people. Pure.

The quota counts self-service, queue and talk of every call, and not after-contact work; a callback leaves it while it
waits. Source: Amazon Connect administrator guide, "Amazon Connect service limits".
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.capacity.headroom import Headroom, Utilization
from trunkline.capacity.layers import Need, amount
from trunkline.capacity.limits import Layer
from trunkline.capacity.staffing import Binding


def concurrent_calls(parts: Mapping[str, float], headroom: Headroom) -> Need:
    """parts: calls in self-service, queue and talk, at the rate that the headroom asks for."""
    mean = sum(parts.values())
    value = headroom.servers(mean)
    return Need(
        Layer.CALLS,
        value,
        "concurrent calls",
        f"{_sum(parts)} = {amount(mean)} calls; {headroom.text()}: {amount(value)}",
        _largest(parts),
    )


def trunk_lines(parts: Mapping[str, float], headroom: Headroom) -> Need:
    """Lines for the same calls by Erlang B."""
    mean = sum(parts.values())
    value = headroom.lines(mean)
    rule = headroom.text() if isinstance(headroom, Utilization) else f"Erlang B, {headroom.text()}"
    return Need(
        Layer.TRUNKS,
        value,
        "lines",
        f"{_sum(parts)} = {amount(mean)} Erlangs; {rule}: {amount(value)}",
        _largest(parts),
    )


def agents(pools: Mapping[str, int], binds: Mapping[str, Binding]) -> Need:
    """People on the phone at once, pool by pool. What binds is the promise of the pool that needs most."""
    value = sum(pools.values())
    largest = max(pools, key=lambda name: pools[name], default=None)
    terms = " + ".join(f"{name} {amount(count)}" for name, count in pools.items()) or "nobody"
    why = f"{binds[largest]} of {largest}" if largest is not None and largest in binds else "nothing"
    return Need(Layer.AGENTS, value, "agents", f"{terms} = {amount(value)}", why)


def users(pools: Mapping[str, int]) -> Need:
    """Users of the instance: at least everybody who is rostered at once, pool by pool."""
    value = sum(pools.values())
    largest = max(pools, key=lambda name: pools[name], default="nothing")
    terms = " + ".join(f"{name} {amount(count)}" for name, count in pools.items()) or "nobody"
    return Need(Layer.USERS, value, "users", f"{terms} = {amount(value)} rostered", largest)


def _sum(parts: Mapping[str, float]) -> str:
    return " + ".join(f"{name} {amount(value)}" for name, value in parts.items()) or "nothing"


def _largest(parts: Mapping[str, float]) -> str:
    return max(parts, key=lambda name: parts[name], default="nothing")
