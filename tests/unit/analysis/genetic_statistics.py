"""A release with genomes of families, drawn at random and small, for statistics by both engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gecip.model.genes import GENES
from gecip.release.layout import (
    ANNOTATION_FOLDER,
    GENOTYPE_FOLDER,
    Chunk,
    read_manifest,
    write_chunks,
)
from tests.handmade import person, write_release
from tests.unit.genotypes.aggregates import FORMATS, INFO, write_vcf

GENE, OTHER_GENE = "PKD1", "PKD2"
FAMILIES = 40
CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: Allele|Consequence|SYMBOL">\n'


def write_families(folder: Path) -> Path:
    """Write forty trios: person 3 i is the father, 3 i + 1 the mother, 3 i + 2 the child, a son where i is even."""
    count = 3 * FAMILIES
    roles = ("father", "mother", "child")
    people = [
        person(
            1000 + number,
            participant_phenotypic_sex=_sex(number),
            rare_diseases_family_id=number // 3,
            participant_type="Proband" if roles[number % 3] == "child" else "Relative",
        )
        for number in range(count)
    ]
    samples = [f"LP{number:07d}-DNA_A01" for number in range(count)]
    write_release(
        folder,
        participant=people,
        aggregate_gvcf_sample_stats=[
            {"participant_id": 1000 + number, "platekey": sample}
            for number, sample in enumerate(samples)
        ],
    )
    random = np.random.default_rng(11)
    chunks = []
    for contig, genes in (("chr16", [GENE]), ("chr4", [OTHER_GENE]), ("chrX", [])):
        records, notes = [], []
        places = [GENES[gene].start + 50 * step for gene in genes for step in range(1, 26)]
        places = places or [1_000_000, *range(50_000_000, 50_000_400, 40)]
        for place in places:
            frequency = float(random.choice([0.02, 0.1, 0.4, 0.0], p=[0.5, 0.3, 0.15, 0.05]))
            single = contig == "chrX" and place > 3_000_000
            calls = _calls(random, frequency, single=single)
            records.append(f"{contig} {place} . A G . PASS AC=1 GT " + " ".join(calls))
            kind = random.choice(["stop_gained", "missense_variant", "intron_variant"])
            notes.append(f"{contig} {place} . A G . . CSQ=G|{kind}|{genes[0] if genes else 'NONE'}")
        # A palindrome for scores, and a row that nobody is called at.
        records.append(
            f"{contig} {places[-1] + 7} . A T . PASS AC=1 GT " + " ".join(_calls(random, 0.2))
        )
        records.append(
            f"{contig} {places[-1] + 9} . C T . PASS AC=0 GT " + " ".join(["./."] * count)
        )
        start, stop = 1, 200_000_000
        if contig == "chr16":
            stop = 90_338_345
        stop = {"chr16": 90_338_345, "chr4": 190_214_555, "chrX": 156_040_895}[contig]
        name = f"aggregate_{contig}_{start}_{stop}"
        genotypes = folder / GENOTYPE_FOLDER / f"{name}.vcf.gz"
        beside = folder / ANNOTATION_FOLDER / f"{name}_VEPannot.vcf.gz"
        write_vcf(genotypes, records, head=INFO + FORMATS, samples=samples)
        write_vcf(beside, notes, head=CSQ)
        chunks.append(Chunk(contig, start, stop, genotypes, beside))
    write_chunks(folder, tuple(chunks))
    read_manifest(folder).write(folder)
    return folder


def _sex(number: int) -> str:
    family, role = divmod(number, 3)
    return "Male" if role == 0 or (role == 2 and family % 2 == 0) else "Female"


def _calls(random: np.random.Generator, frequency: float, *, single: bool = False) -> list[str]:
    """Return a line of genotypes in which children have one copy of each parent, a few calls missing."""
    calls = []
    for family in range(FAMILIES):
        father, mother = random.random((2, 2)) < frequency
        of_father, of_mother = father[random.integers(2)], mother[random.integers(2)]
        if single:
            of_father = father[0]
        trio = [(father[0],) if single else tuple(father), tuple(mother)]
        trio.append((of_mother,) if single and family % 2 == 0 else (of_father, of_mother))
        for copies in trio:
            missing = random.random() < 0.03
            calls.append("/".join("." if missing else str(int(copy)) for copy in copies))
    return calls
