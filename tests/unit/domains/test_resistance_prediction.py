"""Each test is an isolate's variants and what follows for a drug."""

from __future__ import annotations

from typing import Any

import pytest

from domains.infectious_disease.resistance_catalogue import ResistanceCatalogue, known_catalogue
from domains.infectious_disease.resistance_prediction import (
    Prediction,
    ResistanceProfile,
    predict_resistance,
    profile_of,
)
from gecip.errors import AnalysisError
from gecip.model.tuberculosis_resistance import GradedMutation
from tests.unit.domains.handmade_isolates import isolates_of, variant

RPOB_LEU = "rpoB_p.Ser450Leu"


def judged(drug: str, *variants: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return the row of one isolate and drug."""
    gaps = {"one": facts.pop("gaps")} if "gaps" in facts else None
    rows = predict_resistance(isolates_of({"one": variants}, gaps=gaps), **facts).rows
    return rows[rows["drug"] == drug].iloc[0].to_dict()


def test_a_mutation_of_group_1_makes_resistant_and_is_named() -> None:
    row = judged("Rifampicin", variant(RPOB_LEU))
    assert row["prediction"] == Prediction.RESISTANT
    assert row["variants"] == RPOB_LEU


def test_a_mutation_of_group_2_makes_resistant_too() -> None:
    assert judged("Linezolid", variant("rrl_n.2814G>T"))["prediction"] == Prediction.RESISTANT


def test_a_mutation_bears_on_each_drug_by_its_own_grade() -> None:
    row = variant("rrs_n.1401A>G")
    assert judged("Amikacin", row)["prediction"] == Prediction.RESISTANT
    assert judged("Streptomycin", row)["prediction"] == Prediction.UNCERTAIN
    assert judged("Rifampicin", row)["prediction"] == Prediction.SUSCEPTIBLE


@pytest.mark.parametrize(
    ("name", "drug"), [("gyrA_p.Ser95Thr", "Levofloxacin"), ("rrs_n.514A>C", "Kanamycin")]
)
def test_mutations_of_groups_4_and_5_leave_susceptible(name: str, drug: str) -> None:
    assert judged(drug, variant(name))["prediction"] == Prediction.SUSCEPTIBLE


def test_a_mutation_that_nobody_graded_leaves_uncertain_in_a_gene_that_decides() -> None:
    assert judged("Rifampicin", variant("rpoB_p.Ala1Val"))["prediction"] == Prediction.UNCERTAIN
    silent = variant("rpoB_c.3G>A", effect="synonymous_variant")
    assert judged("Rifampicin", silent)["prediction"] == Prediction.SUSCEPTIBLE
    assert judged("Isoniazid", variant("ahpC_p.Ala1Val"))["prediction"] == Prediction.SUSCEPTIBLE


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.75, Prediction.RESISTANT), (0.749, Prediction.SUSCEPTIBLE)],
)
def test_three_quarters_of_the_reads_have_to_carry_it(fraction: float, expected: str) -> None:
    assert judged("Rifampicin", variant(RPOB_LEU, fraction=fraction))["prediction"] == expected


def test_the_share_of_reads_can_be_lowered() -> None:
    row = judged("Rifampicin", variant(RPOB_LEU, fraction=0.3), smallest_allele_fraction=0.25)
    assert row["prediction"] == Prediction.RESISTANT


@pytest.mark.parametrize("effect", ["frameshift", "stop_gained", "start_lost", "feature_ablation"])
def test_any_loss_of_a_gene_is_the_loss_that_the_catalogue_grades(effect: str) -> None:
    row = judged("Pyrazinamide", variant("pncA_p.Gly1fs", effect=effect))
    assert row["prediction"] == Prediction.RESISTANT


def test_a_shorter_protein_is_no_loss() -> None:
    row = judged("Pyrazinamide", variant("pncA_p.Val3del", effect="inframe_deletion"))
    assert row["prediction"] == Prediction.UNCERTAIN


def test_a_losss_own_grade_goes_before_that_of_losing_the_gene() -> None:
    catalogue = ResistanceCatalogue(
        "by hand",
        (
            GradedMutation("Pyrazinamide", "pncA", "LoF", 1),
            GradedMutation("Pyrazinamide", "pncA", "p.Gly1fs", 5),
            GradedMutation("Pyrazinamide", "pncA", "p.Gly2fs", 3),
        ),
    )
    harmless = variant("pncA_p.Gly1fs", effect="frameshift")
    undecided = variant("pncA_p.Gly2fs", effect="frameshift")
    row = judged("Pyrazinamide", harmless, catalogue=catalogue)
    assert row["prediction"] == Prediction.SUSCEPTIBLE
    row = judged("Pyrazinamide", undecided, catalogue=catalogue)
    assert row["prediction"] == Prediction.RESISTANT


# ---------------------------------------------------------------------------------------------------------------------
# Reversions
# ---------------------------------------------------------------------------------------------------------------------

REPRESSOR = variant("Rv0678_p.Asp47fs", effect="frameshift")
PUMP = variant("mmpL5_p.Tyr300*", effect="stop_gained")
PROMOTER = variant("eis_c.-14C>T")
ENZYME = variant("eis_p.Thr269fs", effect="frameshift")


@pytest.mark.parametrize("drug", ["Bedaquiline", "Clofazimine"])
def test_a_lost_pump_takes_back_what_its_repressor_did(drug: str) -> None:
    assert judged(drug, REPRESSOR)["prediction"] == Prediction.RESISTANT
    row = judged(drug, REPRESSOR, PUMP)
    assert row["prediction"] == Prediction.SUSCEPTIBLE
    assert row["variants"] == ""
    assert row["taken_back"] == REPRESSOR["variant"]


def test_a_lost_pump_leaves_a_resistance_of_another_gene() -> None:
    row = judged("Bedaquiline", REPRESSOR, PUMP, variant("atpE_p.Ala63Pro"))
    assert row["prediction"] == Prediction.RESISTANT
    assert row["variants"] == "atpE_p.Ala63Pro"


def test_a_pump_that_is_only_changed_takes_nothing_back() -> None:
    row = judged("Bedaquiline", REPRESSOR, variant("mmpL5_p.Thr794Ile"))
    assert row["prediction"] == Prediction.RESISTANT


def test_a_pump_lost_in_some_of_the_bacteria_takes_nothing_back() -> None:
    some = variant("mmpL5_p.Tyr300*", effect="stop_gained", fraction=0.4)
    assert judged("Bedaquiline", REPRESSOR, some)["prediction"] == Prediction.RESISTANT


@pytest.mark.parametrize("drug", ["Amikacin", "Kanamycin"])
def test_a_lost_enzyme_takes_back_what_its_promoter_did(drug: str) -> None:
    assert judged(drug, PROMOTER)["prediction"] == Prediction.RESISTANT
    row = judged(drug, PROMOTER, ENZYME)
    assert row["prediction"] == Prediction.SUSCEPTIBLE
    assert row["taken_back"] == PROMOTER["variant"]


def test_a_lost_enzyme_leaves_what_the_ribosome_did() -> None:
    row = judged("Amikacin", PROMOTER, ENZYME, variant("rrs_n.1401A>G"))
    assert row["prediction"] == Prediction.RESISTANT
    assert row["variants"] == "rrs_n.1401A>G"


# ---------------------------------------------------------------------------------------------------------------------
# Gaps
# ---------------------------------------------------------------------------------------------------------------------

CODON_450 = (761_154, 761_156)


@pytest.mark.parametrize(
    ("gap", "called"),
    [
        ((761_156, 761_200), False),
        ((761_000, 761_154), False),
        ((761_157, 761_300), True),
        ((761_145, 761_153), True),
        ((1, 4_411_532), False),
        ((1_473_000, 1_473_100), True),
    ],
)
def test_a_gap_counts_where_it_shares_a_base_with_a_known_resistance(
    gap: tuple[int, int], called: bool
) -> None:
    catalogue = ResistanceCatalogue(
        "by hand", (GradedMutation("Rifampicin", "rpoB", "p.Ser450Leu", 1),)
    )
    row = judged("Rifampicin", gaps=[gap], catalogue=catalogue)
    assert row["called"] is called
    assert row["prediction"] == (Prediction.SUSCEPTIBLE if called else Prediction.NOT_CALLED)


def test_what_is_found_stands_beside_a_gap_and_the_gap_is_told() -> None:
    row = judged("Rifampicin", variant("rpoB_p.Asp435Val"), gaps=[CODON_450])
    assert row["prediction"] == Prediction.RESISTANT
    assert not row["called"]


def test_a_gap_in_a_gene_whose_mutation_is_harmless_does_not_matter() -> None:
    row = judged("Levofloxacin", gaps=[(7_584, 7_586)])
    assert row["called"]


def test_every_isolate_and_drug_has_one_row() -> None:
    prediction = predict_resistance(isolates_of({"one": [variant(RPOB_LEU)], "two": []}))
    assert len(prediction.rows) == 2 * len(known_catalogue().drugs)
    assert not prediction.rows.duplicated(["isolate", "drug"]).any()


def test_a_catalogue_without_resistance_is_refused() -> None:
    catalogue = ResistanceCatalogue("empty", (GradedMutation("Rifampicin", "rpoB", "p.A1V", 5),))
    with pytest.raises(AnalysisError, match="no mutation of group 1 or 2"):
        predict_resistance(isolates_of({"one": []}), catalogue=catalogue)


# ---------------------------------------------------------------------------------------------------------------------
# Profiles
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fails", "profile"),
    [
        ("", ResistanceProfile.SUSCEPTIBLE),
        ("Ethambutol Levofloxacin", ResistanceProfile.SUSCEPTIBLE),
        ("Isoniazid", ResistanceProfile.ISONIAZID),
        ("Rifampicin", ResistanceProfile.RIFAMPICIN),
        ("Rifampicin Isoniazid", ResistanceProfile.MULTIDRUG),
        ("Rifampicin Isoniazid Bedaquiline", ResistanceProfile.MULTIDRUG),
        ("Rifampicin Isoniazid Levofloxacin", ResistanceProfile.PRE_EXTENSIVE),
        ("Rifampicin Moxifloxacin", ResistanceProfile.PRE_EXTENSIVE),
        ("Rifampicin Moxifloxacin Linezolid", ResistanceProfile.EXTENSIVE),
        ("Rifampicin Isoniazid Levofloxacin Bedaquiline", ResistanceProfile.EXTENSIVE),
    ],
)
def test_the_profile_follows_the_definitions_of_2021(
    fails: str, profile: ResistanceProfile
) -> None:
    predictions = dict.fromkeys(known_catalogue().drugs, Prediction.SUSCEPTIBLE.value)
    predictions |= dict.fromkeys(fails.split(), Prediction.RESISTANT.value)
    assert profile_of(predictions) is profile


def test_without_rifampicin_there_is_no_profile() -> None:
    predictions = {"Rifampicin": "not called", "Isoniazid": "resistant"}
    assert profile_of(predictions) is ResistanceProfile.NOT_CALLED
