"""Loading a cohort's genomes: nobody's carriers lost, nobody's genome that may not be used."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.cohort.selection import Cohort
from gecip.errors import ConsentError, GenotypesError
from gecip.genotypes import Genotypes, genotypes_table
from gecip.release.layout import (
    CHUNK_LIST_V3,
    SAMPLE_LISTS,
    SITE_QUALITY_FOLDER,
    Chunk,
    write_chunks,
)
from gecip.tables import participants
from tests.unit.genotypes.aggregates import (
    PEOPLE,
    RECORDS,
    SAMPLES,
    WITHDRAWN,
    write_aggregate,
    write_vcf,
)

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_aggregate(tmp_path_factory.mktemp("releases") / "five")


def everyone(release_folder: Path) -> Cohort:
    return select_cohort(define_cohort("Everyone"), open_release(release_folder))


@pytest.fixture(scope="module")
def genotypes(hail: Any, release_folder: Path) -> Genotypes:
    return load_genotypes(everyone(release_folder))


def calls(genotypes: Genotypes, field: str = "GT") -> dict[str, list[str | None]]:
    """Return each variant's entries in the order of the columns, as text."""
    import hail as hl

    mt = genotypes.mt
    table = mt.select_entries(text=hl.str(mt[field])).localize_entries("entries", "columns")
    names: dict[str, int] = {}
    found = {}
    for row in table.collect():
        name = f"{row.locus}:{row.alleles[1]}"
        names[name] = names.get(name, 0) + 1
        repeated = f" ({names[name]})" if names[name] > 1 else ""
        found[name + repeated] = [entry.text for entry in row.entries]
    return found


def test_the_columns_are_the_consenting_people_in_order_and_no_one_else(
    genotypes: Genotypes,
) -> None:
    people = genotypes.mt.participant_id.collect()
    assert people == sorted(set(PEOPLE) - {WITHDRAWN})
    sample_of = dict(zip(PEOPLE, SAMPLES, strict=True))
    assert genotypes.mt.sample.collect() == [sample_of[number] for number in people]
    assert genotypes.people == 4


def test_the_clinical_columns_are_on_the_columns(genotypes: Genotypes) -> None:
    columns = genotypes.mt.cols().collect()
    assert [column.year_of_birth for column in columns] == [
        1900 + column.participant_id for column in columns
    ]
    assert [column.disease_group for column in columns] == ["Renal disorders", None, None, None]
    assert [column.family_id for column in columns] == [11, 11, 11, 11]
    assert list(genotypes.mt.col) == [
        "participant_id",
        "sample",
        "family_id",
        "sex",
        "year_of_birth",
        "participant_type",
        "relationship",
        "affected",
        "disease_group",
        "disease",
    ]
    assert list(genotypes.mt.col_key) == ["participant_id"]


def test_all_chunks_are_there_also_where_their_fields_differ(genotypes: Genotypes) -> None:
    assert genotypes.count() == (7, 4)
    rows = {str(row.locus): row for row in genotypes.mt.rows().collect()}
    assert (rows["chr1:2000"].rsid, rows["chr1:2000"].qual) == ("rs2", 30.0)
    assert rows["chr1:2000"].filters == {"depth", "GQ"}
    assert rows["chr1:1000"].filters == frozenset()
    assert (rows["chrX:50000000"].info.AC, rows["chrX:50000000"].info.AC_m) == ([2], [1])
    assert (rows["chr1:1000"].info.AC, rows["chr1:1000"].info.AC_m) == ([3], None)


def test_a_partial_genotype_keeps_the_allele_that_is_known(genotypes: Genotypes) -> None:
    # Columns: 112, 113, 114, 115; the phase of what is phased is kept.
    found = calls(genotypes)
    assert found["chr16:2090000:G"] == ["0/0", "0/1", "0/1", "0/1"]
    assert found["chr16:2090000:T"] == ["1|0", "0/0", "0|1", "0/1"]


def test_rows_that_are_written_twice_are_both_kept(genotypes: Genotypes) -> None:
    assert calls(genotypes)["chr16:2090000:T (2)"] == ["0/1", "0/0", "0/0", "0/0"]


