"""Every example is a ContactCenter that the models take as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.manifests import CENTERS, EXAMPLES, center
from trunkline.api.center import ContactCenter

FILES = [pytest.param(path, id=path.relative_to(EXAMPLES).as_posix()) for path in CENTERS]


def test_the_examples_are_found() -> None:
    assert {path.parent.name for path in CENTERS} == {"high-volume", "minimal", "existing-instance"}


@pytest.mark.parametrize("path", FILES)
def test_the_models_read_every_field_of_an_example(path: Path) -> None:
    written = center(path)

    read = ContactCenter.model_validate(written).model_dump(mode="json", by_alias=True, exclude_unset=True)

    assert read["spec"] == written["spec"], "a field that no model knows is dropped without a word"
