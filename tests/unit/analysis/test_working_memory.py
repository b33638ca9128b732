"""The local engine never takes more memory than it says, and does not hold a matrix of all genotypes."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip.analysis.genetic import association_local, kinship, structure
from gecip.analysis.genetic.association_design import designs
from gecip.analysis.genetic.association_local import fit_linear
from gecip.genotypes.compact_runs import CompactGenotypes, whole_store
from gecip.genotypes.compact_writing import CompactWriter, Stretch, with_counts

pytestmark = pytest.mark.slow

PEOPLE, FEW, MANY = 1_600, 8_192, 40_960
MEGABYTE = 1024 * 1024
# What Python and the allocator hold back, whatever is asked for.
SLACK = 12 * MEGABYTE


def made(folder: Path, variants: int) -> CompactGenotypes:
    """Genotypes drawn as bytes: every code is as likely as another, so that a quarter is missing."""
    import pyarrow as pa

    from gecip.genotypes.packed import count_genotypes

    generator = np.random.default_rng(variants)
    packed = generator.integers(0, 256, size=(variants, PEOPLE // 4), dtype=np.uint8)
    keys = pa.table(
        {
            "contig": pa.array(["chr1"] * variants, pa.string()),
            "position": pa.array(range(1, variants + 1), pa.int64()),
            "reference": pa.array(["A"] * variants, pa.string()),
            "alternate": pa.array(["G"] * variants, pa.string()),
        }
    )
    with CompactWriter(folder, [str(number) for number in range(PEOPLE)]) as writer:
        counts = count_genotypes(packed, None, PEOPLE)
        writer.append(Stretch(with_counts(keys, counts), packed, np.zeros((0, 1), dtype=np.uint8)))
        store = writer.finish()
    people = pd.DataFrame({"participant_id": range(PEOPLE)})
    return whole_store(store, people.assign(height=generator.normal(size=PEOPLE)))


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, CompactGenotypes]:
    return {count: made(tmp_path_factory.mktemp("made"), count) for count in (FEW, MANY)}


def own_bytes() -> int:
    """Memory of this process that is no file's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


def peak_of(work: Callable[[], Any]) -> int:
    """Return how much more memory than before was taken while a work was done."""
    gc.collect()
    before, done, highest = own_bytes(), threading.Event(), [0]

    def watch() -> None:
        while not done.wait(0.002):
            highest[0] = max(highest[0], own_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(highest[0], own_bytes()) - before


def of_kinship(genotypes: CompactGenotypes) -> None:
    next(kinship.count_shared(genotypes))


def of_components(genotypes: CompactGenotypes) -> None:
    matrix = structure.Standardised(genotypes, structure.frequencies(genotypes))
    _, axes = structure.leading_axes(matrix, 4, seed=0)
    matrix.times(axes)


def of_linear(genotypes: CompactGenotypes) -> None:
    (design,) = designs(genotypes.people, ["height"], [], binary=False)
    fit_linear(genotypes, design, doubled=True)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux")
@pytest.mark.parametrize(
    ("work", "said", "grows_by"),
    [
        # A genotype takes a byte in a whole matrix; planes take a quarter.
        (of_kinship, kinship.working_bytes, 0.4),
        (of_components, lambda v, p: structure.working_bytes(v, p, 4), 0.1),
        (of_linear, lambda v, p: 100 * v + association_local.working_bytes(p, 1, logistic=False), 0.1),
    ],
)  # fmt: skip
def test_no_more_is_taken_than_is_said_at_either_size(
    sizes: dict[int, CompactGenotypes],
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[CompactGenotypes], None],
    said: Callable[[int, int], int],
    grows_by: float,
) -> None:
    for module in (kinship, structure):
        monkeypatch.setattr(module, "BLOCK_BYTES", MEGABYTE)
    monkeypatch.setattr(kinship, "PEOPLE_AT_ONCE", 16)
    monkeypatch.setattr(structure, "ROUNDS", 2)
    work(sizes[FEW])  # compiles
    peaks = {count: peak_of(lambda count=count: work(sizes[count])) for count in sizes}  # type: ignore[misc]
    for count, peak in peaks.items():
        assert peak <= said(count, PEOPLE) + SLACK
    assert peaks[MANY] - peaks[FEW] <= grows_by * (MANY - FEW) * PEOPLE + SLACK / 2
