"""`python -m tools.lambdas [--write | --verify]`: builds build/lambdas/<name>.zip.

--write also writes lambdas/digests.json; --verify ends with 1 if what is built is not what that file says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.parts import MissingPartError, obtain_cpython

from .build import SOURCES, TARGET, BuildError, build, built_names, fresh
from .digests import FILE, differences, digests


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.lambdas", description="The functions' zips.")
    parser.add_argument("--sources", type=Path, default=SOURCES, help="%(default)s")
    parser.add_argument("--target", type=Path, default=TARGET, help="%(default)s")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help=f"write {FILE} beside the sources")
    what.add_argument("--verify", action="store_true", help=f"compare with {FILE} beside the sources")
    args = parser.parse_args(arguments)
    try:
        archives = _built(args.sources, args.target, anew=args.write or args.verify)
    except (BuildError, MissingPartError) as error:
        print(error, file=sys.stderr)
        return 1
    file = args.sources / FILE
    if args.write:
        file.write_text(digests(archives))
    found = list(differences(archives, file)) if args.verify else []
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("run `make generate` and commit what it writes", file=sys.stderr)
    return 1 if found else 0


def _built(sources: Path, target: Path, *, anew: bool) -> dict[str, bytes]:
    if anew or not fresh(sources, target):
        return dict(build(sources, obtain_cpython(), target))
    return {name: (target / f"{name}.zip").read_bytes() for name in built_names(sources)}


if __name__ == "__main__":
    sys.exit(main())
