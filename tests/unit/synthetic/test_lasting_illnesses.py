"""Lasting illnesses: one set for each person, told by admissions, clinics and emergencies alike."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.synthetic.hospital_care import Reason
from gecip.synthetic.lasting_illnesses import (
    DIALYSES,
    KIDNEY_DISEASE,
    TRANSPLANT,
    Illnesses,
    Occasion,
    codes_of_stays,
    draw_illnesses,
)

KIDNEY = Reason("N189", "LA09Q")
CYST_CODES = {"Q612", "Q611", "Q619", "N281"}


def drawn(size: int, disease: str) -> list[Illnesses]:
    return draw_illnesses(
        1, numbers=range(size), birth_years=[1960] * size, diseases=[disease] * size
    )


def test_only_people_with_kidney_disease_have_cysts_and_kidneys_that_fail() -> None:
    others = drawn(2_000, "Metabolic disorders")
    assert not any(one.kidneys_fail or one.transplanted for one in others)
    assert not CYST_CODES & {code for one in others for code in one.in_year(2024)}
    ill = drawn(2_000, KIDNEY_DISEASE)
    cysts = Counter(len(CYST_CODES & set(one.in_year(2024))) for one in ill)
    assert cysts[1] / 2_000 == pytest.approx(0.60, abs=0.04)
    assert set(cysts) == {0, 1}, "one kind of cyst a person"
    assert np.mean([one.on_dialysis(2024) for one in ill]) == pytest.approx(0.4, abs=0.04)
    assert all(one.kidneys_fail for one in ill if one.transplanted)
    assert {one.dialysis for one in ill if one.kidneys_fail} == set(DIALYSES)


def test_an_illness_counts_from_its_year_on() -> None:
    person = Illnesses((("J459", 1966), ("I10X", 2005)), kidneys_fail=2010)
    assert person.in_year(1965) == ()
    assert person.in_year(2004) == ("J459",)
    assert person.in_year(2005) == ("J459", "I10X")
    assert [person.on_dialysis(year) for year in (2009, 2010)] == [False, True]


def test_a_kidney_is_transplanted_once_in_a_stay_over_night() -> None:
    person = Illnesses((), kidneys_fail=2010, transplanted=True)
    stays = [Occasion(year, KIDNEY, nights, False) for year in range(2005, 2020) for nights in (False, True)]  # fmt: skip
    codes = list(codes_of_stays(np.random.default_rng(1), stays, person, ()))
    by_year = list(zip(stays, codes, strict=True))
    operated = [stay for stay, code in by_year if TRANSPLANT in code.procedures]
    assert [(stay.year, stay.is_over_night) for stay in operated] == [(2010, True)]
    dialysed = [stay.year for stay, code in by_year if DIALYSES[0] in code.procedures]
    assert min(dialysed) >= 2010
    assert 6 <= len(dialysed) <= 18


def test_no_procedure_of_the_kidney_at_a_stay_for_something_else() -> None:
    person = Illnesses((), kidneys_fail=1990, transplanted=True)
    stays = [Occasion(2015, Reason("N390", "LA04Q"), True, True)] * 50
    assert not any(
        code.procedures for code in codes_of_stays(np.random.default_rng(1), stays, person, ())
    )


def test_where_a_cancer_spread_is_coded_from_its_diagnosis_on() -> None:
    stays = [Occasion(2015, KIDNEY, False, after) for after in (False, True) for _ in range(200)]
    codes = list(codes_of_stays(np.random.default_rng(1), stays, Illnesses(), ("C787", "C779")))
    assert not any(code.diagnoses for code in codes[:200])
    later = [code.diagnoses for code in codes[200:]]
    assert set(later) == {(), ("C787", "C779")}
    assert np.mean([bool(one) for one in later]) == pytest.approx(0.7, abs=0.1)


# -- in the files of a release --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(clinical_release_folder: Path) -> dict[str, pd.DataFrame]:
    names = (
        "hes_apc", "hes_op", "hes_ae", "cancer_participant_tumour",
        "cancer_participant_tumour_metastatic_site", "rare_diseases_participant_disease",
    )  # fmt: skip
    return {
        name: pd.read_parquet(clinical_release_folder / "tables" / f"{name}.parquet")
        for name in names
    }


def with_code(rows: pd.DataFrame, column: str, pattern: str) -> pd.DataFrame:
    return rows[rows[column].str.contains(rf"(?:^|\|)(?:{pattern})", na=False)]


def test_secondary_tumours_are_coded_of_those_whose_tumour_had_spread(
    tables: dict[str, pd.DataFrame],
) -> None:
    tumours = tables["cancer_participant_tumour"]
    spread = tumours[
        (tumours["component_tnm_m"] == "M1") | tumours["component_tnm_n"].isin(["N1", "N2", "N3"])
    ]
    coded = with_code(tables["hes_apc"], "diag_all", "C7[6-9]|C80")
    assert len(coded) > 3
    assert set(coded["participant_id"]) <= set(spread["participant_id"])


def test_the_organ_in_hospital_is_that_which_the_programme_was_told_of(
    tables: dict[str, pd.DataFrame],
) -> None:
    told = tables["cancer_participant_tumour_metastatic_site"]
    code_of = {"Liver": "C787", "Lung": "C780", "Bone": "C795", "Brain": "C793"}
    compared = 0
    for organ, code in code_of.items():
        people = set(with_code(tables["hes_apc"], "diag_all", code)["participant_id"])
        assert people <= set(told.loc[told["metastatic_site"] == organ, "participant_id"])
        compared += len(people)
    assert compared > 0


def test_kidneys_are_replaced_only_where_kidneys_are_ill(tables: dict[str, pd.DataFrame]) -> None:
    disease = tables["rare_diseases_participant_disease"]
    ill = disease[disease["normalised_disease_group"] == KIDNEY_DISEASE]
    for table in ("hes_apc", "hes_op"):
        treated = with_code(tables[table], "opertn_all", "M01|X40")
        assert len(treated) > 0, table
        assert set(treated["participant_id"]) <= set(ill["participant_id"])


@pytest.mark.parametrize("table", ["hes_apc", "hes_op", "hes_ae"])
def test_common_illnesses_are_found_in_every_table_of_visits(
    tables: dict[str, pd.DataFrame], table: str
) -> None:
    assert len(with_code(tables[table], "diag_all", "J45|I10|E11")) > 3


def test_an_emergency_coded_in_icd10_has_no_shorter_code_beside_it(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["hes_ae"]
    coded = rows["diag_01"].str.match("[A-Z]")
    assert 0.05 < coded.mean() < 0.2
    assert rows.loc[coded, ["diag2_all", "diaga_all", "diags_all"]].isna().all(axis=None)
    assert rows.loc[~coded, "diag2_01"].notna().all()
