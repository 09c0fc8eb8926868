"""The choice of a queue: which group decides, that closed queues are never chosen, and that a contact stays where it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import call_routing
from call_routing.choice import Call, Choice, decide
from call_routing.rules import NO_RULES, Rules, parse_rules
from shared.snapshot import Hours, Load, Queue, Snapshot

NOW = 1_800_000_000
ARN = "arn:aws:connect:us-east-1:123456789012:instance/i/queue/"
OPEN = Hours(NOW - 60, NOW + 86_400, ((NOW - 3600, NOW + 3600),))
CLOSED = Hours(NOW - 60, NOW + 86_400, ((NOW + 3600, NOW + 7200),))
QUEUES = ("sales", "support", "vip", "backup", "zenith")


def snapshot(
    *,
    closed: tuple[str, ...] = (),
    disabled: tuple[str, ...] = (),
    unknown: tuple[str, ...] = (),
    age: int = 10,
    **load: Load,
) -> Snapshot:
    """Every queue open and idle but for those named."""
    return Snapshot(
        NOW - age,
        load,
        {q: Queue("night" if q in closed else "day", q not in disabled) for q in QUEUES if q not in unknown},
        {"day": OPEN, "night": CLOSED},
    )


def call(*queues: str, contact: str = "contact-1", default: str = "", **asked: str) -> Call:
    return Call(contact, {name: ARN + name for name in queues or QUEUES}, asked, default)


def rules(**parts: Any) -> Rules:
    return parse_rules(json.dumps(parts))


FULL = Load(contacts_in_queue=40, agents_staffed=1)
BUSY = {"sales": {"maxContactsInQueue": 40}}
VIP = rules(vip={"queues": ["vip"]}, capacity={"vip": {"maxContactsInQueue": 40}})
TOPIC = rules(
    rules=[
        {"when": {"Topic": ["returns", "repair"], "Language": "en-US"}, "queue": "support", "reason": "topic"},
        {"when": {"Topic": "legal"}, "queue": "lawyers"},
        {"when": {"Topic": "repair"}, "queue": "backup"},
    ]
)
CASES = [
    pytest.param(call("sales"), NO_RULES, snapshot(), "sales", "weight", id="one queue, no rules"),
    pytest.param(call(default="support"), NO_RULES, snapshot(), "support", "default", id="the default that the flow names"),
    pytest.param(call("sales", default="support"), NO_RULES, snapshot(), "sales", "weight", id="a default that was not passed"),
    pytest.param(call("sales", "support", default="support"), NO_RULES, snapshot(closed=("support",)), "sales", "weight", id="a closed default: what else may be used"),
    pytest.param(call("sales", "vip", default="sales", IsVIP="true"), VIP, snapshot(), "vip", "vip", id="VIP"),
    pytest.param(call("sales", "vip", default="sales", IsVIP="false"), VIP, snapshot(), "sales", "default", id="not VIP"),
    pytest.param(call("sales", "vip", IsVIP="true"), VIP, snapshot(closed=("vip",)), "sales", "weight", id="VIP at night: like everybody"),
    pytest.param(call("sales", "vip"), VIP, snapshot(closed=("sales",)), "", "all-closed", id="nobody else gets the VIP queue, also at night"),
    pytest.param(call("vip"), VIP, snapshot(), "vip", "weight", id="a flow that passes nothing else means it"),
    pytest.param(call("sales", "vip", IsVIP="true"), VIP, snapshot(vip=FULL), "sales", "weight", id="VIP queue full, another has room"),
    pytest.param(call("sales", "vip", IsVIP="true"), VIP, snapshot(vip=FULL, closed=("sales",)), "vip", "over-capacity", id="VIP queue full and nothing else open: wait there"),
    pytest.param(call(default="sales", Topic="returns", Language="en-US"), TOPIC, snapshot(), "support", "topic", id="all conditions of a rule, one of several values"),
    pytest.param(call(default="sales", Topic="repair", Language="de-DE"), TOPIC, snapshot(), "backup", "backup", id="the first rule that holds; without a reason its queue is one"),
    pytest.param(call(default="sales", Topic="returns"), TOPIC, snapshot(), "sales", "default", id="a condition on what was not passed"),
    pytest.param(call(default="sales", Topic="legal"), TOPIC, snapshot(), "sales", "default", id="a rule for a queue that was not passed is skipped"),
    pytest.param(call(default="sales"), rules(capacity=BUSY, overflow={"sales": ["backup"]}), snapshot(sales=FULL), "backup", "overflow", id="full: overflow"),
    pytest.param(call(default="sales"), rules(capacity=BUSY, overflow={"sales": ["backup"]}), snapshot(sales=Load(39)), "sales", "default", id="one below the limit has room"),
    pytest.param(call(default="sales"), rules(overflow={"sales": ["backup"]}), snapshot(closed=("sales",)), "backup", "overflow", id="closed: overflow too"),
    pytest.param(call(default="sales"), rules(overflow={"sales": ["backup"], "backup": ["zenith"]}), snapshot(closed=("sales", "backup")), "zenith", "overflow", id="overflow of an overflow"),
    pytest.param(call("sales", "backup", default="sales"), rules(overflow={"sales": ["backup"], "backup": ["sales"]}), snapshot(closed=("sales", "backup")), "", "all-closed", id="overflow in a circle ends"),
    pytest.param(call("sales", default="sales"), rules(capacity=BUSY, overflow={"sales": ["backup"]}), snapshot(sales=FULL), "sales", "over-capacity", id="overflow that was not passed: wait in the full one"),
    pytest.param(call("sales", "support", default="sales"), rules(capacity={"sales": {"maxOldestContactAge": 600}}), snapshot(sales=Load(1, 600)), "support", "weight", id="the oldest waits too long"),
    pytest.param(call("sales", "support", default="sales"), rules(capacity={"sales": {"minAgentsStaffed": 1}}), snapshot(), "support", "weight", id="nobody is staffed"),
    pytest.param(call("sales", "support", default="sales"), NO_RULES, snapshot(disabled=("sales",)), "support", "weight", id="a disabled queue is closed"),
    pytest.param(call("sales", "support"), NO_RULES, snapshot(closed=("sales", "support")), "", "all-closed", id="all closed"),
    pytest.param(call(Brand="Zenith"), rules(brand={"queues": {"Zenith": ["zenith"]}}), snapshot(), "zenith", "weight", id="a brand's queue"),
    pytest.param(call(Brand="Zenith"), rules(brand={"queues": {"Zenith": ["zenith"]}}), snapshot(closed=("zenith",)), "", "all-closed", id="never to another brand's agents"),
    pytest.param(call("sales", Brand="Zenith"), rules(brand={"queues": {"Zenith": ["zenith"]}}), snapshot(), "", "no-queue-for-brand", id="the flow passed none of the brand"),
    pytest.param(call("sales", "zenith"), rules(brand={"queues": {"Zenith": ["zenith"]}}), snapshot(), "sales", "weight", id="no brand: what belongs to none"),
    pytest.param(call("zenith"), rules(brand={"queues": {"Zenith": ["zenith"]}}), snapshot(), "zenith", "weight", id="no brand, and the flow passes nothing else"),
    pytest.param(call("sales", "backup"), rules(weights={"sales": 0}), snapshot(), "backup", "weight", id="weight 0: only by rule or overflow"),
    pytest.param(call("sales", "vip"), rules(vip={"queues": ["vip"]}, weights={"vip": 1}), snapshot(closed=("sales",)), "vip", "weight", id="a VIP queue with a weight is everybody's"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "told", "known", "queue", "reason"), CASES)
def test_chooses(asked: Call, told: Rules, known: Snapshot, queue: str, reason: str) -> None:
    assert decide(asked, told, known, NOW) == Choice(queue, ARN + queue if queue else "", reason, degraded=False)


def test_no_queue_passed() -> None:
    assert decide(Call("c", {}, {"IsVIP": "true"}), VIP, snapshot(), NOW) == Choice("", "", "no-queue-passed", False)


@pytest.mark.parametrize(
    ("known", "queue", "reason", "degraded"),
    [
        pytest.param(snapshot(age=60, sales=FULL), "backup", "overflow", False, id="sixty seconds: the load counts"),
        pytest.param(snapshot(age=61, sales=FULL), "sales", "default", True, id="older: it does not"),
        pytest.param(None, "sales", "default", True, id="no snapshot"),
        pytest.param(snapshot(age=3600, closed=("sales",)), "backup", "overflow", True, id="an old one still knows the hours"),
        pytest.param(snapshot(age=3600, closed=QUEUES), "", "all-closed", True, id="an old one knows that all are closed"),
        pytest.param(snapshot(unknown=("sales",)), "backup", "overflow", False, id="a queue that it does not know gives way to one known to be open"),
        pytest.param(snapshot(unknown=("sales",), closed=("backup", "support", "vip", "zenith")), "sales", "default", True, id="unless there is none"),
    ],
)  # fmt: skip
def test_without_fresh_load_weights_decide(known: Snapshot | None, queue: str, reason: str, degraded: bool) -> None:
    told = rules(capacity=BUSY, overflow={"sales": ["backup"]})

    assert decide(call(default="sales"), told, known, NOW) == Choice(
        queue, ARN + queue if queue else "", reason, degraded
    )


def test_hours_that_do_not_reach_say_nothing() -> None:
    expired = Snapshot(NOW, {}, {"sales": Queue("day")}, {"day": Hours(0, NOW, ((0, NOW - 1),))})

    assert decide(call("sales"), NO_RULES, expired, NOW) == Choice("sales", ARN + "sales", "weight", degraded=True)


def test_opens_and_closes_to_the_second() -> None:
    known = Snapshot(NOW, {}, {"sales": Queue("day")}, {"day": Hours(NOW, NOW + 9999, ((NOW + 10, NOW + 20),))})
    chosen = {at: decide(call("sales"), NO_RULES, known, NOW + at).queue for at in (9, 10, 19.9, 20)}

    assert chosen == {9: "", 10: "sales", 19.9: "sales", 20: ""}


@pytest.mark.parametrize("known", [pytest.param(snapshot(), id="idle"), pytest.param(None, id="no snapshot")])
def test_contacts_spread_by_weight(known: Snapshot | None) -> None:
    told = rules(weights={"sales": 3, "support": 1})
    counts = Counter(decide(call("sales", "support", contact=f"c{n}"), told, known, NOW).queue for n in range(4000))

    assert counts["sales"] == pytest.approx(3000, rel=0.05)


def test_a_queue_in_which_more_wait_gets_less() -> None:
    known = snapshot(sales=Load(contacts_in_queue=10, agents_staffed=5), support=Load(agents_staffed=5))
    counts = Counter(decide(call("sales", "support", contact=f"c{n}"), NO_RULES, known, NOW).queue for n in range(4000))

    assert counts["sales"] == pytest.approx(1000, rel=0.1), "two wait for each agent: a third of the other's share"


PROGRAM = """
import sys
import call_routing
from call_routing.choice import Call, decide
from call_routing.rules import NO_RULES
queues = {name: name for name in ("sales", "support", "vip")}
print([decide(Call(f"c{n}", queues, {}), NO_RULES, None, 0).queue for n in range(50)])
"""


def test_the_choice_is_the_same_in_every_process() -> None:
    """Python's own hash differs from one process to the next, and a retry may reach another environment."""
    lambdas = str(Path(call_routing.__file__).parents[1])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONPATH": lambdas, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


