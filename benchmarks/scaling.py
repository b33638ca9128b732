"""What passes over the genomes cost at growing sizes, one axis at a time: the ground of docs/scaling.md.

Genotypes are drawn by Hail (Balding and Nichols' model, three populations), so that time is that of
reading, decoding and counting calls, whatever their content; rarer real variants pack smaller on disk. Every pass has
been made twice before in its process on a hundred variants: once for starting and compiling, and once to tell what
does not grow with the calls (`fixed`).
The load reads a VCF with the fields of calls that the aggregate has (GT, GQ, DP, AD, PL), and writes them all.

`python -m benchmarks.scaling` measures all sizes and writes results/scaling.json; `python -m benchmarks.scaling
4000x5000 1000x20000@1` measures some again, on one core where `@1` says so, and keeps the others.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "scaling.json"
# People, variants, cores (0: all that there are).
Size = tuple[int, int, int]
VARIANTS_FOR_PEOPLE, PEOPLE_FOR_VARIANTS = 5_000, 1_000
SIZES: tuple[Size, ...] = (
    *((people, VARIANTS_FOR_PEOPLE, 0) for people in (1_000, 2_000, 4_000, 20_000)),
    *((PEOPLE_FOR_VARIANTS, variants, 0) for variants in (1_000, 20_000, 100_000)),
    (PEOPLE_FOR_VARIANTS, 20_000, 1),
)
# A VCF of more calls than this would take most of the time to make.
MOST_CALLS_AS_TEXT = 20_000_000

_PASSES = """
import json, os, shutil, sys, time
from pathlib import Path
import psutil

cores = int(sys.argv[1])
folder = Path(sys.argv[2])
sizes_asked = [tuple(map(int, word.split("x"))) for word in sys.argv[3:]]
if cores:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
from gecip.genotypes import hail_session
session = hail_session()
import hail as hl
from benchmarks.scaling import MOST_CALLS_AS_TEXT, write_vcf
from gecip.genotypes.vcf_import import import_genotypes

def processes():
    own = psutil.Process()
    return [own, *own.children(recursive=True)]

def spent():
    times = [one.cpu_times() for one in processes()]
    return sum(one.user + one.system for one in times)

