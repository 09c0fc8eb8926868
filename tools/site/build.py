"""Makes the site with Zensical, strictly: a dead link, a dead anchor or a page that is not in the navigation fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tools.parts.zensical import obtain_zensical

from .links import dead_in_site
from .sources import Sources

SECONDS = 120.0


class SiteError(Exception):
    """The site cannot be made as it is written; the message says what is wrong, line by line."""


def build(root: Path, into: Path) -> Path:
    """Makes `into/site` from `root`, and returns it. Raises SiteError, MissingPartError."""
    settings = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    if wrong := _navigation(root, settings["nav"]):
        raise SiteError("\n".join(wrong))
    zensical = obtain_zensical()
    into.mkdir(parents=True, exist_ok=True)
    Sources(root, into / "pages").write()
    settings |= {"docs_dir": "pages", "site_dir": "site"}
    (into / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", "mkdocs.yml"]
    environment = {**os.environ, "PYTHONPATH": str(zensical), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=into, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise SiteError(f"{done.stdout}{done.stderr}".strip())
    if dead := dead_in_site(into / "site"):
        raise SiteError("\n".join(dead))
    return into / "site"


def _navigation(root: Path, nav: object) -> list[str]:
    """What is wrong with it."""
    named = set(_named(nav))
    written = {path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")}
    return [
        *(f"docs/{name}: no entry of `nav` in mkdocs.yml names it" for name in sorted(written - named)),
        *(f"mkdocs.yml: nav: {name}: there is no such page in docs/" for name in sorted(named - written)),
    ]


def _named(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    inside = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ()
    return [name for item in inside for name in _named(item)]
