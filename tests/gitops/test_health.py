"""What Argo CD and Flux say of objects, at each instant of their lives: never that all is well before it is, never that
something failed while it only takes its time.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.gitops.judge import CUSTOMIZATIONS, KINDS, Judge
from tests.gitops.life import Life, Moment
from tests.gitops.lives import of_a_cache, of_a_center, of_a_policy

P, H, S, D = "Progressing", "Healthy", "Suspended", "Degraded"
IN_PROGRESS, CURRENT, FAILED, TERMINATING = "InProgress", "Current", "Failed", "Terminating"

Told = list[str]
Chapters = dict[str, tuple[Told, Told]]
"""By chapter: the words of Argo CD and of kstatus in their order, each once as long as it stands."""

CENTER: Chapters = {
    "created": ([P, H], [IN_PROGRESS, CURRENT]),
    "edited": ([P, H], [IN_PROGRESS, CURRENT]),
    "drifted": ([H], [CURRENT]),
    "four deletes wait": ([P, S], [IN_PROGRESS]),
    "confirmed": ([S, H], [IN_PROGRESS, CURRENT]),
    "paused": ([P, S], [IN_PROGRESS]),
    "resumed": ([P, H], [IN_PROGRESS, CURRENT]),
    "rejected": ([P, D], [IN_PROGRESS, FAILED]),
    "mended": ([P, H], [IN_PROGRESS, CURRENT]),
    "signed out": ([P, D], [IN_PROGRESS]),
    "signed in": ([H], [CURRENT]),
    "no quota": ([P, D], [IN_PROGRESS]),
    "quota raised": ([D, H], [IN_PROGRESS, CURRENT]),
    "deletion refused": ([P, D], [TERMINATING]),
    "deleted": ([P], [TERMINATING]),
}
CACHE: Chapters = {
    "created": ([P, H], [IN_PROGRESS, CURRENT]),
    "edited": ([P, H], [IN_PROGRESS, CURRENT]),
    "a failover waits": ([P, S], [IN_PROGRESS]),
    "confirmed": ([S, P, H], [IN_PROGRESS, CURRENT]),
    "no token": ([H, D], [CURRENT, FAILED]),
    "deleted": ([P], [TERMINATING]),
}
POLICY: Chapters = {
    "before its center": ([P], [IN_PROGRESS]),
    "created": ([P, H], [IN_PROGRESS, CURRENT]),
    "edited": ([P, H], [IN_PROGRESS, CURRENT]),
    "paused": ([P, S], [IN_PROGRESS, CURRENT]),  # kstatus knows no pause: what is told to AWS is as the spec says
    "rejected": ([P, D], [IN_PROGRESS, CURRENT]),  # one lever names nothing: what AWS was told still stands
    "deleted": ([P], [TERMINATING]),
}
LIVES: dict[str, tuple[Callable[[], Life], Chapters]] = {
    "ContactCenter": (of_a_center, CENTER),
    "CacheLayer": (of_a_cache, CACHE),
    "ScalingPolicy": (of_a_policy, POLICY),
}
STARTS = ("created", "before its center")


def once(words: list[str]) -> list[str]:
    """Without those that only repeat the one before."""
    return [word for number, word in enumerate(words) if number == 0 or word != words[number - 1]]


@pytest.mark.parametrize("kind", KINDS)
def test_at_every_instant_of_a_life_both_tools_say_what_is(kind: str, judge: Judge) -> None:
    play, expected = LIVES[kind]
    life = play()
    told: Chapters = {}
    for chapter, moments in life.chapters():
        healths = [judge.health(moment.document) for moment in moments]
        words = [judge.kstatus(moment.document) for moment in moments]
        told[chapter] = (once([health.status for health in healths]), once(words))
        assert all(health.message for health in healths), "there is no child tree: the message has to say it all"
        if chapter != "drifted":  # a status stands while a check repairs what others changed
            early = [
                f"{word} at call {moment.calls} of {life.last_change(moments)}"
                for moment, health, word in zip(moments, healths, words, strict=True)
                if (health.status == H or word == CURRENT)
                and moment.calls < life.last_change(moments)
                and moment is not moments[0]
            ]
            assert early == [], f"{chapter}: AWS was changed after it was said to be well"
    assert told == expected
    for chapter in set(STARTS) & told.keys():
        assert D not in told[chapter][0], "a normal start"
        assert FAILED not in told[chapter][1], "a normal start"


def test_what_a_reader_needs_is_in_the_message(judge: Judge, center: Life) -> None:
    def message(chapter: str) -> str:
        return judge.health(last(center, chapter).document).message

    assert "instance small-center is being created" in judge.health(center.moments[4].document).message
    assert "trunkline.dev/confirm" in message("four deletes wait")
    assert "queue/one" in message("four deletes wait")
    assert "queue/sales" in message("paused")
    assert "there is no 'nowhere' in queues" in message("rejected")
    assert "CreateQueue: LimitExceededException" in message("no quota")
    assert "DeleteInstance: AccessDeniedException" in message("deletion refused")


def last(life: Life, chapter: str) -> Moment:
    return [moment for moment in life.moments if moment.chapter == chapter][-1]


@pytest.fixture(scope="module")
def center() -> Life:
    return of_a_center()


def test_a_status_of_yesterday_says_nothing_of_today(judge: Judge, center: Life) -> None:
    """A restore brings a status whose conditions speak of another generation than its observedGeneration."""
    document = copy.deepcopy(last(center, "created").document)
    document["metadata"]["generation"] = document["status"]["observedGeneration"] = 9
    assert judge.health(document).status == P


def test_a_cache_that_does_not_answer_is_not_healthy(judge: Judge) -> None:
    conditions: list[dict[str, Any]] = [
        {"type": "Ready", "status": "True", "reason": "Converged", "message": "4 resources are as the spec says"},
        {"type": "Healthy", "status": "False", "reason": "ProbeFailed", "message": "WRONGPASS"},
    ]
    document = {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": "CacheLayer",
        "metadata": {"name": "acme-cache", "generation": 1},
        "spec": {"region": "us-east-1"},
        "status": {
            "observedGeneration": 1,
            "conditions": [{**condition, "observedGeneration": 1} for condition in conditions],
        },
    }
    found = judge.health(document)
    assert (found.status, found.message) == (D, "WRONGPASS")


def test_actions_are_offered_where_they_mean_something(judge: Judge, center: Life) -> None:
    def offered(chapter: str) -> set[str]:
        return {name for name, given in judge.actions(last(center, chapter).document).items() if given}

    assert offered("created") == {"reconcile", "pause"}
    assert offered("four deletes wait") == {"reconcile", "pause", "confirm"}
    assert offered("paused") == {"reconcile", "resume"}
    assert offered("deleted") == set()
    first = next(moment for moment in center.moments if moment.chapter == "paused")
    assert not judge.actions(first.document)["confirm"], "what would wait now is not known yet"


def test_an_action_changes_what_it_says_and_nothing_else(judge: Judge, center: Life) -> None:
    before = last(center, "four deletes wait").document
    confirmed = judge.act(before, "confirm")
    assert confirmed["metadata"].pop("annotations") == {"trunkline.dev/confirm": before["status"]["lastPlan"]["id"]}
    assert confirmed["spec"] == before["spec"]
    asked = judge.act(before, "reconcile")["metadata"]["annotations"]["trunkline.dev/reconcile"]
    assert asked.startswith("20")
    assert asked.endswith("Z")
    assert judge.act(before, "pause")["spec"] == {**before["spec"], "paused": True}
    assert judge.act(last(center, "paused").document, "resume")["spec"]["paused"] is False


def test_argo_has_no_string_library(judge: Judge) -> None:
    """Or the scripts would pass here and fail there."""
    found = judge.run("return {a = tostring(string), b = tostring(io), c = tostring(os.execute)}", {"kind": "X"})
    assert found == {"a": "nil", "b": "nil", "c": "nil"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_for_upstream_pass_as_upstream_runs_them(kind: str, judge: Judge) -> None:
    """Argo CD's own suite reads health_test.yaml and action_test.yaml: util/lua/health_test.go, custom_actions_test.go."""
    folder = CUSTOMIZATIONS / kind
    tests = yaml.safe_load((folder / "health_test.yaml").read_text())["tests"]
    for test in tests:
        found = judge.health(yaml.safe_load((folder / test["inputPath"]).read_text()))
        assert {"status": found.status, "message": found.message} == test["healthStatus"], test["inputPath"]
    assert {test["healthStatus"]["status"] for test in tests} >= {P, H, S, D}
    actions = yaml.safe_load((folder / "actions" / "action_test.yaml").read_text())
    for test in actions["discoveryTests"]:
        offered = judge.actions(yaml.safe_load((folder / "actions" / test["inputPath"]).read_text()))
        assert offered == {item["name"]: not item.get("disabled", False) for item in test["result"]}
    for test in actions["actionTests"]:
        given = yaml.safe_load((folder / "actions" / test["inputPath"]).read_text())
        wanted = yaml.safe_load((folder / "actions" / test["expectedOutputPath"]).read_text())
        assert judge.act(given, test["action"]) == wanted


def test_the_three_kinds_share_their_scripts() -> None:
    """Argo CD knows no include: three copies, one content."""
    for path in ("health.lua", "actions/discovery.lua", *(f"actions/{name}/action.lua" for name in ACTIONS)):
        assert len({(CUSTOMIZATIONS / kind / path).read_text() for kind in KINDS}) == 1, path


ACTIONS = ("reconcile", "pause", "resume", "confirm")
