from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pysam
import pytest

from gecip.model.assembly import GRCH38
from gecip.release.layout import REFERENCE, newest_sample_list, read_manifest
from gecip.synthetic import read_answers
from tests.unit.synthetic.aggregate_reading import (
    Aggregate,
    sample_of_participant,
    samples_with_mishaps,
    table,
    trios,
)

MISSING = {"./.", "."}
PARTIAL = {"1/.", "./1", "0/."}


@pytest.fixture(scope="module")
def aggregate(small_release_folder: Path) -> Aggregate:
    return Aggregate(small_release_folder)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def test_chunks_tile_each_contig_and_hold_their_own_sites(aggregate: Aggregate) -> None:
    for contig in (*GRCH38.autosomes, "chrX"):
        chunks = [chunk for chunk in aggregate.chunks if chunk.contig == contig]
        assert chunks[0].start == 1
        assert chunks[-1].stop == GRCH38.lengths[contig]
        for chunk, following in itertools.pairwise(chunks):
            assert following.start == chunk.stop + 1
    for chunk in aggregate.chunks:
        assert chunk.genotypes.name == f"gel_mainProgramme_aggV2_{chunk.name}.vcf.gz"
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            for record in file:
                assert record.chrom == chunk.contig
                assert chunk.start <= record.pos <= chunk.stop


def test_every_file_names_the_assemblys_contigs_and_the_same_samples(aggregate: Aggregate) -> None:
    for chunk in aggregate.chunks:
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            lengths = {name: contig.length for name, contig in file.header.contigs.items()}
            assert lengths == dict(GRCH38.lengths)
            assert list(file.header.samples) == aggregate.samples
    assert aggregate.samples == sorted(aggregate.samples)


