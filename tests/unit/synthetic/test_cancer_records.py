"""Registries, drugs and radiation of the cancer arm, read from the files: linked lives, and the truths planted in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from gecip.model import TABLES
from gecip.synthetic import read_answers, synthesise_release

OF_CANCER = (
    "sact",
    "rtds",
    "cancer_registry",
    "av_tumour",
    "av_patient",
    "av_treatment",
    "av_rtd",
    "av_imd",
    "cancer_staging_consolidated",
    "cancer_participant_tumour_metastatic_site",
)
FURTHER = (
    "participant",
    "mortality",
    "hes_apc",
    "cancer_analysis",
    "cancer_participant_tumour",
    "cancer_tier_and_domain_variants",
)
Tables = Mapping[str, pd.DataFrame]


def read(folder: Path, names: tuple[str, ...]) -> Tables:
    found = {}
    for name in names:
        frame = pd.read_parquet(folder / "tables" / f"{name}.parquet")
        for column in frame:
            if TABLES[name].columns[str(column)].type.value == "date":
                frame[column] = pd.to_datetime(frame[column])
        found[name] = frame
    return found


@pytest.fixture(scope="module")
def linked(clinical_release_folder: Path) -> Tables:
    return read(clinical_release_folder, (*OF_CANCER, *FURTHER))


@pytest.fixture(scope="module")
def many_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with patients enough that treatment can be seen to prolong life."""
    folder = tmp_path_factory.mktemp("treatment") / "many"
    return synthesise_release(
        folder, participants=400, cancer_patients=1_600, genomes=False, seed=11, progress=False
    )


def test_every_table_has_rows_and_only_of_participants(linked: Tables) -> None:
    known = set(linked["participant"]["participant_id"])
    for name in OF_CANCER:
        assert len(linked[name]) > 10, name
        assert set(linked[name]["participant_id"]) <= known, name


@pytest.mark.parametrize(
    ("table", "day"),
    [
        ("sact", "administration_date"),
        ("rtds", "apptdate"),
        ("av_tumour", "diagnosisdatebest"),
        ("av_treatment", "eventdate"),
    ],
)
def test_records_come_before_death_and_within_what_is_covered(
    linked: Tables, table: str, day: str
) -> None:
    rows = linked[table]
    died = rows["participant_id"].map(
        linked["mortality"].set_index("participant_id")["date_of_death"]
    )
    assert died.notna().any()
    assert not (rows[day] > died).any()
    first, last = TABLES[table].covers or pytest.fail("the table says what it covers")
    assert rows[day].between(pd.Timestamp(first), pd.Timestamp(last)).all()


def test_drugs_and_radiation_follow_the_diagnosis(linked: Tables) -> None:
    diagnosed = linked["cancer_participant_tumour"].dropna(subset=["diagnosis_date"])
    diagnosed = diagnosed.sort_values("diagnosis_date").drop_duplicates("participant_id")
    days = diagnosed.set_index("participant_id")["diagnosis_date"]
    for table, day in (("sact", "administration_date"), ("rtds", "apptdate")):
        rows = linked[table]
        assert not (rows["participant_id"].map(days) > rows[day]).any()


def test_drugs_fit_the_tumour_and_lines_follow_each_other(linked: Tables) -> None:
    sact = linked["sact"]
    kinds = linked["cancer_analysis"].drop_duplicates("participant_id")
    kind = sact["participant_id"].map(kinds.set_index("participant_id")["disease_type"])
    assert set(sact.loc[kind == "BREAST", "primary_diagnosis"]) == {"C509"}
    assert "PEMETREXED" in set(sact.loc[kind == "LUNG", "drug_group"])
    assert "PEMETREXED" not in set(sact.loc[kind == "COLORECTAL", "drug_group"])
    lines = sact.groupby("participant_id")["start_date_of_regimen"].nunique()
    assert set(lines) == {1, 2}
    drugs = sact.groupby(["participant_id", "administration_date"])["drug_group"]
    assert drugs.nunique().max() > 1
    assert (drugs.size() == drugs.nunique()).all()


