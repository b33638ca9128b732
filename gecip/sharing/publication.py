"""Publish an executed notebook: into the gallery with its card, parameters, provenance and a thumbnail.

Each publication is a folder of its own under a name that holds the run's, written aside and renamed: there
is no common file that two publishers could overwrite for each other.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.audit import user_name
from gecip.configuration import gallery_folder, policy_document
from gecip.errors import InputError, NotebookError
from gecip.governance.policy import parse_policy
from gecip.sharing.audience import (
    cells_of_products,
    may_leave,
    numbers_for_outside,
    row_level_of,
    summaries_alone,
)
from gecip.sharing.card import card_of
from gecip.sharing.notebook_run import (
    Asking,
    NotebookRun,
    has_outputs,
    keep_touched,
    perform,
    read_run,
)
from gecip.sharing.notebooks import read_notebook
from gecip.sharing.parameters import with_parameters
from gecip.sharing.thumbnail import thumbnail_of
from gecip.writing import new_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

INSIDE, OUTSIDE = "inside", "outside"
_DOCUMENT, _NOTEBOOK, _THUMBNAIL = "publication.json", "notebook.ipynb", "thumbnail.png"
_FORMAT = 1


@dataclass(frozen=True)
class Publication:
    """One executed notebook in the gallery; `facts` is its card, parameters and provenance as plain data."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The publication's own name: the notebook's, with the time and number of the run."""
        return self.folder.name

    @property
    def thumbnail(self) -> Path:
        """Its picture, as PNG: a Figure of a Summary, or a Summary's first lines."""
        return self.folder / _THUMBNAIL

    @cached_property
    def notebook(self) -> NotebookNode:
        """The notebook with its outputs; for outside, those that may leave."""
        return read_notebook(self.folder / _NOTEBOOK)


@dataclass(frozen=True)
class ForOutside:
    """For which project and what purpose something is published for outside; the airlock asks both."""

    project: str
    purpose: str


def publish(
    notebook: str | Path,
    *,
    domain: str | None = None,
    release: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    outside: ForOutside | None = None,
) -> Publication:
    """Put an executed notebook into the gallery and return the publication.

    One without outputs is run first. One that `gecip run --save` wrote is published as it ran; for outside
    it is run again, with the same parameters, since only products that are alive can be checked and
    masked. Published inside, it holds all that was shown, and the gallery chooses for each reader.
    Published for outside it holds the Summaries and Figures of them, as the airlock lets them go.

    Parameters
    ----------
    notebook
        The notebook, executed or not; its card has to be whole.
    domain
        To which domain it belongs; its folder's name if not given.
    release, parameters
        As for `run_notebook`, where it is run.
    outside
        The project and purpose, to publish for outside.

    Raises
    ------
    NotebookError
        When it has no card, no record of its run, or cannot be run.
    InputError
        When something in it is at row level and it is to go outside, or that run is published already; each
        cell that is at fault is named.
    """
    path = Path(notebook).expanduser().absolute()
    document = read_notebook(path)
    card_of(document, path)
    if not has_outputs(document):
        run = _performed(path, release=release, parameters=parameters, outside=outside)
    elif outside is None:
        if release is not None or parameters:
            raise NotebookError(
                f"{path}: this notebook has run already, so that it cannot be told a release or parameters any more: publish "
                "the one without outputs."
            )
        document, record = read_run(path)
        return _lay_down(document, record, path=path, domain=domain, outside=None, airlock=None)
    else:
        run = _run_again(path, outside)
    keep_touched(run)
    shown, airlock = run.document, run.airlock
    if outside is not None:
        airlock = airlock or {"error": None, "items": {}}
        shown = may_leave(run.document, _forms(airlock, run.document, path))
    return _lay_down(shown, run.record, path=path, domain=domain, outside=outside, airlock=airlock)


def publications(folder: Path | None = None) -> list[Publication]:
    """Return everything in a gallery, the latest run first; that of `GECIP_GALLERY` if none is named."""
    place = (folder or gallery_folder()) / "published"
    if not place.is_dir():
        return []
    found = [
        Publication(entry, json.loads((entry / _DOCUMENT).read_text(encoding="utf-8")))
        for entry in sorted(place.iterdir())
        if not entry.name.startswith(".") and (entry / _DOCUMENT).is_file()
    ]
    return sorted(found, key=lambda one: (one.facts["began"], one.name), reverse=True)


def take_down(name: str) -> None:
    """Take a publication out of the gallery for good; the site loses it when it is built the next time.

    Raises
    ------
    InputError
        When nothing is published by that name.
    """
    import shutil

    there = {publication.name: publication.folder for publication in publications()}
    if name not in there:
        raise InputError(
            f"Nothing is published as {name!r}: `gecip stale` and the folder {gallery_folder()} tell the names."
        )
    aside = there[name].with_name(f".{name}.taken-down")
    there[name].rename(aside)  # what is half removed has no name any more
    shutil.rmtree(aside)


# -- for outside --------------------------------------------------------------------------------------


