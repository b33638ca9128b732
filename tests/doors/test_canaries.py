"""Canaries planted in a release are in no repr, message, traceback, log, warning, output or bundle."""

from __future__ import annotations

import logging
import shutil
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from gecip.airlock import request_export
from gecip.analysis.clinical.participant_packets import packet_of_participant
from gecip.analysis.clinical.timeline import timeline
from gecip.audit import read_audit_log
from gecip.cli import main
from gecip.cohort import Cohort, clinical_columns, define_cohort, select_cohort
from gecip.cohort.labkey_sql import query_to_df
from gecip.errors import GecipError, NotebookError
from gecip.model.table import TABLES, ColumnType, Sensitivity
from gecip.release import Release, open_release
from gecip.release.importing import import_release
from gecip.reporting import Listing, Summary, count_people, list_rows, plot_timeline
from gecip.sharing.notebooks import run_notebook
from gecip.tables import participants
from tests.callsets import write_vcf
from tests.doors.canaries import (
    PLATES,
    SILENT,
    SINGING,
    TABLES_OF_CANARIES,
    songs_by_text,
    songs_in,
    write_canaries,
)

EVERYONE = define_cohort("Everyone")
HOLDING = "Canary-participant-gel_case_reference-5"


@pytest.fixture(scope="module")
def aviary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release with the canaries; not to be changed."""
    return write_canaries(tmp_path_factory.mktemp("canaries") / "aviary")


@pytest.fixture
def folder(aviary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    monkeypatch.setenv("GECIP_AUDIT", str(tmp_path / "audit"))
    return aviary


@pytest.fixture
def release(folder: Path) -> Release:
    return open_release(folder)


@pytest.fixture
def cohort(release: Release) -> Cohort:
    return select_cohort(EVERYONE, release)


@pytest.fixture
def listening(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Hold that nothing is sung into a log, a warning or a stream while the test runs."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
    out, err = capfd.readouterr()
    heard = {
        "log": "\n".join(
            f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records
        ),
        "warnings": "\n".join(str(one.message) for one in warned),
        "standard output": out,
        "standard error": err,
    }
    assert songs_by_text(heard) == {}


def test_the_canaries_are_there_and_can_be_read(release: Release) -> None:
    """Without them, the tests below would say nothing."""
    for table in TABLES_OF_CANARIES:
        rows = release.read(table)
        assert songs_in(rows.to_string()), table
        assert str(SILENT) not in rows.to_string()
        assert PLATES[SILENT] not in rows.to_string()


# -- reprs ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("listening")
def test_no_repr_sings(release: Release, cohort: Cohort) -> None:
    people = clinical_columns(cohort)
    summary = count_people(
        people, by="participant_type", title="People", phenotypic=True, provenance=cohort.provenance
    )
    told = timeline(cohort, SINGING[0])
    listing = list_rows(told)
    things = {
        "release": release,
        "consent": release.consent,
        "provenance": release.provenance,
        "dictionary": release.dictionary,
        "cohort": cohort,
        "attrition": cohort.attrition,
        "near misses": cohort.near_misses,
        "verdicts": cohort.verdicts,
        "summary": summary,
        "timeline": told,
        "listing": listing,
        "figure": plot_timeline(listing),
        "request": request_export([summary, listing], project="RR91", purpose="To hear them sing"),
        "audit log": read_audit_log(),
    }
    assert songs_by_text({name: repr(thing) for name, thing in things.items()}) == {}
    pages = {
        name: things[name]._repr_html_()
        for name in ("release", "cohort", "attrition", "summary", "request")
    }
    assert songs_by_text(pages) == {}
    assert songs_in(listing._repr_html_()), (
        "a Listing shows rows on the screen: that is what it is for"
    )


# -- messages and tracebacks ----------------------------------------------------------------------------


def of_every_column(table: str) -> list[str]:
    """Return queries that stumble over each column of text: the engine's own words would quote a value."""
    texts = [
        column.name
        for column in TABLES[table].columns.values()
        if column.type is ColumnType.TEXT and not column.values
    ]
    return [f"SELECT CAST({name} AS INTEGER) FROM lists.{table}" for name in texts]


