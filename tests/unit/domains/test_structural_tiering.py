"""Structural variants against what panels name: genes, exons, regions, losses and gains, and the ends of inversions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domains.rare_disease.applied_panels import requests_with
from domains.rare_disease.family_places import place_families
from domains.rare_disease.panels import Panel, PanelGene, PanelRegion
from domains.rare_disease.structural_tiering import (
    StructuralVariant,
    named_by,
    tier_structural_variants,
)
from gecip import define_cohort, open_release, select_cohort
from gecip.analysis.genetic.pedigree import Pedigrees, read_pedigrees
from gecip.cohort.selection import Cohort
from gecip.genotypes.person_files import newest_files
from gecip.model.genes import GENES, ModeOfInheritance
from gecip.model.panels import Confidence
from gecip.synthetic import read_answers
from gecip.synthetic.gene_structure import transcript_of
from gecip.synthetic.structural_variants import exon_spans

PKD2 = GENES["PKD2"]


def variant(
    start: int, stop: int, kind: str = "DEL", *, contig: str = PKD2.contig
) -> StructuralVariant:
    return StructuralVariant(
        contig, start, stop, kind, "Manta", passed=True, genotype="0/1", copies=None
    )


def panel(*, level=Confidence.GREEN, regions=()) -> Panel:
    gene = PanelGene("PKD2", level, "", ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED)
    return Panel(1, None, "Panel", "1.0", None, (gene,), tuple(regions))


def named(one: StructuralVariant, *panels: Panel, exons=None) -> list[str]:
    return [entity for _, entity, _ in named_by(one, panels, exons=exons or {})]


@pytest.mark.parametrize(
    ("start", "stop", "overlaps"),
    [
        (PKD2.start - 10, PKD2.start, True),
        (PKD2.start - 10, PKD2.start - 1, False),
        (PKD2.stop, PKD2.stop + 10, True),
        (PKD2.stop + 1, PKD2.stop + 10, False),
        (PKD2.start - 10, PKD2.stop + 10, True),
    ],
)
def test_a_deletion_overlaps_a_green_gene_from_its_first_to_its_last_base(
    start, stop, overlaps
) -> None:
    assert (named(variant(start, stop), panel()) == ["PKD2"]) is overlaps
    assert named(variant(start, stop, contig="chr1"), panel()) == []


@pytest.mark.parametrize("level", [Confidence.AMBER, Confidence.RED, None])
def test_a_gene_that_is_not_green_gives_no_tier(level) -> None:
    assert named(variant(PKD2.start, PKD2.stop), panel(level=level)) == []


def test_where_exons_are_known_an_intron_does_not_count() -> None:
    exons = {"PKD2": [(PKD2.start, PKD2.start + 100), (PKD2.start + 5_000, PKD2.start + 5_100)]}
    within = variant(PKD2.start + 1_000, PKD2.start + 2_000, "DUP")
    assert named(within, panel()) == ["PKD2"]
    assert named(within, panel(), exons=exons) == []
    assert named(variant(PKD2.start + 1_000, PKD2.start + 5_000), panel(), exons=exons) == ["PKD2"]


def test_loss_of_heterozygosity_changes_no_dose() -> None:
    assert named(variant(PKD2.start, PKD2.stop, "LOH"), panel()) == []
    assert named(variant(PKD2.start, PKD2.stop, "LOSS"), panel()) == ["PKD2"]


def test_an_inversion_counts_at_its_ends_only() -> None:
    assert named(variant(PKD2.start - 100, PKD2.stop + 100, "INV"), panel()) == []
    assert named(variant(PKD2.start - 100, PKD2.start + 100, "INV"), panel()) == ["PKD2"]


def region(kind: str | None, required: float) -> PanelRegion:
    return PanelRegion("Region", Confidence.GREEN, "chr2", 1_001, 2_000, kind, required)


@pytest.mark.parametrize(
    ("start", "stop", "kind", "wanted", "required", "expected"),
    [
        (1_401, 2_500, "DEL", "cnv_loss", 0.6, True),
        (1_402, 2_500, "DEL", "cnv_loss", 0.6, False),
        (1_001, 2_000, "DUP", "cnv_loss", 0.6, False),
        (1_001, 2_000, "GAIN", "cnv_gain", 0.6, True),
        (1_001, 2_000, "LOSS", "cnv_loss", 1.0, True),
        (1_001, 2_000, "LOSS", None, 0.6, True),
        (1_001, 2_000, "INV", None, 0.6, False),
        (2_001, 2_500, "DEL", "cnv_loss", 0.0, False),
    ],
)
def test_a_region_asks_for_its_kind_and_a_share_of_itself(
    start, stop, kind, wanted, required, expected
) -> None:
    of = panel(regions=[region(wanted, required)])
    assert (named(variant(start, stop, kind, contig="chr2"), of) == ["Region"]) is expected


# -- whole families of a release ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def cohort(small_release_folder: Path) -> Cohort:
    return select_cohort(define_cohort("Everyone"), open_release(small_release_folder))


def tiering_of(cohort: Cohort, families: list[Any], of: Panel) -> Any:
    """Return what structural tiering asks of tiers: the families' places and their panels."""
    kept = {number: read_pedigrees(cohort).families[number] for number in families}
    places, _ = place_families(Pedigrees(kept), list(cohort.participants), x_copies={})
    return SimpleNamespace(
        genotypes=SimpleNamespace(cohort=cohort),
        places=places,
        requests=requests_with(places.family_ids, [of]),
        provenance=cohort.provenance,
    )


