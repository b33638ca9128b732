"""Filters of variants, calls and people: what each keeps, and that every one of them is remembered as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.errors import GenotypesError
from gecip.genotypes import Genotypes
from gecip.genotypes.frequencies import chosen_frequencies, frequency_field
from gecip.genotypes.quality_sets import quality_set, quality_sets, quality_sets_text
from tests.unit.genotypes.aggregates import PEOPLE, SAMPLES, write_aggregate, write_vcf

pytestmark = pytest.mark.jvm

HEAD = """\
##INFO=<ID=missingness,Number=1,Type=Float,Description="m">
##INFO=<ID=medianDepthAll,Number=1,Type=Float,Description="d">
##INFO=<ID=medianGQ,Number=1,Type=Float,Description="g">
##INFO=<ID=ABratio,Number=1,Type=Float,Description="a">
##INFO=<ID=completeSites,Number=1,Type=Float,Description="c">
##INFO=<ID=phwe_eur,Number=1,Type=Float,Description="h">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">
"""
GOOD = "missingness=0.05;medianDepthAll=10;medianGQ=15;ABratio=0.25;completeSites=0.5;phwe_eur=1e-5"
# Columns: 115, 113, 111 (withdrawn), 114, 112. Rows 1 to 9 break one site test each, or none.
RECORDS = [
    f"chr1 1000 . A G . PASS {GOOD} GT:GQ:DP:AD 0/1:20:10:8,2 0/1:19:30:15,15 0/0:9:9:9,0 0/0:20:9:9,0 1/1:99:30:0,30",
    f"chr1 2000 . A G . . {GOOD} GT:GQ:DP:AD 0/1:30:20:17,3 0/1:30:20:.,10 0/0:30:30:30,0 0/1:.:20:10,10 ./.:30:30:30,0",
    f"chr1 3000 . A G . depth {GOOD} GT:GQ:DP:AD 0/1:30:20:10,10 0/0:30:30:30,0 0/0:30:30:30,0 0/0:30:30:30,0 0/0:30:30:30,0",
    *(
        f"chr1 {4000 + 1000 * place} . A G . PASS {GOOD.replace(before, after)} GT:GQ:DP:AD 0/1:30:20:10,10 0/0:30:30:30,0 0/0:30:30:30,0 0/0:30:30:30,0 0/0:30:30:30,0"
        for place, (before, after) in enumerate(
            [
                ("missingness=0.05", "missingness=0.051"),
                ("All=10", "All=9.5"),
                ("GQ=15", "GQ=14"),
                ("ABratio=0.25", "ABratio=0.24"),
                ("Sites=0.5", "Sites=0.49"),
                ("1e-5", "9e-6"),
                ("ABratio=0.25;", ""),
            ]
        )
    ),
]
ON_X = [
    f"chrX 50000000 . T C . PASS {GOOD} GT:GQ:DP:AD 1:20:5:0,5 0/1:20:10:5,5 0/0:30:30:30,0 0:20:4:4,0 ./.:.:.:."
]
ON_M = [
    "chrM 3243 . A G . PASS . GT:GQ:DP:AD 0/1:60:1000:950,50 0:60:1000:1000,0 0:60:999:999,0 1:60:900:5,895 0:60:999:999,0"
]


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_aggregate(
        tmp_path_factory.mktemp("filters") / "release",
        records={
            ("chr1", 1, 1_000_000): ["chr1 1 . A G . PASS AC=0 GT 0/0 0/0 0/0 0/0 0/0"],
            ("chrX", 1, 156_040_895): ["chrX 1 . A G . PASS AC=0 GT 0/0 0/0 0/0 0/0 0/0"],
            ("chrM", 1, 16_569): ["chrM 1 . A G . PASS AC=0 GT 0 0 0 0 0"],
        },
        annotation={},
    )
    release = open_release(folder)
    for chunk, records in zip(release.chunks, (RECORDS, ON_X, ON_M), strict=True):
        write_vcf(chunk.genotypes, records, head=HEAD, samples=SAMPLES)
    return load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))


def calls(genotypes: Genotypes) -> dict[str, list[str | None]]:
    """Return each variant's calls by the order of `participant_id`: 112, 113, 114, 115."""
    import hail as hl

    table = genotypes.mt.select_entries(text=hl.str(genotypes.mt.GT))
    rows = table.localize_entries("entries", "columns").collect()
    return {str(row.locus): [entry and entry.text for entry in row.entries] for row in rows}


