"""The manual's page on the cohort language, printed from the specification."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.spec.operations import CHAPTERS, Operation

_INTRODUCTION = """# The cohort language

Every word, with an example: the rows that go in, what is written, and what comes out for each participant.
This page is printed by `python -m tools.print_cohort_manual` from `tests/spec/operations.py`, to which both
evaluators are held; change it there. In the tables `–` is a missing value, and an unknown condition.

```python
from gecip import define_cohort, select_cohort
from gecip.cohort import any_family_member, in_whole_trio, proband_of
from gecip.tables import episodes, participants, phenotypes
```
"""


def manual_page() -> str:
    """Return the whole page as Markdown."""
    parts = [_INTRODUCTION]
    for chapter in CHAPTERS:
        parts += [f"## {chapter.title}\n", f"{chapter.says}\n"]
        for operation in chapter.operations:
            parts += _operation(operation)
    return "\n".join(parts).rstrip() + "\n"


def _operation(operation: Operation) -> Iterator[str]:
    yield f"### {operation.title}\n"
    yield f"{operation.says}\n"
    yield f"```python\n{operation.written}\n```\n"
    for table, rows in dict(operation.others).items():
        yield f"`{table}`:\n"
        yield _table(rows)
    given = zip(operation.participants, operation.gives, strict=True)
    yield "`participant`, and what comes out:\n"
    yield _table([{**row, "gives": value} for row, value in given])


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [_line(names), _line(["---"] * len(names))]
    lines += [_line([_cell(row.get(name)) for name in names]) for row in rows]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value.isoformat() if isinstance(value, datetime.date) else str(value)
    return text.replace("|", "\\|")
