from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gecip.errors import ReportingError
from gecip.reporting import Figure, Summary, list_rows, plot_carriers, summarise
from gecip.reporting.style import HATCHES, MARKERS, PALETTE, look_of_series, new_drawing, styled
from tests.products import carriers_of, counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

GROUPS = {"Renal and urinary tract disorders": 40, "Skin disorders": 12}
GENES = {
    "PKD1": {"Renal and urinary tract disorders": 12},
    "PKD2": {"Renal and urinary tract disorders": 5, "Skin disorders": 3},
    "UMOD": {},
}


def draw_groups(summary: Summary, *, width: float = 4.0) -> Drawing:
    drawing = new_drawing(width=width, height=3.0)
    drawing.add_subplot().barh(summary.table.index.astype(str), summary.table["people"])
    return drawing


def describe_groups(summary: Summary) -> str:
    return f"Bars: {summary.title} & more"


def texts_in(drawing: Drawing) -> list[str]:
    from matplotlib.text import Text

    return [text.get_text() for text in drawing.findobj(Text) if text.get_text()]


def test_a_figure_remembers_what_it_draws_and_can_draw_another() -> None:
    figure = Figure(counted({"a": 12}), draw_groups, describe_groups)
    other = figure.redraw(counted({"b": 30}))
    assert other.png() != figure.png()
    assert figure.of.table.index.tolist() == ["a", "Total"]
    assert "b" in texts_in(other.drawing)
    assert "a" not in texts_in(other.drawing)


def test_the_caption_counts_people_and_families() -> None:
    figure = Figure(counted({"a": 12}, family_size=2), draw_groups, describe_groups)
    assert figure.caption == "People by disease group. 12 people in 6 families."
    shown = figure._repr_html_()
    assert "12 people in 6 families" in shown
    assert "alt='Bars: People by disease group &amp; more'" in shown


def test_a_figure_of_a_listing_says_that_it_stays() -> None:
    listing = list_rows(carriers_of(GENES, groups=GROUPS))
    assert "stays in the environment" in Figure(listing, draw_groups, describe_groups).caption


@pytest.mark.slow
def test_the_same_product_gives_the_same_image() -> None:
    first, second = (plot_carriers(summarise(carriers_of(GENES, groups=GROUPS))) for _ in range(2))
    assert first.png() == second._repr_png_()
    assert first.png().startswith(b"\x89PNG")


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were() -> None:
    before = dict(mpl.rcParams)
    plot_carriers(summarise(carriers_of(GENES, groups=GROUPS))).png()
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []
    with styled():
        assert not mpl.rcParams["axes.spines.top"]
    assert mpl.rcParams["axes.spines.top"]


def test_a_function_that_carries_data_along_cannot_draw() -> None:
    rows = [1, 2, 3]

    def draw_rows(summary: Summary) -> Drawing:
        return new_drawing(width=len(rows), height=1.0)

    summary = counted({"a": 12})
    for function in (draw_rows, lambda summary: None, partial(draw_groups, width=summary)):
        with pytest.raises(ReportingError, match="may know nothing but the product"):
            Figure(summary, function, describe_groups)
    assert Figure(summary, partial(draw_groups, width=6.0), describe_groups).png()


def test_a_figure_draws_a_product_and_nothing_else() -> None:
    frame: Any = counted({"a": 12}).table
    with pytest.raises(ReportingError, match="this is a DataFrame: summarise the result first"):
        Figure(frame, draw_groups, describe_groups)


def test_carriers_are_drawn_with_the_number_beside_each_bar_and_units_on_the_axis() -> None:
    figure = plot_carriers(summarise(carriers_of(GENES, groups=GROUPS, by=None)))
    texts = texts_in(figure.drawing)
    assert {"12  (23.1%)", "8  (15.4%)", "0", "Carriers (people)", "their families"} <= set(texts)
    assert "Highest: PKD1 12, PKD2 8" in figure.alt_text


def test_every_gene_has_a_panel_where_there_are_groups() -> None:
    drawing = plot_carriers(summarise(carriers_of(GENES, groups=GROUPS))).drawing
    titles = [axes.get_title(loc="left") for axes in drawing.axes if axes.get_visible()]
    assert titles == ["PKD1", "PKD2", "UMOD"]


def test_only_carriers_can_be_plotted_as_carriers() -> None:
    with pytest.raises(ReportingError, match="does not count carriers per gene"):
        plot_carriers(counted({"a": 12}))


def test_nothing_drawn_is_clipped_or_overlaps() -> None:
    drawing = plot_carriers(summarise(carriers_of(GENES, groups=GROUPS))).drawing
    with styled():
        FigureCanvasAgg(drawing).draw()
    page = drawing.bbox
    for axes in drawing.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        boxes += [
            label.get_window_extent() for label in axes.get_yticklabels() if label.get_visible()
        ]
        for box in boxes:
            assert page.x0 <= box.x0
            assert box.x1 <= page.x1
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_series_are_told_apart_without_colour() -> None:
    assert len(set(PALETTE)) == len(set(HATCHES)) == len(set(MARKERS)) == 7
    assert look_of_series(1).bar["hatch"] != look_of_series(2).bar["hatch"]