def test_phase_missing_calls_and_half_missing_arrays_are_read_as_written(
    genotypes: Genotypes,
) -> None:
    found = calls(genotypes)
    assert found["chr1:1000:G"] == ["0/0", "0/1", None, "0/0"]
    assert found["chr1:2000:T"] == ["0/0", "0/0", "0/0", "0|1"]
    assert found["chr16:2500000:C"] == [None, "0/1", "0/0", "0/0"]
    reads = calls(genotypes, "AD")
    assert reads["chr16:2090000:G"] == ["[5,null]", "[5,5]", "[null,4]", "[3,4]"]


def test_one_copy_of_x_in_males_is_read(genotypes: Genotypes) -> None:
    assert calls(genotypes)["chrX:50000000:C"] == [None, "0/1", "0", "1"]


def carriers_in_text(folder: Path, usable: set[str]) -> dict[str, int]:
    """Count for each record the people with an alternate allele, from the text of the files."""
    counts: dict[str, int] = {}
    for file in sorted(folder.glob("aggV2/genomic_data/*.vcf.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("##"):
                    continue
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#"):
                    kept = [place for place, name in enumerate(fields) if name in usable]
                    continue
                genotypes = [fields[place].split(":")[0] for place in kept]
                name = ":".join((fields[0], fields[1], fields[3], fields[4]))
                carriers = sum(bool(set(text) & set("123456789")) for text in genotypes)
                counts[name] = counts.get(name, 0) + carriers
    return counts


def carriers_in_matrix(genotypes: Genotypes) -> dict[str, int]:
    import hail as hl

    mt = genotypes.mt
    rows = mt.select_rows(carriers=hl.agg.count_where(mt.GT.is_non_ref())).rows().collect()
    counts: dict[str, int] = {}
    for row in rows:
        name = f"{row.locus}:{row.alleles[0]}:{row.alleles[1]}"
        counts[name] = counts.get(name, 0) + row.carriers
    return counts


def test_no_carrier_is_lost_between_the_files_and_the_matrix(
    genotypes: Genotypes, release_folder: Path
) -> None:
    usable = set(genotypes.cohort.samples)
    assert carriers_in_matrix(genotypes) == carriers_in_text(release_folder, usable)


def test_partial_genotypes_can_be_left_missing_as_plain_hail_does(
    hail: Any, release_folder: Path
) -> None:
    plain = load_genotypes(
        everyone(release_folder), regions=["chr16:2090000-2090000"], partial_genotypes="missing"
    )
    assert calls(plain)["chr16:2090000:G"] == [None, "0/1", None, None]


def test_the_annotation_has_the_fields_of_its_header_with_frequencies_as_numbers(
    genotypes: Genotypes,
) -> None:
    rows = {
        f"{row.locus}:{row.alleles[1]}": row.annotation for row in genotypes.mt.rows().collect()
    }
    first, second = rows["chr16:2090000:G"]
    assert dict(first) == {
        "Allele": "G",
        "Consequence": "missense_variant&splice_region_variant",
        "SYMBOL": "PKD1",
        "gnomADg_AF": 0.001,
        "gnomADg_AFR_AF": 0.02,
    }
    assert (second.SYMBOL, second.gnomADg_AF, second.gnomADg_AFR_AF) == ("TSC2", None, None)
    assert rows["chr16:2090000:T"][0].gnomADg_AFR_AF == 0.3  # of several values the highest
    assert rows["chr1:1000:G"] is None


def variants(genotypes: Genotypes) -> list[str]:
    return [f"{row.locus}:{row.alleles[1]}" for row in genotypes.mt.rows().collect()]


def test_genes_and_regions_keep_their_variants_and_steps_are_remembered(
    genotypes: Genotypes,
) -> None:
    in_gene = genotypes.in_genes(["PKD1"])
    assert variants(in_gene) == ["chr16:2090000:G", "chr16:2090000:T", "chr16:2090000:T"]
    assert variants(genotypes.in_regions(["chr1:2,000-2,000", "chrX"])) == [
        "chr1:2000:T",
        "chrX:50000000:C",
    ]
    assert [step.operation for step in in_gene.provenance.chain()] == [
        "open_release",
        "select_cohort",
        "load_genotypes",
        "in_genes",
    ]
    assert variants(genotypes.with_consequence("stop_gained", "missense_variant")) == [
        "chr16:2090000:G",
        "chr16:2500000:C",
    ]


def test_rare_means_rare_in_every_population(genotypes: Genotypes) -> None:
    annotated = genotypes.in_regions(["chr16"])
    assert variants(annotated.rare(below=0.01)) == ["chr16:2500000:C"]
    assert variants(annotated.rare(below=0.05)) == ["chr16:2090000:G", "chr16:2500000:C"]


def test_a_function_can_be_put_at_the_end_of_a_chain(genotypes: Genotypes) -> None:
    assert genotypes.in_regions(["chrX"]).pipe(lambda kept, by: kept.count()[by], 0) == 1


def test_asking_for_genes_loads_only_the_chunks_that_they_touch(hail: Any, tmp_path: Path) -> None:
    folder = write_aggregate(tmp_path / "untouched")
    for other in folder.glob("aggV2/genomic_data/*chr1_*"):
        other.write_bytes(b"damaged")
    found = load_genotypes(everyone(folder), genes=["PKD1"])
    assert variants(found) == ["chr16:2090000:G", "chr16:2090000:T", "chr16:2090000:T"]
    assert found.mt.participant_id.collect() == [112, 113, 114, 115]


def test_a_part_of_the_people_is_cut_out(hail: Any, release_folder: Path) -> None:
    older = select_cohort(
        define_cohort("Born late").include(
            participants.year_of_birth >= 2014, because="by their year of birth"
        ),
        open_release(release_folder),
    )
    genotypes = load_genotypes(older)
    assert genotypes.mt.participant_id.collect() == [114, 115]
    assert calls(genotypes)["chr1:1000:G"] == [None, "0/0"]
    assert repr(genotypes) == (
        "Genotypes(people=2 of 2, cohort='Born late', steps=['load_genotypes'])"
    )


def test_what_is_shown_of_genotypes_names_no_one(genotypes: Genotypes) -> None:
    for shown in (repr(genotypes), genotypes._repr_html_()):
        assert "4 of 4" in shown
        assert not any(str(word) in shown for word in (*PEOPLE, *SAMPLES))


def test_who_withdraws_after_the_store_was_written_is_left_out_when_it_is_read(
    hail: Any, tmp_path: Path
) -> None:
    folder = write_aggregate(tmp_path / "later")
    assert load_genotypes(everyone(folder)).people == 4
    lists = folder / SAMPLE_LISTS
    lists.mkdir(parents=True, exist_ok=True)
    still = [sample for sample in SAMPLES if sample != "LP1-DNA_D01"]
    (lists / "2025-01-31_consented_samples.txt").write_text("\n".join(still), encoding="utf-8")
    genotypes = load_genotypes(everyone(folder))
    assert genotypes.mt.participant_id.collect() == [112, 113, 115]
    assert calls(genotypes)["chr1:1000:G"] == ["0/0", "0/1", "0/0"]


def test_a_cohort_of_an_older_word_on_consent_is_refused(tmp_path: Path) -> None:
    folder = write_aggregate(tmp_path / "newer")
    cohort = everyone(folder)
    lists = folder / SAMPLE_LISTS
    lists.mkdir(parents=True, exist_ok=True)
    listing = lists / "main_programme_v13_samples.txt"
    # A list without a date in its name, and one that is changed in place, are newer words too.
    listing.write_text("\n".join(SAMPLES), encoding="utf-8")
    with pytest.raises(
        ConsentError, match=r"newer list of consented samples.*open_release\('newer"
    ):
        load_genotypes(cohort)
    cohort = everyone(folder)
    listing.write_text("\n".join(SAMPLES[:-1]), encoding="utf-8")
    with pytest.raises(ConsentError, match=r"select the cohort again"):
        load_genotypes(cohort)


def test_the_clinical_columns_come_as_a_hail_table(hail: Any, release_folder: Path) -> None:
    table = genotypes_table(everyone(release_folder))
    assert list(table.key) == ["participant_id"]
    assert table.count() == 4
    assert table.aggregate(hail.agg.max(table.year_of_birth)) == 2015


@pytest.fixture
def refused(release_folder: Path) -> Cohort:
    return everyone(release_folder)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"genes": ["PKD11"]}, r"no gene 'PKD11'.*PKD1.*regions="),
        ({"genes": "PKD1"}, r"genes= takes a list: write genes=\['PKD1'\]"),
        ({"regions": "chr1:1-2"}, r"regions= takes a list"),
        ({"regions": ["16:1-2"]}, r"'16:1-2' is not a region of GRCh38: write it as chr16:"),
        ({"regions": ["chr16:9-2"]}, r"'chr16:9-2' ends before it begins"),
        ({"regions": ["chr21:99999999-99999999"]}, r"behind the end of chr21, at 46,709,983"),
        ({"regions": ["chr22:1-500"]}, r"no genomes for chr22:1-500: ask for other genes"),
        ({"genes": []}, r"an empty list of genes and regions"),
        ({"partial_genotypes": "drop"}, r"is 'keep' or 'missing', not 'drop'"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_the_way_out(
    refused: Cohort, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(GenotypesError, match=message):
        load_genotypes(refused, **asked)


def test_genomes_on_another_assembly_are_refused_with_the_reason(tmp_path: Path) -> None:
    folder = write_aggregate(tmp_path / "older", assembly="GRCh37")
    with pytest.raises(GenotypesError, match=r"are on GRCh37, and the genes.*on GRCh38: lift the"):
        load_genotypes(everyone(folder))


def test_a_cohort_in_which_nobody_has_a_genome_is_refused(release_folder: Path) -> None:
    nobody = select_cohort(
        define_cohort("Nobody").include(participants.year_of_birth < 1900, because="none is"),
        open_release(release_folder),
    )
    with pytest.raises(GenotypesError, match=r"'Nobody' \(0 people\) has a genome that may be"):
        load_genotypes(nobody)


def test_an_annotation_without_frequencies_cannot_tell_what_is_rare(
    hail: Any, tmp_path: Path
) -> None:
    plain = write_aggregate(
        tmp_path / "bare", records={("chr1", 1, 1_000_000): RECORDS["chr1", 1, 1_000_000]}
    )
    with pytest.raises(GenotypesError, match=r"\.rare\(\) needs functional annotation, and rel"):
        load_genotypes(everyone(plain)).rare(below=0.1)


def carriers_by_bcftools(release_folder: Path, samples: list[str]) -> tuple[dict[str, int], int]:
    """Return each record's carriers, and all partial calls, from bcftools' own text of the genotypes."""
    import pysam.bcftools

    counts: dict[str, int] = {}
    partial = 0
    for file in sorted(release_folder.glob("aggV2/genomic_data/*.vcf.gz")):
        told = pysam.bcftools.query(
            "-s", ",".join(samples), "-f", "%CHROM:%POS:%REF:%ALT[ %GT]\n", str(file)
        )
        for line in str(told).splitlines():
            name, *genotypes = line.split(" ")
            carriers = sum(bool(set(text) & set("123456789")) for text in genotypes)
            counts[name] = counts.get(name, 0) + carriers
            partial += sum(
                "." in text and bool(set(text) & set("0123456789")) for text in genotypes
            )
    return counts, partial


def test_carriers_and_partial_calls_are_those_that_bcftools_reads(
    genotypes: Genotypes, release_folder: Path
) -> None:
    carriers, partial = carriers_by_bcftools(release_folder, list(genotypes.cohort.samples))
    assert carriers_in_matrix(genotypes) == carriers
    assert partial > 0
    assert genotypes.provenance.parameter("partial_calls") == partial


@pytest.mark.slow
def test_no_carrier_of_a_synthetic_release_is_lost_by_bcftools_own_count(
    hail: Any, small_release_folder: Path
) -> None:
    chunks = open_release(small_release_folder).chunks
    chosen = [chunk for chunk in chunks if chunk.contig in ("chr16", "chrX")]
    cohort = everyone(small_release_folder)
    loaded = load_genotypes(cohort, regions=["chr16", "chrX"])
    carriers, _ = carriers_by_bcftools(small_release_folder, list(cohort.samples))
    contigs = {chunk.contig for chunk in chosen}
    expected = {name: n for name, n in carriers.items() if name.split(":")[0] in contigs}
    assert carriers_in_matrix(loaded) == expected
    counted = loaded.provenance.parameter("partial_calls")
    assert counted is not None
    assert counted > 0


def test_mitochondrial_calls_are_read_as_written(hail: Any, tmp_path: Path) -> None:
    folder = write_aggregate(
        tmp_path / "mitochondria",
        records={
            ("chrM", 1, 16_569): [
                "chrM 3243 . A G . PASS AC=3 GT:AD 0/1:950,50 0:1000,0 1:0,900 1:3,900 ./.:.",
            ]
        },
        annotation={},
    )
    loaded = load_genotypes(everyone(folder), regions=["chrM"])
    assert calls(loaded) == {"chrM:3243:G": [None, "0", "1", "0/1"]}
    assert calls(loaded, "AD")["chrM:3243:G"][3] == "[950,50]"


V3_HEAD = """\
##INFO=<ID=AC,Number=A,Type=Integer,Description="a">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">
##FORMAT=<ID=LAD,Number=.,Type=Integer,Description="l">
##FILTER=<ID=LowGTR,Description="r">
"""
V3_SITES = """\
##INFO=<ID=MEDIAN_DP,Number=1,Type=Float,Description="d">
##INFO=<ID=MEDIAN_GQ,Number=1,Type=Float,Description="g">
##INFO=<ID=MISSINGNESS_RATE,Number=1,Type=Float,Description="m">
##INFO=<ID=AB_RATIO,Number=1,Type=Float,Description="b">
"""


def test_the_third_aggregate_is_loaded_with_its_site_quality_and_dragens_fields(
    hail: Any, tmp_path: Path
) -> None:
    folder = write_aggregate(tmp_path / "third")
    shutil.rmtree(folder / "aggV2")
    genotypes_file = folder / "aggV3" / "genomic_data" / "shard1.vcf.gz"
    write_vcf(
        genotypes_file,
        [
            "chr1 1000 . A G . PASS AC=2 GT:GQ:LAD 0/1:30:20,10 0/1:30:30,2 0/0:30:30,0 0/0:30:30,0 0/0:30:30,0",
            "chr1 2000 . A G . LowGTR AC=1 GT:GQ:LAD 0/1:30:20,10 0/0:30:30,0 0/0:30:30,0 0/0:30:30,0 0/0:30:30,0",
            "chr1 3000 . A G . PASS AC=1 GT:GQ:LAD 0/1:30:20,10 0/0:30:30,0 0/0:30:30,0 0/0:30:30,0 0/0:30:30,0",
        ],
        head=V3_HEAD,
        samples=SAMPLES,
    )
    write_vcf(
        folder / SITE_QUALITY_FOLDER / "shard1.vcf.gz",
        [
            f"chr1 {place} . A G . . MEDIAN_DP=30;MEDIAN_GQ=40;MISSINGNESS_RATE={missing};AB_RATIO=0.9"
            for place, missing in ((1000, 0.01), (2000, 0.01), (3000, 0.2))
        ],
        head=V3_SITES,
    )
    chunk = Chunk("chr1", 1, 1_000_000, genotypes_file, None)
    write_chunks(folder, (chunk,), chunk_list=CHUNK_LIST_V3)
    listing = folder / "aggV3" / "docs" / "2026-01-23" / "aggv3_consented_samples.txt"
    listing.parent.mkdir(parents=True)
    listing.write_text("\n".join(SAMPLES[:-1]), encoding="utf-8")
    release = open_release(folder)
    assert str(release.consent.date) == "2026-01-23"
    loaded = load_genotypes(select_cohort(define_cohort("Everyone"), release))
    assert loaded.mt.participant_id.collect() == [113, 114, 115]
    rows = {str(row.locus): row for row in loaded.mt.rows().collect()}
    assert pytest.approx(0.2) == rows["chr1:3000"].info.MISSINGNESS_RATE
    assert rows["chr1:1000"].info.AC == [2]
    # FILTER removes the second, site quality the third, and the share of LAD one call of the first.
    assert calls(loaded.passing("germline-strict")) == {"chr1:1000:G": [None, "0/0", "0/1"]}
