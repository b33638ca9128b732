"""The airlock: how long a genome-wide result takes to be checked and cut, and in how much memory, as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measuring import measure, table

if TYPE_CHECKING:
    import pandas as pd

SIZES = (100_000, 1_000_000, 10_000_000)
SEED = 1
_AT_ONCE = 500_000
# What the issue asks for, of the largest.
MOST_SECONDS, MOST_MEGABYTES = 60, 2_000


def run(workspace: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Yield the results as Markdown: checking a table that passes, plain and compressed, and cutting one that does not."""
    rows = []
    for size in sizes:
        for name, work in (
            ("checked", "check"),
            ("checked, compressed", "check_compressed"),
            ("cut to the common", "cut"),
        ):
            path = scan_of(workspace, size, is_compressed=work == "check_compressed")
            took = measure(f"benchmarks.airlock:{work}", str(path), turns=1)
            rows.append([
                f"{size:,}", name, f"{path.stat().st_size / 2**20:,.0f}", f"{took.cold_seconds:.1f}", f"{took.peak_megabytes:,.0f}",
                str(took.answer),
            ])  # fmt: skip
    yield (
        f"\nA table of association results; asked of 10,000,000 variants: {MOST_SECONDS} s and {MOST_MEGABYTES:,} MB.\n\n"
        + table(["variants", "", "file, MB", "s", "peak memory, MB", "answer"], rows)
    )


def check(path: str) -> Callable[[], str]:
    """Return the check of a table, to be timed."""
    from gecip.airlock import check_files

    return lambda: check_files([path], releases=[]).verdict.name


check_compressed = check


def cut(path: str) -> Callable[[], str]:
    """Return the cutting of a table to the variants that may be told, to be timed."""
    from gecip.airlock import filter_variants

    def work() -> str:
        out = Path(path).with_suffix(".cut.tsv")
        told = filter_variants(path, out)
        out.unlink()
        return f"{told.kept:,} kept"

    return work


def scan_of(workspace: Path, size: int, *, is_compressed: bool) -> Path:
    """Return a table of so many common variants in the columns of REGENIE, made once."""
    import gzip

    path = workspace / f"scan-{size}.tsv{'.gz' if is_compressed else ''}"
    if path.exists():
        return path
    partial = path.with_name(f".{path.name}.partial")
    random = np.random.default_rng(SEED)
    with gzip.open(partial, "wb", compresslevel=1) if is_compressed else partial.open("wb") as file:
        for first in range(0, size, _AT_ONCE):
            rows = min(_AT_ONCE, size - first)
            _variants(random, first, rows, size).to_csv(
                file, sep="\t", index=False, header=not first, float_format="%.6g"
            )
    partial.replace(path)
    return path


def _variants(random: np.random.Generator, first: int, rows: int, size: int) -> pd.DataFrame:
    import pandas as pd

    number = np.arange(first, first + rows)
    contig = 1 + number * 22 // size
    # Within the autosomes' lengths, so that there are places of nine digits.
    position = 10_000 + (number % (size // 22 + 1)) * (45_000_000 // (size // 22 + 1) * 5 + 1)
    frequency = random.uniform(0.005, 0.5, rows).round(6)
    alleles = np.array(list("ACGT"))
    reference, alternate = (
        alleles[random.integers(0, 4, rows)],
        alleles[random.integers(0, 4, rows)],
    )
    named = np.where(
        random.random(rows) < 0.8,
        np.char.add("rs", random.integers(1_000, 2_000_000_000, rows).astype(str)),
        [
            f"{c}:{p}:{r}:{a}"
            for c, p, r, a in zip(contig, position, reference, alternate, strict=True)
        ],
    )
    effect, error = random.normal(0, 0.05, rows), random.uniform(0.01, 0.1, rows)
    return pd.DataFrame(
        {
            "CHROM": contig, "GENPOS": position, "ID": named, "ALLELE0": reference, "ALLELE1": alternate, "A1FREQ": frequency,
            "INFO": random.uniform(0.3, 1, rows), "N": 61_279, "TEST": "ADD", "BETA": effect, "SE": error,
            "CHISQ": (effect / error) ** 2, "LOG10P": np.abs(random.normal(0, 1, rows)),
        }
    )  # fmt: skip