def test_strict_sites_are_those_within_every_threshold_and_an_empty_value_passes(
    genotypes: Genotypes,
) -> None:
    strict = genotypes.in_regions(["chr1"]).passing("germline-strict")
    assert list(calls(strict)) == ["chr1:1000", "chr1:2000", "chr1:10000"]
    by_filter = genotypes.in_regions(["chr1"]).passing("site-pass")
    assert list(calls(by_filter)) == [
        name for name in calls(genotypes) if name.startswith("chr1:") and name != "chr1:3000"
    ]
    assert by_filter.entries_as_loaded


def test_strict_calls_are_those_within_every_threshold_and_an_empty_value_fails(
    genotypes: Genotypes,
) -> None:
    strict = genotypes.passing("germline-strict")
    found = calls(strict)
    # 113 has GQ 19; 114 has nine reads.
    assert found["chr1:1000"] == ["1/1", None, None, "0/1"]
    # 115 has 3 of 20 reads; 114 has no GQ; 113's share is known without the reference's reads.
    assert found["chr1:2000"] == [None, "0/1", None, None]
    assert not strict.entries_as_loaded


def test_one_copy_needs_half_the_depth_and_a_mixture_of_mitochondria_is_no_imbalance(
    genotypes: Genotypes,
) -> None:
    found = calls(genotypes.passing("germline-strict"))
    assert found["chrX:50000000"] == [None, "0/1", None, "1"]
    assert found["chrM:3243"] == ["0", "0", "1", "0/1"]


def test_a_call_that_fails_loses_all_its_fields(genotypes: Genotypes) -> None:
    mt = genotypes.in_regions(["chr1:1000-1000"]).passing("germline-calls").mt
    entries = {one.participant_id: one for one in mt.entries().collect()}
    assert (entries[113].GT, entries[113].GQ, entries[113].AD) == (None, None, None)
    assert entries[115].AD == [8, 2]


def test_what_is_not_tested_is_said_and_remembered(
    genotypes: Genotypes, capsys: pytest.CaptureFixture[str]
) -> None:
    without = genotypes.with_matrix(
        genotypes.mt.drop("GQ", "AD"), because="as a callset of few fields"
    )
    strict = without.passing("germline-strict")
    assert "no field for GQ, share of reads" in capsys.readouterr().err
    assert strict.provenance.parameter("not_tested") == [
        "GQ",
        "share of reads with the alternate allele",
    ]
    bare = without.with_matrix(without.mt.select_rows().select_entries("GT"), because="bare")
    with pytest.raises(GenotypesError, match=r"none of the fields that passing\('germline-strict"):
        bare.passing("germline-strict")


def test_steps_are_data_and_say_when_calls_have_changed(genotypes: Genotypes) -> None:
    assert genotypes.steps == ()
    assert genotypes.columns is not None
    assert list(genotypes.columns["participant_id"]) == genotypes.mt.participant_id.collect()
    chosen = genotypes.in_regions(["chr1"]).rare(below=0.5, source="cohort")
    assert [(step.operation, dict(step.parameters)) for step in chosen.steps] == [
        ("in_regions", {"regions": ["chr1"]}),
        ("rare", {"below": 0.5, "source": "cohort"}),
    ]
    assert chosen.entries_as_loaded
    plain = chosen.with_matrix(chosen.mt.head(1), because="the first")
    assert not plain.entries_as_loaded
    assert plain.columns is None


def test_rare_in_the_cohort_counts_called_genotypes_and_one_copy_of_x_as_one(
    genotypes: Genotypes,
) -> None:
    # chr1:1000: 4 of 8; chr1:2000: 3 of 6; chrX: 2 of 4 (1, 0/1, 0); the others 1 of 8.
    rare = genotypes.in_regions(["chr1:1-3000", "chrX"]).rare(below=0.5, source="cohort")
    assert list(calls(rare)) == ["chr1:3000"]
    rare = genotypes.in_regions(["chr1:1-3000", "chrX"]).rare(below=0.51, source="cohort")
    assert list(calls(rare)) == ["chr1:1000", "chr1:2000", "chr1:3000", "chrX:50000000"]


