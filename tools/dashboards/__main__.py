"""`python -m tools.dashboards --write | --verify`; ends with 1 and a sentence for each file that is not what it should be."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import differing, write


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the files")
    mode.add_argument("--verify", action="store_true", help="write nothing; say which differ")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], help="the repository")
    options = parser.parse_args()
    if options.write:
        write(options.root)
        return 0
    found = differing(options.root)
    for path in found:
        print(f"{path}: not what tools/dashboards says; run `make generate` and commit it", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
