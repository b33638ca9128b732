"""The official way to a cohort of cases and controls, from the case list to the paths of their gVCFs.

The steps are those of section 2.5 of the reference on the Research Environment; the queries are written as
its tutorials write theirs, with lists from f-strings, chains of LIKE, joins by comma and last commas.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gecip import open_release, query_to_df
from tests.handmade import person, phenotype, write_release

FOLDER = "/main-programme/main-programme_v19_2024-10-31"
DISEASE, DISEASE_GROUP = "Cystic kidney disease", "Renal and urinary tract disorders"
OTHER_GROUP = "Neurology and neurodevelopmental disorders"

# The tables that the recipe asks.
TABLES = {
    *("participant", "participant_summary", "rare_diseases_participant_disease"),
    *("rare_diseases_participant_phenotype", "hes_apc", "hes_op", "hes_ae", "mortality"),
    *("cancer_analysis", "gmc_exit_questionnaire", "submitted_diagnostic_discovery"),
    *("aggregate_gvcf_sample_stats", "genome_file_paths_and_types"),
}

CASE, SOLVED, SUBMITTED, SALIVA, MISMATCH, CONTROL, RENAL, DEAD, WITHDRAWN = range(
    110_000_001, 110_000_010
)
EVERYBODY = (CASE, SOLVED, SUBMITTED, SALIVA, MISMATCH, CONTROL, RENAL, DEAD, WITHDRAWN)


def people_of(frame: pd.DataFrame) -> list[int]:
    """Return the participants of a frame, each once, in order."""
    return sorted(set(frame["participant_id"].tolist()))


def cases_of(database: str) -> list[int]:
    """Return who has the disease, the terms or the diagnoses, and no diagnosis in the genome yet."""
    recruited = query_to_df(
        f"""
        SELECT participant_id,
            normalised_specific_disease,
            normalised_disease_group,
        FROM lists.rare_diseases_participant_disease
        WHERE normalised_specific_disease = '{DISEASE}'
        """,
        database,
    )
    terms = ["HP:0000107", "HP:0000113"]
    described = query_to_df(
        f"""
        SELECT participant_id, normalised_hpo_id
        FROM rare_diseases_participant_phenotype
        WHERE normalised_hpo_id IN {(*terms,)}
        AND hpo_present = 'Yes'
        """,
        database,
    )
    chain = "%' OR diag_all LIKE '%".join(["N281", "Q61", "Q612"])
    diagnosed = [
        query_to_df(
            f"SELECT participant_id, diag_all FROM hes_{table} WHERE diag_all LIKE '%{chain}%'",
            database,
        )
        for table in ("apc", "op", "ae")
    ]
    found = people_of(pd.concat([recruited, described, *diagnosed]))
    unsolved = query_to_df(
        f"""
        SELECT participant_id, case_solved_family
        FROM gmc_exit_questionnaire
        WHERE participant_id IN {(*found,)}
        AND case_solved_family != 'yes'
        """,
        database,
    )
    submitted = query_to_df(
        f"""
        SELECT participant_id
        FROM submitted_diagnostic_discovery
        WHERE participant_id IN {(*people_of(unsolved),)}
        """,
        database,
    )
    return [each for each in people_of(unsolved) if each not in people_of(submitted)]


def controls_of(database: str) -> list[int]:
    """Return who has nothing of the wider group of diseases, terms, diagnoses, deaths or tumours."""
    chain = "%' OR diag_all LIKE '%".join(["N281", "Q61", "N19", "Y841", "N185"])
    causes = "%' OR icd10_multiple_cause_all LIKE '%".join(["N19", "N281", "Q61"])
    queries = [
        f"SELECT participant_id FROM rare_diseases_participant_disease WHERE normalised_disease_group = '{DISEASE_GROUP}'",
        (
            "SELECT participant_id FROM rare_diseases_participant_phenotype WHERE normalised_hpo_id IN ('HP:0000107', "
            "'HP:0000113', 'HP:0000077',) AND hpo_present = 'Yes'"
        ),
        *(
            f"SELECT participant_id, diag_all FROM hes_{table} WHERE diag_all LIKE '%{chain}%'"
            for table in ("apc", "op", "ae")
        ),
        f"SELECT participant_id FROM mortality WHERE icd10_multiple_cause_all LIKE '%{causes}%'",
        "SELECT participant_id, disease_type FROM cancer_analysis WHERE disease_type='RENAL'",
    ]
    excluded = {each for query in queries for each in people_of(query_to_df(query, database))}
    everybody = people_of(query_to_df("SELECT participant_id FROM participant", database))
    return [each for each in everybody if each not in excluded]


def matched(people: list[int], database: str) -> list[int]:
    """Return those whose sex of chromosomes and of appearance agree, of one ancestry."""
    frame = query_to_df(
        f"""
        SELECT DISTINCT participant_id, participant_phenotyped_sex AS sex, participant_karyotyped_sex AS karyotype,
            yob, genetically_inferred_ancestry_thr
        FROM participant_summary
        WHERE participant_id IN {(*people,)}
        AND genetically_inferred_ancestry_thr = 'European'
        AND (participant_karyotyped_sex = 'XX' OR participant_karyotyped_sex = 'XY')
        """,
        database,
    ).drop_duplicates()
    agree = frame["karyotype"] == frame["sex"].map({"Female": "XX", "Male": "XY"})
    return people_of(frame[agree])


def paths_of(people: list[int], database: str) -> pd.DataFrame:
    """Return the gVCFs of those whose blood was sequenced alike and who consent."""
    sampled = query_to_df(
        f"""
        SELECT participant_id, platekey
        FROM aggregate_gvcf_sample_stats
        WHERE participant_id IN {(*people,)}
        AND sample_source = 'BLOOD'
        AND sample_preparation_method = 'EDTA'
        AND sample_library_type = 'TruSeq PCR-Free High Throughput'
        """,
        database,
    )
    consenting = query_to_df(
        f"""
        SELECT participant_id, programme_consent_status
        FROM participant
        WHERE LOWER(programme_consent_status) = 'consenting'
        AND participant_id IN {(*people_of(sampled),)}
        """,
        database,
    )
    paths = query_to_df(
        f"""
        SELECT g.participant_id, g.platekey, g.filename, g.file_path,
        FROM genome_file_paths_and_types AS g, aggregate_gvcf_sample_stats AS a
        WHERE g.participant_id IN {(*people_of(consenting),)}
        AND g.platekey = a.platekey
        AND g.file_sub_type = 'Genomic VCF'
        AND g.delivery_date = (SELECT MAX(l.delivery_date) FROM genome_file_paths_and_types AS l
            WHERE l.platekey = g.platekey AND l.file_sub_type = 'Genomic VCF')
        """,
        database,
    )
    return paths.merge(sampled)


def covariates_of(people: list[int], database: str, *, components: int) -> pd.DataFrame:
    """Return what a study of association takes besides: age, karyotype and so many components."""
    listed = "".join(f"agss.pc{number}, " for number in range(1, components + 1))
    return query_to_df(
        f"""
        SELECT DISTINCT agss.participant_id, agss.platekey, (YEAR(CURDATE()) - ps.yob) as age, agss.karyotype,
        {listed}
        FROM aggregate_gvcf_sample_stats as agss,
        participant_summary as ps
        WHERE agss.participant_id IN {(*people,)}
        AND agss.participant_id = ps.participant_id
        """,
        database,
    )


def sex_of(person_id: int) -> tuple[str, str]:
    return ("Female", "XY") if person_id == MISMATCH else ("Female", "XX")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    day = datetime.date(2018, 5, 1)
    cases = (CASE, SOLVED, SALIVA, MISMATCH, WITHDRAWN)
    tables: dict[str, list[dict[str, Any]]] = {
        "participant": [
            person(
                each,
                programme_consent_status="Withdrawn (Full)" if each == WITHDRAWN else "Consenting",
            )
            for each in EVERYBODY
        ],
        "rare_diseases_participant_disease": [
            {
                "participant_id": each,
                "normalised_specific_disease": DISEASE if each in cases else "Something else",
                "normalised_disease_group": OTHER_GROUP if each == CONTROL else DISEASE_GROUP,
            }
            for each in (*cases, CONTROL, RENAL)
        ],
        "rare_diseases_participant_phenotype": [
            phenotype(SUBMITTED, "HP:0000107"),
            phenotype(CONTROL, "HP:0000107", present="No"),
        ],
        "hes_apc": [{"participant_id": CASE, "diag_all": "Q612|I10X"}],
        "hes_op": [{"participant_id": SUBMITTED, "diag_all": "N281"}],
        "hes_ae": [{"participant_id": CONTROL, "diag_all": "S52"}],
        "mortality": [{"participant_id": DEAD, "icd10_multiple_cause_all": "I10|N19"}],
        "cancer_analysis": [
            {
                "participant_id": RENAL,
                "disease_type": "RENAL",
                "tumour_sample_platekey": "T1",
            }
        ],
        "gmc_exit_questionnaire": [
            {"participant_id": each, "case_solved_family": "yes" if each == SOLVED else "no"}
            for each in (*cases, SUBMITTED)
        ],
        "submitted_diagnostic_discovery": [{"participant_id": SUBMITTED}],
        "participant_summary": [
            {
                "participant_id": each,
                "participant_phenotyped_sex": sex_of(each)[0],
                "participant_karyotyped_sex": sex_of(each)[1],
                "yob": 1980,
                "genetically_inferred_ancestry_thr": "European",
                "hpo_term": term,
            }
            for each in EVERYBODY
            for term in ("Renal cyst", "Hypertension")
        ],
        "aggregate_gvcf_sample_stats": [
            {
                "participant_id": each,
                "platekey": f"LP{each}-DNA_A01",
                "sample_source": "SALIVA" if each == SALIVA else "BLOOD",
                "sample_preparation_method": "EDTA",
                "sample_library_type": "TruSeq PCR-Free High Throughput",
                "karyotype": sex_of(each)[1],
                "pc1": 0.25,
                "pc2": 0.5,
            }
            for each in EVERYBODY
        ],
        "genome_file_paths_and_types": [
            {
                "participant_id": each,
                "platekey": f"LP{each}-DNA_A01",
                "delivery_date": delivered,
                "file_sub_type": kind,
                "filename": f"LP{each}.vcf.gz",
                "file_path": f"/genomes/by_date/{delivered}/LP{each}/LP{each}.vcf.gz",
            }
            for each in EVERYBODY
            for kind in ("Genomic VCF", "BAM")
            for delivered in (day, day.replace(year=2019))
        ],
    }
    write_release(tmp_path / "own", **tables)
    return FOLDER


@pytest.mark.slow
def test_the_recipe_leads_from_the_case_list_to_the_gvcfs(database: str) -> None:
    cases, controls = cases_of(database), controls_of(database)
    assert cases == [CASE, SALIVA, MISMATCH]
    assert controls == [CONTROL]
    cohort = matched(cases, database) + matched(controls, database)
    assert cohort == [CASE, SALIVA, CONTROL]
    paths = paths_of(cohort, database)
    assert paths["file_path"].tolist() == [
        f"/genomes/by_date/2019-05-01/LP{each}/LP{each}.vcf.gz" for each in (CASE, CONTROL)
    ]
    covariates = covariates_of(cohort, database, components=2)
    assert covariates["age"].unique().tolist() == [pd.Timestamp.now().year - 1980]
    assert covariates.columns.tolist() == [
        *("participant_id", "platekey", "age", "karyotype", "pc1", "pc2")
    ]


def test_the_recipe_finds_people_and_files_in_the_demo(
    demo_release_folder: Path,
) -> None:
    database = str(demo_release_folder)
    missing = TABLES - set(open_release(demo_release_folder).tables)
    if missing:
        pytest.skip(f"the demo has no table {min(missing)}")
    cases, controls = cases_of(database), controls_of(database)
    assert cases
    assert len(controls) > len(cases)
    assert not set(cases) & set(controls)
    matched_cases, matched_controls = matched(cases, database), matched(controls, database)
    assert matched_cases
    assert matched_controls
    paths = paths_of([*matched_cases, *matched_controls], database)
    assert set(paths["participant_id"]) & set(matched_cases)
    assert set(paths["participant_id"]) & set(matched_controls)
    assert paths["file_path"].str.endswith(".genome.vcf.gz").all()
    assert not covariates_of(people_of(paths), database, components=0).empty
