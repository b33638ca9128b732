"""Mendelian errors: the table of what parents can give, and the counts of Hail and bcftools."""

from __future__ import annotations

import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.analysis.genetic.mendelian_errors import Trio, count_errors, mendelian_errors
from gecip.analysis.genetic.pedigree import read_pedigrees

GAMETES = {0: ["A"], 1: ["A", "B"], 2: ["B"]}


def test_every_combination_is_judged_as_the_gametes_say() -> None:
    combinations = list(product([-1, 0, 1, 2], repeat=3))
    dosages = np.array(combinations, dtype=np.int8)
    by_trio, by_variant = count_errors(dosages, [Trio(0, 1, 2)])
    for row, (child, father, mother) in enumerate(combinations):
        known = min(child, father, mother) >= 0
        possible = known and child in {
            (one + other).count("B") for one in GAMETES[father] for other in GAMETES[mother]
        }
        assert by_variant[row].tolist() == [int(known and not possible), int(known)]
    assert by_trio.tolist() == [by_variant.sum(axis=0).tolist()]


@pytest.mark.jvm
def test_counts_are_those_of_hail_and_of_bcftools(
    hail: Any, small_release_folder: Path, tmp_path: Path
) -> None:
    cohort = select_cohort(define_cohort("Everyone"), open_release(small_release_folder))
    genotypes = load_genotypes(cohort)
    ours = mendelian_errors(genotypes)
    mt = genotypes.mt.filter_rows(genotypes.mt.locus.in_autosome())
    mt = mt.key_cols_by(s=mt.sample)
    sample = dict(zip(mt.participant_id.collect(), mt.s.collect(), strict=True))
    trios = [
        tuple(sample[one.participant_id] for one in members)
        for pedigree in read_pedigrees(cohort).families.values()
        for members in pedigree.trios()
        if all(one.participant_id in sample for one in members)
    ]
    pedigree = tmp_path / "pedigree.fam"
    pedigree.write_text(
        "".join(f"{number}\t{c}\t{f}\t{m}\t0\t0\n" for number, (c, f, m) in enumerate(trios))
    )
    by_hail = hail.trio_matrix(mt, hail.Pedigree.read(str(pedigree)), complete_trios=True)
    calls = [by_hail[f"{who}_entry"].GT for who in ("father", "mother", "proband")]
    known = hail.all([hail.is_defined(call) for call in calls])
    wrong = hail.is_defined(hail.mendel_error_code(by_hail.locus, True, *calls))
    counted = by_hail.select_cols(
        of_trios=hail.agg.count_where(known & wrong), of_parents=hail.agg.count_where(wrong)
    ).cols()
    told = {row.id: row for row in counted.collect()}
    mine = {
        sample[person]: errors
        for person, errors in zip(ours.trios["participant_id"], ours.trios["errors"], strict=True)
    }
    assert {child: row.of_trios for child, row in told.items()} == mine
    assert len(mine) == len(trios) > 5
    assert ours.variants["errors"].sum() == ours.trios["errors"].sum() > 0
    # Whose sample was exchanged stands far out.
    assert ours.trios["rate"].max() > 20 * ours.trios["rate"].median()
    if _has_plugin():
        # As in Hail, one known parent may rule a genotype out.
        expected = {child: row.of_parents for child, row in told.items()}
        assert _by_bcftools(mt, trios, tmp_path, hail) == expected


def _has_plugin() -> bool:
    """Return whether bcftools is here with the plugin of its releases up to 1.16, which counts by trio."""
    if not shutil.which("bcftools"):
        return False
    listed = subprocess.run(["bcftools", "plugin", "-l"], check=True, capture_output=True)
    return "mendelian" in listed.stdout.decode().split()


def _by_bcftools(mt: Any, trios: list[Any], folder: Path, hail: Any) -> dict[str, int]:
    """Return the errors that bcftools counts by child in the same calls, written out as a VCF."""
    file = folder / "calls.vcf.bgz"
    hail.export_vcf(
        mt.select_entries("GT").select_rows("rsid").select_cols().select_globals(), str(file)
    )
    trios_file = folder / "trios.txt"
    trios_file.write_text("".join(f"{m},{f},{c}\n" for c, f, m in trios))
    run = subprocess.run(
        ["bcftools", "+mendelian", file, "-c", "-T", trios_file],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.split("\t") for line in run.stdout.splitlines() if not line.startswith("#")]
    return {trio.split(",")[-1]: int(bad) for _, bad, _, trio in rows}