def green(symbol: str) -> Panel:
    gene = PanelGene(symbol, Confidence.GREEN, "", ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED)
    return Panel(1, None, "Panel", "1.0", None, (gene,))


def planted(folder: Path) -> list[Any]:
    kinds = ("structural_variant", "copy_number_variant")
    return [one for one in read_answers(folder) if one.kind in kinds]


def test_a_planted_loss_of_exons_is_tiered_and_its_decoy_in_an_intron_is_not(
    cohort: Cohort, small_release_folder: Path
) -> None:
    answers = planted(small_release_folder)
    found, decoys = (
        [one for one in answers if one.expected["found"] is yes] for yes in (True, False)
    )
    assert found
    assert decoys
    for answer in found:
        exons = {answer.gene: [span[:2] for span in exon_spans(transcript_of(answer.gene))]}
        tiering = tiering_of(cohort, [answer.family], green(answer.gene))
        tiers = tier_structural_variants(tiering, exons=exons)
        (start,) = {start_of(one) for one in answer.variants}
        told = tiers.rows[tiers.rows["start"] == start + 1]
        assert set(told["caller"]) == set(answer.expected["callers"])
        assert set(told["stop"]) == {answer.expected["stop"]}
        parents = answer.expected["parents_without"]
        assert set(told["parents_with"]) == {f"0 of {parents}"}
        assert set(told["tier"]) == {"TIERA"}
        decoy = next(one for one in decoys if one.family == answer.family)
        of_decoy = start_of(decoy.variants[0]) + 1
        assert not (tiers.rows["start"] == of_decoy).any()
        # Without the exons, introns count too, and it is said.
        bare = tier_structural_variants(tiering)
        assert (bare.rows["start"] == of_decoy).any()
        assert any("introns too" in remark.sentence for remark in bare.remarks)


def start_of(name: str) -> int:
    return int(name.split(":")[1])


def test_a_family_without_a_file_is_told_and_not_taken_for_one_without_variants(
    cohort: Cohort,
) -> None:
    having = {cohort.samples[sample] for sample in newest_files(cohort, "Structural VCF")}
    pedigrees = read_pedigrees(cohort).families
    (without,) = [
        number
        for number, one in pedigrees.items()
        if one.proband is not None and one.proband.participant_id not in having
    ][:1]
    (with_one,) = [
        number
        for number, one in pedigrees.items()
        if one.proband is not None and one.proband.participant_id in having
    ][:1]
    tiers = tier_structural_variants(tiering_of(cohort, [without, with_one], green("PKD2")))
    assert tiers.probands == 1
    (told,) = [one for one in tiers.remarks if one.families]
    assert told.families == (without,)
    assert "says nothing of its structural variants" in told.sentence
