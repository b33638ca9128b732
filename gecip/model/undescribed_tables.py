"""Tables that the programme has and whose columns are not public: known by name, kept and read as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class UndescribedTable:
    """A table of which no more is known than its name, what it is about, and in which releases it stands."""

    name: str
    about: str
    since: str | None = None
    until: str | None = None


# What a table is about is read off its name and the lists of changes.
UNDESCRIBED_TABLES: Mapping[str, UndescribedTable] = MappingProxyType(
    {
        table.name: table
        for table in (
            UndescribedTable("aml_path_reports", "pathology reports of leukaemias, later withdrawn"),
            UndescribedTable("breast_specific_dataset_pilot", "a pilot on breast cancer, later withdrawn"),
            UndescribedTable("cancer_care_plan", "plans of care"),
            UndescribedTable("cancer_invest_circulating_tumour_marker", "tumour markers in blood"),
            UndescribedTable("cancer_invest_imaging", "images of tumours"),
            UndescribedTable("cancer_ont_cohorts", "tumours read with Oxford Nanopore", since="v17"),
            UndescribedTable("cancer_specific_pathology", "pathology of single cancers"),
            UndescribedTable("cancer_surgery", "operations on tumours"),
            UndescribedTable("cancer_systemic_anti_cancer_therapy", "drugs against cancer"),
            UndescribedTable("clinic_sample_quality_check_result", "quality of those samples"),
            UndescribedTable("colorectal_specific_dataset_pilot", "a pilot on colorectal cancer, later withdrawn"),
            UndescribedTable("cwt", "cancer waiting times, 2009 to 2018"),
            UndescribedTable("did_bridge", "a bridge to the imaging data", until="v14"),
            UndescribedTable("genomicsplc_prs_values", "polygenic scores", since="v15"),
            UndescribedTable("glioma_specific_dataset_pilot", "a pilot on glioma, later withdrawn"),
            UndescribedTable("lrs_laboratory_sample", "samples for long-read sequencing"),
            UndescribedTable("lrs_sequencing_data", "long-read sequencing"),
            UndescribedTable("lucada_2013", "the National Lung Cancer Audit of 2013, 56 people"),
            UndescribedTable("lucada_2014", "the National Lung Cancer Audit of 2014, 18 people"),
            UndescribedTable("mh_bridge", "a bridge to the mental-health data", until="v14"),
            UndescribedTable("mhldds_episode", "episodes of mental illness, 2014 to 2015"),
            UndescribedTable("mhldds_record", "records of mental-health care, 2014 to 2015"),
            UndescribedTable("mhmd_v4_episode", "episodes of mental illness, 2011 to 2015"),
            UndescribedTable("mhmd_v4_record", "records of mental-health care, 2011 to 2015"),
            UndescribedTable("mhsds_dataset_flags", "which mental-health data somebody has", since="v14"),
            UndescribedTable("ncras_did", "the registry's images, 2012 to 2019"),
            UndescribedTable("participant_supplementary_data", "further data on participants"),
            UndescribedTable("pathology_reports", "pathology reports"),
            UndescribedTable("proms", "patient-reported outcomes, taken out of all releases with v15", until="v14"),
            UndescribedTable("rare_disease_ont_cohorts", "genomes read with Oxford Nanopore"),
            UndescribedTable("rare_disease_ont_sgp", "Scottish genomes read with Oxford Nanopore"),
            UndescribedTable("rare_disease_pacbio_pilot", "genomes read with PacBio"),
            UndescribedTable("rare_diseases_early_childhood_observation", "observations in early childhood"),
            UndescribedTable("rare_diseases_imaging", "images"),
            UndescribedTable("rare_diseases_invest_blood_laboratory_test_report", "blood tests"),
            UndescribedTable("rare_diseases_invest_genetic", "earlier genetic tests"),
            UndescribedTable("rare_diseases_invest_genetic_test_result", "their results"),
            UndescribedTable("renal_specific_dataset_pilot", "a pilot on renal cancer, later withdrawn"),
            UndescribedTable("rnaseq_qc_metrics", "quality of RNA sequencing", since="v19"),
            UndescribedTable("synoptic_path_reports", "pathology reports in a fixed form", since="v19"),
            UndescribedTable("testes_path_reports", "pathology reports of testicular tumours, later withdrawn"),
            UndescribedTable("transcriptome_file_paths_and_types", "files of RNA sequencing", since="v19"),
        )
    }
)  # fmt: skip