QUERIES = [
    *(query for table in TABLES_OF_CANARIES for query in of_every_column(table)[:3]),
    "SELECT CAST(participant_id AS SMALLINT) FROM lists.participant",
    f"SELECT nothing FROM lists.participant WHERE participant_id = {SINGING[0]}",
    f"SELECT participant_id FROM lists.participant WHERE gel_case_reference = '{HOLDING}' AND (",
    f'SELECT "{HOLDING}" FROM lists.participant',
    "SELECT year_of_birth FROM lists.participant WHERE gel_case_reference > 5",
    f"SELECT participant_id FROM lists.nowhere_{SINGING[0]}",
]


def fails(ask: Callable[[], Any]) -> str:
    """Return everything that is said when something fails as it should: the message and the traceback with its causes."""
    with pytest.raises(GecipError) as failed:
        ask()
    return f"{failed.value}\n{failed.value!r}\n{''.join(traceback.format_exception(failed.value))}"


@pytest.mark.usefixtures("listening")
def test_no_answer_to_a_query_that_fails_sings(folder: Path) -> None:
    said = {query: fails(lambda query=query: query_to_df(query, str(folder))) for query in QUERIES}
    assert len(said) > 30
    assert songs_by_text(said) == {}


def failures(release: Release, cohort: Cohort) -> dict[str, Callable[[], Any]]:
    known, silent = SINGING[0], SILENT
    people = clinical_columns(cohort)
    summary = count_people(
        people, by="participant_type", title="People", phenotypic=True, provenance=cohort.provenance
    )
    listing = list_rows(timeline(cohort, known))
    nobody = select_cohort(
        define_cohort("Nobody").include(participants.year_of_birth > 9_000_000, because="none"),
        release,
    )
    return {
        "why of somebody withdrawn": lambda: cohort.why(silent),
        "why by a wrong number": lambda: cohort.why(f"{known}0"),
        "timeline of somebody withdrawn": lambda: timeline(cohort, silent),
        "timeline in nobody": lambda: timeline(nobody, known),
        "packet of somebody withdrawn": lambda: packet_of_participant(cohort, silent),
        "a table by a number": lambda: release.read(f"participant_{known}"),
        "a column by a platekey": lambda: release.read("participant", [PLATES[known]]),
        "an own column by a word": lambda: cohort.table([HOLDING]),
        "a listing as a list": lambda: request_export(
            listing, project="RR91", purpose="To hear it"
        ),  # type: ignore[arg-type]
        "a purpose with a number": lambda: request_export(
            [summary], project="RR91", purpose=f"The plot of {known}"
        ),
        "a project with a platekey": lambda: request_export(
            [summary], project=PLATES[known], purpose="To hear them sing"
        ),
        "a count by a column that is none": lambda: count_people(
            people, by=HOLDING, title="People", phenotypic=True, provenance=cohort.provenance
        ),
    }


# What somebody typed is theirs to read again, where it is a name of a table or a column.
_TYPED = (
    "a table by a number",
    "a column by a platekey",
    "an own column by a word",
    "a count by a column that is none",
)


@pytest.mark.usefixtures("listening")
def test_no_failure_sings(release: Release, cohort: Cohort) -> None:
    said = {
        name: fails(ask) for name, ask in failures(release, cohort).items() if name not in _TYPED
    }
    assert songs_by_text(said) == {}


@pytest.mark.usefixtures("listening")
def test_a_damaged_table_is_refused_without_its_rows(folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    path = damaged / "tables" / "participant.parquet"
    path.write_bytes(f"PAR1 {SINGING[0]} {HOLDING}".encode() * 30)
    assert songs_in(fails(lambda: open_release(damaged).read("participant"))) == set()


@pytest.mark.usefixtures("listening")
def test_an_import_that_is_refused_does_not_sing(tmp_path: Path) -> None:
    vcf = write_vcf(tmp_path / "c.vcf.gz")
    for number, rows in enumerate(
        (
            [f"{SINGING[0]}\tFemale", f"{SINGING[0]}\tMale"],
            [f"{PLATES[SINGING[0]]}\tFemale\tone too many"],
            [f"{HOLDING}\tFemale"],
        )
    ):
        people = tmp_path / f"people-{number}.tsv"
        people.write_text("\n".join(["participant_id\tsex", *rows, ""]), encoding="utf-8")
        said = fails(
            lambda people=people, number=number: import_release(
                tmp_path / f"out-{number}", vcfs=[vcf], participants=people, assembly="GRCh38"
            )
        )
        assert songs_in(said) == set(), number


def test_the_command_line_does_not_sing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["validate", str(folder)],
        ["dictionary", "--release", str(folder)],
        ["audit"],
        ["load", str(folder)],
    ):
        main(words, {})
    said = capfd.readouterr()
    assert songs_in(said.out, said.err) == set()


