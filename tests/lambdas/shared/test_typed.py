"""A NamedTuple of ours is typing's: whoever reads the type checker's verdict must get what it promised."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from shared.typed import NamedTuple


class Ours(NamedTuple):
    """Two fields, of which one has a default."""

    name: str
    tier: str = "Standard"

    def shown(self) -> str:
        """A method."""
        return f"{self.name} is {self.tier}"

    @property
    def is_standard(self) -> bool:
        """A property."""
        return self.tier == "Standard"


class Theirs(typing.NamedTuple):
    """The same of typing."""

    name: str
    tier: str = "Standard"

    def shown(self) -> str:
        """As Ours."""
        return f"{self.name} is {self.tier}"

    @property
    def is_standard(self) -> bool:
        """As Ours."""
        return self.tier == "Standard"


USES: list[Any] = [
    pytest.param(lambda kind: kind("Ann"), id="default"),
    pytest.param(lambda kind: kind("Ann", "Gold"), id="by place"),
    pytest.param(lambda kind: kind(tier="Gold", name="Ann"), id="by name"),
    pytest.param(lambda kind: kind("Ann", tier="Gold"), id="by both"),
    pytest.param(lambda kind: kind(), id="too few"),
    pytest.param(lambda kind: kind(tier="Gold"), id="one without a default is missing"),
    pytest.param(lambda kind: kind("Ann", "Gold", "more"), id="too many"),
    pytest.param(lambda kind: kind("Ann", name="Bob"), id="one twice"),
    pytest.param(lambda kind: kind("Ann", "Gold", tier="Gold"), id="the last twice"),
    pytest.param(lambda kind: kind("Ann", age=3), id="unknown in the place of a default"),
    pytest.param(lambda kind: kind("Ann", "Gold", age=3), id="unknown and all others"),
    pytest.param(lambda kind: kind("Ann")._replace(tier="Gold"), id="replaced"),
    pytest.param(lambda kind: kind("Ann")._asdict(), id="as a dict"),
    pytest.param(lambda kind: kind._make(["Ann", "Gold"]), id="made of a list"),
    pytest.param(lambda kind: kind._make(["Ann"]), id="made of too few"),
    pytest.param(lambda kind: kind("Ann").shown(), id="method"),
    pytest.param(lambda kind: kind("Ann").is_standard, id="property"),
    pytest.param(lambda kind: kind("Ann") == ("Ann", "Standard"), id="equal to a tuple"),
    pytest.param(lambda kind: hash(kind("Ann")) == hash(("Ann", "Standard")), id="the same as a key"),
    pytest.param(lambda kind: repr(kind("Ann")).removeprefix(kind.__name__), id="shown"),
    pytest.param(lambda kind: copy.deepcopy(kind("Ann")).shown(), id="copied"),
    pytest.param(lambda kind: pickle.loads(pickle.dumps(kind("Ann"))).shown(), id="pickled"),
    pytest.param(lambda kind: kind._fields, id="fields"),
    pytest.param(lambda kind: kind._field_defaults, id="defaults"),
    pytest.param(lambda kind: kind.__match_args__, id="matched by place"),
    pytest.param(lambda kind: setattr(kind("Ann"), "name", "Bob"), id="never changed"),
    pytest.param(lambda kind: setattr(kind("Ann"), "age", 3), id="never given more"),
]


def _outcome(use: Callable[[Any], object], kind: Any) -> object:
    try:
        return use(kind)
    except Exception as error:  # which one it is is compared
        return type(error)


@pytest.mark.parametrize("use", USES)
def test_it_does_what_typing_does(use: Callable[[Any], object]) -> None:
    theirs = _outcome(use, Theirs)
    assert _outcome(use, Ours) == theirs