def _performed(
    path: Path,
    *,
    release: str | None,
    parameters: Mapping[str, Any] | None,
    outside: ForOutside | None,
) -> NotebookRun:
    if outside is None:
        return perform(path, release=release, parameters=parameters)
    asking = Asking(
        outside.project, outside.purpose, lambda document, known: _chosen(document, known, path)
    )
    return perform(path, release=release, parameters=parameters, asking=asking)


def _run_again(path: Path, outside: ForOutside) -> NotebookRun:
    """Run an executed notebook once more from its sources, with the parameters of its run, in an empty folder."""
    import tempfile

    import nbformat

    document, record = read_run(path)
    with tempfile.TemporaryDirectory(prefix="gecip-") as private:
        copy = Path(private, record["notebook"])
        source = source_of(document)
        nbformat.write(source, copy)  # type: ignore[no-untyped-call]
        _, own = with_parameters(source, path, told={})
        told = {
            name: value
            for name, value in record["parameters"].items()
            if name not in own or own[name] != value
        }
        return _performed(copy, release=None, parameters=told, outside=outside)


def source_of(document: NotebookNode) -> NotebookNode:
    """Return a notebook as it was before it ran: without outputs, record and told parameters."""
    import copy

    source = copy.deepcopy(document)
    source.cells = [
        cell for cell in source.cells if "injected-parameters" not in cell.metadata.get("tags", ())
    ]
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    source.metadata.pop("gecip", None)
    return source


def _chosen(document: NotebookNode, known: frozenset[str], path: Path) -> Sequence[int]:
    """Return which products ask to leave, once nothing stands against the notebook itself."""
    problems = row_level_of(document, policy=parse_policy(policy_document()), known=known)
    if problems:
        raise InputError([f"{path.name}: {problem}" for problem in problems])
    return numbers_for_outside(document)


def _forms(
    airlock: Mapping[str, Any], document: NotebookNode, path: Path
) -> dict[int, dict[str, Any]]:
    """Return each product's forms as the airlock lets it go, by number; what it refuses stops the publication."""
    if airlock["error"]:
        raise InputError(str(airlock["error"]).splitlines())
    cells = cells_of_products(document)
    refused = [
        f"{path.name}: {cells[int(number)]} shows what the airlock refuses: {sentence} To do: {remedy}."
        for number, item in airlock["items"].items()
        if item["verdict"] == "FAIL"
        for sentence, remedy in item["findings"]
    ]
    if refused:
        raise InputError(refused)
    return {int(number): item["shown"] for number, item in airlock["items"].items()}


# -- the folder of a publication ----------------------------------------------------------------------


def _lay_down(
    document: NotebookNode,
    record: Mapping[str, Any],
    *,
    path: Path,
    domain: str | None,
    outside: ForOutside | None,
    airlock: Mapping[str, Any] | None,
) -> Publication:
    import nbformat

    facts = _facts(document, record, path=path, domain=domain)
    if outside is not None:
        facts = _facts_for_outside(facts, outside, (airlock or {}).get("bundle"))
    began = datetime.datetime.fromisoformat(record["began"])
    name = f"{Path(record['notebook']).stem}-{began:%Y%m%dT%H%M%SZ}-{record['run'][:8]}-{facts['audience']}"
    folder = gallery_folder() / "published" / name
    with new_folder(folder) as place:
        (place / _DOCUMENT).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        nbformat.write(document, place / _NOTEBOOK)  # type: ignore[no-untyped-call]
        seen = document if outside is not None else summaries_alone(document)
        (place / _THUMBNAIL).write_bytes(thumbnail_of(seen, facts["title"]))
    return Publication(folder, facts)


def _facts(
    document: NotebookNode, record: Mapping[str, Any], *, path: Path, domain: str | None
) -> dict[str, Any]:
    card = card_of(document, path)
    products = record["products"]
    return {
        "format": _FORMAT,
        "audience": INSIDE,
        "title": card.title,
        "card": dict(card.rows),
        "domain": domain or path.parent.name,
        "published": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
        "by": user_name(),
        **{
            name: record[name]
            for name in (
                "notebook", "run", "role", "began", "seconds", "parameters", "software", "releases", "cohorts",
            )
        },
        "seeds": _seeds(products),
        "products": [
            {name: product[name] for name in ("kind", "provenance", "steps")}
            for product in products
        ],
    }  # fmt: skip


def _facts_for_outside(
    facts: Mapping[str, Any], outside: ForOutside, bundle: str | None
) -> dict[str, Any]:
    """Return the facts without names of accounts, counts of people and steps, which masked cells could be told from."""
    return {
        **{name: value for name, value in facts.items() if name not in ("by", "products")},
        "audience": OUTSIDE,
        "project": outside.project,
        "purpose": outside.purpose,
        "bundle": bundle,
        "cohorts": [
            {name: cohort[name] for name in ("title", "definition", "release")}
            for cohort in facts["cohorts"]
        ],
    }


def _seeds(products: Sequence[Mapping[str, Any]]) -> list[int]:
    found = {
        step["parameters"]["seed"]
        for product in products
        for step in product["provenance"]
        if step["parameters"].get("seed") is not None
    }
    return sorted(found, key=str)
