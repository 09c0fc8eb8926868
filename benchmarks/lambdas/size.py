"""Figure: what Lambda has to fetch for a new environment."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.lambdas.stage import baseline_folder, built

MEGABYTE = 1e6


def size() -> Iterator[Figure]:
    """Megabytes of the largest zip; beside it what boto3, redis-py and Powertools take unzipped."""
    largest = max(path.stat().st_size for path in built().glob("*.zip"))
    libraries = sum(path.stat().st_size for path in baseline_folder().rglob("*") if path.is_file())
    yield Figure("lambda.zip_mb", largest / MEGABYTE, "MB", libraries / MEGABYTE)
