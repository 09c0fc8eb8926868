"""`python -m tools.chart --write | --verify`; ends with 1 and a sentence for each file that is not what it should be."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .generate import differing, write
from .values import ValuesError


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.chart")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files")
    mode.add_argument("--verify", action="store_true", help="write nothing; say which differ")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], help="the repository")
    options = parser.parse_args()
    try:
        if options.write:
            write(options.root)
            return 0
        found = differing(options.root)
    except (ValuesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for path in found:
        print(f"{path}: not what the chart's values and rights say; run `make generate` and commit it", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
