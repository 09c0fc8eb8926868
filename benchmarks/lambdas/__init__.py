"""Figures of the functions: cold start, a cache hit, size, callers while the cache is dead, ten thousand at once.

Everything runs as it is deployed: the built zips on CPython 3.13.5 with AWS's runtime client. The machine is what it is,
so the figures that matter are ratios, or stand beside what libraries in common use need here.
"""

from __future__ import annotations

from benchmarks.lambdas.burst import burst
from benchmarks.lambdas.dead import cache_dead
from benchmarks.lambdas.hit import hit
from benchmarks.lambdas.init import init
from benchmarks.lambdas.size import size

__all__ = ["burst", "cache_dead", "hit", "init", "size"]
