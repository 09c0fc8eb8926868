"""The jq filters of the pages that take something out of objects take out that, and leave the rest."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.docs.pages import shown

MINE = {"team.example/owner": "voice"}
CONSENT = {"trunkline.dev/confirm": "47538cd63c24", "trunkline.dev/abandon": "true", "trunkline.dev/take-over": "a/b/c"}


def filtered(page: str, part: str, value: Any) -> Any:
    """What becomes of a value in the one command of a page that has this part in it."""
    (line,) = (line for block in shown("sh") if block.page == page for line in block.text.splitlines() if part in line)
    found = re.search(r"jq '([^']+)'", line)
    assert found is not None, f"there is no jq in {line}"
    done = subprocess.run(["jq", found[1]], input=json.dumps(value), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("annotations", "kept"),
    [
        pytest.param({"annotations": MINE | CONSENT}, {"annotations": MINE}, id="what-consents-goes"),
        pytest.param({}, {}, id="none"),
    ],
)
def test_a_backup_consents_to_nothing(annotations: dict[str, Any], kept: dict[str, Any]) -> None:
    """A restored `abandon` would make a later delete leave everything in AWS."""
    item = {"metadata": {"name": "acme", "uid": "1", "finalizers": ["x"], **annotations}, "spec": {}, "status": {}}
    saved = filtered("docs/backup-and-move.md", "> objects.json", {"items": [item]})
    assert saved == {"items": [{"metadata": {"name": "acme", **kept}, "spec": {}}]}


def test_freeing_an_object_takes_away_our_finalizer_alone() -> None:
    value = {"metadata": {"finalizers": ["backup.example/hold", "trunkline.dev/cleanup"]}}
    freed = filtered("docs/install.md", "trunkline.dev/cleanup", value)
    assert freed == {"metadata": {"finalizers": ["backup.example/hold"]}}
