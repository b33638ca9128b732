"""Build the gallery: a static site of published notebooks, and of those that anybody can run.

It works from a folder, without a server, and asks nothing of any address. What it shows of a notebook
depends on the role of its readers: rows for those who may read them, Summaries alone for others, and in the
gallery for outside only what was published for outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.configuration import policy_document, role
from gecip.errors import ConfigurationError, NotebookError
from gecip.governance.access import problem_of_role
from gecip.governance.policy import parse_policy
from gecip.sharing.audience import may_see_rows, summaries_alone
from gecip.sharing.card import Card, card_of
from gecip.sharing.gallery_pages import front_page, notebook_page
from gecip.sharing.notebooks import read_notebook
from gecip.sharing.publication import INSIDE, OUTSIDE, Publication, publications, source_of
from gecip.writing import new_file, sole_user

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Folders of notebooks that are no domain's, in the order in which a newcomer meets them.
START = "start"
_BESIDE_DOMAINS = {START: "Start here", "course": "Course", "cohorts": "Cohorts"}
FRONT, PAGES, PICTURES = "index.html", "notebooks", "pictures"
_STYLE, _SCRIPT = "gallery.css", "gallery.js"


@dataclass(frozen=True)
class Shelf:
    """A folder of notebooks that anybody can run, and the domain that they belong to."""

    domain: str
    title: str
    folder: Path


@dataclass(frozen=True, repr=False)
class Exhibit:
    """A notebook in the gallery: its latest publication, or what anybody can run, or both.

    `earlier` are publications of the same notebook from before. `page` and `source` are names of files
    among the pages.
    """

    domain: str
    domain_title: str
    file: str
    card: Card
    document: NotebookNode
    publication: Publication | None = None
    rows_shown: bool = False
    earlier: tuple[Exhibit, ...] = field(default=())

    @property
    def slug(self) -> str:
        """The name of its files, the same from one building to the next."""
        stem = re.sub(r"[^A-Za-z0-9_.-]", "-", Path(self.file).stem)
        return self.publication.name if self.publication else f"{self.domain}-{stem}"

    @property
    def page(self) -> str:
        """The file of its page."""
        return f"{self.slug}.html"

    @property
    def source(self) -> str:
        """The file of the notebook itself, without outputs, to be downloaded."""
        return f"{self.slug}.ipynb"


@dataclass(frozen=True)
class Gallery:
    """A gallery that was built: its folder, and how many notebooks are in it, published and to be run."""

    folder: Path
    published: int
    to_be_run: int

    @property
    def front(self) -> Path:
        """The page to open."""
        return self.folder / FRONT


def shelves_in(folder: Path, titles: Mapping[str, str]) -> list[Shelf]:
    """Return a folder's notebooks and those of the folders in it as shelves, what one begins with first."""
    places = [folder, *sorted(entry for entry in folder.iterdir() if entry.is_dir())]
    shelves = [
        Shelf(
            START if place == folder else place.name,
            _BESIDE_DOMAINS[START]
            if place == folder
            else titles.get(place.name, _BESIDE_DOMAINS.get(place.name, as_title(place.name))),
            place,
        )
        for place in places
        if any(place.glob("*.ipynb")) and not place.name.startswith(".")
    ]
    order = list(_BESIDE_DOMAINS)
    return sorted(
        shelves,
        key=lambda shelf: order.index(shelf.domain) if shelf.domain in order else len(order),
    )


def build_gallery(
    folder: str | Path,
    *,
    shelves: Sequence[Shelf] = (),
    reader: str | None = None,
    outside: bool = False,
) -> Gallery:
    """Build the gallery for readers of a role, or bring it up to date, and return it.

    Every file is replaced in one step, the pages before the front page that names them, so that who
    reads meanwhile never meets half a page.

    Parameters
    ----------
    folder
        Where to build it.
    shelves
        Folders of notebooks to show beside the published ones, as they are.
    reader
        The role of its readers; the user's own if not given. Each role needs a gallery of its own.
    outside
        Build the one for outside: it holds what was published for outside and nothing else that ran.

    Raises
    ------
    NotebookError
        When a notebook has no card.
    ConfigurationError
        When there is no such role.
    """
    reader = reader or role()
    problem = problem_of_role(reader, parse_policy(policy_document()))
    if problem:
        raise ConfigurationError(problem)
    place = Path(folder).expanduser().absolute()
    exhibits = _exhibits(shelves, reader=reader, outside=outside)
    with sole_user(place, waiting=f"Another run is building {place}; waiting for it."):
        place.mkdir(parents=True, exist_ok=True)
        written = set(_write_files(place, exhibits, outside=outside))
        for old in (*place.glob(f"{PAGES}/*"), *place.glob(f"{PICTURES}/*")):
            if old not in written and not old.name.startswith("."):
                old.unlink()
    published = sum(exhibit.publication is not None for exhibit in exhibits)
    return Gallery(place, published, len(exhibits) - published)


