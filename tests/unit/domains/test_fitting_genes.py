"""Which gene fits a participant: from the release's tables, with the variants, and over a cohort's diagnoses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from domains.rare_disease.fitting_genes import (
    benchmark_on_diagnosed,
    exomiser_variants,
    features_of_participant,
    rank_genes_of_participant,
    rank_with_variants,
)
from domains.rare_disease.ranking_reports import list_reasons
from gecip.airlock import request_export
from gecip.analysis.clinical.participant_packets import packet_of_participant
from gecip.analysis.clinical.phenopacket_files import (
    features_of_packet,
    packet_document,
    read_packets,
    write_packets,
)
from gecip.analysis.clinical.phenotype_ranking import read_features
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.errors import AnalysisError, InputError
from gecip.release import open_release
from gecip.reporting import list_rows, summarise
from gecip.tables import participants
from tests.handmade import person, phenotype, write_release

MARFAN = ["HP:0001166", "HP:0001083", "HP:0002616"]
MYOPIA, SEIZURE = "HP:0000545", "HP:0001250"
FIRST, SECOND, WITHOUT = 110000011, 110000021, 110000031


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """Two probands with Marfan syndrome's signs and one without any."""
    folder = write_release(
        tmp_path / "own",
        participant=[person(one) for one in (FIRST, SECOND, WITHOUT)],
        rare_diseases_participant_phenotype=[
            *(phenotype(one, term) for one in (FIRST, SECOND) for term in MARFAN),
            phenotype(FIRST, MYOPIA, "No"),
            phenotype(FIRST, SEIZURE, "Unknown"),
        ],
        gmc_exit_questionnaire=[
            {"participant_id": FIRST, "case_solved_family": "yes", "gene_name": "FBN1"},
            {"participant_id": SECOND, "case_solved_family": "yes", "gene_name": "PKD1;FBN1"},
            {"participant_id": WITHOUT, "case_solved_family": "yes", "gene_name": "PKD1"},
        ],
        exomiser=[
            {"participant_id": FIRST, "genomic_feature_hgnc": gene, "gene_variant_score": score}
            for gene, score in (("FBN1", 0.9), ("PKD1", 0.95), ("FBN1", 0.2), ("NOT_A_GENE", 0.5))
        ],
    )
    everybody = define_cohort("Everybody").include(
        participants.programme == "Rare Diseases", because="all"
    )
    return select_cohort(everybody, open_release(folder))


def test_features_are_those_found_and_those_excluded(cohort: Cohort) -> None:
    """What nobody knows is neither."""
    features = features_of_participant(cohort, FIRST)
    assert features.observed == tuple(MARFAN)
    assert features.excluded == (MYOPIA,)


def test_a_participant_is_ranked_and_the_listing_stays_inside(cohort: Cohort) -> None:
    """The gene comes first, reasons can be asked for, and the airlock refuses all of it."""
    ranking = rank_genes_of_participant(cohort, FIRST)
    assert ranking.rank_of("FBN1") == 1
    listing, reasons = list_rows(ranking), list_reasons(ranking, "FBN1")
    assert listing.provenance.parameter("release")
    assert str(FIRST) not in str(listing.rows.to_dict())
    assert len(reasons) == 4
    request = request_export([listing, reasons], project="P", purpose="to be refused")  # type: ignore[list-item]
    assert {item.verdict.name for item in request.items} == {"FAIL"}


def test_somebody_else_is_refused_without_a_number(cohort: Cohort) -> None:
    """Who is not in the cohort, or has no features, gets a sentence."""
    with pytest.raises(AnalysisError, match="not in the cohort") as caught:
        rank_genes_of_participant(cohort, 119999999)
    assert "119999999" not in str(caught.value)
    with pytest.raises(AnalysisError, match="No current phenotype term"):
        rank_genes_of_participant(cohort, WITHOUT)


def test_features_and_variants_together(cohort: Cohort) -> None:
    """Probabilities add up to one, and features decide between variants that are nearly as good."""
    variants = exomiser_variants(cohort, FIRST)
    combined = rank_with_variants(features_of_participant(cohort, FIRST), variants)
    assert combined.rank_of("FBN1") == 1
    assert combined.rows["posterior"].sum() == pytest.approx(1)
    assert combined.rows.set_index("gene").at["FBN1", "variant_score"] == 0.9
    assert combined.rank_of("NOT_A_GENE") is not None
    assert "does not speak against" in " ".join(list_rows(combined).notes)


def test_a_variant_that_does_no_damage_cannot_win_by_features_alone_among_equals() -> None:
    """Of two genes of the same disease the one with the better variant comes first."""
    features = read_features(MARFAN)
    variants = pd.DataFrame({"gene": ["TGFBR1", "TGFBR2"], "score": [0.1, 0.9]})
    assert rank_with_variants(features, variants).rank_of("TGFBR2") == 1


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        (pd.DataFrame({"gene": ["FBN1"]}), "no column score"),
        (pd.DataFrame({"gene": ["FBN1"], "score": [1.5]}), "between 0 and 1"),
        (pd.DataFrame({"gene": ["FBN1"], "score": [None]}), "no variants"),
    ],
)
def test_bad_variants_get_a_sentence(variants: pd.DataFrame, sentence: str) -> None:
    """Each fault has its own."""
    with pytest.raises(AnalysisError, match=sentence):
        rank_with_variants(read_features(MARFAN), variants)


def test_a_cohorts_diagnoses_are_summarised(cohort: Cohort) -> None:
    """One person has one gene and features; the others are counted in a note."""
    summary = summarise(benchmark_on_diagnosed(cohort))
    assert summary.table.at["first", "likelihood"] == 1
    assert summary.n_people == 1
    assert any(note.startswith("2 diagnosed") for note in summary.notes)
    assert any("papers" in note for note in summary.notes)


def test_a_participant_as_a_packet_and_back(cohort: Cohort, tmp_path: Path) -> None:
    """The packet holds what the tables hold, ranks alike, and comes back from its file; the airlock refuses it."""
    packet = packet_of_participant(cohort, FIRST)
    (again,) = read_packets(write_packets([packet], tmp_path / "one.json"))
    assert again.message == packet.message
    assert features_of_packet(again) == features_of_participant(cohort, FIRST)
    assert packet_document(packet)["subject"]["sex"] == "FEMALE"
    request = request_export([packet], project="P", purpose="to be refused")  # type: ignore[list-item]
    assert {item.verdict.name for item in request.items} == {"FAIL"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "no Phenopacket of version 2"),
        ('{"id": "a"}', "no Phenopacket of version 2"),
        ('{"metaData": {}, "subject": {"sex": "BOTH"}}', "does not follow version 2"),
    ],
)
def test_what_is_no_packet_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence says what is wrong with the file."""
    file = tmp_path / "bad.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        list(read_packets(file))
