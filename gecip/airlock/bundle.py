"""Write what may leave: tables as CSV, figures as PNG, and the manifest that answers a checker's questions.

Every file is named by its content, so that two requests with the same table hold the same file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gecip.airlock.checks import ItemVerdict
from gecip.airlock.context import answers
from gecip.airlock.review_page import PAGE, review_page
from gecip.errors import ExportError, InputError
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy
from gecip.reporting import Figure, Summary
from gecip.writing import new_folder

MANIFEST = "manifest.json"
_LENGTH_OF_NAME = 16
_LENGTH_OF_REQUEST = 12

# Parameters in which the steps of a provenance say how many people they kept.
_COUNTS = frozenset({"people", "families", "participants", "samples", "genomes", "carriers"})


@dataclass(frozen=True)
class RequestContext:
    """Who asks, for what, and when: the first things a checker wants to know.

    `registered` is what the registry says of the project, or None where no extract of it is set and the
    checker has to look it up.
    """

    project: str
    purpose: str
    requested_by: str
    role: str
    date: str
    registered: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Bundle:
    """The files of a request by name, and the items with the names of theirs."""

    files: dict[str, bytes]
    items: tuple[ItemVerdict, ...]
    date: str

    @property
    def fingerprint(self) -> str:
        """Return digits that differ whenever anything in the bundle does: the manifest holds those of each file."""
        return hashlib.sha256(self.files[MANIFEST]).hexdigest()

    @property
    def name(self) -> str:
        """Return the name by which the request is known: its day and what is in it."""
        return f"{self.date}-{self.fingerprint[:_LENGTH_OF_REQUEST]}"

    @property
    def is_leaving(self) -> bool:
        """Return whether anything in the request may leave."""
        return any(item.files for item in self.items)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the items that may leave."""
        return max((item.verdict for item in self.items if item.files), default=Verdict.FAIL)


def assemble(items: Sequence[ItemVerdict], context: RequestContext, policy: Policy) -> Bundle:
    """Return the files for everything that passes or is for review; what failed is in no file."""
    files: dict[str, bytes] = {}
    placed = []
    for item in items:
        if item.product is None or item.verdict is Verdict.FAIL:
            placed.append(replace(item, product=None))
            continue
        content, ending = _content(item.product)
        name = f"{hashlib.sha256(content).hexdigest()[:_LENGTH_OF_NAME]}.{ending}"
        files[name] = content
        placed.append(replace(item, files=(name,)))
    document = {
        "format": 2,
        **vars(context),
        "items": [
            _entry(item, files, steps_hidden=_any_masked(placed), policy=policy)
            for item in placed
            if item.files
        ],
        "refused": sum(not item.files for item in placed),
    }
    files[MANIFEST] = (json.dumps(document, indent=2, default=str) + "\n").encode()
    bundle = Bundle(files, tuple(placed), context.date)
    # Made of the manifest and the items, so that the name and the digests need not know it.
    files[PAGE] = review_page(bundle.name, document, bundle.items)
    return bundle


def write(bundle: Bundle, folder: Path) -> None:
    """Write a bundle as a new folder, which has its name only once it is whole.

    Raises
    ------
    InputError
        When the folder exists or cannot be written.
    """
    with new_folder(folder) as place:
        for name, content in bundle.files.items():
            (place / name).write_bytes(content)


def write_once(bundle: Bundle, folder: Path) -> None:
    """Write a bundle under a name made of its content; the same request again finds it there."""
    try:
        write(bundle, folder)
    except InputError:
        if not is_whole(bundle, folder):
            raise


def is_whole(bundle: Bundle, folder: Path) -> bool:
    """Return whether a folder holds exactly this bundle."""
    try:
        there = {path.name: path.read_bytes() for path in folder.iterdir()}
    except OSError:
        return False
    return there == bundle.files


def _content(product: Summary | Figure) -> tuple[bytes, str]:
    if isinstance(product, Figure):
        return product.png(), "png"
    return _table(product).encode(), "csv"


def _table(summary: Summary) -> str:
    """Return the table as CSV: marks as they are, counts in full, other numbers to six digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    table = summary.table
    names = [str(name) if name is not None else "" for name in table.index.names]
    writer.writerow([*names, *(_label(column) for column in table.columns)])
    for row in table.index:
        labels = row if isinstance(row, tuple) else (row,)
        writer.writerow([*labels, *(_cell(summary, row, column) for column in table.columns)])
    return text.getvalue()


def _label(column: Any) -> str:
    return " ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _cell(summary: Summary, row: Any, column: Any) -> str:
    if summary.marks is not None and summary.marks.cells.at[row, column]:
        return str(summary.marks.cells.at[row, column])
    value = summary.table.at[row, column]
    if isinstance(value, str):
        return value
    if value != value:
        return ""
    return str(int(value)) if summary.meanings[column].is_count else f"{value:.6g}"


def _summary_of(item: ItemVerdict) -> Summary | None:
    product = item.product.of if isinstance(item.product, Figure) else item.product
    return product if isinstance(product, Summary) else None


def _any_masked(items: Sequence[ItemVerdict]) -> bool:
    summaries = [_summary_of(item) for item in items]
    return any(summary is not None and summary.marks is not None for summary in summaries)


def _entry(
    item: ItemVerdict, files: dict[str, bytes], *, steps_hidden: bool, policy: Policy
) -> dict[str, Any]:
    summary = _summary_of(item)
    if summary is None:
        raise ExportError(f"A {item.kind} has no place in a bundle: ask with a Summary instead.")
    steps = _told_provenance(summary, steps_hidden=steps_hidden, policy=policy)
    return {
        "title": item.title,
        "kind": item.kind,
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in item.files},
        "verdict": item.verdict.value,
        "findings": [
            {
                "rule": finding.rule.name,
                "source": finding.rule.source,
                "stricter than the source": finding.rule.stricter,
                "verdict": finding.verdict.value,
                "what": finding.sentence,
                "what to do": finding.remedy,
            }
            for finding in item.findings
        ],
        "behind": summary.behind,
        "phenotypic": summary.phenotypic,
        "columns": {str(column): meaning.value for column, meaning in summary.meanings.items()},
        "notes": list(summary.notes),
        **(
            {"caption": item.product.caption, "alternative text": item.product.alt_text}
            if isinstance(item.product, Figure)
            else {}
        ),
        "answers": answers(item, summary, steps),
        "provenance": steps,
    }


def _told_provenance(
    summary: Summary, *, steps_hidden: bool, policy: Policy
) -> list[dict[str, Any]]:
    """Return the steps that led to a summary; where anything is masked, without the counts of the steps.

    The size of a cohort is a total of everything counted in it: it would give masked cells away.
    """
    steps = summary.provenance.as_document()
    if not steps_hidden:
        return steps
    return [
        {
            **step,
            "parameters": {
                name: policy.secondary_mark if name in _COUNTS else value
                for name, value in step["parameters"].items()
            },
        }
        for step in steps
    ]
