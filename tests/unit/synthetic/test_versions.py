"""One seed as two releases of the programme: the same people and records, in the names of each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from gecip import define_cohort, open_release, query_to_df, select_cohort, tables
from gecip.cohort.labkey_sql import QueryError
from gecip.errors import UnknownColumnError, UnknownTableError
from gecip.model import TABLES
from gecip.model.cancer_registry import AvTumour, CancerRegistry
from gecip.model.hospital import HesApc, Mortality
from gecip.model.naming import edition_of
from gecip.model.programme_membership import DomainAssignment, ParticipantSummary
from gecip.model.programme_releases import labkey_folder, release_date
from gecip.release.parquet import rows_of_edition, typed_rows
from gecip.release.validation import validate_release
from gecip.synthetic import synthesise_release

pytestmark = pytest.mark.slow
OLD, NEW = "v14", "v19"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("versions")
    return {
        version: synthesise_release(
            folder / version,
            participants=80,
            seed=7,
            version=version,
            genomes=False,
            progress=False,
        )
        for version in (OLD, NEW)
    }


def notebook(folder: Path) -> tuple[tuple[int, ...], int, pd.DataFrame]:
    """What a short notebook finds: a cohort, its admissions before 2020, and an answer of SQL."""
    release = open_release(folder)
    definition = (
        define_cohort("Women with a neurological disease")
        .include(tables.participants.sex == "Female", because="the question is about them")
        .include(
            tables.diseases.where(
                tables.diseases.disease_group == "Neurology and neurodevelopmental disorders"
            ).exists_for_participant(),
            because="and about it",
        )
    )
    cohort = select_cohort(definition, release)
    stays = release.read("hes_apc", ["participant_id", "token_person_id", "epistart"])
    before = stays[stays["epistart"] < "2020-01-01"]
    answer = query_to_df(
        """SELECT p.rare_diseases_family_id, COUNT(DISTINCT h.hpo_id) AS features
           FROM participant p JOIN rare_diseases_participant_phenotype h
           ON p.participant_id = h.participant_id
           WHERE h.hpo_present = 'Yes' AND p.participant_type = 'Proband'
           GROUP BY p.rare_diseases_family_id ORDER BY p.rare_diseases_family_id""",
        str(folder),
    )
    return cohort.participants, len(before), answer


def test_one_notebook_gives_the_same_answer_in_both(folders: Mapping[str, Path]) -> None:
    people, stays, answer = notebook(folders[OLD])
    same_people, same_stays, same_answer = notebook(folders[NEW])
    assert people == same_people
    assert len(people) > 2
    assert stays == same_stays > 50
    pd.testing.assert_frame_equal(answer, same_answer)
    assert len(answer) > 20


def test_neither_deviates_from_the_model(folders: Mapping[str, Path]) -> None:
    assert [validate_release(folder) for folder in folders.values()] == [(), ()]


def test_each_has_the_tables_and_columns_of_its_release(folders: Mapping[str, Path]) -> None:
    for version, folder in folders.items():
        edition = edition_of(version, labkey_folder(version))
        files = {path.stem: path for path in (folder / "tables").glob("*.parquet")}
        named = {edition.name_of(table): table for table in TABLES.values() if edition.has(table)}
        assert len(files) > 10
        assert not files.keys() - named.keys()
        for name, path in files.items():
            columns = named[name].columns.values()
            of_release = [edition.name_of(column) for column in columns if edition.has(column)]
            assert pq.read_schema(path).names == of_release


def test_no_record_lies_after_the_release_or_after_a_sixteenth_birthday(
    folders: Mapping[str, Path],
) -> None:
    for version, folder in folders.items():
        people = pq.read_table(folder / "tables" / "participant.parquet").to_pandas()
        years = people.set_index("participant_id")["secondary_data_received_until_year"].dropna()
        for table, day in ((HesApc, "epistart"), (Mortality, "date_of_death")):
            rows = pq.read_table(folder / "tables" / f"{table.name}.parquet").to_pandas()
            assert rows[day].max() <= release_date(version)
            last = rows["participant_id"].map(years)
            cut = rows[last.notna()]
            assert all(
                on < datetime.date(int(year), 7, 1)
                for on, year in zip(cut[day], last.dropna(), strict=True)
            )


def test_a_newer_release_has_every_stay_of_an_older_one_and_more(
    folders: Mapping[str, Path],
) -> None:
    older, newer = (
        pq.read_table(folders[version] / "tables" / "hes_apc.parquet").to_pandas()
        for version in (OLD, NEW)
    )
    key = ["participant_id", "epistart", "epiend", "diag_all"]
    kept = older.merge(newer[key].drop_duplicates(), on=key)
    assert len(older) == len(kept) < len(newer)


def test_a_renamed_or_dropped_column_gives_an_error_that_names_the_successor(
    folders: Mapping[str, Path],
) -> None:
    for folder in folders.values():
        release = open_release(folder)
        with pytest.raises(UnknownColumnError, match=r"'pseudo_hes_id'.* is now 'token_person_id'"):
            release.read("hes_apc", ["pseudo_hes_id"])
        with pytest.raises(QueryError, match="is now 'token_person_id'"):
            query_to_df("SELECT pseudo_hes_id FROM hes_apc", str(folder))
        with pytest.raises(UnknownTableError, match="is now 'cancer_registry'"):
            release.read("cancer_register_nhsd")
    with pytest.raises(UnknownTableError, match="was dropped after release v17"):
        open_release(folders[NEW]).read("domain_assignment")
    with pytest.raises(UnknownTableError, match="exists from release v16 on, and this is v14"):
        open_release(folders[OLD]).read("participant_summary")


def test_an_older_edition_writes_older_names_and_leaves_out_what_it_did_not_have() -> None:
    frame = pd.DataFrame({"participant_id": [1], "anon_tumour_id": [71]})
    rows = typed_rows(frame, AvTumour)
    names = {
        version: rows_of_edition(rows, AvTumour, edition_of(version, "")).schema.names[1]
        for version in ("v16", "v17")
    }
    assert names == {"v16": "tumour_pseudo_id", "v17": "anon_tumour_id"}
    called = [edition_of(version, "").name_of(CancerRegistry) for version in ("v10", "v11", "v17")]
    assert called == ["cen", "cancer_register_nhsd", "cancer_registry"]
    assert edition_of("v16", "").name_of(ParticipantSummary) == "key_columns"
    assert edition_of("v17", "").has(DomainAssignment)
    assert not edition_of("v18", "").has(DomainAssignment)
    people = typed_rows(
        pd.DataFrame({"participant_id": [1], "secondary_data_received_until_year": [2020]}),
        TABLES["participant"],
    )
    older = rows_of_edition(people, TABLES["participant"], edition_of("v13", ""))
    assert older.schema.names == ["participant_id"]
