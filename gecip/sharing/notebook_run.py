"""A run of a notebook with all that has to be known of it: what may be told, whom it touched, what its products hold.

What may be told goes into the executed notebook. Whom it touched is kept as salted ids in the folder of
records, which never is in a gallery. What the products hold stays in memory.
"""

from __future__ import annotations

import datetime
import json
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import policy_document, role
from gecip.errors import NotebookError
from gecip.governance.policy import parse_policy
from gecip.provenance import digest_of
from gecip.sharing.audience import words_of
from gecip.sharing.kernel_record import AIRLOCK, CONTENTS, IDENTIFIERS, PEOPLE, TOLD
from gecip.sharing.notebooks import execute, parameterised, read_notebook
from gecip.sharing.product_marks import shows_unmarked
from gecip.sharing.touched import record_touched
from gecip.writing import new_file

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Where an executed notebook says how it was run, in its metadata.
RECORD = "gecip"
_MODULE = "__import__('importlib').import_module('gecip.sharing.kernel_record')"


@dataclass(frozen=True)
class Asking:
    """For what the airlock is asked at the end of a run, and of which products.

    `choose` is given the executed notebook and those of its words that are identifiers of a release; it
    returns the numbers in the marks of the products that ask, or raises.
    """

    project: str
    purpose: str
    choose: Callable[[NotebookNode, frozenset[str]], Sequence[int]]


@dataclass(frozen=True, repr=False)
class NotebookRun:
    """An executed notebook with the record of its run.

    `record` may be told; `people` and `contents` may not leave this process as they are. `airlock` is what
    the airlock said, where it was asked.
    """

    path: Path
    document: NotebookNode
    record: dict[str, Any]
    people: dict[str, Any]
    contents: list[dict[str, Any]]
    airlock: dict[str, Any] | None

    def __repr__(self) -> str:
        return f"NotebookRun({self.path.name!r}, products={len(self.contents):,})"


def perform(
    path: Path,
    *,
    release: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    asking: Asking | None = None,
) -> NotebookRun:
    """Run a notebook and return it with the record of its run.

    Raises
    ------
    NotebookError
        As `run_notebook`; and whatever `asking.choose` raises.
    """
    document, values = parameterised(path, release=release, parameters=parameters)
    began, started = datetime.datetime.now(tz=datetime.UTC), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gecip-") as private:

        def finish(run_unseen: Callable[[str], None]) -> None:
            run_unseen(f"{_MODULE}.lay_down({private!r})")
            if asking is not None:
                _ask(asking, document, Path(private), run_unseen)

        execute(document, path, before=f"{_MODULE}.begin()", after=finish)
        told, people, contents, airlock = (
            _laid_down(Path(private, name)) for name in (TOLD, PEOPLE, CONTENTS, AIRLOCK)
        )
    record = {
        "format": 1,
        "run": uuid.uuid4().hex,
        "notebook": path.name,
        "parameters": values,
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        "role": role(),
        **told,
    }
    document.metadata[RECORD] = {**record, "as_ran": digest_as_ran(document)}
    return NotebookRun(path, document, record, people, contents, airlock)


def _ask(
    asking: Asking, document: NotebookNode, private: Path, run_unseen: Callable[[str], None]
) -> None:
    """Ask the airlock in the kernel, where the products are alive, of those that are chosen."""
    words = sorted(words_of(document, parse_policy(policy_document())))
    run_unseen(f"{_MODULE}.tell_identifiers({str(private)!r}, words={words!r})")
    numbers = list(asking.choose(document, frozenset(_laid_down(private / IDENTIFIERS))))
    if numbers:
        run_unseen(
            f"{_MODULE}.ask_airlock({str(private)!r}, numbers={numbers!r}, project={asking.project!r}, "
            f"purpose={asking.purpose!r})"
        )


def save_run(run: NotebookRun, destination: Path) -> None:
    """Write the executed notebook, and keep whom it touched among the records."""
    import nbformat

    keep_touched(run)
    with new_file(destination) as partial:
        nbformat.write(run.document, partial)  # type: ignore[no-untyped-call]


def keep_touched(run: NotebookRun) -> None:
    """Keep whom a run touched among the records, so that it can be told later who of them has withdrawn."""
    cohorts = {cohort["step"] for cohort in run.people["cohorts"]}
    products = run.record["products"]
    record_touched(
        run.record["run"],
        run.people,
        beyond_cohorts=shows_unmarked(run.document)
        or not all(cohorts & set(product["steps"]) for product in products),
    )


def read_run(path: Path) -> tuple[NotebookNode, dict[str, Any]]:
    """Return an executed notebook with the record of its run.

    Raises
    ------
    NotebookError
        When it has no record, or was changed after it ran.
    """
    document = read_notebook(path)
    record = dict(document.metadata.get(RECORD, {}))
    if not record:
        raise NotebookError(
            f"{path}: this notebook has outputs and no record of how they came about: publish the one without outputs, which "
            f"is then run, or run it with `gecip run {path.name} --save OUT.ipynb` and publish that."
        )
    if record.pop("as_ran") != digest_as_ran(document):
        raise NotebookError(
            f"{path}: this notebook was changed after it ran, so that its record no longer speaks of it: run it again."
        )
    return document, record


def has_outputs(document: NotebookNode) -> bool:
    """Return whether any cell of a notebook shows something."""
    return any(cell.get("outputs") for cell in document.cells)


def digest_as_ran(document: NotebookNode) -> str:
    """Return digits that differ whenever a cell or an output does."""
    return digest_of(
        [[cell.cell_type, cell.source, cell.get("outputs", [])] for cell in document.cells]
    )


def _laid_down(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
