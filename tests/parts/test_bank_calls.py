"""Reading the published history: a pickle is looked at, nothing of it is made or run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from tools.parts.bank_calls import _rows
from tools.parts.errors import MissingPartError


class Touch:
    """Would write a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def test_a_pickle_that_would_run_something_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    with pytest.raises(MissingPartError, match="bank-calls"):
        _rows(pickle.dumps(Touch(made)))
    assert not made.exists()


def test_a_table_that_is_another_one_is_told() -> None:
    with pytest.raises(MissingPartError, match="the table is not as it was"):
        _rows(pickle.dumps({"some": "thing"}))
