"""The zips of the checkout's functions, as the run has built them, and a place to build others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tools.lambdas import SOURCES, build
from tools.parts import Interpreter

Builder = Callable[[Path], Mapping[str, bytes]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of lambdas/, to be changed."""
    copy = tmp_path / "checkout" / "lambdas"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def built(lambda_python: Path, tmp_path: Path) -> Builder:
    """Builds the functions of a folder: their zips by name."""
    return lambda root: build(root, Interpreter(lambda_python), tmp_path / "built")