def test_drugs_given_in_hospital_are_day_cases_there_too(linked: Tables) -> None:
    by_mouth = linked["sact"]["opcs_delivery_code"] == "X731"
    given = linked["sact"][~by_mouth].drop_duplicates(["participant_id", "start_date_of_regimen"])
    first = given.groupby("participant_id")["start_date_of_regimen"].min()
    stays = linked["hes_apc"]
    stays = stays[stays["diag_01"] == "Z511"].groupby("participant_id")["admidate"].min()
    both = pd.concat([first, stays], axis=1, keys=["drug", "stay"]).dropna()
    assert len(both) > 100
    # A day is missing in one of them now and then: the patient lay in hospital for something else.
    assert (both["drug"] == both["stay"]).mean() > 0.9


def test_registered_tumours_are_not_one_a_person_and_not_called_as_the_programmes(
    linked: Tables,
) -> None:
    tumours = linked["av_tumour"]
    assert tumours["anon_tumour_id"].is_unique
    assert tumours["participant_id"].duplicated().sum() > 5
    own = linked["cancer_participant_tumour"]
    assert not set(tumours["anon_tumour_id"].astype(str)) & set(own["tumour_id"])
    assert not set(tumours["anon_tumour_id"]) & set(tumours["participant_id"])


def test_the_registrys_day_of_diagnosis_is_near_the_programmes_and_often_another(
    linked: Tables,
) -> None:
    own = linked["cancer_participant_tumour"].rename(columns={"diagnosis_icd_code": "site"})
    registered = linked["av_tumour"].drop_duplicates(["participant_id", "site_coded"])
    registered = registered.assign(
        site=registered["site_coded"].where(registered["site_coded"].str.len() == 4, "C64X")
    )
    both = own.merge(registered, on=["participant_id", "site"]).dropna(subset=["diagnosis_date"])
    apart = (both["diagnosis_date"] - both["diagnosisdatebest"]).dt.days
    assert len(both) > 300
    assert apart.between(0, 25).all()
    assert 0.1 < (apart > 0).mean() < 0.4


def test_a_stage_is_that_of_a_diagnosis_within_a_year_of_the_sample(linked: Tables) -> None:
    staged = linked["cancer_staging_consolidated"].merge(
        linked["cancer_analysis"], on="tumour_sample_platekey"
    )
    apart = (staged["tumour_clinical_sample_time"] - staged["diagnosis_date"]).dt.days
    assert apart.between(0, 365).all()
    assert linked["cancer_staging_consolidated"]["tumour_sample_platekey"].is_unique
    assert len(staged) < len(linked["cancer_analysis"])
    of_breast = staged["disease_type"] == "BREAST"
    assert staged.loc[of_breast, "er_status"].notna().all()
    assert staged.loc[~of_breast, "er_status"].isna().all()
    assert (staged.loc[staged["component_tnm_m"] == "M1", "stage_best"] == "4").all()


def test_a_metastatic_site_is_known_of_some_who_had_metastases_and_of_nobody_else(
    linked: Tables,
) -> None:
    own = linked["cancer_participant_tumour"]
    spread = set(own.loc[own["component_tnm_m"] == "M1", "participant_id"])
    told = set(linked["cancer_participant_tumour_metastatic_site"]["participant_id"])
    assert told < spread


def test_the_registry_knows_who_has_died(linked: Tables) -> None:
    patients = linked["av_patient"].set_index("participant_id")
    deaths = linked["mortality"].set_index("participant_id")["date_of_death"]
    died = deaths[deaths <= pd.Timestamp("2022-08-22")].reindex(patients.index)
    assert ((patients["vitalstatus"] == "D") == died.notna()).all()
    assert patients["deathdatebest"].equals(died.rename("deathdatebest"))


