"""The WHO's isolates (GTB-tbsequencing/mutation-catalogue-2023, ODC-By 1.0) and what was published of them.

The catalogue's grades were derived from these isolates, so that none of this is a test of the
catalogue: it tests that its method and its counting are followed.
"""

from __future__ import annotations

import pandas as pd
import pytest

from domains.infectious_disease.culture_agreement import CultureAgreement, compare_with_culture
from domains.infectious_disease.mutation_grading import grade_mutations
from domains.infectious_disease.resistance_catalogue import ResistanceCatalogue, read_catalogue
from domains.infectious_disease.resistance_prediction import predict_resistance
from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.model.tuberculosis_genome import place_of
from gecip.model.tuberculosis_resistance import GROUPS, KNOWN_MUTATIONS, GradedMutation
from gecip.provenance import Provenance
from tests.real_data.public_data import public_data

OUTCOMES = ["true positive", "false positive", "false negative", "true negative"]


def table(name: str) -> pd.DataFrame:
    path = public_data(f"tuberculosis/{name}")
    return pd.read_csv(path, sep="\t" if ".tsv" in name else ",")


def whos_isolates(drug: str) -> Isolates:
    """Return the isolates tested against a drug with their variants in the genes of the first tier."""
    tests = table(f"phenotypes_{drug}.csv.gz")
    found = table(f"genotypes_{drug}_tier1.csv.gz").dropna(subset=["variant_category"])
    names = tests["sample_id"].unique()
    return Isolates(
        provenance=Provenance("WHO"),
        isolates=pd.DataFrame({"isolate": names, "participant_id": names, "family_id": None}),
        variants=pd.DataFrame(
            {
                "isolate": found["sample_id"],
                "gene": found["resolved_symbol"],
                "variant": found["resolved_symbol"] + "_" + found["variant_category"],
                "effect": found["predicted_effect"],
                "allele_fraction": found["max(af)"],
            }
        ),
        uncalled_regions=pd.DataFrame({"isolate": [], "start": [], "stop": []}),
        susceptibility=tests.rename(columns={"sample_id": "isolate"}).assign(drug=drug),
    )


def not_called(drug: str) -> pd.DataFrame:
    """Return the isolates that the WHO lists as not called in the first tier."""
    missing = table("missing_sample_drug_tier.csv.gz")
    first = missing[(missing["drug"] == drug) & (missing["tier"] == 1)]
    return first.rename(columns={"sample_id": "isolate"})[["isolate", "drug"]]


@pytest.fixture(scope="module")
def catalogue() -> ResistanceCatalogue:
    return read_catalogue(public_data("tuberculosis/who_catalogue_v2.tsv.gz"))


@pytest.fixture(scope="module")
def amikacin() -> Isolates:
    return whos_isolates("Amikacin")


def agreement_of_1401(amikacin: Isolates, **facts: bool) -> CultureAgreement:
    one = ResistanceCatalogue("one", (GradedMutation("Amikacin", "rrs", "n.1401A>G", 1),))
    prediction = predict_resistance(amikacin, catalogue=one, not_called=not_called("Amikacin"))
    return compare_with_culture(prediction, **facts)


def test_amikacin_and_rrs_1401_with_uncalled_isolates_set_aside(amikacin: Isolates) -> None:
    found = agreement_of_1401(amikacin)
    assert found.counts.loc["Amikacin", OUTCOMES].tolist() == [748, 71, 266, 7_197]
    shares = found.measures.loc["Amikacin"]["share"]
    assert shares["positive predictive value"] == pytest.approx(0.913, abs=5e-4)
    assert shares["sensitivity"] == pytest.approx(0.738, abs=5e-4)
    assert shares["specificity"] == pytest.approx(0.990, abs=5e-4)


def test_amikacin_and_rrs_1401_as_published_with_uncalled_isolates_as_wild_type(
    amikacin: Isolates,
) -> None:
    found = agreement_of_1401(amikacin, keep_uncalled=True)
    assert found.counts.loc["Amikacin", OUTCOMES].tolist() == [780, 80, 343, 7_755]
    value = found.measures.loc[("Amikacin", "positive predictive value")]
    assert value["share"] == pytest.approx(0.907, abs=5e-4)
    # Published as 0.886 to 0.926, by the exact interval; Wilson's is a little narrower.
    assert value["low"] == pytest.approx(0.886, abs=1.5e-3)
    assert value["high"] == pytest.approx(0.926, abs=1.5e-3)


def test_the_whole_catalogue_is_read(catalogue: ResistanceCatalogue) -> None:
    assert len(catalogue) == 48_152
    assert len(catalogue.drugs) == 15


def test_every_mutation_that_makes_resistant_has_a_place_on_the_genome(
    catalogue: ResistanceCatalogue,
) -> None:
    resistant = [one for one in catalogue.mutations if one.group <= 2]
    assert len(resistant) == 1_383
    assert all(place_of(one.gene, one.mutation) for one in resistant)


def test_the_mutations_that_come_along_are_graded_as_the_who_grades_them() -> None:
    grades = table("who_catalogue_v2.tsv.gz").set_index(["drug", "variant"])["grade"]
    for one in KNOWN_MUTATIONS:
        assert grades[one.drug, one.variant] == GROUPS[one.group], one


def test_isolates_whose_resistance_is_taken_back_are_susceptible_in_culture(
    amikacin: Isolates, catalogue: ResistanceCatalogue
) -> None:
    rows = predict_resistance(amikacin, catalogue=catalogue, not_called=not_called("Amikacin")).rows
    rows = rows[rows["drug"] == "Amikacin"]
    phenotypes = amikacin.susceptibility.query("phenotypic_category in ('WHO', 'ALL')")
    resistant = phenotypes.drop_duplicates("isolate").set_index("isolate")["phenotype"] == "R"
    taken_back = rows[(rows["taken_back"] != "") & (rows["variants"] == "")]["isolate"]
    promoter = rows[rows["variants"].str.contains("eis_c.-14C>T", regex=False)]["isolate"]
    share_taken_back = taken_back.map(resistant).dropna().astype(bool).mean()
    share_left = promoter.map(resistant).dropna().astype(bool).mean()
    assert len(taken_back) >= 30
    assert share_taken_back < 0.1
    assert share_left > 3 * share_taken_back


@pytest.mark.parametrize("drug", ["Amikacin", "Bedaquiline", "Capreomycin", "Linezolid"])
def test_grading_counts_as_the_who_counts_and_finds_all_of_its_group_1(drug: str) -> None:
    isolates = whos_isolates(drug)
    genes = tuple(isolates.variants["gene"].unique())
    graded = grade_mutations(isolates, drug=drug, genes=genes, categories=("WHO", "ALL")).rows
    whos = table("who_catalogue_v2.tsv.gz")
    whos = whos[(whos["drug"] == drug) & (whos["tier"] == 1)].set_index("variant")
    both = graded.join(whos, how="inner")
    # The WHO leaves out isolates that were not called in the gene at hand, which the tables do not tell.
    alike = (both["present_resistant"] == both["Present_R"]) & (
        both["present_susceptible"] == both["Present_S"]
    )
    assert alike.mean() > 0.95
    first = both[both["grade"].str.startswith("1")]
    assert len(first) >= 1
    assert first["associated"].all()
    # Of what the WHO holds to be harmless, hardly anything is associated.
    assert both[both["grade"].str.startswith(("4", "5"))]["associated"].mean() < 0.05