def _write_files(place: Path, exhibits: Sequence[Exhibit], *, outside: bool) -> Iterator[Path]:
    """Write all files and yield them, the front page last."""
    for name in (_STYLE, _SCRIPT):
        text = resources.files("gecip.sharing").joinpath(name).read_text(encoding="utf-8")
        yield _write(place / name, text)
    for exhibit in _with_earlier(exhibits):
        yield _write(place / PAGES / exhibit.source, _as_text(source_of(exhibit.document)))
        if exhibit.publication:
            yield _write(
                place / PICTURES / f"{exhibit.slug}.png", exhibit.publication.thumbnail.read_bytes()
            )
        yield _write(place / PAGES / exhibit.page, notebook_page(exhibit, exhibits))
    yield _write(place / FRONT, front_page(exhibits, outside=outside))


def _write(path: Path, content: str | bytes) -> Path:
    with new_file(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _as_text(document: NotebookNode) -> str:
    import nbformat

    return str(nbformat.writes(document))  # type: ignore[no-untyped-call]


# -- what is shown ------------------------------------------------------------------------------------


def _exhibits(shelves: Sequence[Shelf], *, reader: str, outside: bool) -> list[Exhibit]:
    """Return every notebook once: those that were published and those on the shelves, by domain and file."""
    titles = {shelf.domain: shelf.title for shelf in shelves}
    found: dict[tuple[str, str], list[Exhibit]] = {}
    for publication in publications():
        if (publication.facts["audience"] == OUTSIDE) == outside:
            exhibit = _published(publication, titles, reader=reader)
            found.setdefault((exhibit.domain, exhibit.file), []).append(exhibit)
    for shelf in shelves:
        for path in sorted(shelf.folder.glob("*.ipynb")):
            found.setdefault((shelf.domain, path.name), []).append(_to_be_run(path, shelf))
    exhibits = [_newest(ones) for ones in found.values()]
    order = {shelf.domain: place for place, shelf in enumerate(shelves)}
    return sorted(
        exhibits, key=lambda one: (order.get(one.domain, len(order)), one.domain, one.file)
    )


def _newest(ones: Sequence[Exhibit]) -> Exhibit:
    published = [one for one in ones if one.publication]
    return replace(published[0], earlier=tuple(published[1:])) if published else ones[0]


def _with_earlier(exhibits: Sequence[Exhibit]) -> Iterator[Exhibit]:
    for exhibit in exhibits:
        yield exhibit
        yield from exhibit.earlier


def _published(publication: Publication, titles: Mapping[str, str], *, reader: str) -> Exhibit:
    facts = publication.facts
    document = publication.notebook
    rows_shown = facts["audience"] == INSIDE and may_see_rows(
        reader,
        published_as=facts["role"],
        origins=[release["origin"] for release in facts["releases"]],
        policy=parse_policy(policy_document()),
    )
    if facts["audience"] == INSIDE and not rows_shown:
        document = summaries_alone(document)
    return Exhibit(
        domain=facts["domain"],
        domain_title=titles.get(facts["domain"], as_title(facts["domain"])),
        file=facts["notebook"],
        card=card_of(document, publication.folder),
        document=document,
        publication=publication,
        rows_shown=rows_shown,
    )


def _to_be_run(path: Path, shelf: Shelf) -> Exhibit:
    document = read_notebook(path)
    if any(cell.get("outputs") for cell in document.cells):
        raise NotebookError(
            f"{path}: this notebook carries outputs, and nobody knows who may see them: clear them, or publish it with "
            "`gecip publish`."
        )
    return Exhibit(shelf.domain, shelf.title, path.name, card_of(document, path), document)


def as_title(domain: str) -> str:
    """Return a domain's name as words."""
    return domain.replace("_", " ").capitalize()
