"""Lying bars and points with intervals: what is drawn of a masked cell, and what stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from gecip.provenance import Provenance
from gecip.reporting import Figure, Meaning, Rate, Summary
from gecip.reporting.bars import draw_bars
from gecip.reporting.shares import ShareColumns, describe_shares, draw_shares
from gecip.reporting.summary import Marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

COLUMNS = ShareColumns("found", "people", "share", "low", "high")
COUNTS = ["found", "people"]


def made(*, masked: bool) -> Summary:
    """Return a summary of two groups; in the masked copy the second is told as fewer than five."""
    index = pd.Index(["Many", "Few"], name="group")
    table = pd.DataFrame(
        {
            "found": [20, 5 if masked else 3],
            "people": [40, 30],
            "share": [0.5, 0.1],
            "low": [0.35, 0.03],
            "high": [0.65, 0.26],
        },
        index=index,
    )
    behind = table.assign(share=table["found"], low=table["found"], high=table["found"]).astype(int)
    cells = pd.DataFrame("", index=index, columns=table.columns)
    cells.loc["Few", ["found", "share", "low", "high"]] = "<5"
    return Summary(
        title="What was found",
        table=table,
        people=behind,
        families=behind,
        meanings={
            "found": Meaning.PEOPLE,
            "people": Meaning.PEOPLE,
            "share": Meaning.RATE,
            "low": Meaning.STATISTIC,
            "high": Meaning.STATISTIC,
        },
        phenotypic=True,
        n_people=70,
        n_families=70,
        provenance=Provenance("test", {}, {}),
        rates={"share": Rate("found", "people")},
        marks=Marks(cells, "70 people", "70 families") if masked else None,
    )


def words_of(drawing: Drawing) -> list[str]:
    return [text.get_text() for text in drawing.axes[0].texts]


def test_a_bar_is_as_long_as_its_count_and_says_of_how_many() -> None:
    drawing = draw_bars(
        made(masked=False), "found", rows=["Many", "Few"], axis="People", among="people"
    )
    assert [patch.get_width() for patch in drawing.axes[0].patches] == [20, 3]
    assert words_of(drawing) == ["20 of 40", "3 of 30"]
    assert not drawing.legends


def test_a_masked_bar_is_drawn_in_outline_and_never_as_long_as_it_is() -> None:
    drawing = draw_bars(made(masked=True), "found", rows=["Many", "Few"], axis="People")
    many, few = drawing.axes[0].patches
    assert (many.get_hatch() or "", bool(few.get_hatch())) == ("", True)
    assert few.get_width() == 5
    assert words_of(drawing) == ["20", "<5"]
    assert [text.get_text() for text in drawing.legends[0].texts] == ["fewer, drawn rounded up"]


@pytest.mark.parametrize(("masked", "points"), [(False, 2), (True, 1)])
def test_a_masked_share_has_no_point(*, masked: bool, points: int) -> None:
    drawing = draw_shares(made(masked=masked), COLUMNS, axis="People (%)", whole="Many")
    drawn = [line for line in drawing.axes[0].lines if len(line.get_xdata()) == 1]  # type: ignore[arg-type]
    assert len(drawn) == points
    assert drawn[0].get_marker() == "s"
    assert words_of(drawing)[1] == ("<5 of 30" if masked else "3 of 30")


def test_the_words_for_those_who_cannot_see_hold_no_masked_number() -> None:
    assert describe_shares(made(masked=False), COLUMNS).endswith("Few: 3 of 30 (10.0%).")
    assert "Few: <5 of 30 (<5)" in describe_shares(made(masked=True), COLUMNS)


def test_both_can_be_redrawn_by_the_airlock(tmp_path: Path) -> None:
    figure = Figure(made(masked=False), _draw, repr)
    image = tmp_path / "bars.png"
    image.write_bytes(figure.redraw(made(masked=True)).png())
    assert image.stat().st_size > 5_000


def _draw(summary: Summary) -> Drawing:
    return draw_bars(summary, "found", rows=["Many", "Few"], axis="People")
