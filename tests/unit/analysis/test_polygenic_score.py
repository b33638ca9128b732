"""What becomes of each row of a score's file when alleles are brought together."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from gecip.analysis.genetic.polygenic_score import matched_rows

FOUND = pd.DataFrame(
    [
        ("chr1", 100, "A", "G", 0.2, 0.0),
        ("chr1", 200, "A", "T", 0.2, 0.0),
        ("chr1", 300, "C", "G", 0.45, 0.0),
        ("chr1", 400, "C", "T", 0.3, 0.0),
        ("chr1", 400, "C", "A", 0.1, 0.0),
        ("chr1", 500, "AT", "A", 0.1, 0.0),
    ],
    columns=["contig", "position", "reference", "alternate", "alternate_frequency", "missing_rate"],
)


def rows(*some: tuple[Any, ...]) -> pd.DataFrame:
    columns = ["position", "effect_allele", "other_allele", "effect_frequency"]
    frame = pd.DataFrame(some, columns=columns)
    frame["effect_frequency"] = frame["effect_frequency"].astype(float)
    return frame.assign(contig="chr1", weight=1.0, is_additive=True)


@pytest.mark.parametrize(
    ("row", "verdict", "copies_of"),
    [
        ((100, "G", "A", None), "matched", "alternate"),
        ((100, "A", "G", None), "swapped", "reference"),
        ((100, "C", "T", None), "flipped", "alternate"),
        ((100, "T", "C", None), "flipped", "reference"),
        ((100, "G", None, None), "matched", "alternate"),
        ((100, "G", "T", None), "other alleles", None),
        ((101, "G", "A", None), "absent", None),
        ((400, "A", "C", None), "matched", "alternate"),
        ((400, "T", "C", None), "matched", "alternate"),
        ((500, "A", "AT", None), "matched", "alternate"),
        ((200, "T", "A", None), "ambiguous", None),
        ((200, "T", "A", 0.22), "ambiguous, told by frequency", "alternate"),
        ((200, "T", "A", 0.81), "ambiguous, told by frequency", "reference"),
        ((200, "A", "T", 0.79), "ambiguous, told by frequency", "reference"),
        # Near a half both strands fit; far from both none does.
        ((300, "G", "C", 0.46), "ambiguous", None),
        ((200, "T", "A", 0.5), "ambiguous", None),
    ],
)
def test_a_row_has_the_verdict_that_its_alleles_give(
    row: tuple[Any, ...], verdict: str, copies_of: str | None
) -> None:
    found = matched_rows(rows(row), FOUND).iloc[0]
    assert found["verdict"] == verdict
    assert (None if pd.isna(found["copies_of"]) else found["copies_of"]) == copies_of


def test_ambiguous_rows_are_left_out_or_taken_as_they_stand_if_asked() -> None:
    row = rows((200, "T", "A", 0.2))
    assert matched_rows(row, FOUND, ambiguous="leave out").loc[0, "verdict"] == "ambiguous"
    assert matched_rows(row, FOUND, ambiguous="as they stand").loc[0, "verdict"] == "matched"


def test_a_second_row_of_a_variant_is_a_duplicate_whatever_its_strand() -> None:
    found = matched_rows(
        rows(
            (100, "G", "A", None),
            (100, "C", "T", None),
            (400, "T", "C", None),
            (400, "A", "C", None),
        ),
        FOUND,
    )
    assert found["verdict"].tolist() == ["matched", "duplicate", "matched", "matched"]


def test_what_cannot_be_added_or_placed_is_told_apart() -> None:
    some = rows((100, "G", "A", None), (None, "G", "A", None))
    some.loc[0, "is_additive"] = False
    assert matched_rows(some, FOUND)["verdict"].tolist() == ["not additive", "no position"]
