"""gVCFs written by hand: who is reference at a place and who was not sequenced there are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysam
import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.genotypes import Genotypes, combined_vds, load_gvcfs
from gecip.model.assembly import GRCH38
from tests.handmade import person, write_release

pytestmark = pytest.mark.jvm

HEADER = f"""##fileformat=VCFv4.2
##contig=<ID=chr20,length={GRCH38.lengths["chr20"]}>
##ALT=<ID=NON_REF,Description="Any other allele">
##FILTER=<ID=PASS,Description="All filters passed">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the block">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads by allele">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality of the genotype">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	"""
PLACE = 1_500_000
VARIANT = f"chr20:{PLACE}:A:G"
# One carries, one is reference there, one's blocks end before the place and begin after it, and one was looked at
# there without a call.
LINES = {
    "CARRIER": [
        (1_499_000, "C", 1_499_999, "0/0", 31),
        (PLACE, "A", None, "0/1", 40),
        (1_500_001, "C", 1_501_000, "0/0", 30),
    ],
    "REFERENCE": [(1_499_000, "C", 1_501_000, "0/0", 28)],
    "UNCOVERED": [(1_499_000, "C", PLACE - 1, "0/0", 25), (PLACE + 1, "C", 1_501_000, "0/0", 25)],
    "UNCALLED": [
        (1_499_000, "C", PLACE - 1, "0/0", 25),
        (PLACE, "A", PLACE, "./.", 0),
        (PLACE + 1, "C", 1_501_000, "0/0", 25),
    ],
}
PEOPLE = dict(zip(LINES, range(101, 105), strict=True))


def write_gvcf(folder: Path, sample: str) -> Path:
    text = HEADER + sample + "\n"
    for position, base, end, genotype, depth in LINES[sample]:
        if end is None:
            alternates, info, form = "G,<NON_REF>", ".", "GT:AD:DP:GQ:PL"
            values = f"{genotype}:20,20,0:{depth}:99:500,0,500,560,560,1000"
        else:
            alternates, info, form = "<NON_REF>", f"END={end}", "GT:DP:GQ"
            values = f"{genotype}:{depth}:{60 if depth else 0}"
        text += f"chr20\t{position}\t.\t{base}\t{alternates}\t.\tPASS\t{info}\t{form}\t{values}\n"
    plain = folder / f"{sample}.g.vcf"
    plain.write_text(text, encoding="utf-8")
    return Path(pysam.tabix_index(str(plain), preset="vcf"))


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = tmp_path_factory.mktemp("gvcfs")
    write_release(
        folder / "release",
        participant=[person(number, year_of_birth=1950) for number in PEOPLE.values()],
        aggregate_gvcf_sample_stats=[
            {"participant_id": number, "platekey": sample} for sample, number in PEOPLE.items()
        ],
    )
    cohort = select_cohort(define_cohort("Everyone"), open_release(folder / "release"))
    return load_gvcfs(cohort, [write_gvcf(folder, sample) for sample in LINES])


def test_reference_has_a_call_and_its_depth_and_who_was_not_sequenced_has_none(
    hail: Any, genotypes: Genotypes
) -> None:
    entries = genotypes.mt.entries().collect()
    found = {row.sample: (None if row.GT is None else str(row.GT), row.DP) for row in entries}
    assert {f"{row.locus}:{':'.join(row.alleles)}" for row in entries} == {VARIANT}
    assert found["CARRIER"] == ("0/1", 40)
    assert found["REFERENCE"] == ("0/0", 28)
    assert found["UNCOVERED"] == (None, None)
    assert found["UNCALLED"][0] is None
    # Those without a call count in the denominator.
    mt = genotypes.mt
    rates = mt.annotate_rows(rate=hail.agg.fraction(hail.is_defined(mt.GT))).rate.collect()
    assert rates == [0.5]


def test_the_vds_keeps_blocks_of_reference_and_none_where_nobody_looked(
    hail: Any, genotypes: Genotypes
) -> None:
    blocks = combined_vds(genotypes).reference_data.entries()
    end = blocks.END if "END" in blocks.row else blocks.locus.position + blocks.LEN - 1
    over = blocks.filter((blocks.locus.position <= PLACE) & (end >= PLACE))
    calls = {row.s: row.LGT for row in over.select("LGT").collect()}
    assert "REFERENCE" in calls
    assert not {"CARRIER", "UNCOVERED"} & set(calls)
    assert calls.get("UNCALLED") is None


def test_why_tells_reference_from_not_sequenced(genotypes: Genotypes) -> None:
    told = {sample: genotypes.why(VARIANT, number) for sample, number in PEOPLE.items()}
    assert {sample: why.rulings[-1].value for sample, why in told.items()} == {
        "CARRIER": "0/1", "REFERENCE": "0/0", "UNCOVERED": "missing", "UNCALLED": "missing",
    }  # fmt: skip
    assert [sample for sample, why in told.items() if why.is_kept] == ["CARRIER", "REFERENCE"]
    removed = told["UNCOVERED"].removed_by
    assert removed is not None
    assert (removed.of, removed.name, removed.threshold) == ("call", "genotype as loaded", "called")
