"""By which route people joined, and which cohort's rules hold for them, told by the tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.synthetic.aggregate_reading import table

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="module")
def people(demo_release_folder: Path) -> pd.DataFrame:
    return table(demo_release_folder, "participant")


def test_scottish_participants_are_told_by_their_numbers(people: pd.DataFrame) -> None:
    prefix = people["participant_id"] // 1_000_000
    scottish = prefix.isin([125, 226])
    assert scottish.sum() >= 5
    assert (people.loc[scottish, "handling_gmc"] == "Scottish Genomes Partnership").all()
    assert not (people.loc[~scottish, "handling_gmc"] == "Scottish Genomes Partnership").any()


def test_all_nations_and_all_english_centres_take_part(people: pd.DataFrame) -> None:
    assert people["handling_gmc"].nunique() == 16
    assert {"Wales", "Northern Ireland"} <= set(people["handling_gmc"])


def test_a_family_joins_by_one_route(people: pd.DataFrame) -> None:
    relatives = people.dropna(subset=["rare_diseases_family_id"])
    assert relatives.groupby("rare_diseases_family_id")["handling_gmc"].nunique().max() == 1


def test_some_of_the_cancer_arm_are_of_tracerx_and_nobody_else_is(people: pd.DataFrame) -> None:
    tracerx = people["normalised_consent_form"].str.contains("cohort-tracerx")
    assert tracerx.sum() >= 5
    assert (people.loc[tracerx, "programme"] == "Cancer").all()
