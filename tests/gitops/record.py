"""`python -m tests.gitops.record`: writes, from recorded lives, the test data that Argo CD's own suite runs our scripts on.

A few instants of each kind, one for each word of health, with the message that the script gives; and what each action
makes of an object. What is written is committed; the tests play lives of their own and read these files too.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from tools.parts.gitops import obtain_judge

from tests.gitops.judge import CUSTOMIZATIONS, Judge
from tests.gitops.life import Life
from tests.gitops.lives import of_a_cache, of_a_center, of_a_policy

_DROPPED = ("flows", "flowModules", "hoursOfOperation", "tables")  # long, and health does not look at them
KEPT: Mapping[str, tuple[Callable[[], Life], Mapping[str, tuple[str, int]]]] = {
    "ContactCenter": (
        of_a_center,
        {
            "unseen": ("created", 0),
            "creating": ("created", 3),
            "ready": ("created", -1),
            "edited": ("edited", 0),
            "confirmation-required": ("four deletes wait", -1),
            "paused": ("paused", -1),
            "rejected": ("rejected", -1),
            "blocked": ("no quota", -1),
            "deleting": ("deleted", -1),
            "deletion-blocked": ("deletion refused", -1),
        },
    ),
    "CacheLayer": (
        of_a_cache,
        {
            "creating": ("created", 5),
            "ready": ("created", -1),
            "confirmation-required": ("a failover waits", -1),
            "rejected": ("no token", -1),
            "deleting": ("deleted", -1),
        },
    ),
    "ScalingPolicy": (
        of_a_policy,
        {
            "waiting": ("before its center", -1),
            "ready": ("created", -1),
            "paused": ("paused", -1),
            "rejected": ("rejected", -1),
            "deleting": ("deleted", -1),
        },
    ),
}


def main() -> None:
    judge = Judge(obtain_judge())
    for kind, (play, kept) in KEPT.items():
        life, folder = play(), CUSTOMIZATIONS / kind
        documents = {name: _of(life, *at) for name, at in kept.items()}
        shutil.rmtree(folder / "testdata", ignore_errors=True)
        for name, document in documents.items():
            _write(folder / "testdata" / f"{name}.yaml", document)
        healths = {name: judge.health(document) for name, document in documents.items()}
        tests = [
            {
                "healthStatus": {"status": health.status, "message": health.message},
                "inputPath": f"testdata/{name}.yaml",
            }
            for name, health in healths.items()
        ]
        _write(folder / "health_test.yaml", {"tests": tests})
        _write_actions(judge, folder / "actions", documents)
    judge.close()


def _write_actions(judge: Judge, folder: Any, documents: Mapping[str, Any]) -> None:
    """reconcile is left out: it writes the time of day."""
    shutil.rmtree(folder / "testdata", ignore_errors=True)
    takes = {"pause": "ready", "resume": "paused", "confirm": "confirmation-required"}
    actions = []
    for action, name in takes.items():
        if name in documents:
            _write(folder / "testdata" / f"{action}-done.yaml", judge.act(documents[name], action))
            done = {"action": action, "inputPath": f"../testdata/{name}.yaml"}
            actions.append({**done, "expectedOutputPath": f"testdata/{action}-done.yaml"})
    discovered: list[dict[str, Any]] = []
    for name in {"ready", *takes.values()} & documents.keys():
        result = [
            {"name": action, "disabled": not offered} for action, offered in judge.actions(documents[name]).items()
        ]
        discovered.append(
            {"inputPath": f"../testdata/{name}.yaml", "result": sorted(result, key=lambda item: str(item["name"]))}
        )
    discovered.sort(key=lambda item: str(item["inputPath"]))
    _write(folder / "action_test.yaml", {"discoveryTests": discovered, "actionTests": actions})


def _of(life: Life, chapter: str, number: int) -> dict[str, Any]:
    document = [moment for moment in life.moments if moment.chapter == chapter][number].document
    spec = {name: value for name, value in document["spec"].items() if name not in _DROPPED}
    return {**document, "spec": spec}


def _write(path: Any, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120))


if __name__ == "__main__":
    main()
