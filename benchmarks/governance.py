"""What the rules on who may read what, and the audit log, cost at the door: opening a release and reading its tables."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.cohorts import release_of
from benchmarks.measuring import measure, table

SIZES = (100_000,)
TURNS = 15
# A narrow one, and the widest and longest of the linked ones.
TABLES = ("rare_diseases_participant_disease", "hes_apc")
LINES = 1_000


def run(workspace: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Yield the results as Markdown, a table for each size."""
    for size in sizes:
        folder = str(release_of(workspace, size))
        rows = [
            _row(
                f"opening, as {role}",
                measure("benchmarks.governance:opening", folder, role, turns=TURNS),
            )
            for role in ("academic", "commercial")
        ]
        for name in TABLES:
            found = [
                _row(
                    f"opening and reading two columns of {name}, audit log {log}",
                    measure("benchmarks.governance:reading", folder, name, log, turns=TURNS),
                )
                for log in ("off", "on")
            ]
            rows += found
        line = measure("benchmarks.governance:lines", str(LINES))
        rows.append(
            [
                f"{LINES:,} new lines of the audit log",
                f"{line.cold_seconds:.3f}",
                f"{line.warm_seconds:.3f}",
            ]
        )
        yield f"\n{size:,} participants\n\n" + table(["what", "first time, s", "again, s"], rows)


def _row(what: str, measured: Any) -> list[str]:
    return [what, f"{measured.cold_seconds:.3f}", f"{measured.warm_seconds:.3f}"]


def opening(folder: str, role: str) -> Callable[[], int]:
    """Return what opens a release and takes the consent snapshot."""
    os.environ["GECIP_ROLE"] = role
    from gecip.release import open_release

    return lambda: len(open_release(folder).consent.participants)


def reading(folder: str, name: str, log: str) -> Callable[[], int]:
    """Return what opens a release and reads a table for the first time, each with a line of the log where it is on."""
    place = tempfile.mkdtemp(prefix="gecip-audit-")
    os.environ["GECIP_AUDIT"] = "off" if log == "off" else place
    from gecip import audit
    from gecip.release import open_release

    def read() -> int:
        audit.forget_last_readings()
        release = open_release(folder)
        columns = release.dataset(name).schema.names[:2]
        return len(release.read(name, columns))

    return read


def lines(number: str) -> Callable[[], int]:
    """Return what appends lines to a log, each of another table."""
    place = tempfile.mkdtemp(prefix="gecip-audit-")
    os.environ["GECIP_AUDIT"] = place
    from gecip.audit import forget_last_readings, read_audit_log, record_reading

    def write() -> int:
        shutil.rmtree(place)
        forget_last_readings()
        for one in range(int(number)):
            record_reading(
                "table", f"table_{one}", release="r", version="v19", consent="2024-10-31"
            )
        return len(read_audit_log())

    return write
