"""The quick views of the rare-disease arm: each genome with its family, and what came of the interpretation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.family_analysis import RareDiseaseAnalysis, RareDiseaseInterpreted
from gecip.model.genomes import BUILDS
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.interpretations import Request, family_members
from gecip.synthetic.life_dates import only_where

if TYPE_CHECKING:
    import pandas as pd

_PLATYPUS = "/gel_data_resources/main_programme/platypus_interpreted_vcf"
# Wordings are assumptions.
PASSED = "familyPassesGvsRChecks"
REPORTED, SENT = "report_sent", "sent_to_gmcs"


def latest_genomes(files: pd.DataFrame) -> pd.DataFrame:
    """Return the latest rare-disease genome of each participant on each build: platekey, folder and aligned reads.

    Parameters
    ----------
    files
        The rows of `genome_file_paths_and_types`.
    """
    reads = files[
        (files["type"] == "rare disease germline") & files["file_sub_type"].isin(["BAM", "CRAM"])
    ]
    ordered = reads.sort_values(["participant_id", "genome_build", "delivery_date"], kind="stable")
    latest = ordered.drop_duplicates(["participant_id", "genome_build"], keep="last")
    return latest.assign(folder=latest["file_path"].str.rsplit("/", n=2).str[0])


def rare_disease_analysis_rows(
    programme: Programme, genomes: pd.DataFrame, people: pd.DataFrame, stats: pd.DataFrame
) -> pd.DataFrame:
    """Return one row for each rare-disease participant and build.

    Parameters
    ----------
    genomes
        As `latest_genomes` returns them.
    people, stats
        The rows of `participant` and of `aggregate_gvcf_sample_stats`.
    """
    said = people[
        [
            "participant_id",
            "participant_ethnic_category",
            "participant_phenotypic_sex",
            "participant_karyotypic_sex",
        ]
    ].rename(columns={"participant_phenotypic_sex": "said_sex"})
    rows = genomes.merge(family_members(programme), on="participant_id", how="inner", sort=False)
    rows = rows.merge(said, on="participant_id", how="left", sort=False)
    karyotype = rows["platekey"].map(stats.set_index("platekey")["karyotype"])
    inferred = karyotype.where(
        karyotype.notna(), rows["said_sex"].map({"Male": "XY", "Female": "XX"})
    )
    on_current = (rows["genome_build"] == "GRCh38").to_numpy()
    return frame_of(
        RareDiseaseAnalysis,
        {
            "participant_id": rows["participant_id"].to_numpy(),
            "plate_key": rows["platekey"].to_numpy(),
            "rare_diseases_family_id": rows["rare_diseases_family_id"].to_numpy(),
            "biological_relationship_to_proband": rows["participant_type"].to_numpy(),
            "participant_type": np.where(
                rows["participant_type"] == "Proband", "Proband", "Relative"
            ),
            "participant_phenotypic_sex": rows["said_sex"].to_numpy(),
            "participant_ethnic_category": rows["participant_ethnic_category"].to_numpy(),
            "normalised_specific_disease": rows["phenotype"].to_numpy(),
            "genome": rows["delivery_id"].to_numpy(),
            "genome_build": rows["genome_build"].to_numpy(),
            "path": rows["folder"].to_numpy(),
            "tiering": np.where(on_current, "Yes", "No"),
            "reported_phenotypic_sex": rows["said_sex"].to_numpy(),
            "reported_karyotypic_sex": rows["participant_karyotypic_sex"].to_numpy(),
            "inferred_sex_karyotype": inferred.to_numpy(),
            "genetic_vs_reported_results": only_where(on_current, PASSED),
        },
    )


def rare_disease_interpreted_rows(
    programme: Programme,
    genomes: pd.DataFrame,
    requests: Mapping[int, Sequence[Request]],
    questionnaires: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row for each member of an interpreted family: of the build of the proband's genome.

    A family whose proband has withdrawn keeps the others' rows, without the family's VCF, whose name
    would tell the proband's sample.

    Parameters
    ----------
    genomes
        As `latest_genomes` returns them.
    questionnaires
        The rows of `gmc_exit_questionnaire`.
    """
    members = family_members(programme)
    on_current = genomes[genomes["genome_build"] == "GRCh38"]
    probands = members[members["participant_type"] == "Proband"].set_index("family")
    is_current = probands["participant_id"].isin(on_current["participant_id"])
    build = members["family"].map(is_current).map({True: "GRCh38", False: "GRCh37"})
    rows = members.assign(genome_build=build.fillna("GRCh38")).merge(
        genomes[["participant_id", "genome_build", "platekey", "file_path"]],
        on=["participant_id", "genome_build"],
        how="inner",
        sort=False,
    )
    is_proband = (rows["participant_type"] == "Proband").to_numpy()
    platekey_of = rows[is_proband].set_index("family")["platekey"]
    report = questionnaires.drop_duplicates("family_id").set_index("family_id")
    solved = rows["rare_diseases_family_id"].map(report["case_solved_family"])
    number = rows["family"].map({family: of[-1].number for family, of in requests.items()})
    path = (
        f"{_PLATYPUS}/"
        + rows["genome_build"]
        + "/"
        + number
        + "/"
        + rows["family"].map(platekey_of)
        + ".duprem.atomic.left.split.vcf.gz"
    )
    affected = programme.affected[rows["place"].to_numpy(dtype=np.int64)]
    return frame_of(
        RareDiseaseInterpreted,
        {
            "participant_id": rows["participant_id"].to_numpy(),
            "plate_key": rows["platekey"].to_numpy(),
            "family_id": rows["rare_diseases_family_id"].to_numpy(),
            "assembly": rows["genome_build"].to_numpy(),
            "is_proband": is_proband,
            "normalised_specific_disease_proband": rows["phenotype"].to_numpy(),
            "affection_status": np.where(affected, "Affected", "Unaffected"),
            "biological_relationship_to_proband": rows["participant_type"].to_numpy(),
            "alignment_file_path": rows["file_path"].to_numpy(),
            "platypus_vcf_path": path.where(path.notna(), None).to_numpy(),
            "case_solved_family": solved.fillna("report_not_available").to_numpy(),
            "gmc_exit_q_event_date": rows["rare_diseases_family_id"]
            .map(report["event_date"])
            .to_numpy(),
            "last_status": np.where(solved.isna(), SENT, REPORTED),
            "sex": rows["participant_phenotypic_sex"].to_numpy(),
        },
    )


def interpretation_faults(interpreted: pd.DataFrame) -> tuple[Answer, ...]:
    """Return what a reader of the interpreted families has to know of, with how often it occurs."""
    of_family = interpreted.groupby("family_id")
    return (
        Answer(
            kind="families_without_proband",
            domain="release",
            expected={
                "families": int(of_family.ngroups),
                "without_proband": int((~of_family["is_proband"].any()).sum()),
            },
        ),
        Answer(
            kind="two_builds",
            domain="release",
            expected={
                build: int(interpreted.loc[interpreted["assembly"] == build, "family_id"].nunique())
                for build in BUILDS
            },
        ),
    )
