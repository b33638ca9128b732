"""Somebody opens the gallery of all notebooks in a real browser, without a server, and follows every link.

It stands behind test_run.py: what ran there is published here, and the others are shown as they are.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from gecip.cli import main
from gecip.sharing.card import card_of
from gecip.sharing.notebooks import read_notebook
from gecip.sharing.publication import publish
from tests.notebooks.test_lab import CHROMIUM, QUIET_BROWSER
from tests.notebooks.test_shape import ALL, NOTEBOOKS
from tests.unit.sharing.shared_notebook import COUNT, LIST, SELECT, write_notebook, write_releases

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="chromium is not installed: see tools/install-test-packages.sh"
    ),
]
LINKS = """() => [...document.querySelectorAll("[href], [src]")].map(
    (one) => one.getAttribute("href") ?? one.getAttribute("src"))"""
IDS = """() => [...document.querySelectorAll("[id]")].map((one) => one.id)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, executed_notebooks: Path) -> Iterator[Path]:
    """The gallery of this tree's notebooks, with a small one published and those that ran in this session."""
    folder = tmp_path_factory.mktemp("gallery")
    write_releases(folder / "releases")
    small = write_notebook(folder / "renal" / "01-how-many.ipynb", SELECT, COUNT, LIST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_GALLERY", str(folder / "gallery"))
        patch.setenv("GECIP_RELEASES", str(folder / "releases"))
        publish(small)
        for executed in sorted(executed_notebooks.rglob("*.ipynb")):
            place = executed.relative_to(executed_notebooks)
            publish(executed, domain=place.parent.name or "start")
        words = ["gallery", "--notebooks", str(NOTEBOOKS), "--out", str(folder / "site")]
        assert main(words, os.environ) == 0
        # Whatever is linked has to be in the site itself, wherever that is carried.
        shutil.move(folder / "site", folder / "elsewhere")
        yield folder / "elsewhere"


@pytest.fixture(scope="module")
def browser_page(site: Path) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page in a browser, the addresses that it asked for, and what its console complained of."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET_BROWSER))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        yield page, asked, complaints
        browser.close()


def shown(page: Page) -> list[str]:
    """Return the titles of the cards that can be seen."""
    return [card.locator("h2").inner_text() for card in page.locator("article:visible").all()]


def test_every_page_opens_every_link_resolves_and_nothing_is_asked_outside(
    site: Path, browser_page: tuple[Page, list[str], list[str]]
) -> None:
    page, asked, complaints = browser_page
    pages = [site / "index.html", *sorted((site / "notebooks").glob("*.html"))]
    assert len(pages) >= 2 + len(ALL)
    ids, links = {}, {}
    for path in pages:
        page.goto(path.as_uri())
        ids[path] = set(page.evaluate(IDS))
        links[path] = page.evaluate(LINKS)
        assert page.locator("h1").count() >= 1
    broken = [
        f"{path.name}: {link}"
        for path, found in links.items()
        for link in found
        if not resolves(link, path, ids)
    ]
    assert broken == []
    assert complaints == []
    assert [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")] == []


def resolves(link: str, path: Path, ids: dict[Path, set[str]]) -> bool:
    parts = urlsplit(link)
    if parts.scheme == "data":
        return True
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return False
    return not parts.fragment or unquote(parts.fragment) in ids.get(target, set())


def test_the_search_and_the_domains_find_notebooks_and_the_state_can_be_handed_on(
    site: Path, browser_page: tuple[Page, list[str], list[str]]
) -> None:
    from playwright.sync_api import expect

    page, _, _ = browser_page
    page.goto((site / "index.html").as_uri())
    everything = {card_of(read_notebook(path), path).title for path in ALL}
    assert {*everything, "How many people have cysts?"} == {title.strip() for title in shown(page)}
    page.get_by_role("button", name="Cancer").click()
    assert set(shown(page)) == {
        "What drives these tumours?",
        "Who lives how long after the diagnosis?",
    }
    page.get_by_role("searchbox").fill("delayed surv")
    expect(page.locator("#count")).to_have_text("1 notebook")
    assert shown(page) == ["Who lives how long after the diagnosis?"]
    address = page.url
    page.get_by_role("searchbox").fill("no such word anywhere")
    expect(page.locator("#nothing")).to_be_visible()
    page.goto("about:blank")
    page.goto(address)
    assert shown(page) == ["Who lives how long after the diagnosis?"]
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="All").click()
    assert len(shown(page)) == len(everything) + 1


def test_a_notebooks_page_tells_how_to_run_it_and_fits_a_narrow_screen(
    site: Path, browser_page: tuple[Page, list[str], list[str]]
) -> None:
    page, _, _ = browser_page
    page.set_viewport_size({"width": 390, "height": 800})
    for path in [site / "index.html", *sorted((site / "notebooks").glob("*.html"))]:
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path.name
    (how_many,) = (site / "notebooks").glob("01-how-many-*.html")
    page.goto(how_many.as_uri())
    command = page.locator(".run code").inner_text()
    assert re.sub(r"\s+", " ", command) == (
        "gecip run 01-how-many.ipynb --release v18 -p sex=Female --html 01-how-many.html"
    )
    page.get_by_text("Where this comes from").click()
    told = page.locator(".provenance dl").inner_text()
    assert "People with cysts, definition" in told
    assert "as of 2024-10-31" in told
    source = read_notebook(site / "notebooks" / f"{how_many.stem}.ipynb")
    assert not any(cell.get("outputs") for cell in source.cells)
    assert "gecip" not in source.metadata
