"""Links that lead nowhere, in the pages as GitHub shows them and in the site as a browser reads it.

Addresses of other sites are not asked: a test must not depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .markdown import anchors, links


def pages(root: Path) -> list[Path]:
    """Every page of the repository that people read."""
    found = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "examples").rglob("*.md")]
    return sorted([*found, *(root / "helm").rglob("*.md"), *(root / "helm").rglob("NOTES.txt")])


def dead_in_pages(root: Path) -> list[str]:
    """One line for each link that leads nowhere: `page:line: target: why`."""
    known: dict[Path, set[str]] = {}
    return [
        f"{page.relative_to(root)}:{link.line}: {link.target}: {why}"
        for page in pages(root)
        for link in links(page.read_text(encoding="utf-8"))
        if (why := _why_dead(page, link.target, root, known))
    ]


def _why_dead(page: Path, target: str, root: Path, known: dict[Path, set[str]]) -> str:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return ""
    place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not place.exists():
        return "there is no such file"
    if not place.is_relative_to(root):
        return "it is not in the repository"
    if not parts.fragment or place.suffix != ".md":
        return ""
    if place not in known:
        known[place] = anchors(place.read_text(encoding="utf-8"))
    return "" if unquote(parts.fragment) in known[place] else "the page has no such heading"


@dataclass(slots=True)
class _Page:
    targets: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    """Collects ids and targets of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = _Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: Mapping[str, str | None] = dict(attrs)
        if name := given.get("id") or (given.get("name") if tag == "a" else None):
            self.page.ids.add(name)
        target = given.get("href") if tag in ("a", "link") else given.get("src")
        if target:
            self.page.targets.append(target)


def dead_in_site(site: Path) -> list[str]:
    """One line for each link of the built site that leads nowhere: `page: target: why`."""
    found_pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    return [f"{path.relative_to(site)}: {said}" for path in found_pages for said in _dead_of(path, site, found_pages)]


def _read(path: Path) -> _Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def _dead_of(path: Path, site: Path, all_pages: Mapping[Path, _Page]) -> Iterator[str]:
    for target in dict.fromkeys(all_pages[path].targets):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or path.name == "404.html":
            continue
        place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if place.is_dir():
            place = place / "index.html"
        if not place.exists() or not place.is_relative_to(site):
            yield f"{target}: there is no such page"
        elif parts.fragment and place in all_pages and unquote(parts.fragment) not in all_pages[place].ids:
            yield f"{target}: the page has no such heading"
