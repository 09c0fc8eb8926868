"""An answer to a write that comes after the watch has told the deletion: the object stays gone."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache, Change

KEY = Key("ContactCenter", "contact-centers", "acme")


def body(version: int, uid: str = "uid-1") -> dict[str, Any]:
    return {"metadata": {"name": "acme", "namespace": "contact-centers", "uid": uid, "resourceVersion": str(version)}}


@pytest.fixture
def cache() -> Cache:
    """An object of version 7, whose deletion was told as version 9; a write of ours had made version 8 meanwhile."""
    made = Cache()
    made.observe(KEY, body(7))
    assert made.remove(KEY, "uid-1", "9") is not None
    return made


def test_an_answer_that_is_late_brings_nothing_back(cache: Cache) -> None:
    """Others would stand on an object that is not there, until it is looked for minutes later."""
    change = cache.observe(KEY, body(8))
    assert cache.get(KEY) is None
    assert change == Change()


def test_another_object_of_that_name_is_taken_in(cache: Cache) -> None:
    assert cache.observe(KEY, body(10, "uid-2")).first
    assert cache.get(KEY) is not None


def test_an_older_one_that_was_only_listed_as_missing_may_come_back() -> None:
    """Of a list nobody knows what is in its gap: what comes later with its uid is believed."""
    made = Cache()
    made.observe(KEY, body(7))
    made.remove(KEY, "uid-1")
    assert made.observe(KEY, body(8)).first
