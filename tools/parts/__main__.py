"""`python -m tools.parts`: obtains every part; ends with 1 and one sentence for each that is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import (
    MissingPartError,
    obtain_bank_calls,
    obtain_baseline,
    obtain_cosign,
    obtain_cpython,
    obtain_crane,
    obtain_debian_bases,
    obtain_dynamodb_local,
    obtain_emulator,
    obtain_foreign_crds,
    obtain_hadolint,
    obtain_helm,
    obtain_helm3,
    obtain_helm_release_crd,
    obtain_helm_unittest,
    obtain_prometheus,
    obtain_redis,
    obtain_runtime,
    obtain_syft,
    obtain_zensical,
)
from .gitops import obtain_actionlint, obtain_judge, obtain_kustomize, obtain_zizmor

_PARTS: tuple[Callable[[], object], ...] = (
    obtain_cpython,
    obtain_redis,
    obtain_prometheus,
    obtain_dynamodb_local,
    obtain_emulator,
    obtain_runtime,
    obtain_baseline,
    obtain_bank_calls,
    obtain_helm,
    obtain_helm_unittest,
    obtain_crane,
    obtain_helm3,
    obtain_foreign_crds,
    obtain_helm_release_crd,
    obtain_hadolint,
    obtain_debian_bases,
    obtain_syft,
    obtain_cosign,
    obtain_judge,
    obtain_kustomize,
    obtain_actionlint,
    obtain_zizmor,
    obtain_zensical,
)


def main() -> int:
    """Returns the exit status."""
    missing = 0
    for part in _PARTS:
        try:
            print(part())
        except MissingPartError as error:
            print(error, file=sys.stderr)
            missing = 1
    return missing


if __name__ == "__main__":
    sys.exit(main())
