"""`python -m tools.site`: the documentation site, into build/site; ends with 1 and what is wrong."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.parts.errors import MissingPartError

from .build import SiteError, build
from .links import dead_in_pages

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Returns the exit status."""
    if dead := dead_in_pages(ROOT):
        print("\n".join(dead), file=sys.stderr)
        return 1
    try:
        made = build(ROOT, ROOT / "build" / "docs")
    except (SiteError, MissingPartError) as error:
        print(error, file=sys.stderr)
        return 1
    shutil.rmtree(ROOT / "build" / "site", ignore_errors=True)
    shutil.move(made, ROOT / "build" / "site")
    print(ROOT / "build" / "site" / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
