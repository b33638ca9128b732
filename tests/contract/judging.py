"""What a domain has promised: one judge for those that come along and those of somebody else's folder."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gecip.airlock import request_export
from gecip.cohort import select_cohort
from gecip.cohort.code_lists import read_code_list
from gecip.domain import Domain, Question
from gecip.errors import GecipError
from gecip.release import Release, open_release
from gecip.reporting import Listing, Summary
from gecip.sharing.curation import faults_of_notebook
from gecip.sharing.notebooks import run_notebook
from tests.doors.withdrawn import names_of_withdrawn, words_of


def complaints_of_words(domain: Domain) -> list[str]:
    """Return what is missing in how a domain describes itself."""
    found = []
    if not domain.name.isidentifier():
        found.append("its name is no identifier")
    if not domain.title or not domain.description.endswith("."):
        found.append("it has no title, or its description is no sentence")
    if not domain.lead.startswith("The "):
        found.append("its lead is not a role")
    found += [f"{q.asks!r} is no question" for q in domain.questions if not q.asks.endswith("?")]
    return found


def complaints_of_notebooks(domain: Domain) -> list[str]:
    """Return which of a domain's notebooks are missing or not curated, and why."""
    found = []
    for question in domain.questions:
        notebook = domain.notebooks / question.notebook
        if not notebook.is_file():
            found.append(f"{question.notebook} is not there")
        else:
            found += [f"{question.notebook}: {fault}" for fault in faults_of_notebook(notebook)]
    return found


def complaints_of_cohorts(domain: Domain, release: Release) -> list[str]:
    """Return which of a domain's cohorts select nobody."""
    return [
        f"{cohort.title!r} selects nobody"
        for cohort in domain.cohorts
        if len(select_cohort(cohort, release)) == 0
    ]


def complaints_of_files(domain: Domain) -> list[str]:
    """Return which of the five things a domain lacks: questions, methods, codes, README, notebooks."""
    folder = Path(inspect.getfile(domain.questions[0].answer)).parent
    found = []
    if not (folder / "README.md").is_file() or "\n## Questions\n" not in (
        folder / "README.md"
    ).read_text(encoding="utf-8"):
        found.append("it has no README with its questions")
    if not [path for path in folder.glob("*.py") if path.name != "__init__.py"]:
        found.append("it has no module of methods")
    lists = sorted((folder / "code_lists").glob("*.csv"))
    if not lists:
        found.append("it has no code list")
    for path in lists:
        try:
            read_code_list(path)
        except GecipError as error:
            found.append(f"{path.name}: {error}")
    if not sorted(domain.notebooks.glob("*.ipynb")):
        found.append("it has no notebook")
    return found


def complaints_of_runs(domain: Domain) -> list[str]:
    """Return which of a domain's notebooks do not run to their end on the release that they name."""
    found = []
    for notebook in sorted({domain.notebooks / one.notebook for one in domain.questions}):
        try:
            run_notebook(notebook)
        except GecipError as error:
            found.append(str(error))
    return found


def complaints_of_answer(question: Question, release: Release, folder: Path) -> list[str]:
    """Return how an answer differs from what its question declares, or what the airlock says against it."""
    answer = question.answer(release)
    if not isinstance(answer, question.gives):
        return [f"it gives a {type(answer).__name__}, not a {question.gives.__name__}"]
    figures = [draw(answer) for draw in question.draws]
    request = request_export(
        [answer, *figures],
        project="The contract of a domain",
        purpose="To see what the airlock says of it",
        folder=folder,
    )
    files = [path.read_bytes() for path in folder.iterdir()] if folder.exists() else []
    rows = answer.rows if isinstance(answer, Listing) else answer.table.reset_index()
    shown = words_of(answer._repr_html_(), rows, answer.provenance.as_document(), *files)
    if shown & names_of_withdrawn(release.folder):
        return ["it names somebody who has withdrawn"]
    verdicts = [item.verdict.name for item in request.items]
    if isinstance(answer, Listing):
        return [
            f"the airlock lets a Listing or a Figure of it out: {verdict}"
            for verdict in verdicts
            if verdict != "FAIL"
        ]
    return [
        f"the airlock refuses its Summary or a Figure of it: {verdict}"
        for verdict in verdicts
        if verdict not in ("PASS", "REVIEW")
    ]


def _people_only(name: str, rows: pa.Table) -> pa.Table | None:
    return rows if name in ("participant", "aggregate_gvcf_sample_stats") else None


def _nobody(name: str, rows: pa.Table) -> pa.Table:
    del name
    return rows.slice(0, 0)


def _all_but_people_empty(name: str, rows: pa.Table) -> pa.Table:
    return rows if name == "participant" else rows.slice(0, 0)


def _few_rows(name: str, rows: pa.Table) -> pa.Table:
    """Keep everybody, and of all else a row or two: groups with nobody in them."""
    return rows if name == "participant" else rows.slice(0, 2)


def _no_dates(name: str, rows: pa.Table) -> pa.Table:
    del name
    for place, field in enumerate(rows.schema):
        if pa.types.is_date(field.type):
            rows = rows.set_column(place, field, pa.nulls(len(rows), field.type))
    return rows


# What somebody may meet who opens another release than the demo: each takes a table and gives what is left of it.
POOR_RELEASES: Mapping[str, Callable[[str, pa.Table], pa.Table | None]] = {
    "without any other table": _people_only,
    "with nobody in it": _nobody,
    "with empty tables": _all_but_people_empty,
    "with a row or two a table": _few_rows,
    "without dates": _no_dates,
}


def poor_release(rich: Path, folder: Path, kind: str) -> Path:
    """Copy a release without what a kind of poor release lacks."""
    shutil.copytree(rich, folder, symlinks=True)
    for file in sorted((folder / "tables").glob("*.parquet")):
        left = POOR_RELEASES[kind](file.stem, pq.read_table(file))
        if left is None:
            file.unlink()
        else:
            pq.write_table(left, file)
    return folder


def complaints_of_poor_release(question: Question, folder: Path) -> list[str]:
    """Return what is wrong with how a question takes a poor release: an answer, or one sentence, is right."""
    try:
        answer = question.answer(open_release(folder))
    except GecipError as error:
        words = str(error)
        found = [] if re.search(r"[.:?]( |$)", words) else [f"no sentence: {words!r}"]
        return found + [f"an identifier: {words!r}"] * bool(re.search(r"\d{9}|LP\d{7}", words))
    except Exception as error:  # noqa: BLE001 - whatever else it raises is the finding
        return [f"{type(error).__name__}: {error}"]
    return [] if isinstance(answer, Summary | Listing) else [f"it gives a {type(answer).__name__}"]
