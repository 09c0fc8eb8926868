"""What is kept of an object: packed, and nothing worked out twice that is the same."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from trunkline.engine.vanished import Vanished
from trunkline.handlers.port import Key
from trunkline.runtime.cache import SHORT, Cache, Change, canonical, pack, unpack

KEY = Key("ContactCenter", "default", "acme")
NOISE = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=4 * SHORT))


def body(
    version: str, *, uid: str = "u-1", spec: Any = None, applied: Any = None, status: Any = None
) -> dict[str, Any]:
    managed = [{"manager": "kubectl", "fieldsV1": {"f:spec": applied}}] if applied is not None else []
    return {
        "metadata": {"uid": uid, "resourceVersion": version, "generation": 1, "managedFields": managed},
        "spec": spec or {"region": "us-east-1"},
        "status": status or {},
    }


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"region": "us-east-1"}, id="short: as it is"),
        pytest.param({"flow": "x" * 100_000}, id="long: compressed"),
        pytest.param({"flow": NOISE}, id="long, and hard to compress"),
    ],
)
def test_what_is_packed_comes_out_again(value: dict[str, Any]) -> None:
    packed = pack(canonical(value))
    assert unpack(packed) == value
    assert len(packed) <= max(SHORT, len(json.dumps(value)))


def test_the_watch_tells_nothing_new_of_a_version_that_is_known() -> None:
    """The answer to each write of ours comes before the event of it."""
    cache = Cache()
    assert cache.observe(KEY, body("7")).first
    known = cache.get(KEY)
    assert cache.observe(KEY, body("7")) == Change()
    assert cache.get(KEY) is known
    assert cache.observe(KEY, body("8", uid="u-2")).replaced == "u-1", "another object of the name is another one"


def test_a_field_that_leaves_without_a_new_generation_is_noticed_whatever_was_known_before() -> None:
    """A CRD that is stepped back takes it; forward again, and applied again, nothing is missing."""
    cache = Cache()
    applied: dict[str, Any] = {"f:region": {}, "f:tags": {"f:team": {}}}
    whole = {"region": "us-east-1", "tags": {"team": "voice"}}

    def vanished(version: str, spec: Any, fields: Any) -> Vanished | None:
        cache.observe(KEY, body(version, spec=spec, applied=fields))
        seen = cache.get(KEY)
        assert seen is not None
        return seen.vanished

    assert vanished("1", whole, applied) is None
    assert vanished("2", {"region": "us-east-1"}, applied) == Vanished(("spec.tags",))
    assert vanished("3", {"region": "us-east-1"}, applied) == Vanished(("spec.tags",)), "a write of status"
    assert vanished("4", {"region": "us-east-1"}, {"f:region": {}}) is None, "who had applied it has taken it back"
    assert vanished("5", whole, applied) is None