def test_sites_come_in_order_once_each_and_agree_with_the_reference(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    order: dict[str, list[int]] = {chunk.contig: [] for chunk in aggregate.chunks}
    with pysam.FastaFile(str(small_release_folder / REFERENCE)) as reference:
        for row in aggregate.rows:
            order[row.contig].append(row.position)
            start = row.position - 1
            assert reference.fetch(row.contig, start, start + len(row.reference)) == row.reference
    assert all(positions == sorted(positions) for positions in order.values())


def test_a_few_variants_stand_in_two_rows_that_old_clumped_tells_apart(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    places: dict[str, list[int]] = {}
    for at, row in enumerate(aggregate.rows):
        places.setdefault(row.name, []).append(at)
    repeated = {name: rows for name, rows in places.items() if len(rows) > 1}
    planted = {
        answer.variant: answer.expected["old_clumped"]
        for answer in read_answers(small_release_folder)
        if answer.kind == "duplicate_row"
    }
    assert set(repeated) == set(planted)
    assert 1 <= len(planted) <= 4
    for name, rows in repeated.items():
        plain, clumped = (aggregate.rows[at] for at in rows)
        following = aggregate.rows[rows[1] + 1]
        assert "OLD_CLUMPED" not in plain.information
        assert clumped.information["OLD_CLUMPED"] == planted[name]
        assert following.information["OLD_CLUMPED"] == planted[name]
        assert following.position == clumped.position + 1
        reference, alternate = planted[name].rpartition(":")[2].split("/")
        assert reference == clumped.reference + following.reference
        assert alternate == clumped.alternate + following.alternate
        complete = [
            (one, other)
            for one, other in zip(clumped.genotypes, following.genotypes, strict=True)
            if "." not in one + other
        ]
        assert all(one == other for one, other in complete)
        assert plain.genotypes != clumped.genotypes


def test_the_fields_of_each_call_agree_with_each_other(aggregate: Aggregate) -> None:
    seen = set()
    for row in aggregate.rows:
        for call in row.calls:
            if call in seen:
                continue
            seen.add(call)
            genotype, passed, gq, gqx, depth, _, reads, likelihoods = call.split(":")
            likelihood = numbers(likelihoods)
            copies = 1 if "/" not in genotype else 2
            assert len(likelihood) == copies + 1
            if genotype in MISSING and depth == "0":
                assert (passed, gq, reads) == ("LowDepth", "0", "0,0")
                continue
            assert int(gqx) <= int(gq) <= 99
            assert passed == ("PASS" if int(gqx) >= 15 else "LowGQX")
            if genotype in PARTIAL | MISSING:
                assert sum(numbers(reads)) < int(depth)
                assert min(likelihood) > 0
                continue
            assert sum(numbers(reads)) == int(depth)
            alternate = genotype.replace("/", "").count("1")
            assert likelihood[alternate] == 0
            assert int(gq) == min(99, sorted(likelihood)[1])


def test_males_have_one_copy_of_x_outside_the_pairing_regions(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    stats = table(small_release_folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    male = {name: sex == "XY" for name, sex in stats["illumina_ploidy"].items()}
    on_x = [row for row in aggregate.rows if row.contig == "chrX"]
    assert any(row.hemizygous for row in on_x)
    assert any(not row.hemizygous for row in on_x)
    for row in on_x:
        for sample, genotype in zip(aggregate.samples, row.genotypes, strict=True):
            if sample in male:
                assert ("/" not in genotype) == (male[sample] and row.hemizygous)
    assert all(
        "/" in genotype
        for row in aggregate.rows
        if not row.hemizygous
        for genotype in row.genotypes
    )


def test_sex_can_be_told_from_heterozygosity_on_x(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    stats = table(small_release_folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    rows = [row for row in aggregate.rows if row.hemizygous]
    for column, sample in enumerate(aggregate.samples):
        share = np.mean([row.genotypes[column] == "0/1" for row in rows])
        if sample in stats.index:
            assert (share > 0.1) == (stats.loc[sample, "illumina_ploidy"] == "XX")


def test_decomposed_sites_have_two_rows_with_partial_genotypes(aggregate: Aggregate) -> None:
    old = [row for row in aggregate.rows if "OLD_MULTIALLELIC" in row.information]
    places: dict[str, list[int]] = {}
    for at, row in enumerate(old):
        places.setdefault(row.information["OLD_MULTIALLELIC"], []).append(at)
    pairs = [[old[at] for at in rows] for rows in places.values() if len(rows) == 2]
    assert len(pairs) >= 15
    shown = set()
    for first, second in pairs:
        alleles = first.information["OLD_MULTIALLELIC"].rpartition(":")[2].split("/")
        assert alleles == [first.reference, first.alternate, second.alternate]
        for one, other in zip(first.genotypes, second.genotypes, strict=True):
            shown.add((one, other))
    diploid = {pair for pair in shown if "/" in pair[0]}
    # What each undecomposed genotype becomes; nothing else occurs.
    assert diploid <= {
        ("0/0", "0/0"),
        ("0/1", "0/."),
        ("0/.", "0/1"),
        ("1/1", "./."),
        ("./.", "1/1"),
        ("1/.", "./1"),
        ("./.", "./."),
    }
    assert ("1/.", "./1") in diploid
    assert ("0/.", "0/1") in diploid


def test_the_manifest_counts_partial_genotypes(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    counted = 0
    for row in aggregate.rows:
        for call in row.calls:
            genotype, _, _, _, depth, *_ = call.split(":")
            counted += genotype in PARTIAL or (genotype in MISSING and depth != "0")
    manifest = read_manifest(small_release_folder)
    assert manifest.partial_genotypes == counted > 0
    assert manifest.facts["variants"] == len(aggregate.rows)
    assert manifest.facts["genomes"] == len(aggregate.samples)


def test_filter_and_info_are_what_the_calls_say(aggregate: Aggregate) -> None:
    for row in aggregate.rows[::7]:
        if row.hemizygous:
            continue
        called = [call.split(":") for call in row.calls]
        lost = [call[0] in MISSING and call[4] == "0" for call in called]
        depths = [int(call[4]) for call in called]
        quality = [int(call[2]) for call, gone in zip(called, lost, strict=True) if not gone]
        complete = np.mean(["." not in call[0] for call in called])
        values = row.information
        assert float(values["missingness"]) == pytest.approx(np.mean(lost), rel=1e-4)
        assert float(values["completeSites"]) == pytest.approx(complete, rel=1e-4)
        assert float(values["medianDepthAll"]) == min(99, np.median(depths))
        assert float(values["medianGQ"]) == min(99, np.median(quality))
        assert int(values["AC"]) == sum(call[0].count("1") for call in called)
        assert int(values["AN"]) == sum(call[0].count("0") + call[0].count("1") for call in called)
        assert int(values["AC_Hom"]) == 2 * sum(call[0] == "1/1" for call in called)
        balance = float(
            values["ABratio"].replace(".", "nan") if values["ABratio"] == "." else values["ABratio"]
        )
        expected = {
            "missingness": np.mean(lost) > 0.05,
            "depth": np.median(depths) < 10,
            "GQ": np.median(quality) < 15,
            "completeGTRatio": complete < 0.5,
            "ABratio": not math.isnan(balance) and balance < 0.25,
            "phwe_eur": float(values["phwe_eur"]) < 1e-5,
        }
        failed = {name for name, fails in expected.items() if fails}
        assert set(row.filters.split(";")) == (failed or {"PASS"})


def test_most_sites_pass_and_some_fail_for_several_reasons(aggregate: Aggregate) -> None:
    filters = [row.filters for row in aggregate.rows]
    assert 0.85 < np.mean([one == "PASS" for one in filters]) < 0.98
    assert {"missingness", "depth", "ABratio"} <= {
        name for one in filters for name in one.split(";")
    }


def test_children_have_their_parents_alleles_but_for_new_mutations(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    answers = read_answers(small_release_folder)
    new = {
        answer.variant
        for answer in answers
        if answer.kind in {"de_novo", "outside_panel", "decoy_synonymous"}
    }
    column = {sample: at for at, sample in enumerate(aggregate.samples)}
    families = [
        tuple(column[sample] for sample in trio)
        for trio in trios(small_release_folder)
        if not samples_with_mishaps(small_release_folder) & set(trio)
    ]
    assert len(families) >= 6
    wrong = set()
    checked = 0
    for row in aggregate.rows:
        for child, father, mother in families:
            three = [row.genotypes[at] for at in (child, father, mother)]
            if any("." in genotype for genotype in three):
                continue
            checked += 1
            if not _can_be_inherited(*three):
                wrong.add(row.name)
    assert checked > 10_000
    assert wrong == new


def _can_be_inherited(child: str, father: str, mother: str) -> bool:
    if "/" not in child:
        # A son has his X from his mother.
        return child in mother
    own = child.split("/")
    from_father, from_mother = set(father.split("/")), set(mother.split("/"))
    return (own[0] in from_father and own[1] in from_mother) or (
        own[1] in from_father and own[0] in from_mother
    )


def test_annotation_has_the_same_sites_in_the_same_order(aggregate: Aggregate) -> None:
    assert [name for name, *_ in aggregate.annotations] == [row.name for row in aggregate.rows]


def test_annotation_speaks_as_vep_does(aggregate: Aggregate) -> None:
    genes = set()
    for _, entry, _ in aggregate.annotations:
        assert entry["IMPACT"] in {"HIGH", "MODERATE", "LOW", "MODIFIER"}
        if entry["Consequence"] == "intergenic_variant":
            assert entry["SYMBOL"] == ""
            assert entry["gnomADe_AF"] == ""
            continue
        genes.add(entry["SYMBOL"])
        assert entry["HGVSc"].startswith(entry["Feature"] + ":c.")
        assert entry["MANE_SELECT"].startswith("ENST")
        assert "=" not in entry["HGVSp"]
        if entry["Consequence"].startswith("missense_variant"):
            assert entry["SIFT"].startswith(("deleterious(", "tolerated("))
    assert len(genes) == 62
    assert any(count == 2 for *_, count in aggregate.annotations)


def test_gnomad_frequencies_go_with_the_frequencies_in_the_release(aggregate: Aggregate) -> None:
    here, there = [], []
    for row, (_, entry, _) in zip(aggregate.rows, aggregate.annotations, strict=True):
        frequency = int(row.information["AC"]) / max(int(row.information["AN"]), 1)
        if row.filters == "PASS" and frequency > 0.05:
            here.append(frequency)
            there.append(float(entry["gnomADg_NFE_AF"] or 0))
    assert len(here) > 500
    assert np.corrcoef(here, there)[0, 1] > 0.9


def test_rare_variants_are_the_commonest(aggregate: Aggregate) -> None:
    annotated = {name: entry for name, entry, _ in aggregate.annotations}
    counts = np.array(
        [int(row.information["AC"]) for row in aggregate.rows if annotated[row.name]["SYMBOL"]]
    )
    assert 0.3 < np.mean(counts == 1) < 0.7
    # The worse, the rarer.
    high = [
        int(row.information["AC"])
        for row in aggregate.rows
        if annotated[row.name]["IMPACT"] == "HIGH"
    ]
    assert np.mean(np.array(high) <= 2) > 0.6


def test_the_aggregate_still_holds_those_who_withdrew(
    aggregate: Aggregate, small_release_folder: Path
) -> None:
    listing = newest_sample_list(small_release_folder)
    assert listing is not None
    assert listing.name == "main_programme_v19_samples.txt"
    listed = listing.read_text().split()
    assert listed == [sample for sample in aggregate.samples if sample in set(listed)]
    known = set(sample_of_participant(small_release_folder).values())
    people = table(small_release_folder, "participant").set_index("participant_id")
    kinds = set()
    for answer in read_answers(small_release_folder):
        if answer.kind != "withdrawn":
            continue
        expected = answer.expected
        kinds.add(expected["consent"])
        if expected["sample"] is not None:
            assert expected["sample"] in aggregate.samples
        assert expected["sample"] not in listed
        assert (answer.participant in people.index) == expected["in_tables"]
        assert (expected["sample"] in known) == expected["in_tables"]
        if expected["in_tables"]:
            status = people.loc[answer.participant, "programme_consent_status"]
            assert (
                status
                == {
                    "withdrawn in part": "Withdrawn (Partial)",
                    "withdrawn after the release": "Withdrawn (Full)",
                    "no longer listed": "Consenting",
                }[expected["consent"]]
            )
    assert len(kinds) == 4
    assert len(aggregate.samples) - len(listed) >= 8
