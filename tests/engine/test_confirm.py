"""Which of a node's steps wait for a person, and that the rest goes on."""

from __future__ import annotations

from trunkline.engine.confirm import Confirmation, ConfirmMode, confirmation
from trunkline.engine.plan import Step

DROP = Step("dynamodb", "UpdateTable", {"drop": "ByPhone"}, "not listed", interrupts="drops the index ByPhone")
RAISE = Step("dynamodb", "UpdateTable", {"read": 200}, "capacity differs")


def waits(*steps: Step, mode: ConfirmMode = ConfirmMode.DESTRUCTIVE, confirmed: str = "") -> Confirmation:
    return confirmation(mode, confirmed, {"table/customers": steps}, [])


def test_a_harmless_step_goes_on_beside_a_destructive_one_of_the_same_operation() -> None:
    asked = waits(DROP, RAISE)
    assert asked.holds_step("table/customers", DROP)
    assert not asked.holds_step("table/customers", RAISE)


def test_the_id_to_confirm_stands_for_what_waits_and_not_for_what_goes_on() -> None:
    assert waits(DROP, RAISE).id == waits(DROP).id, "what is done meanwhile must not void a confirmation"
    other = Step(DROP.service, DROP.operation, {"drop": "ByName"}, DROP.reason, interrupts="drops the index ByName")
    assert waits(other).id != waits(DROP).id, "a confirmation must not be meant for something else"


def test_what_was_confirmed_no_longer_waits() -> None:
    asked = waits(DROP)
    assert not waits(DROP, confirmed=asked.id).held


def test_always_holds_every_step() -> None:
    asked = waits(DROP, RAISE, mode=ConfirmMode.ALWAYS)
    assert asked.holds_step("table/customers", DROP)
    assert asked.holds_step("table/customers", RAISE)
    assert not waits(DROP, RAISE, mode=ConfirmMode.NEVER).held
