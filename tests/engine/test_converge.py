"""What one object's passes come to: order, identity, adoption, sweeping, confirmation, refusals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.passes import OWNER, Object
from tests.engine.things import ThingCloud, thing
from trunkline.engine.confirm import ConfirmMode
from trunkline.engine.converge import Consent
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG
from trunkline.engine.match import AdoptionPolicy, Identity
from trunkline.engine.outcome import Outcome, Refusal
from trunkline.engine.plan import Answer
from trunkline.engine.record import Origin, Record
from trunkline.engine.resource import DeletionPolicy, Management
from trunkline.engine.result import Result, State


def states(result: Result) -> dict[str, State]:
    return {node.key: node.state for node in result.nodes}


def message(result: Result, key: str) -> str:
    return next(node.message for node in result.nodes if node.key == key)


class TestMaking:
    def test_what_refers_to_another_is_made_after_it_in_the_same_pass(self) -> None:
        center = Object(ThingCloud(), [thing("b", links=["thing/a"]), thing("a")])
        result = center.once()
        assert {node.state for node in result.nodes} == {State.READY}
        b = center.cloud.named("b")[0]
        assert b.links == (center.cloud.named("a")[0].id,)

    def test_a_converged_object_is_left_alone(self) -> None:
        center = Object(ThingCloud(), [thing("a"), thing("b", links=["thing/a"])])
        center.settle()
        center.cloud.calls.clear()
        center.once()
        assert center.cloud.mutating() == []
        assert [operation for operation, _ in center.cloud.calls] == ["ListThings"]

    def test_two_that_refer_to_each_other_cost_one_call_more(self) -> None:
        center = Object(ThingCloud(), [thing("a", later=["thing/b"]), thing("b", later=["thing/a"])])
        center.settle()
        a, b = center.cloud.named("a")[0], center.cloud.named("b")[0]
        assert (a.links, b.links) == ((b.id,), (a.id,))
        assert sorted(center.cloud.mutating()) == ["CreateThing", "CreateThing", "LinkThing"]

    def test_a_circle_that_cannot_be_opened_is_named_and_the_rest_is_made(self) -> None:
        center = Object(ThingCloud(), [thing("a", links=["thing/b"]), thing("b", links=["thing/a"]), thing("c")])
        result = center.once()
        assert states(result) == {"thing/a": State.REJECTED, "thing/b": State.REJECTED, "thing/c": State.READY}
        assert "thing/a -> thing/b -> thing/a" in message(result, "thing/a")

    def test_what_stands_on_a_slow_one_waits_for_it_without_holding_the_pass(self) -> None:
        center = Object(ThingCloud(), [thing("s", kind="slow"), thing("a", links=["slow/s"]), thing("b")])
        first = center.once()
        assert states(first) == {"slow/s": State.CHANGING, "thing/a": State.WAITING, "thing/b": State.READY}
        assert {node.state for node in center.settle().nodes} == {State.READY}

    def test_a_pass_of_progress_reads_only_what_is_pending(self) -> None:
        center = Object(ThingCloud(), [thing("s", kind="slow"), *(thing(f"t{number}") for number in range(5))])
        center.once()
        center.cloud.calls.clear()
        center.once(progress=True)
        assert [operation for operation, _ in center.cloud.calls] == ["DescribeThing"]

    def test_a_broken_entry_blocks_what_stands_on_it_and_nothing_else(self) -> None:
        center = Object(
            ThingCloud(), [thing("a", broken="its ConfigMap is missing"), thing("b", links=["thing/a"]), thing("c")]
        )
        result = center.once()
        assert states(result) == {"thing/a": State.REJECTED, "thing/b": State.WAITING, "thing/c": State.READY}
        assert "spec.things[name=a]: its ConfigMap is missing" in message(result, "thing/a")


class TestFailing:
    def test_nobody_waits_for_a_node_that_failed_when_the_others_are_cancelled(self) -> None:
        """A call may end just as it is cancelled, and go on as if it had not been: the pass was never over then."""

        class Cloud(ThingCloud):
            async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
                if operation == "CreateThing":
                    raise ZeroDivisionError
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(60)
                return await super().mutate(service, operation, params)

        cloud = Cloud()
        cloud.add("thing", "a", tags={OWNER_TAG: OWNER, ENTRY_TAG: "thing/a"})
        center = Object(cloud, [thing("a", size=2, later=["thing/b"]), thing("b", links=["thing/a"])])
        with pytest.raises(ZeroDivisionError):
            center.once()
        assert cloud.mutating() == ["ResizeThing"]

    def test_failures_of_several_nodes_are_all_told_unless_they_are_alike(self) -> None:
        """What is expected now and then must not hide a bug beside it."""

        class Cloud(ThingCloud):
            alike = False

            async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
                raise ZeroDivisionError if self.alike or operation == "CreateThing" else LookupError

        cloud = Cloud()
        cloud.add("thing", "a", tags={OWNER_TAG: OWNER, ENTRY_TAG: "thing/a"})
        center = Object(cloud, [thing("a", size=2), thing("b")])
        with pytest.raises(ExceptionGroup) as told:
            center.once()
        assert {type(error) for error in told.value.exceptions} == {LookupError, ZeroDivisionError}
        cloud.alike = True
        with pytest.raises(ZeroDivisionError):
            center.once()


class TestIdentity:
    def test_a_lost_record_is_rebuilt_from_tags(self) -> None:
        center = Object(ThingCloud(), [thing("a")])
        center.settle()
        center.record = Record()
        center.restart()
        result = center.settle()
        assert center.cloud.mutating() == ["CreateThing"]
        assert result.record.entries["thing/a"].id == center.cloud.named("a")[0].id

    def test_a_lagging_list_makes_no_second_one(self) -> None:
        center = Object(ThingCloud(lag=60), [thing("a")])
        center.once()
        center.once()
        assert len(center.cloud.named("a")) == 1

    def test_a_lagging_list_and_a_lost_record_make_no_second_one(self) -> None:
        center = Object(ThingCloud(lag=60), [thing("a")])
        center.once()
        center.record = Record()
        center.restart()
        result = center.once()
        assert states(result) == {"thing/a": State.READY}
        assert result.record.entries["thing/a"].id == center.cloud.named("a")[0].id

    def test_another_name_for_the_same_resource_keeps_it(self) -> None:
        center = Object(ThingCloud(), [thing("a")])
        center.settle()
        center.edit(replace(thing("a"), key="thing/other", name="other"))
        result = center.settle()
        assert "DeleteThing" not in center.cloud.mutating()
        assert list(result.record.entries) == ["thing/other"]

    @pytest.mark.parametrize(
        ("owner", "identity", "expected"),
        [
            pytest.param(None, Identity(OWNER), State.BLOCKED, id="nobody's-and-the-policy-refuses"),
            pytest.param(None, Identity(OWNER, AdoptionPolicy.ADOPT), State.READY, id="nobody's-and-the-policy-adopts"),
            pytest.param(
                "other/ns/x",
                Identity(OWNER, AdoptionPolicy.ADOPT),
                State.BLOCKED,
                id="adopting-is-not-taking-from-others",
            ),
            pytest.param(
                "other/ns/x", Identity(OWNER, take_over=frozenset({"other"})), State.READY, id="an-explicit-take-over"
            ),
            pytest.param("test/ns/x", Identity(OWNER, AdoptionPolicy.ADOPT), State.BLOCKED, id="two-objects-want-one"),
            pytest.param(
                "test/ns/x", Identity(OWNER, take_over=frozenset({"test/ns/x"})), State.READY, id="of-one-object"
            ),
            pytest.param(
                "test/ns/y", Identity(OWNER, take_over=frozenset({"test/ns/x"})), State.BLOCKED, id="of-another-object"
            ),
        ],
    )
    def test_what_exists_already(self, owner: str | None, identity: Identity, expected: State) -> None:
        cloud = ThingCloud()
        cloud.add("thing", "a", tags={OWNER_TAG: owner} if owner else {})
        center = Object(cloud, [thing("a")], identity=identity)
        result = center.settle() if expected is State.READY else center.once()
        assert states(result) == {"thing/a": expected}
        if expected is State.READY:
            assert result.record.entries["thing/a"].origin is Origin.ADOPTED
            assert cloud.named("a")[0].tags[OWNER_TAG] == OWNER
        else:
            assert cloud.mutating() == []

    def test_an_external_one_is_linked_and_never_changed(self) -> None:
        cloud = ThingCloud()
        there = cloud.add("thing", "theirs", size=9)
        center = Object(cloud, [thing("theirs", external=True), thing("a", links=["thing/theirs"])])
        result = center.settle()
        assert cloud.named("a")[0].links == (there.id,)
        assert (there.size, there.tags) == (9, {})
        assert "thing/theirs" not in result.record.entries

    def test_a_vanished_one_is_made_again_but_a_vanished_vault_waits_for_a_person(self) -> None:
        center = Object(ThingCloud(), [thing("a"), thing("v", kind="vault")])
        center.settle()
        center.cloud.things.clear()
        center.cloud.now += 3600
        result = center.once()
        assert states(result) == {"thing/a": State.READY, "vault/v": State.HELD}
        assert "starts empty" in message(result, "vault/v")


class TestSweeping:
    def make(self, *names: str, **more: object) -> Object:
        center = Object(ThingCloud(), [thing(name) for name in names])
        center.settle()
        return center

    def test_what_left_the_spec_is_deleted_after_all_else_is_ready(self) -> None:
        center = self.make("a", "b")
        center.edit(thing("a", size=5))
        result = center.settle()
        assert center.cloud.named("b") == []
        assert center.cloud.mutating()[-2:] == ["ResizeThing", "DeleteThing"]
        assert list(result.record.entries) == ["thing/a"]

    def test_what_left_without_a_new_generation_stays(self) -> None:
        center = self.make("a", "b")
        center.nodes = [thing("a")]
        result = center.once()
        assert states(result)["thing/b"] is State.KEPT
        assert len(center.cloud.named("b")) == 1

    def test_a_removal_goes_on_in_later_passes_of_the_same_generation(self) -> None:
        center = self.make("a", "b")
        other = center.cloud.add("thing", "else")
        other.links = (center.cloud.named("b")[0].id,)
        center.edit(thing("a"))
        assert states(center.once())["thing/b"] is State.BLOCKED
        other.links = ()
        center.once()
        assert center.cloud.named("b") == []

    def test_a_broken_entry_is_never_swept(self) -> None:
        center = self.make("a", "b")
        center.edit(thing("a"), thing("b", broken="does not parse"))
        center.once()
        assert len(center.cloud.named("b")) == 1

    def test_a_vault_is_released_unless_its_own_policy_says_delete(self) -> None:
        center = Object(
            ThingCloud(), [thing("v", kind="vault"), thing("w", kind="vault", policy=DeletionPolicy.DELETE)]
        )
        center.settle()
        center.consent = Consent(ConfirmMode.NEVER)
        center.edit()
        result = center.once()
        assert (len(center.cloud.named("v")), center.cloud.named("w")) == (1, [])
        assert result.released == ("vault/v",)
        assert result.record.entries == {}

    def test_an_adopted_one_is_released(self) -> None:
        cloud = ThingCloud()
        cloud.add("thing", "a")
        center = Object(cloud, [thing("a")], identity=Identity(OWNER, AdoptionPolicy.ADOPT))
        center.settle()
        center.edit()
        center.once()
        assert len(cloud.named("a")) == 1

    def test_four_deletes_of_one_section_wait_three_do_not(self) -> None:
        center = self.make("a", "b", "c", "d", "e")
        center.edit(thing("a"))
        held = center.once()
        assert [node.state for node in held.nodes].count(State.HELD) == 4
        assert len(center.cloud.things) == 5
        center.consent = Consent(ConfirmMode.DESTRUCTIVE, held.confirmation.id)
        center.once()
        assert [item.name for item in center.cloud.things.values()] == ["a"]

    def test_exclusive_removes_what_nobody_listed_but_asks_first(self) -> None:
        cloud = ThingCloud()
        for name, tags, builtin in (
            ("stray", {}, False),
            ("theirs", {OWNER_TAG: "other/ns/x"}, False),
            ("Basic", {}, True),
        ):
            cloud.add("thing", name, tags=tags, builtin=builtin)
        center = Object(cloud, [thing("a")])
        center.blueprint = {"management": {"things": Management.EXCLUSIVE}, "exclusive": {"thing": "things"}}
        held = center.settle()
        assert [item.key for item in held.confirmation.held] == ["thing/stray"]
        center.consent = Consent(ConfirmMode.DESTRUCTIVE, held.confirmation.id)
        center.once()
        assert sorted(item.name for item in cloud.things.values()) == ["Basic", "a", "theirs"]

    def test_observe_tells_and_changes_nothing(self) -> None:
        center = self.make("a")
        center.blueprint = {"management": {"things": Management.OBSERVE}}
        center.cloud.calls.clear()
        center.edit(thing("a", size=4), thing("b"))
        result = center.once()
        assert states(result) == {"thing/a": State.DIFFERS, "thing/b": State.DIFFERS}
        assert center.cloud.mutating() == []


class TestConfirming:
    def test_what_destroys_waits_and_the_rest_goes_on(self) -> None:
        center = Object(ThingCloud(), [thing("a", size=5), thing("b")])
        center.settle()
        center.edit(thing("a", size=2), thing("b", size=2))
        held = center.once()
        assert states(held) == {"thing/a": State.HELD, "thing/b": State.READY}
        assert center.cloud.named("a")[0].size == 5
        center.consent = Consent(ConfirmMode.DESTRUCTIVE, held.confirmation.id)
        assert states(center.once())["thing/a"] is State.READY
        assert center.cloud.named("a")[0].size == 2

    def test_a_confirmation_is_not_good_for_other_steps(self) -> None:
        center = Object(ThingCloud(), [thing("a", size=5)])
        center.settle()
        center.edit(thing("a", size=2))
        center.consent = Consent(ConfirmMode.DESTRUCTIVE, center.once().confirmation.id)
        center.edit(thing("a", size=1))
        assert states(center.once())["thing/a"] is State.HELD

    def test_a_preview_counts_what_a_pass_would_do_and_does_none_of_it(self) -> None:
        center = Object(ThingCloud(), [thing("a"), thing("b")])
        center.settle()
        center.edit(thing("a", size=3), thing("c"))
        center.cloud.calls.clear()
        counts = center.preview().counts
        assert (counts.add, counts.change, counts.delete) == (1, 1, 1)
        assert center.cloud.mutating() == []


class TestRefusals:
    def test_a_refused_call_is_not_repeated_before_its_time(self) -> None:
        cloud = ThingCloud()
        cloud.refuse["a"] = Refusal(Outcome.BLOCKED, "things", "CreateThing", "LimitExceeded", "50 things")
        center = Object(cloud, [thing("a"), thing("b")])
        assert states(center.once()) == {"thing/a": State.BLOCKED, "thing/b": State.READY}
        center.once()
        assert cloud.mutating().count("CreateThing") == 2
        cloud.now += 3601
        del cloud.refuse["a"]
        assert states(center.once())["thing/a"] is State.READY

    def test_another_parameter_is_another_call(self) -> None:
        cloud = ThingCloud()
        cloud.refuse["a"] = Refusal(Outcome.REJECTED, "things", "CreateThing", "Invalid", "too large")
        center = Object(cloud, [thing("a", size=99)])
        center.once()
        del cloud.refuse["a"]
        center.edit(thing("a", size=3))
        assert states(center.once())["thing/a"] is State.READY

    def test_entry_tags_name_the_node(self) -> None:
        center = Object(ThingCloud(), [thing("a")])
        center.settle()
        assert center.cloud.named("a")[0].tags == {OWNER_TAG: OWNER, ENTRY_TAG: "thing/a"}
