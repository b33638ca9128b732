from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.synthetic.aggregate_reading import table
from tests.unit.synthetic.interpretation_reading import the_answer

if TYPE_CHECKING:
    from pathlib import Path


def test_everybody_is_summarised_and_many_in_several_rows(small_release_folder: Path) -> None:
    summary = table(small_release_folder, "participant_summary")
    people = table(small_release_folder, "participant")
    assert set(summary["participant_id"]) == set(people["participant_id"])
    expected = the_answer(small_release_folder, "rows_of_the_summary").expected
    assert expected == {"participants": len(people), "rows": len(summary)}
    assert len(summary) > 2 * len(people)
    assert not summary.duplicated().any()


def test_a_feature_of_the_summary_is_present_in_the_phenotypes(small_release_folder: Path) -> None:
    assessed = table(small_release_folder, "rare_diseases_participant_phenotype")
    present = assessed[assessed["hpo_present"] == "Yes"]
    noted = set(zip(present["participant_id"], present["normalised_hpo_term"], strict=True))
    summary = table(small_release_folder, "participant_summary").dropna(subset=["hpo_term"])
    assert set(zip(summary["participant_id"], summary["hpo_term"], strict=True)) == noted


def test_the_summary_agrees_with_the_tables_that_it_sums_up(small_release_folder: Path) -> None:
    summary = table(small_release_folder, "participant_summary").drop_duplicates("participant_id")
    summary = summary.set_index("participant_id")
    people = table(small_release_folder, "participant").set_index("participant_id")
    for mine, theirs in (
        ("yob", "year_of_birth"),
        ("participant_phenotyped_sex", "participant_phenotypic_sex"),
        ("date_of_consent", "date_of_consent"),
    ):
        assert (summary[mine] == people.loc[summary.index, theirs]).all()
    deaths = table(small_release_folder, "mortality").set_index("participant_id")["date_of_death"]
    told = summary["death_date"].dropna()
    assert len(told) > 0
    assert (told == deaths.reindex(told.index)).all()


def test_ancestry_is_assigned_where_it_is_sure(small_release_folder: Path) -> None:
    summary = table(small_release_folder, "participant_summary").dropna(
        subset=["predominant_ancestry_value"]
    )
    sure = summary["predominant_ancestry_value"] >= 0.8
    assert (
        summary.loc[sure, "genetically_inferred_ancestry_thr"]
        == summary.loc[sure, "genetically_inferred_ancestry_nothr"]
    ).all()
    assert set(summary.loc[~sure, "genetically_inferred_ancestry_thr"]) <= {"Unassigned"}
