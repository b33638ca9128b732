"""Read a release's interpretation tables as they lie, with each variant by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gecip.synthetic.answer_key import Answer, read_answers
from tests.unit.synthetic.aggregate_reading import table

if TYPE_CHECKING:
    import pandas as pd


def named(folder: Path, name: str) -> pd.DataFrame:
    """Return a table with its variants as `chr1:123:A:T` in a column `variant`."""
    rows = table(folder, name)
    variant = (
        "chr"
        + rows["chromosome"].astype(str)
        + ":"
        + rows["position"].astype(str)
        + ":"
        + rows["reference"]
        + ":"
        + rows["alternate"]
    )
    return rows.assign(variant=variant)


def family_truths(folder: Path) -> list[Answer]:
    """Return the answers on a family's small variants: planted diagnoses and decoys."""
    return [
        answer
        for answer in read_answers(folder)
        if answer.domain == "rare_disease" and "genotypes" in answer.expected
    ]


def the_answer(folder: Path, kind: str) -> Answer:
    """Return the only answer of a kind."""
    (answer,) = (answer for answer in read_answers(folder) if answer.kind == kind)
    return answer
