"""What the site is made of: `docs/`, and whatever of the repository its pages link to, so that no link leaves the site.

In the repository a page links to files beside it (`../examples/minimal/contactcenter.yaml`), as GitHub shows them. The
site has those files below `repository/`, folders as a page that lists them, and links that say so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from .markdown import identified, links, relinked

DOCS = "docs"
OUTSIDE = "repository"
_SKIPPED = frozenset({"__pycache__"})


class Sources:
    """The pages of one site. Raises FileNotFoundError for a link to what is not there."""

    def __init__(self, root: Path, target: Path) -> None:
        self._root = root.resolve()
        self._target = target
        self._waiting: list[Path] = []
        self._seen: set[Path] = set()

    def write(self) -> None:
        """Makes the folder anew."""
        shutil.rmtree(self._target, ignore_errors=True)
        self._target.mkdir(parents=True)
        for path in sorted((self._root / DOCS).rglob("*")):
            if path.is_file():
                self._want(path)
        while self._waiting:
            self._take(self._waiting.pop())

    def _want(self, path: Path) -> None:
        if path not in self._seen:
            self._seen.add(path)
            self._waiting.append(path)

    def _take(self, path: Path) -> None:
        place = self._target / self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            place.write_text(self._listing(path), encoding="utf-8")
        elif path.suffix == ".md":
            place.write_text(self._page(path), encoding="utf-8")
        else:
            shutil.copyfile(path, place)

    def _place(self, path: Path) -> PurePosixPath:
        """Where the site has a file or folder of the repository."""
        relative = PurePosixPath(path.relative_to(self._root).as_posix())
        if relative.parts[:1] == (DOCS,) and not path.is_dir():
            return PurePosixPath(*relative.parts[1:])
        return PurePosixPath(OUTSIDE) / relative / ("index.md" if path.is_dir() else "")

    def _page(self, path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        return identified(relinked(text, {link.target: self._linked(path, link.target) for link in links(text)}))

    def _linked(self, page: Path, target: str) -> str:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path:
            return target
        found = (page.parent / unquote(parts.path)).resolve()
        if not found.exists() or not found.is_relative_to(self._root):
            return target  # dead, which the build says
        self._want(found)
        return urlunsplit(("", "", self._from(page, found), "", parts.fragment))

    def _from(self, page: Path, found: Path) -> str:
        return Path(os.path.relpath(self._place(found), self._place(page).parent)).as_posix()

    def _listing(self, folder: Path) -> str:
        lines = [f"# {folder.relative_to(self._root)}", "", "In the repository:", ""]
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _SKIPPED & set(path.parts):
                self._want(path)
                there = Path(os.path.relpath(self._place(path), self._place(folder).parent)).as_posix()
                lines.append(f"- [{path.relative_to(folder)}]({there})")
        return "\n".join([*lines, ""])