# -- logs, bundles and notebooks ------------------------------------------------------------------------


def test_the_audit_log_does_not_sing(folder: Path, release: Release, tmp_path: Path) -> None:
    for table in release.tables:
        release.read(table)
    query_to_df("SELECT gel_case_reference FROM lists.participant", str(folder))
    lines = [path.read_text(encoding="utf-8") for path in (tmp_path / "audit").iterdir()]
    assert sum(text.count("\n") for text in lines) >= len(release.tables)
    assert songs_in(*lines) == set()


IDENTIFIERS = [
    (table, column.name)
    for table in TABLES_OF_CANARIES
    for column in TABLES[table].columns.values()
    if column.sensitivity is Sensitivity.IDENTIFIER and "participant_id" in TABLES[table].columns
]


@pytest.mark.usefixtures("listening")
def test_a_table_by_any_identifier_leaves_in_no_bundle(cohort: Cohort, tmp_path: Path) -> None:
    assert len(IDENTIFIERS) > 30
    asked: list[Summary | Listing] = []
    for table, column in IDENTIFIERS:
        rows = cohort.rows(table, [column])
        rows = rows.assign(group=rows[column])
        rows = rows.drop_duplicates("participant_id").assign(family_id=pd.NA)
        asked.append(
            count_people(
                rows.astype({"group": str}),
                by="group",
                title="People by something",
                phenotypic=False,
                provenance=cohort.provenance,
            )
        )
    plain = count_people(
        clinical_columns(cohort),
        by="participant_type",
        title="People",
        phenotypic=True,
        provenance=cohort.provenance,
    )
    request = request_export(
        [*asked, plain], project="RR91", purpose="To hear them sing", folder=tmp_path / "out"
    )
    let_out = [
        place for place, item in zip(IDENTIFIERS, request.items[:-1], strict=True) if item.files
    ]
    assert let_out == []
    assert request.items[-1].files
    bundle = {
        path.name: path.read_bytes().decode("latin-1") for path in (tmp_path / "out").iterdir()
    }
    assert songs_by_text(bundle) == {}
    assert songs_in(repr(request), request._repr_html_()) == set()


CELLS = """
from gecip import define_cohort, open_release, select_cohort
from gecip.cohort import clinical_columns
from gecip.reporting import count_people
release = open_release(FOLDER)
cohort = select_cohort(define_cohort("Everyone"), release)
---
release
---
print(release, cohort, repr(cohort.attrition))
cohort
---
count_people(clinical_columns(cohort), by="participant_type", title="People", phenotypic=True, provenance=cohort.provenance)
---
FAILING
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "failing",
    [
        "{number: 1 for number in cohort.participants if number > 118000000}[int('1182736' + '49')]",
        "raise ValueError(cohort.participants[-1])",
    ],
)
def test_a_notebook_that_fails_does_not_sing(
    failing: str, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cells = CELLS.replace("FOLDER", repr(str(folder))).replace("FAILING", failing).split("---")
    document = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    )
    path = tmp_path / "aviary.ipynb"
    nbformat.write(document, path)
    with pytest.raises(NotebookError) as failed:
        run_notebook(path, html=tmp_path / "aviary.html")
    said = capfd.readouterr()
    everything = "".join(traceback.format_exception(failed.value))
    assert songs_in(str(failed.value), everything, said.out, said.err) == set()
    assert "cell 5 of 5" in str(failed.value)


@pytest.mark.slow
def test_the_page_of_a_notebook_that_ran_does_not_sing(folder: Path, tmp_path: Path) -> None:
    cells = (
        CELLS.replace("FOLDER", repr(str(folder))).replace("FAILING", "len(cohort)").split("---")
    )
    document = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    )
    path = tmp_path / "aviary.ipynb"
    nbformat.write(document, path)
    run_notebook(path, html=tmp_path / "aviary.html")
    page = (tmp_path / "aviary.html").read_text(encoding="utf-8")
    assert "32" in page
    assert songs_in(page) == set()
