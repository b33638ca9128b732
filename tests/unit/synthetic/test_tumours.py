"""The planted truths of the cancer arm, found again in the files of the demo release and not in the generator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from gecip.model.cancer import CODING_MEGABASES
from gecip.model.hospital import MORTALITY_COVERAGE
from gecip.synthetic import Answer, read_answers, synthesise_release
from gecip.synthetic.recruitment import FIRST_CANCER_NUMBER

TABLES = (
    "participant",
    "cancer_analysis",
    "cancer_participant_disease",
    "cancer_participant_tumour",
    "cancer_tier_and_domain_variants",
    "mortality",
    "genome_file_paths_and_types",
)


@pytest.fixture(scope="module")
def tables(demo_release_folder: Path) -> dict[str, pd.DataFrame]:
    return {name: read(demo_release_folder, name) for name in TABLES}


@pytest.fixture(scope="module")
def answers(demo_release_folder: Path) -> list[Answer]:
    return list(read_answers(demo_release_folder))


def read(folder: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "tables" / f"{table}.parquet")


def of_kind(answers: list[Answer], kind: str) -> list[Answer]:
    return [answer for answer in answers if answer.kind == kind]


def test_every_tumour_belongs_to_somebody_of_the_cancer_arm(
    tables: dict[str, pd.DataFrame],
) -> None:
    arm = tables["participant"].set_index("participant_id")["programme"]
    tumours = tables["cancer_analysis"]
    assert set(arm[tumours["participant_id"]]) == {"Cancer"}
    assert tumours["tumour_sample_platekey"].is_unique
    files = tables["genome_file_paths_and_types"]
    somatic = files.loc[files["type"] == "cancer somatic", "platekey"]
    assert set(tumours["tumour_sample_platekey"]) <= set(somatic)


def test_somatic_variants_name_tumours_that_there_are(tables: dict[str, pd.DataFrame]) -> None:
    known = tables["cancer_analysis"].set_index("tumour_sample_platekey")["participant_id"]
    rows = tables["cancer_tier_and_domain_variants"]
    assert (known[rows["tumour_sample_platekey"]].to_numpy() == rows["participant_id"]).all()


def test_dates_follow_a_life(tables: dict[str, pd.DataFrame]) -> None:
    tumours = tables["cancer_analysis"].assign(
        sampled=lambda rows: pd.to_datetime(rows["tumour_clinical_sample_time"])
    )
    diagnoses = tables["cancer_participant_tumour"].merge(tumours, on="participant_id")
    known = diagnoses.dropna(subset=["diagnosis_date"])
    assert (pd.to_datetime(known["diagnosis_date"]) <= known["sampled"]).all()
    dead = tumours.merge(tables["mortality"], on="participant_id")
    died = pd.to_datetime(dead["date_of_death"])
    assert (died > dead["sampled"]).all()
    assert died.max() <= pd.Timestamp(MORTALITY_COVERAGE[1])
    registered = tables["participant"].set_index("participant_id")["registration_date"]
    delivered = pd.to_datetime(tumours["tumour_delivery_date"])
    assert (delivered >= pd.to_datetime(tumours["participant_id"].map(registered))).all()


def test_each_driver_is_in_its_planted_share_of_tumours(
    tables: dict[str, pd.DataFrame], answers: list[Answer]
) -> None:
    tumours, variants = tables["cancer_analysis"], tables["cancer_tier_and_domain_variants"]
    somatic = variants[variants["origin"] == "somatic"]
    planted = of_kind(answers, "driver_gene")
    assert len(planted) > 30
    for answer in planted:
        of_this = tumours[tumours["disease_type"] == answer.expected["disease_type"]]
        carriers = set(somatic.loc[somatic["gene"] == answer.gene, "tumour_sample_platekey"])
        found = int(of_this["tumour_sample_platekey"].isin(carriers).sum())
        share = answer.expected["share_of_tumours"]
        assert binomtest(found, len(of_this), share).pvalue > 0.001, answer.gene


def test_burden_is_planted_by_kind_and_one_tumour_is_hypermutated(
    tables: dict[str, pd.DataFrame], answers: list[Answer]
) -> None:
    tumours, variants = tables["cancer_analysis"], tables["cancer_tier_and_domain_variants"]
    counted = variants[
        (variants["origin"] == "somatic")
        & (variants["cellbase_consequence"] != "splice_region_variant")
    ]
    burden = (
        tumours["tumour_sample_platekey"].map(counted["tumour_sample_platekey"].value_counts())
        / CODING_MEGABASES
    )
    recorded = tumours["somatic_coding_variants_per_mb"]
    assert (burden - recorded).abs().max() < 0.006
    for answer in of_kind(answers, "mutational_burden"):
        of_this = burden[tumours["disease_type"] == answer.expected["disease_type"]]
        if len(of_this) >= 20 and not answer.expected["unstable_share"]:
            # Log-normal around the planted median with a spread of 0.45: five standard errors of a median.
            error = 1.25 * 0.45 / np.sqrt(len(of_this))
            assert abs(np.log(of_this.median() / answer.expected["per_megabase"])) < 5 * error
    hypermutated = of_kind(answers, "hypermutated_tumour")
    assert len(hypermutated) == 1
    highest = tumours.loc[burden.idxmax(), "participant_id"]
    assert highest == hypermutated[0].participant


def test_further_patients_have_no_genome_in_the_aggregate(
    demo_release_folder: Path, tables: dict[str, pd.DataFrame]
) -> None:
    in_aggregate = set(read(demo_release_folder, "aggregate_gvcf_sample_stats")["participant_id"])
    patients = tables["participant"]
    patients = patients[patients["participant_id"] >= FIRST_CANCER_NUMBER]
    assert patients["participant_id"].is_unique
    outside = ~patients["participant_id"].isin(in_aggregate)
    assert outside.sum() >= 400  # the further ones, and who of the others has no genome there
    assert (~outside).sum() > 20
    assert patients["programme_consent_status"].ne("Consenting").any()


@pytest.mark.slow
def test_the_genomes_and_the_findings_of_others_do_not_change_when_patients_are_added(
    tmp_path: Path,
) -> None:
    few, more = (
        synthesise_release(
            tmp_path / str(count), participants=80, cancer_patients=count, seed=3, progress=False
        )
        for count in (0, 40)
    )
    chunks = sorted(path.relative_to(few) for path in (few / "aggV2").rglob("*.vcf.gz"))
    assert chunks
    assert all((few / chunk).read_bytes() == (more / chunk).read_bytes() for chunk in chunks)
    for name in ("rare_diseases_participant_phenotype", "rare_diseases_participant_disease"):
        pd.testing.assert_frame_equal(read(few, name), read(more, name))


def test_samples_are_within_the_limits_of_quality(tables: dict[str, pd.DataFrame]) -> None:
    tumours = tables["cancer_analysis"]
    for column, most in (
        ("tumour_sample_cross_contamination_percentage", 5),
        ("germline_sample_cross_contamination_percentage", 3),
    ):
        told = tumours[column]
        assert (told == "<1").mean() > 0.85
        assert pd.to_numeric(told[told != "<1"]).between(1, most).all()
    assert (tumours["average_fragment_size"] > 279).all()
    assert (tumours["sex"].eq("MALE") == tumours["karyotype_sex"].eq("XY")).all()
    assert tumours["study_name"].notna().all()


def test_realigned_tumours_are_those_of_the_analysis(
    demo_release_folder: Path, tables: dict[str, pd.DataFrame]
) -> None:
    again = read(demo_release_folder, "cancer_100K_genomes_realigned_on_pipeline_2")
    assert again["tumour_sample_platekey"].is_unique
    known = set(tables["cancer_analysis"]["tumour_sample_platekey"])
    assert 0.9 * len(known) < len(again) <= len(known)
    assert set(again["tumour_sample_platekey"]) <= known