names = st.sampled_from(QUEUES)
loads = st.builds(Load, st.integers(0, 80), st.integers(0, 900), st.integers(0, 9), st.integers(0, 9))
told_rules = st.builds(
    lambda weights, capacity, overflow, rule, vip, brand: rules(
        weights=weights,
        capacity={name: {"maxContactsInQueue": most} for name, most in capacity.items()},
        overflow={name: [other for other in others if other != name] or ["elsewhere"] for name, others in overflow.items()},
        rules=[{"when": {"Topic": "x"}, "queues": rule}] if rule else [],
        brand={"queues": brand},
        **({"vip": {"queues": vip}} if vip else {}),
    ),
    st.dictionaries(names, st.integers(0, 5)),
    st.dictionaries(names, st.integers(0, 80)),
    st.dictionaries(names, st.lists(names, min_size=1)),
    st.lists(names),
    st.lists(names),
    st.dictionaries(st.sampled_from(["Acme", "Zenith"]), st.lists(names, min_size=1)),
)  # fmt: skip
asked_parameters = st.fixed_dictionaries(
    {},
    optional={
        "IsVIP": st.sampled_from(["true", "false"]),
        "Topic": st.sampled_from(["x", "y"]),
        "Brand": st.sampled_from(["Acme", "Zenith", "nobody"]),
    },
)


@given(
    told=told_rules,
    load=st.dictionaries(names, loads),
    closed=st.frozensets(names),
    passed=st.lists(names, unique=True),
    asked=asked_parameters,
    contact=st.text(),
    age=st.integers(0, 200),
    default=names,
)
def test_whatever_the_rules_a_closed_queue_is_never_chosen_and_a_contact_stays(
    told: Rules,
    load: dict[str, Load],
    closed: frozenset[str],
    passed: list[str],
    asked: dict[str, str],
    contact: str,
    age: int,
    default: str,
) -> None:
    known = snapshot(closed=tuple(closed), age=age, **load)
    one = Call(contact, {name: ARN + name for name in passed}, asked, default)
    other = Call(contact, dict(reversed(one.candidates.items())), asked, default)
    chosen = decide(one, told, known, NOW)

    assert chosen == decide(other, told, known, NOW), "the order in which a flow passes queues changed the choice"
    assert chosen.queue not in closed
    assert chosen.queue in {"", *passed}
    assert chosen.arn == one.candidates.get(chosen.queue, "")
    assert not chosen.degraded or age > 60 or not chosen.queue
    own = told.brand.queues.get(asked.get("Brand", ""))
    assert own is None or chosen.queue in {"", *own}
