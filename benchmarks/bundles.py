"""The airlock: how long a bundle of tables takes to be masked and checked, and a ledger to be asked, as they grow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import measure, table

SIZES = (1, 5, 20)
CELLS = (10_000, 100_000, 1_000_000)
ROWS, COLUMNS = 30, 20
SEED = 1
# What the issue asks for, of the largest.
MOST_SECONDS, MOST_SECONDS_OF_LEDGER = 20, 1
_PEOPLE_OF_ENTRY = 4_000
# Whatever is smaller is masked, and no ledger knows it.
_FEWEST = 5


def run(workspace: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Yield the results as Markdown: bundles of so many tables, and ledgers of ten thousand cells and more."""
    rows = []
    for size in sizes:
        for kind in ("own", "shared"):
            took = measure("benchmarks.bundles:export", str(size), kind, turns=1)
            rows.append([f"{size:,}", kind, f"{took.cold_seconds:.1f}", f"{took.peak_megabytes:,.0f}", str(took.answer)])  # fmt: skip
    yield (
        f"\nTables of {ROWS} × {COLUMNS} with margins, of 10,000 people who are known cell by cell; `shared` ones have their rows "
        f"in common. The request is masked, held against an empty ledger and written; asked of 20 tables: {MOST_SECONDS} s.\n\n"
        + table(["tables", "rows", "s", "peak memory, MB", "answer"], rows)
    )
    if sizes == SIZES:
        yield from _ledgers(workspace)


def _ledgers(workspace: Path) -> Iterator[str]:
    rows = []
    for cells in CELLS:
        folder = ledger_of(workspace, cells)
        took = measure("benchmarks.bundles:ask", str(folder), turns=3)
        rows.append([f"{cells:,}", f"{took.cold_seconds:.2f}", f"{took.warm_seconds:.2f}", f"{took.peak_megabytes:,.0f}", str(took.answer)])  # fmt: skip
    yield (
        f"\nA table of {ROWS} × {COLUMNS} with margins held against a ledger that holds so many cells of 5 people and more, read "
        f"afresh each time; asked of "
        f"1,000,000: {MOST_SECONDS_OF_LEDGER} s.\n\n"
        + table(["cells", "s at first", "s again", "peak memory, MB", "answer"], rows)
    )


def export(size: str, kind: str) -> Callable[[], str]:
    """Return a request for so many tables, to be timed."""
    import tempfile

    import pandas as pd

    from gecip.airlock import request_export
    from gecip.provenance import Provenance
    from gecip.reporting import count_people

    folder = tempfile.mkdtemp()
    os.environ["GECIP_EXPORTS"] = os.environ["GECIP_LEDGER"] = folder
    random = np.random.default_rng(SEED)
    n_people = 10_000

    def groups(letter: str, n_groups: int) -> Any:
        shares = random.dirichlet(np.full(n_groups, 0.6))
        chosen = random.choice(n_groups, size=n_people, p=shares)
        return np.array([f"{letter}{group:02d}" for group in chosen])

    people = pd.DataFrame(
        {"participant_id": np.arange(n_people), "family_id": np.arange(n_people) // 2}
    )
    summaries = []
    rows = groups("row ", ROWS)
    for number in range(int(size)):
        down = rows if kind == "shared" else groups(f"row {number} ", ROWS)
        across = groups(f"column {number} ", COLUMNS)
        summaries.append(
            count_people(
                people.assign(down=down, across=across),
                by=["down", "across"],
                title=f"People by two groupings, {number}",
                phenotypic=True,
                provenance=Provenance("invented"),
            )
        )

    def work() -> str:
        request = request_export(summaries, project="RR1", purpose="To see how long it takes")
        masked = sum("masked" in answer or "<5" in answer for answer in _masks(request))
        return f"{request.verdict.name}, {masked} of {len(request.items)} with masks"

    return work


def _masks(request: Any) -> list[str]:
    return [" ".join(f.sentence for f in item.findings) for item in request.items]


def ask(folder: str) -> Callable[[], str]:
    """Return the check of one more table against a ledger, to be timed."""
    from gecip.airlock.ledger import Ledger
    from gecip.airlock.register import Register

    ledger = Ledger(Path(folder))
    n_entries = ledger.count()
    sets = sets_of(n_entries + 1)
    # One of them is nearly one that was released.
    sets[5] = np.delete(ledger.entry(n_entries // 2).sets[100], 0)

    def work() -> str:
        register = Register.read(ledger, ledger.count())
        found = register.near(sets, is_free=[False] * len(sets), most=4)
        return f"{len(found)} found near among {len(sets)}"

    return work


def sets_of(number: int) -> list[Any]:
    """Return the sets of people behind a table's cells, of people drawn anew for each number."""
    random = np.random.default_rng([SEED, number])
    everybody = np.random.default_rng(SEED).integers(0, 2**63, 90_000, dtype=np.uint64)
    people = np.sort(everybody[random.choice(len(everybody), _PEOPLE_OF_ENTRY, replace=False)])
    down = random.choice(ROWS, len(people), p=random.dirichlet(np.full(ROWS, 5)))
    across = random.choice(COLUMNS, len(people), p=random.dirichlet(np.full(COLUMNS, 5)))
    sets = [people, *(people[down == group] for group in range(ROWS))]
    sets += [people[across == group] for group in range(COLUMNS)]
    sets += [people[(down == d) & (across == a)] for d in range(ROWS) for a in range(COLUMNS)]
    return [one for one in sets if len(one) >= _FEWEST]


def ledger_of(workspace: Path, cells: int) -> Path:
    """Return a ledger of so many cells with its index, made once."""
    from gecip.airlock.ledger import Draft, Ledger
    from gecip.airlock.register import Register

    folder = workspace / f"ledger-{cells}"
    done = folder / "made"
    if done.exists():
        return folder
    ledger = Ledger(folder)
    held = sum(len(entry.sets) for entry in ledger.entries())
    number = ledger.count()
    while held < cells:
        number += 1
        sets = sets_of(number)
        held += len(sets)
        facts = {"action": "ask", "bundle": f"request-{number}", "free": [False] * len(sets)}
        _append(ledger, Draft(facts, tuple(sets)))
    Register.read(ledger, number).refresh_index()
    done.touch()
    return folder


def _append(ledger: Any, draft: Any) -> None:
    ledger.append_after(lambda _known: (None, draft))
