"""What passes over the genomes cost at growing sizes, one axis at a time: the ground of docs/scaling.md.

Genotypes are drawn by Hail (Balding and Nichols' model, three populations), so that time is that of
reading, decoding and counting calls, whatever their content; rarer real variants pack smaller on disk.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import table

PEOPLE = (500, 1_000, 2_000, 4_000)
VARIANTS_FOR_PEOPLE = 5_000
VARIANTS = (5_000, 10_000, 20_000)
PEOPLE_FOR_VARIANTS = 1_000

_PASSES = """
import json, sys, time
from pathlib import Path
import psutil
from gecip.genotypes import hail_session
session = hail_session()
import hail as hl

people, variants, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
store = folder + "/drawn.mt"
partitions = max(4, people * variants // 2_500_000)
mt = hl.balding_nichols_model(3, people, variants, n_partitions=partitions)
seconds = {}

def spent():
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(one.user + one.system for one in times)

def timed(name, work):
    begin, used = time.perf_counter(), spent()
    answer = work()
    seconds[name] = time.perf_counter() - begin
    seconds[name + " processor"] = spent() - used
    return answer

timed("write", lambda: mt.select_entries("GT").write(store))
mt = hl.read_matrix_table(store)
grouped = mt.group_rows_by(gene=hl.int32(mt.locus.position // 50)).aggregate(carries=hl.agg.any(mt.GT.n_alt_alleles() > 0))
counted = grouped.annotate_rows(n=hl.agg.count_where(grouped.carries)).rows()
timed("burden", lambda: counted.aggregate(hl.agg.sum(counted.n)))
scored = mt.annotate_cols(score=hl.agg.sum(mt.GT.n_alt_alleles() * 0.01)).cols()
timed("score", lambda: scored.aggregate(hl.agg.mean(scored.score)))
size = sum(one.stat().st_size for one in Path(store).rglob("*") if one.is_file())
print(json.dumps([seconds, size, session.resources.cores]))
"""


def run(workspace: Path, sizes: tuple[int, ...] = PEOPLE) -> Iterator[str]:
    """Yield the results as Markdown: growing people, then growing variants."""
    yield "\n" + _of([(people, VARIANTS_FOR_PEOPLE) for people in sizes], workspace / "drawn")
    yield "\n" + _of([(PEOPLE_FOR_VARIANTS, count) for count in VARIANTS], workspace / "drawn")


def _of(sizes: list[tuple[int, int]], folder: Path) -> str:
    rows = []
    for people, variants in sizes:
        seconds, size = _passes(people, variants, folder)
        calls = people * variants
        rows.append(
            [
                f"{people:,}",
                f"{variants:,}",
                *(f"{seconds[name]:.1f}" for name in ("write", "burden", "score")),
                f"{seconds['burden processor']:.1f}",
                f"{seconds['score processor']:.1f}",
                f"{8 * size / calls:.2f}",
                f"{calls / seconds['burden processor'] / 1e6:.2f}",
            ]
        )
    return table(
        ["people", "variants", "write, s", "burden pass, s", "score pass, s", "burden, processor s", "score, processor s", "bits on disk for a call", "million calls a processor second (burden)"],
        rows,
    )  # fmt: skip


def _passes(people: int, variants: int, folder: Path) -> tuple[dict[str, float], int]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-c", _PASSES, str(people), str(variants), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, size, _ = json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(folder)
    return seconds, size
