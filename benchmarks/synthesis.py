"""Making releases: time, memory and disk at growing sizes. There is no peer: nothing else makes such a release."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import table

WITHOUT_GENOMES = (1_000, 10_000, 20_000, 50_000, 100_000)

_MAKE = """
import json, resource, sys, time
from benchmarks.measuring import peak_megabytes
from gecip.synthetic import synthesise_release
begin = time.perf_counter()
synthesise_release(sys.argv[1], progress=False, **json.loads(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
processor = used.ru_utime + used.ru_stime
print(json.dumps([time.perf_counter() - begin, processor, peak_megabytes()]))
"""


def run(workspace: Path, sizes: tuple[int, ...] = WITHOUT_GENOMES) -> Iterator[str]:
    """Yield the results as Markdown: releases with genomes, then clinical tables only at growing sizes."""
    from gecip.synthetic.programme import DEMO_CANCER_PATIENTS, DEMO_PARTICIPANTS

    whole = [
        ("test release, 80 people", {"participants": 80, "seed": 7}),
        (
            f"demo release, {DEMO_PARTICIPANTS + DEMO_CANCER_PATIENTS:,} people",
            {"participants": DEMO_PARTICIPANTS, "cancer_patients": DEMO_CANCER_PATIENTS},
        ),
    ]
    clinical = [
        (f"clinical tables, {size:,} people", {"participants": size, "genomes": False})
        for size in sizes
    ]
    rows = [[name, *_made(workspace / "made", options)] for name, options in whole + clinical]
    headings = ["release", "seconds", "processor seconds", "peak memory, MB", "on disk, MB"]
    yield "\n" + table(headings, rows)


def _made(folder: Path, options: dict[str, object]) -> list[str]:
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-c", _MAKE, str(folder), json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, processor, peak = json.loads(done.stdout.splitlines()[-1])
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    shutil.rmtree(folder)
    return [f"{seconds:.1f}", f"{processor:.1f}", f"{peak:,.0f}", f"{disk:,.0f}"]
