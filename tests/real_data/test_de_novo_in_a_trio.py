"""De novo candidates of a healthy trio (Genome in a Bottle, exome), and of variants sown into a copy of its file."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domains.rare_disease.de_novo import DeNovoCandidates, de_novo_candidates
from domains.rare_disease.de_novo_filters import DeNovoLimits
from gecip.analysis.genetic.mendelian_errors import Trio, count_errors
from gecip.analysis.genetic.pedigree_files import read_ped
from gecip.genotypes.family_vcf import open_family_vcf
from gecip.progress import say
from tests.real_data.public_data import public_data

pytestmark = pytest.mark.jvm

MOST_STRICT = 5
SOWN, LEAST_FOUND = 50, 0.9
ERROR_OF_A_READ = 0.005
# An exome's depth says nothing of copies of a stretch.
EXOME = replace(DeNovoLimits(), most_depth=None)


def candidates(vcf: Path) -> DeNovoCandidates:
    pedigrees = read_ped(public_data("giab-trio/ashk-trio.ped"))
    return de_novo_candidates(
        open_family_vcf(vcf, assembly="GRCh37"), pedigrees=pedigrees, limits=EXOME
    )


def lines_of(file: Path) -> tuple[list[str], list[list[str]]]:
    with gzip.open(file, "rt") as opened:
        lines = opened.read().splitlines()
    head = [line for line in lines if line.startswith("#")]
    return head, [line.split("\t") for line in lines[len(head) :]]


def reads_of(depth: int, alternates: int, call: str) -> str:
    """Return GT:AD:DP:GQ:PL with the likelihoods that the reads have under each genotype."""
    shares = np.array([ERROR_OF_A_READ, 0.5, 1 - ERROR_OF_A_READ])
    likelihood = alternates * np.log10(shares) + (depth - alternates) * np.log10(1 - shares)
    scaled = np.rint(-10 * (likelihood - likelihood.max())).astype(int)
    quality = min(99, int(np.sort(scaled)[1]))
    told = ",".join(map(str, scaled))
    return f"{call}:{depth - alternates},{alternates}:{depth}:{quality}:{told}"


def sow(records: list[list[str]], stream: np.random.Generator) -> set[tuple[str, int]]:
    """Turn records of nobody's into new variants between others: depths of the file's own sites that pass."""
    passing = [record for record in records if record[6] == "PASS" and "AD" in record[8]]
    taken = {(record[0], int(record[1])) for record in records}
    sown: set[tuple[str, int]] = set()
    while len(sown) < SOWN:
        like = passing[int(stream.integers(len(passing)))]
        depths = [dict(zip(like[8].split(":"), one.split(":"), strict=False)).get("DP", ".") for one in like[9:]]  # fmt: skip
        place = (like[0], int(like[1]) + int(stream.integers(100, 400)))
        # A place at which a caller writes a heterozygous child, and no reference in parents without reads.
        if place in taken or any(one == "." or int(one) < 10 for one in depths):
            continue
        taken.add(place)
        sown.add(place)
        child, *parents = map(int, depths)
        calls = [reads_of(child, int(stream.binomial(child, 0.5)), "0/1")]
        calls += [reads_of(one, int(stream.binomial(one, 0.001)), "0/0") for one in parents]
        records.append([place[0], str(place[1]), ".", "C", "T", "500", "PASS", "AC=1;AN=6", "GT:AD:DP:GQ:PL", *calls])  # fmt: skip
    records.sort(key=lambda record: (int(record[0]), int(record[1])))
    return sown


def test_few_strict_candidates_are_left_in_healthy_people(hail: Any) -> None:
    found = candidates(public_data("giab-trio/ashk-trio.vcf.gz"))
    say(f"Healthy trio: {len(found.rows)} raw candidates, {len(found.passing)} pass.")
    assert len(found.rows) == 31
    assert len(found.passing) <= MOST_STRICT
    assert int(found.rows["stringent_filter"].sum()) <= MOST_STRICT


def test_new_variants_sown_into_the_file_are_found(hail: Any, tmp_path: Path) -> None:
    head, records = lines_of(public_data("giab-trio/ashk-trio.vcf.gz"))
    sown = sow(records, np.random.default_rng(20))
    plain = tmp_path / "sown.vcf"
    plain.write_text("\n".join([*head, *("\t".join(record) for record in records)]) + "\n")
    packed = hail.import_vcf(str(plain), array_elements_required=False, reference_genome="GRCh37")
    hail.export_vcf(packed, str(tmp_path / "sown.vcf.bgz"))
    found = candidates(tmp_path / "sown.vcf.bgz")
    passing = set(zip(found.passing["contig"], found.passing["position"], strict=True))
    say(f"Sown: {len(passing & sown)} of {SOWN} found; {len(passing - sown)} others pass.")
    assert len(passing & sown) >= LEAST_FOUND * SOWN
    assert len(passing - sown) <= MOST_STRICT


def test_mendelian_errors_of_the_trio_are_few() -> None:
    _, records = lines_of(public_data("giab-trio/ashk-trio.vcf.gz"))
    calls = [[one.split(":")[0] for one in record[9:]] for record in records if record[6] == "PASS"]
    known = {"0/0": 0, "0/1": 1, "1/0": 1, "1/1": 2}
    dosages = np.array([[known.get(one.replace("|", "/"), -1) for one in row] for row in calls], dtype=np.int8)  # fmt: skip
    by_trio, _ = count_errors(dosages, [Trio(0, 1, 2)])
    errors, sites = by_trio[0].tolist()
    say(f"Mendelian errors at sites that pass: {errors} of {sites} ({errors / sites:.4%}).")
    assert sites > 8_000
    # The same, told allele by allele.
    given = {0: {0}, 1: {0, 1}, 2: {1}}
    whole = [row for row in dosages.tolist() if -1 not in row]
    wrong = sum(child not in {one + other for one in given[father] for other in given[mother]} for child, father, mother in whole)  # fmt: skip
    assert (errors, sites) == (wrong, len(whole))
    assert errors / sites < 0.01
