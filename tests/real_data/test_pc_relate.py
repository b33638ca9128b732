"""PC-Relate as GENESIS has it: kinship and shared alleles of a hundred simulated people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gecip.analysis.genetic.pc_relate import relate
from gecip.analysis.genetic.structure import Standardised, frequencies, leading_axes
from tests.real_data.public_data import public_data
from tests.unit.analysis.compact_people import packed_people

DOSAGE = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}


@pytest.fixture(scope="module")
def people() -> tuple[list[str], Any]:
    """Names and dosages of shape (variants, people), read without Hail."""
    import pysam

    with pysam.VariantFile(str(public_data("truth/hail/pc_relate_bn_input.vcf.bgz"))) as file:
        names = list(file.header.samples)
        rows = [
            [DOSAGE.get(tuple(call["GT"]), -1) for call in record.samples.values()]
            for record in file
        ]
    return names, np.array(rows, dtype=np.int8)


def test_relatedness_is_that_of_genesis(people: tuple[list[str], Any]) -> None:
    import gzip
    import json

    names, dosages = people
    genotypes = packed_people(dosages)
    frequency = frequencies(genotypes)
    used = (frequency > 0) & (frequency < 1)
    some = genotypes.keep_variants(used)
    values, axes = leading_axes(Standardised(some, frequency[used]), 2, seed=0)
    found = relate(dosages, axes * np.sqrt(values), rarest=0.0)
    place = {name: at for at, name in enumerate(names)}
    with gzip.open(public_data("truth/hail/pc_relate_r_truth.tsv.bgz"), "rt") as lines:
        header = next(lines).rstrip().split("\t")
        rows = [dict(zip(header, line.rstrip().split("\t"), strict=True)) for line in lines]
    assert len(rows) == 100 * 99 / 2
    pairs = np.array([[place[json.loads(row[side])["s"]] for side in ("i", "j")] for row in rows])
    for name, values, within in zip(
        ("kin", "ibd0", "ibd1", "ibd2"), found, (1e-3, 1.3e-2, 2.6e-2, 1.3e-2), strict=True
    ):
        expected = np.array([float(row[name]) for row in rows])
        np.testing.assert_allclose(values[pairs[:, 0], pairs[:, 1]], expected, rtol=0, atol=within)
