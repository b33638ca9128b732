"""Domains and pedigrees of a release that still has both, read from its files."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from gecip.synthetic import synthesise_release

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("domains") / "v8"
    synthesise_release(
        folder, participants=600, genomes=False, seed=2, version="v8", progress=False
    )
    return {
        path.stem: pd.read_parquet(path) for path in sorted((folder / "tables").glob("*.parquet"))
    }


def test_everybody_belongs_to_the_domain_of_their_familys_disease(
    tables: Mapping[str, pd.DataFrame],
) -> None:
    assigned = tables["domain_assignment"]
    assert set(assigned["participant_id"]) == set(tables["participant"]["participant_id"])
    of_families = assigned.dropna(subset=["rare_diseases_family_id"])
    assert (of_families.groupby("rare_diseases_family_id")["domain"].nunique() == 1).all()
    alone = assigned[assigned["rare_diseases_family_id"].isna()]
    assert set(alone["participant_id"]) <= set(tables["cancer_analysis"]["participant_id"])
    assert "Lung cancer" in set(alone["domain"])


def test_a_moratorium_lasts_nine_months_from_a_release_and_is_over_once_they_are(
    tables: Mapping[str, pd.DataFrame],
) -> None:
    assigned = tables["domain_assignment"]
    ends = pd.to_datetime(assigned["moratorium_end_date"])
    assert set(assigned["moratorium"]) == {"Yes", "No"}
    assert ((ends > pd.Timestamp("2019-11-28")) == (assigned["moratorium"] == "Yes")).all()
    assert pd.Timestamp("2018-07-11") in set(ends)


def test_every_pedigree_is_of_a_family_and_names_its_proband(
    tables: Mapping[str, pd.DataFrame],
) -> None:
    pedigrees = tables["rare_diseases_pedigree"]
    assert pedigrees["rare_diseases_pedigree_sk"].is_unique
    members = tables["rare_diseases_pedigree_member"]
    assert set(pedigrees["rare_diseases_pedigree_sk"]) == set(members["rare_diseases_pedigree_sk"])
    people = tables["participant"].set_index("participant_id")
    named = pedigrees.dropna(subset=["participant_id"])
    assert len(named) > 0.9 * len(pedigrees)
    assert set(people.loc[named["participant_id"], "participant_type"]) == {"Proband"}