def peak():
    lines = [line for one in processes() for line in Path(f"/proc/{one.pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

def size(path):
    return sum(one.stat().st_size for one in Path(path).rglob("*") if one.is_file())

def measured(people, variants, as_text, partitions, place):
    seconds = {}

    def timed(name, work):
        begin, used = time.perf_counter(), spent()
        work()
        seconds[name] = {"seconds": time.perf_counter() - begin, "processor": spent() - used}

    store = str(place / "drawn.mt")
    mt = hl.balding_nichols_model(3, people, variants, n_partitions=partitions)
    timed("write", lambda: mt.select_entries("GT").write(store))
    mt = hl.read_matrix_table(store)
    grouped = mt.group_rows_by(gene=hl.int32(mt.locus.position // 50))
    grouped = grouped.aggregate(carries=hl.agg.any(mt.GT.n_alt_alleles() > 0))
    counted = grouped.annotate_rows(n=hl.agg.count_where(grouped.carries)).rows()
    timed("burden", lambda: counted.aggregate(hl.agg.sum(counted.n)))
    scored = mt.annotate_cols(score=hl.agg.sum(mt.GT.n_alt_alleles() * 0.01)).cols()
    timed("score", lambda: scored.aggregate(hl.agg.mean(scored.score)))
    sizes = {"store": size(store)}
    if as_text:
        vcf = place / "drawn.vcf.gz"
        write_vcf(vcf, people, variants)
        loaded = import_genotypes([vcf], partial_genotypes="keep", assembly="GRCh38")
        timed("load", lambda: loaded.write(str(place / "loaded.mt")))
        sizes |= {"vcf": vcf.stat().st_size, "loaded": size(place / "loaded.mt")}
    return seconds, sizes

def made(people, variants, partitions):
    place = folder / "drawn"
    place.mkdir(parents=True)
    for one in processes():
        Path(f"/proc/{one.pid}/clear_refs").write_text("5")
    found = measured(people, variants, people * variants <= MOST_CALLS_AS_TEXT, partitions, place)
    shutil.rmtree(place)
    return found

made(100, 100, 4)
small, _ = made(100, 100, 4)
fixed = {name: took["processor"] for name, took in small.items()}
for people, variants in sizes_asked:
    seconds, sizes = made(people, variants, max(4, people * variants // 2_500_000))
    print(json.dumps({
        "people": people, "variants": variants, "cores": session.resources.cores, "passes": seconds, "fixed": fixed, "bytes": sizes,
        "peak_megabytes": peak(), "heap_gigabytes": session.resources.heap_gigabytes,
    }), flush=True)
"""


def write_vcf(path: Path, people: int, variants: int) -> None:
    """Write a VCF with the aggregate's fields of calls; rows are taken by turns from fifty that are drawn."""
    import numpy as np
    import pysam

    random = np.random.default_rng(1)
    samples = "\t".join(f"S{number}" for number in range(people))
    fields = (
        ("GT", "1", "String"), ("GQ", "1", "Integer"), ("DP", "1", "Integer"), ("AD", "R", "Integer"), ("PL", "G", "Integer"),
    )  # fmt: skip
    head = ["##fileformat=VCFv4.2", "##contig=<ID=chr1,length=248956422>"]
    head += [
        f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">'
        for name, number, kind in fields
    ]
    columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    rows = [_calls(random, people, frequency) for frequency in random.beta(0.2, 2.0, 50)]
    with pysam.BGZFile(str(path), "w") as out:
        out.write(("\n".join([*head, "#" + "\t".join([*columns, samples])]) + "\n").encode())
        for number in range(variants):
            start = f"chr1\t{10_000 + 300 * number}\t.\tA\tG\t.\tPASS\t.\tGT:GQ:DP:AD:PL\t"
            out.write(start.encode() + rows[number % len(rows)])


def _calls(random: Any, people: int, frequency: float) -> bytes:
    copies, depths = random.binomial(2, frequency, people), random.poisson(40, people) + 1
    words = []
    for count, depth in zip(copies.tolist(), depths.tolist(), strict=True):
        alternates = depth * count // 2
        likelihoods = [min(abs(count - other) * 12 * depth, 9_999) for other in range(3)]
        words.append(
            f"{('0/0', '0/1', '1/1')[count]}:{min(99, 3 * depth)}:{depth}:{depth - alternates},{alternates}:"
            + ",".join(map(str, likelihoods))
        )
    return ("\t".join(words) + "\n").encode()


def run(workspace: Path, sizes: tuple[int, ...] = ()) -> Iterator[str]:
    """Measure all sizes, or so many people only, write results/scaling.json if all, and yield the table."""
    from benchmarks.extrapolation import measured_table

    chosen = [(people, VARIANTS_FOR_PEOPLE, 0) for people in sizes] or SIZES
    runs = list(_measured(chosen, workspace / "drawn"))
    if not sizes:
        _write(runs)
    yield "\n" + measured_table(runs)


def _write(runs: list[dict[str, Any]]) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory"
    ordered = sorted(
        runs, key=lambda one: (-one["cores"], one["people"] * one["variants"], one["people"])
    )
    document = {"made_by": "python -m benchmarks.scaling", "machine": machine, "runs": ordered}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _measured(sizes: Iterable[Size], folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what each size took, the smallest first, those on as many cores in one process."""
    for cores in sorted({size[2] for size in sizes}):
        own = sorted(
            (size for size in sizes if size[2] == cores), key=lambda size: size[0] * size[1]
        )
        words = [f"{people}x{variants}" for people, variants, _ in own]
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-c", _PASSES, str(cores), str(folder), *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            for line in running.stdout:
                if line.startswith("{"):
                    yield json.loads(line)
        shutil.rmtree(folder, ignore_errors=True)
        if running.returncode:
            raise RuntimeError(f"The passes at {', '.join(words)} failed: see above.")


def _main(words: list[str]) -> None:
    from gecip.configuration import cache_folder

    folder = cache_folder() / "benchmarks" / "drawn"
    keeps = words and RESULTS.exists()
    runs = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"] if keeps else []
    sizes = [_size(word) for word in words] or list(SIZES)
    for done in _measured(sizes, folder):
        print(json.dumps(done), flush=True)
        same = (done["people"], done["variants"], done["cores"])
        runs = [one for one in runs if (one["people"], one["variants"], one["cores"]) != same]
        runs.append(done)
        _write(runs)


def _size(word: str) -> Size:
    size, _, cores = word.partition("@")
    people, variants = map(int, size.split("x"))
    return people, variants, int(cores or 0)


if __name__ == "__main__":
    _main(sys.argv[1:])