def test_a_family_is_whole_while_all_who_consent_have_a_genome(genotypes: Genotypes) -> None:
    whole = genotypes.of_families()
    assert whole.people == 4
    assert whole.provenance.parameter("families") == 1
    assert not any(str(person) in str(whole.provenance.as_document()) for person in PEOPLE)
    assert genotypes.of_families([11], structure="any").mt.count_cols() == 4
    with pytest.raises(GenotypesError, match=r"no trio is left: select a cohort of whole families"):
        genotypes.of_families(structure="trio")
    with pytest.raises(GenotypesError, match=r"structure= is 'whole', 'trio' or 'any'"):
        genotypes.of_families(structure="quartet")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "source", "population"),
    [
        ("gnomADg_AF", "gnomADg", "all"),
        ("gnomADe_NFE_AF", "gnomADe", "NFE"),
        ("AF", "1000 Genomes", "all"),
        ("EUR_AF", "1000 Genomes", "EUR"),
        ("AA_AF", "ESP", "AA"),
        ("MAX_AF", "MAX", "all"),
        ("UK10K_AF", "UK10K", "all"),
    ],
)
def test_a_frequency_field_tells_its_source_and_population(
    name: str, source: str, population: str
) -> None:
    found = frequency_field(name)
    assert (found.source, found.population) == (source, population)


FIELDS = ("Allele", "AF", "AFR_AF", "gnomADe_AF", "gnomADg_AF", "gnomADg_AFR_AF", "gnomADg_NFE_AF")


def test_frequencies_are_chosen_by_source_and_population() -> None:
    def chosen(source: str | None = None, *populations: str) -> tuple[str, ...]:
        return chosen_frequencies(FIELDS, source=source, populations=populations or None)

    assert chosen() == FIELDS[1:]
    assert chosen("gnomAD") == FIELDS[3:]
    assert chosen("1000genomes", "afr") == ("AFR_AF",)
    assert chosen(None, "AFR") == ("AFR_AF", "gnomADg_AFR_AF")
    assert chosen("gnomADg", "all", "NFE") == ("gnomADg_AF", "gnomADg_NFE_AF")
    with pytest.raises(GenotypesError, match=r"of 'TOPMed': write source= as one of 1000 Genomes"):
        chosen("TOPMed")
    with pytest.raises(GenotypesError, match=r"of fin: write populations= out of all, AFR, NFE"):
        chosen("gnomADg", "FIN")


def test_a_limit_that_is_no_frequency_is_refused(genotypes: Genotypes) -> None:
    with pytest.raises(GenotypesError, match=r"above 0 and at most 1, not 5"):
        genotypes.rare(below=5)


def test_every_set_names_the_source_of_every_threshold() -> None:
    for one in quality_sets().values():
        assert one.about.endswith(".")
        assert one.filter_column or one.site or one.call
        for test in (*one.site, *one.call):
            assert test.source
    with pytest.raises(GenotypesError, match=r"'strict': write one of site-pass, germline-strict"):
        quality_set("strict")


def test_the_thresholds_are_the_published_ones() -> None:
    strict = quality_set("germline-strict")
    assert {test.name: test.threshold for test in strict.site} == {
        "missingness": "≤ 0.05",
        "depth": "≥ 10",
        "genotype quality": "≥ 15",
        "allele balance": "≥ 0.25",
        "complete genotypes": "≥ 0.5",
        "Hardy-Weinberg": "≥ 1e-05",
    }
    assert [(test.where, test.fields[0], test.threshold) for test in strict.call] == [
        ("called", "GQ", "≥ 20"),
        ("diploid", "DP", "≥ 10"),
        ("haploid", "DP", "≥ 5"),
        ("heterozygous", "alternate_share", "≥ 0.2"),
    ]


def test_the_guide_prints_the_thresholds_of_the_sets() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "genomes.md").read_text(encoding="utf-8")
    assert quality_sets_text() in guide
