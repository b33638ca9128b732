"""Structural variants against what panels name: genes, exons, regions, losses and gains, and the ends of inversions."""

from __future__ import annotations

import gzip

import pytest

from domains.rare_disease.panels import Panel, PanelGene, PanelRegion
from domains.rare_disease.structural_tiering import StructuralVariant, named_by, read_structural
from gecip.errors import GenotypesError
from gecip.model.genes import GENES, ModeOfInheritance
from gecip.model.panels import Confidence

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


HEADER = "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSAMPLE\n"
RECORDS = (
    "chr6\t51781788\tCanvas:LOSS:chr6:51781789:51791788\tT\t<CNV>\t18\tCLT10kb\tSVTYPE=CNV;END=51791788\tRC:BC:CN\t1.2:10:0\n"
    "chr11\t100\tMantaDEL:1:0:1:0:0:0\tG\t<DEL>\t592\tPASS\tEND=745;SVTYPE=DEL;SVLEN=-645;IMPRECISE\tGT:GQ\t0/1:592\n"
    "chr12\t200\tMantaBND:2:0:1:0:0:0:0\tG\tG]chr3:5]\t60\tPASS\tSVTYPE=BND;MATEID=x\tGT\t0/1\n"
)


def test_calls_of_manta_and_canvas_are_read_from_one_file(tmp_path) -> None:
    file = tmp_path / "one.SV.vcf.gz"
    with gzip.open(file, "wt") as out:
        out.write(HEADER + RECORDS)
    canvas, deletion, breakend = read_structural(file)
    assert (canvas.caller, canvas.kind, canvas.start, canvas.stop, canvas.copies, canvas.passed) == (
        "Canvas", "LOSS", 51_781_789, 51_791_788, 0, False,
    )  # fmt: skip
    assert (deletion.kind, deletion.start, deletion.stop, deletion.genotype, deletion.passed) == (
        "DEL", 101, 745, "0/1", True,
    )  # fmt: skip
    assert (breakend.kind, breakend.start, breakend.stop) == ("BND", 200, 200)


def test_a_file_that_is_no_vcf_is_refused_by_name_alone(tmp_path) -> None:
    file = tmp_path / "bad.SV.vcf.gz"
    file.write_bytes(b"not gzipped")
    with pytest.raises(GenotypesError, match=r"bad\.SV\.vcf\.gz"):
        list(read_structural(file))
