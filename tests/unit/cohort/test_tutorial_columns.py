"""What the user guide's tutorials on cancer cohorts, medical histories and genotypes ask for is there and has rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip import query_to_df

QUERIES = {
    "small variants beside those of the second alignment": """
        SELECT ca.participant_id, ca.somatic_small_variants_vcf_path as "first", cr.somatic_small_variants_vcf_path as "again"
        FROM cancer_analysis as ca, cancer_100K_genomes_realigned_on_pipeline_2 as cr
        WHERE ca.participant_id = cr.participant_id""",
    "the stage nearest before the sample": """
        SELECT ca.participant_id, csc.diagnosis_date, csc.grade, csc.ajcc_stage, csc.figo
        FROM cancer_analysis ca INNER JOIN cancer_staging_consolidated csc ON ca.participant_id = csc.participant_id
        AND csc.diagnosis_date = (SELECT MAX(e.diagnosis_date) FROM cancer_staging_consolidated e
            WHERE e.participant_id = csc.participant_id AND ca.tumour_clinical_sample_time >= e.diagnosis_date)""",
    "drugs by the registry's number of the tumour": """
        SELECT participant_id, programme_number, cycle_number FROM sact
        WHERE anon_tumour_id IN (SELECT at.anon_tumour_id FROM av_tumour at)""",
    "radiation against the primary tumour": """
        SELECT participant_id, rtactualdose, radiotherapybeamtype, radiotherapybeamenergy FROM rtds
        WHERE radiotherapyintent = '2' AND rttreatmentregion = 'P'""",
    "curative operations": """
        SELECT participant_id, opcs4_code, opcs4_name FROM av_treatment WHERE eventdesc = 'Surgery - curative'""",
    "smokers": "SELECT participant_id FROM cancer_risk_factor_general WHERE smoking_status ='Current smoker'",
    "women's cycles": """
        SELECT participant_id, age_of_menarche, age_of_menopause, number_of_pregnancies
        FROM cancer_risk_factor_cancer_specific""",
    "the age at which a sample was taken": """
        SELECT cs.clinic_sample_id, (YEAR (cs.clinic_sample_datetime) - ps.yob) as age FROM participant_summary as ps
        JOIN clinic_sample as cs ON ps.participant_id = cs.participant_id""",
    "emergencies that led to an admission": """
        SELECT ae.participant_id, apc.diag_all FROM hes_ae as ae, hes_apc as apc
        WHERE ae.epikey = apc.epikey AND ae.participant_id = apc.participant_id""",
    "critical care within an admission": """
        SELECT apc.admidate, cc.ccstartdate, cc.ccdisdate FROM hes_apc as apc, hes_cc as cc
        WHERE apc.susrecid = cc.susrecid AND apc.participant_id = cc.participant_id ORDER BY apc.admidate""",
    "when a professional saw the patient": "SELECT participant_id, seen_date as date, diagnosis_code_all FROM ecds",
    "images within a time": """
        SELECT participant_id, ic_region_desc, ic_snomedct_desc, ic_sub_sys_desc, ic_nicip_desc FROM did
        WHERE did_date3 >= '2001-01-01 00:00:00.000' AND did_date3 <= '2023-01-01 00:00:00.000'""",
    "tumours with a variant of a gene": """
        SELECT participant_id, disease_type, chr, pos, ref, alt FROM cancer_tier_and_domain_variants WHERE gene = 'TP53'""",
}


@pytest.mark.slow
@pytest.mark.parametrize("asked", QUERIES)
def test_a_query_of_a_tutorial_finds_rows(demo_release_folder: Path, asked: str) -> None:
    assert not query_to_df(QUERIES[asked], str(demo_release_folder)).empty


@pytest.mark.slow
def test_a_key_of_an_admission_is_nobody_elses(demo_release_folder: Path) -> None:
    keys = query_to_df(
        "SELECT susrecid, COUNT(DISTINCT participant_id) AS n FROM hes_apc GROUP BY susrecid HAVING COUNT(DISTINCT "
        "participant_id) > 1",
        str(demo_release_folder),
    )
    assert keys.empty
    late = query_to_df(
        "SELECT cc.ccstartdate FROM hes_apc a JOIN hes_cc cc ON a.susrecid = cc.susrecid WHERE cc.ccstartdate < a.admidate",
        str(demo_release_folder),
    )
    assert late.empty