def test_every_route_is_of_a_registered_tumour_and_screening_finds_some_only(
    linked: Tables,
) -> None:
    routes = linked["av_rtd"].merge(linked["av_tumour"], on="anon_tumour_id")
    assert len(routes) == len(linked["av_rtd"])
    assert set(routes.loc[routes["final_route"] == "Screening", "site_coded"]) == {"C509", "C189"}
    assert routes["diagnosisdatebest"].dt.year.between(2006, 2018).all()


def test_the_drug_against_a_mutated_gene_is_given_to_those_with_the_mutation_only(
    linked: Tables, clinical_release_folder: Path
) -> None:
    (answer,) = [
        one for one in read_answers(clinical_release_folder) if one.kind == "targeted_treatment"
    ]
    expected = answer.expected
    tumours = linked["cancer_analysis"]
    of_kind = set(
        tumours.loc[tumours["disease_type"] == expected["disease_type"], "participant_id"]
    )
    variants = linked["cancer_tier_and_domain_variants"]
    mutated = set(
        variants.loc[
            (variants["gene"] == answer.gene) & (variants["origin"] == "somatic"), "participant_id"
        ]
    )
    sact = linked["sact"]
    targeted = set(sact.loc[sact["drug_group"] == expected["drug_group"], "participant_id"])
    treated = of_kind & set(sact["participant_id"])
    counts = [
        [len(treated & group & targeted), len((treated & group) - targeted)]
        for group in (mutated, of_kind - mutated)
    ]
    assert counts[0][0] == expected["people"] >= 10
    assert counts[1][0] == 0
    assert fisher_exact(counts).pvalue < 1e-6


@pytest.mark.slow
def test_people_live_longer_with_the_antibody_by_the_planted_hazard_ratio(
    many_folder: Path,
) -> None:
    (answer,) = [one for one in read_answers(many_folder) if one.kind == "treatment_survival"]
    expected = answer.expected
    assert min(expected["people_with"], expected["people_without"]) >= 80
    tables = read(many_folder, ("sact", "cancer_analysis", "mortality"))
    tumours = tables["cancer_analysis"].set_index("participant_id")
    lines = tables["sact"].sort_values("start_date_of_regimen").drop_duplicates("participant_id")
    lines = lines.join(
        tumours[["disease_type", "tumour_clinical_sample_time"]], on="participant_id"
    )
    lines = lines[lines["disease_type"] == expected["disease_type"]]
    died = lines["participant_id"].map(
        tables["mortality"].set_index("participant_id")["date_of_death"]
    )
    # Nobody is in the release who died before the tumour was sampled: people come under observation then.
    entry = lines[[expected["from"], "tumour_clinical_sample_time"]].max(axis=1)
    years = (died.fillna(pd.Timestamp("2024-02-25")) - entry).dt.days / 365.25
    has_antibody = lines["analysis_group"].str.contains(expected["drug_group"])
    assert has_antibody.sum() == expected["people_with"]
    deaths = died.notna().groupby(has_antibody).sum()
    rates = deaths / years.groupby(has_antibody).sum()
    log_ratio = np.log(rates[True] / rates[False])
    error = np.sqrt((1 / deaths).sum())
    assert abs(log_ratio - np.log(expected["hazard_ratio"])) < 3 * error
    assert log_ratio + 1.96 * error < 0


def test_september_is_missing_from_radiation_in_the_releases_with_that_fault_only(
    linked: Tables, tmp_path: Path
) -> None:
    folder = synthesise_release(
        tmp_path / "old", participants=400, genomes=False, seed=3, version="v18", progress=False
    )
    lost = read(folder, ("rtds",))["rtds"]
    assert 0 < lost["apptdate"].isna().mean() < 0.25
    assert 9 not in set(lost["apptdate"].dt.month)
    assert linked["rtds"]["apptdate"].notna().all()
    assert 9 in set(linked["rtds"]["apptdate"].dt.month)
