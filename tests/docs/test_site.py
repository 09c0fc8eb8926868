"""The site is built strictly, and what strictness means is tried on pages that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.site.build import SiteError, build
from tools.site.links import dead_in_pages, dead_in_site
from tools.site.markdown import anchors, blocks, links
from tools.site.sources import Sources

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_is_built_and_no_link_of_it_is_dead(zensical: Path, tmp_path: Path) -> None:
    site = build(ROOT, tmp_path)
    shown = (site / "troubleshooting" / "index.html").read_text()
    assert 'href="../runbook/#first-look"' in shown
    assert 'id="reasons-of-events"' in shown
    chart = (site / "repository" / "helm" / "trunkline" / "index.html").read_text()
    assert "terminationGracePeriodSeconds" in chart, "what pages link to in the repository is part of the site"
    assert "https://fonts" not in shown, "nothing is fetched from elsewhere"


def test_no_link_of_a_page_is_dead_where_it_is_read_in_the_repository() -> None:
    assert dead_in_pages(ROOT) == []


def page(root: Path, text: str, name: str = "docs/page.md") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[a](gone.md)\n", "docs/page.md:1: gone.md: there is no such file", id="page"),
        pytest.param("# Here\n\n[a](#there)\n", "docs/page.md:3: #there: the page has no such heading", id="anchor"),
        pytest.param("[a](../README.md#x)\n", "docs/page.md:1: ../README.md#x: the page has no such heading", id="of another"),
        pytest.param("![a](gone.svg)\n", "docs/page.md:1: gone.svg: there is no such file", id="picture"),
    ],
)  # fmt: skip
def test_a_dead_link_is_named_with_page_and_line(tmp_path: Path, text: str, said: str) -> None:
    page(tmp_path, "# Name\n", "README.md")
    page(tmp_path, text)
    assert dead_in_pages(tmp_path) == [said]


def test_code_has_no_links_and_no_headings() -> None:
    text = "```sh\n# no heading\n[no](link.md)\n```\n\n`[no](link.md)` [yes](a.md)\n\n## `spec.queues[]` & more\n"
    assert [(link.line, link.target) for link in links(text)] == [(6, "a.md")]
    assert anchors(text) == {"specqueues--more"}
    assert [(block.line, block.info, block.text) for block in blocks(text)] == [
        (2, "sh", "# no heading\n[no](link.md)\n")
    ]


def test_links_out_of_docs_stay_in_the_site(tmp_path: Path) -> None:
    page(tmp_path, "# Name\n\n[back](docs/page.md)\n", "README.md")
    page(tmp_path, "kind: X\n", "examples/a/b.yaml")
    page(tmp_path, "[one](../README.md#name), [folder](../examples/a), `[code](../x)`\n")
    Sources(tmp_path, tmp_path / "pages").write()
    assert (
        "(repository/README.md#name), [folder](repository/examples/a/index.md)"
        in (tmp_path / "pages/page.md").read_text()
    )
    assert "(../page.md)" in (tmp_path / "pages/repository/README.md").read_text()
    assert (tmp_path / "pages/repository/examples/a/b.yaml").read_text() == "kind: X\n"
    assert "(b.yaml)" in (tmp_path / "pages/repository/examples/a/index.md").read_text()


def test_the_built_site_is_read_as_a_browser_does(tmp_path: Path) -> None:
    page(tmp_path, '<a href="b/#no">b</a><a href="b/">b</a><img src="c.png">', "a.html")
    page(tmp_path, '<h1 id="yes">B</h1>', "b/index.html")
    assert dead_in_site(tmp_path) == [
        "a.html: b/#no: the page has no such heading",
        "a.html: c.png: there is no such page",
    ]


def test_a_page_that_the_navigation_does_not_name_fails(tmp_path: Path) -> None:
    page(tmp_path, "# A\n", "docs/a.md")
    page(tmp_path, "nav: [b.md]\n", "mkdocs.yml")
    with pytest.raises(SiteError, match=r"docs/a.md: no entry of `nav`.*\nmkdocs.yml: nav: b.md"):
        build(tmp_path, tmp_path / "into")
