"""Clients of the SDK: what is changed of botocore's own ways changes no call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import JSONFileLoader

from trunkline.aws.clients import LeanModels

DATA = Path(botocore.__file__).parent / "data"
MODELS = {
    "connect": "connect/2017-08-08/service-2",
    "lambda": "lambda/2015-03-31/service-2",
    "dynamodb": "dynamodb/2012-08-10/service-2",
    "endpoints": "endpoints",
}


def documented(value: Any) -> Any:
    """The value without texts that are called documentation."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name != "documentation" or not isinstance(item, str)}
        return {name: documented(item) for name, item in kept.items()}
    return [documented(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_lean_model_lacks_nothing_but_its_documentation(model: str) -> None:
    """In the same order: parameters are validated, signed and sent in it."""
    whole, lean = (loader.load_file(str(DATA / model)) for loader in (JSONFileLoader(), LeanModels()))
    expected = documented(whole)
    assert lean == expected
    assert list(lean) == list(expected)
    assert list(lean.get("shapes", ())) == list(expected.get("shapes", ()))


def test_a_model_that_is_not_there_is_none() -> None:
    """botocore asks in several folders."""
    assert LeanModels().load_file(str(DATA / "connect" / "nothing")) is None
