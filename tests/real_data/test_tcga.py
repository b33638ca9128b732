"""The cancer domain on real tumours: The Cancer Genome Atlas's mutations (MC3) and outcomes, in the programme's tables.

Counted here a second time from the files themselves, and fitted a second time by statsmodels.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from statsmodels.duration.hazard_regression import PHReg

from domains.cancer.mutated_genes import mutated_genes
from domains.cancer.mutational_burden import mutational_burden
from domains.cancer.sequenced_tumours import load_tumours
from domains.cancer.tumour_survival import follow_by_gene, mutated, not_mutated
from gecip.analysis.clinical.cox_model import hazard_ratios
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.release import open_release
from tests.handmade import person, write_release
from tests.real_data.public_data import public_data

# The words of a mutation annotation file in those of the Sequence Ontology.
TERMS = {
    "Missense_Mutation": "missense_variant",
    "Nonsense_Mutation": "stop_gained",
    "Nonstop_Mutation": "stop_lost",
    "Frame_Shift_Del": "frameshift_variant",
    "Frame_Shift_Ins": "frameshift_variant",
    "In_Frame_Del": "inframe_deletion",
    "In_Frame_Ins": "inframe_insertion",
    "Translation_Start_Site": "start_lost",
    "Splice_Site": "splice_donor_variant",
    "Silent": "synonymous_variant",
}
DIAGNOSED = datetime.date(2005, 1, 1)
LAST_DAY = datetime.date(2030, 1, 1)


def read_cohort(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mutations and the outcomes of a cohort; one tumour per patient."""
    mutations = pd.read_csv(public_data(f"tcga/{name}.maf.tsv.gz"), sep="\t", low_memory=False)
    outcomes = pd.read_csv(public_data(f"tcga/{name}.clin.tsv.gz"), sep="\t", low_memory=False)
    return mutations, outcomes.drop_duplicates("Tumor_Sample_Barcode")


def as_release(
    folder: Path, mutations: pd.DataFrame, outcomes: pd.DataFrame, disease_type: str
) -> Cohort:
    """Write the tumours as a release: everybody diagnosed on one day and sequenced on it."""
    number = {name: at for at, name in enumerate(sorted(outcomes["Tumor_Sample_Barcode"]), start=1)}
    facts = outcomes.set_index("Tumor_Sample_Barcode")
    kept = mutations[mutations["Tumor_Sample_Barcode"].isin(number)]
    deaths = facts[(facts["CDR_OS"] == 1) & facts["CDR_OS.time"].notna()]
    variants: list[dict[str, Any]] = [
        {
            "participant_id": number[row.Tumor_Sample_Barcode],
            "tumour_sample_platekey": row.Tumor_Sample_Barcode,
            "origin": "somatic",
            "gene": row.Hugo_Symbol,
            "chr": f"chr{row.Chromosome}",
            "pos": int(row.Start_Position),
            "ref": row.Reference_Allele,
            "alt": row.Tumor_Seq_Allele2,
            "cellbase_consequence": TERMS.get(str(row.Variant_Classification), "intron_variant"),
        }
        for row in kept.itertuples()
    ]
    write_release(
        folder,
        participant=[
            person(
                at, programme="Cancer", rare_diseases_family_id=None, registration_date=DIAGNOSED
            )
            for at in number.values()
        ],
        cancer_analysis=[
            {
                "participant_id": at,
                "tumour_sample_platekey": name,
                "disease_type": disease_type,
                "tumour_clinical_sample_time": DIAGNOSED,
                "year_of_birth": 1950,
            }
            for name, at in number.items()
        ],
        cancer_tier_and_domain_variants=variants,
        cancer_participant_tumour=[
            {
                "participant_id": at,
                "tumour_id": str(at),
                "diagnosis_date": DIAGNOSED,
                "diagnosis_icd_code": None,
            }
            for at in number.values()
        ],
        mortality=[
            {
                "participant_id": number[str(name)],
                "date_of_death": DIAGNOSED + datetime.timedelta(days=int(days)),
            }
            for name, days in deaths["CDR_OS.time"].items()
        ],
    )
    return select_cohort(define_cohort("Everyone"), open_release(folder))


@pytest.mark.parametrize(("name", "gene"), [("PAAD", "KRAS"), ("SARC", "TP53")])
def test_mutated_genes_and_burden_are_those_counted_in_the_file(
    tmp_path: Path, name: str, gene: str
) -> None:
    mutations, outcomes = read_cohort(name)
    cohort = as_release(tmp_path / "tcga", mutations, outcomes, "OTHER")
    tumours = load_tumours(cohort)
    found = mutated_genes(tumours, domains=None, most=3)
    changing = mutations[
        mutations["Variant_Classification"].isin(set(TERMS) - {"Silent"})
        & mutations["Tumor_Sample_Barcode"].isin(outcomes["Tumor_Sample_Barcode"])
    ]
    counted = changing.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].nunique()
    assert found.genes[0] == gene == counted.idxmax()
    ours = found.changes.groupby("gene").size()
    assert ours.to_dict() == counted[list(found.genes)].to_dict()
    burden = mutational_burden(tumours).tumours.set_index("tumour")["counted"]
    small = changing[
        changing[["Reference_Allele", "Tumor_Seq_Allele2"]].apply(lambda x: x.str.len()).max(axis=1)
        <= 50
    ].drop_duplicates(
        [
            "Tumor_Sample_Barcode",
            "Chromosome",
            "Start_Position",
            "Reference_Allele",
            "Tumor_Seq_Allele2",
        ]
    )
    per_tumour = small["Tumor_Sample_Barcode"].value_counts()
    assert burden[per_tumour.index].to_dict() == per_tumour.to_dict()


def test_survival_by_gene_is_that_of_a_second_implementation(tmp_path: Path) -> None:
    """Who has IDH1 mutated in a glioblastoma lives longer (Parsons and others, Science 321:1807 (2008))."""
    mutations, outcomes = read_cohort("GBM")
    # Nobody still alive is censored before the last day here: so only those who died are compared.
    outcomes = outcomes[(outcomes["CDR_OS"] == 1) & (outcomes["CDR_OS.time"] > 0)]
    outcomes = outcomes[
        outcomes["Tumor_Sample_Barcode"].isin(set(mutations["Tumor_Sample_Barcode"]))
    ]
    cohort = as_release(tmp_path / "tcga", mutations, outcomes, "OTHER")
    followed = follow_by_gene(cohort, load_tumours(cohort), gene="IDH1", followed_until=LAST_DAY)
    carriers = set(
        mutations.loc[
            (mutations["Hugo_Symbol"] == "IDH1")
            & mutations["Variant_Classification"].isin(set(TERMS) - {"Silent"}),
            "Tumor_Sample_Barcode",
        ]
    )
    exposed = outcomes["Tumor_Sample_Barcode"].isin(carriers).to_numpy(float)
    second = PHReg(
        outcomes["CDR_OS.time"].to_numpy(float),
        exposed[:, None],
        status=outcomes["CDR_OS"].to_numpy(float),
        ties="efron",
    ).fit()
    ours = hazard_ratios(followed).terms.iloc[0]
    sizes = followed.people["group"].value_counts().to_dict()
    assert sizes == {
        not_mutated("IDH1"): int((1 - exposed).sum()),
        mutated("IDH1"): int(exposed.sum()),
    }
    assert ours["coefficient"] == pytest.approx(second.params[0], rel=1e-4)
    assert ours["standard_error"] == pytest.approx(second.bse[0], rel=1e-3)
    assert ours["hazard_ratio"] < 0.7
