"""What relatives share, in genome and in features, read back from the tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gecip.release import open_release
from gecip.synthetic import Answer, read_answers
from tests.unit.synthetic.aggregate_reading import table

if TYPE_CHECKING:
    import pandas as pd

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answers(demo_release_folder: Path) -> dict[str, Answer]:
    return {
        answer.kind: answer
        for answer in read_answers(demo_release_folder)
        if answer.domain == "machine_learning"
    }


@pytest.fixture(scope="module")
def present(demo_release_folder: Path) -> dict[int, set[str]]:
    """Return the features found in each participant."""
    rows = table(demo_release_folder, "rare_diseases_participant_phenotype")
    rows = rows[rows["hpo_present"] == "Yes"]
    return {int(p): set(terms) for p, terms in rows.groupby("participant_id")["normalised_hpo_id"]}


def members_of_families(folder: Path, participant_type: str) -> pd.DataFrame:
    """Return the probands, or the relatives, with their families."""
    people = table(folder, "participant")
    people = people[people["participant_type"] == participant_type]
    return people[["participant_id", "rare_diseases_family_id"]]


def affected_relatives(folder: Path) -> pd.DataFrame:
    """Return the relatives who have their family's disease, with their families."""
    members = table(folder, "rare_diseases_pedigree_member")
    affected = members.loc[members["affection_status"] == "Affected", "participant_id"].dropna()
    relatives = members_of_families(folder, "Relative")
    return relatives[relatives["participant_id"].isin(affected)]


def probands_and_affected_relatives(folder: Path) -> pd.DataFrame:
    """Return pairs of a proband and an affected relative of theirs; some probands have withdrawn."""
    return affected_relatives(folder).merge(
        members_of_families(folder, "Proband"),
        on="rare_diseases_family_id",
        suffixes=("", "_of_proband"),
    )


def test_affected_relatives_show_the_planted_share_of_their_probands_features(
    demo_release_folder: Path, answers: dict[str, Answer], present: dict[int, set[str]]
) -> None:
    pairs = probands_and_affected_relatives(demo_release_folder)
    proband_terms = [present[person] for person in pairs["participant_id_of_proband"]]
    shown = sum(
        len(terms & present[person])
        for terms, person in zip(proband_terms, pairs["participant_id"], strict=True)
    )
    wanted = answers["features_shared_in_families"].expected["share"]
    assert shown / sum(map(len, proband_terms)) == pytest.approx(wanted, abs=0.1)


def test_people_of_different_families_with_the_same_disease_share_much_less(
    demo_release_folder: Path, present: dict[int, set[str]]
) -> None:
    diseases = table(demo_release_folder, "rare_diseases_participant_disease")
    shares = [
        len(present[first] & present[second]) / len(present[first])
        for _, people in diseases.groupby("normalised_specific_disease")["participant_id"]
        for first in people
        for second in people
        if first != second
    ]
    assert len(shares) > 100
    assert np.mean(shares) < 0.25


def test_the_key_counts_the_affected_relatives_who_consent(
    demo_release_folder: Path, answers: dict[str, Answer]
) -> None:
    consenting = open_release(demo_release_folder).consent.participants
    counted = affected_relatives(demo_release_folder)["participant_id"].isin(consenting).sum()
    assert answers["features_shared_in_families"].expected["affected_relatives"] == counted


def test_the_key_tells_the_ancestry_of_everybody_who_consents_and_of_nobody_else(
    demo_release_folder: Path, answers: dict[str, Answer]
) -> None:
    shares = answers["genetic_ancestry"].expected["shares"]
    assert {int(person) for person in shares} == set(
        open_release(demo_release_folder).consent.participants
    )
    assert all(sum(own.values()) == pytest.approx(1.0) for own in shares.values())


def test_a_child_has_the_mean_of_the_parents_ancestries(
    demo_release_folder: Path, answers: dict[str, Answer]
) -> None:
    shares = answers["genetic_ancestry"].expected["shares"]
    people = table(demo_release_folder, "participant")
    people = people[people["participant_id"].astype(str).isin(shares)]
    relation = people["biological_relationship_to_proband"].fillna("Proband")
    trios = people.assign(relation=relation).pivot_table(
        index="rare_diseases_family_id",
        columns="relation",
        values="participant_id",
        aggfunc="first",
    )
    trios = trios.dropna(subset=["Proband", "Father", "Mother"])
    assert len(trios) > 20
    for child, father, mother in trios[["Proband", "Father", "Mother"]].astype(int).to_numpy():
        for name in ("AFR", "AMR", "EAS", "EUR", "SAS"):
            mean = (shares[str(father)].get(name, 0) + shares[str(mother)].get(name, 0)) / 2
            assert shares[str(child)].get(name, 0) == pytest.approx(mean)
