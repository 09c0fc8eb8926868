"""What people read: each recorded state to the letter, in 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.site.markdown import blocks

from tests.kubectl.golden import CASES, FOLDER, every, text
from tests.kubectl.objects import NOW, hostile, large, paused, policy_in_need, recorded
from trunkline.kubectl.advice import advice
from trunkline.kubectl.capacity_text import capacity_text
from trunkline.kubectl.list_text import list_text
from trunkline.kubectl.seen import seen
from trunkline.kubectl.status_text import state, status_text
from trunkline.kubectl.terminal import Terminal
from trunkline.kubectl.values import capacity_value, short_value, status_value, written

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", CASES)
def test_to_the_letter(name: str) -> None:
    """A change that is meant is written by `python -m tests.kubectl.golden`."""
    assert text(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(CASES)


def test_the_page_shows_what_is_printed() -> None:
    page = (ROOT / "docs" / "kubectl.md").read_text(encoding="utf-8")
    shown = [block.text for block in blocks(page) if block.info == "text"]
    assert shown == [text(name) for name in ("status-center-blocked", "confirm", "capacity-policy-in-need")]


def test_every_recorded_state_fits_into_80_columns_in_any_character_set() -> None:
    values = [hostile(), large(), paused(), policy_in_need()]
    for of in [*every(), *map(seen, values)]:
        for terminal in (Terminal(), Terminal(lines=False)):
            lines = [*status_text(of, terminal, NOW, full=True), *capacity_text(of, terminal)]
            assert [line for line in lines if len(line) > 80] == []
            assert all(line.isprintable() for line in lines), "a message moves the cursor"
            assert terminal.lines or all(line.isascii() for line in lines)


def test_a_wider_terminal_is_used() -> None:
    of = seen(recorded("ContactCenter", "confirmation-required"))
    assert max(len(line) for line in status_text(of, Terminal(columns=120), NOW)) <= 120
    assert len(list(status_text(of, Terminal(columns=120), NOW))) < len(list(status_text(of, Terminal(), NOW)))


def test_names_of_a_list_are_whole_where_they_fit() -> None:
    """Who reads a list names one of it in the next command; a message is shown by that one as well."""
    body = recorded("ContactCenter", "blocked")
    body["metadata"]["namespace"] = "contact-centers-staging"
    for columns in (80, 70):
        lines = list(list_text([seen(body)], Terminal(columns=columns), NOW, namespaces=True))
        assert all(len(line) <= columns for line in lines)
        assert lines[1].startswith("contact-centers-staging  cc/acme")
    narrow = list(list_text([seen(body)], Terminal(columns=44), NOW, namespaces=True))
    assert narrow[1].startswith("contact-ce…s-staging  cc/acme")


def test_full_shows_what_is_folded() -> None:
    of = seen(large())
    folded, full = ("\n".join(status_text(of, Terminal(), NOW, full=full)) for full in (False, True))
    assert "queue/queue-299" not in folded
    assert "and 287 more, all settled (--full shows them)" in folded
    assert "queue/queue-299" in full
    for each in (folded, full):
        assert each.index("queue/queue-007") < each.index("queue/queue-000"), "what needs a look stands first"


def test_colors_are_only_added() -> None:
    for of in every():
        plain = list(status_text(of, Terminal(), NOW))
        colored = "\n".join(status_text(of, Terminal(colors=True), NOW))
        assert "\x1b[" in colored
        for code in ("0", "1", "31", "32", "33"):
            colored = colored.replace(f"\x1b[{code}m", "")
        assert colored == "\n".join(plain)


@pytest.mark.parametrize(
    ("kind", "name", "shown", "command"),
    [
        pytest.param("ContactCenter", "ready", "ready", None, id="nothing to do"),
        pytest.param("ContactCenter", "creating", "Progressing", "reconcile cc/acme --wait", id="goes on by itself"),
        pytest.param("ContactCenter", "unseen", "not taken up yet", "kubectl trunkline doctor", id="no operator"),
        pytest.param("ContactCenter", "edited", "not taken up yet", "kubectl trunkline doctor", id="status of before"),
        pytest.param("ContactCenter", "blocked", "Blocked", "reconcile cc/acme", id="AWS refuses"),
        pytest.param("ContactCenter", "rejected", "Invalid", None, id="cannot work as written"),
        pytest.param("ContactCenter", "paused", "Paused", "resume cc/acme", id="paused"),
        pytest.param(
            "ContactCenter",
            "confirmation-required",
            "ConfirmationRequired",
            "confirm cc/acme 47538cd63c24",
            id="waits",
        ),
        pytest.param("ContactCenter", "deleting", "deleting", "events cc/acme", id="being deleted"),
        pytest.param("ContactCenter", "deletion-blocked", "deletion blocked", "events", id="cannot be deleted"),
        pytest.param("ScalingPolicy", "rejected", "ready", "capacity sp/peak", id="a lever cannot be moved"),
    ],
)
def test_what_to_do_next(kind: str, name: str, shown: str, command: str | None) -> None:
    of = seen(recorded(kind, name))
    found = advice(of)
    assert state(of)[0] == shown
    commands = [item.command for item in found if item.command]
    if name == "deletion-blocked":
        assert commands == [
            "kubectl annotate contactcenters.trunkline.dev/acme -n contact-centers trunkline.dev/abandon=true"
        ]
    elif command is None:
        assert commands == []
    else:
        assert any(command in each and ("-n contact-centers" in each or "doctor" in each) for each in commands)


def test_a_plan_of_an_earlier_generation_is_not_to_be_confirmed() -> None:
    """What waits is known only of the generation that the operator has seen."""
    body = recorded("ContactCenter", "confirmation-required")
    body["metadata"]["generation"] += 1
    assert seen(body).waiting == ""
    assert "confirm cc/acme" not in "\n".join(status_text(seen(body), Terminal(), NOW))


def test_json_says_the_same() -> None:
    value = json.loads(written(status_value(seen(recorded("ContactCenter", "confirmation-required")))))
    assert value["waitsForConfirmation"] == value["lastPlan"]["id"] == "47538cd63c24"
    assert value["next"][0]["command"] == "kubectl trunkline confirm cc/acme 47538cd63c24 -n contact-centers"
    assert [len(value["resources"]), value["ready"], value["state"]] == [12, False, "not ready, ConfirmationRequired"]
    needs = json.loads(written(capacity_value(seen(policy_in_need()))))
    assert [needs["target"], needs["bindingLayer"], len(needs["layers"])] == ["acme", "concurrent-calls", 6]
    assert short_value(seen(recorded("ContactCenter", "ready")))["ready"] is True
