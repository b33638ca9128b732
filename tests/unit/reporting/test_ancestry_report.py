"""What is said of genetic ancestry, and what of it may leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.analysis.genetic.ancestry import GeneticAncestry
from gecip.analysis.genetic.reference_space import UNASSIGNED
from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.release import open_release
from gecip.reporting import Figure, list_rows, summarise
from gecip.reporting.ancestry_report import (
    PEOPLE,
    compare_with_recorded,
    density_of_components,
    honeycomb,
    plot_components,
    plot_density,
)
from tests.handmade import person, write_release
from tests.known_people import ids_of, unknown_numbers, whole_of

MIDDLES = {"African": (-8.0, 4.0), "European": (3.0, 0.0), UNASSIGNED: (-2.0, 1.0)}


def ancestry_of(
    counts: Mapping[str, int],
    provenance: Provenance,
    *,
    components: int = 2,
    recorded: str | None = None,
) -> GeneticAncestry:
    """Return so many people around the middle of each reference, two in each family."""
    random = np.random.default_rng(5)
    rows = []
    for name, count in counts.items():
        for _ in range(count):
            place = np.array(MIDDLES[name]) + random.normal(scale=0.6, size=2)
            number = 110_000_000 + len(rows)
            rows.append((number, number // 2, name, *place[:components]))
    names = [f"PC{number}" for number in range(1, components + 1)]
    people = pd.DataFrame(rows, columns=["participant_id", "family_id", "similar_to", *names])
    reference = people[people["similar_to"] != UNASSIGNED].rename(
        columns={"similar_to": "reference"}
    )
    return GeneticAncestry(
        provenance=provenance,
        people=people.assign(
            nearest=people["similar_to"].replace(UNASSIGNED, "European"),
            probability=1.0,
            outlier_factor=1.0,
            recorded=recorded or people["similar_to"],
        ),
        reference=reference.assign(participant_id=reference["participant_id"] + 1_000_000),
        components=pd.DataFrame(
            {"share": 0.1, "reach": [0.8, 0.3][:components], "used": [True, False][:components]},
            index=pd.Index(names, name="component"),
        ),
        references=("African", "European"),
        too_few=("American", "East Asian"),
        sites=1_234,
    )


@pytest.fixture
def provenance(tmp_path: Path) -> Provenance:
    return open_release(write_release(tmp_path / "r", participant=[person(110_000_011)])).provenance


@pytest.fixture
def result(provenance: Provenance) -> GeneticAncestry:
    return ancestry_of({"African": 12, "European": 60, UNASSIGNED: 7}, provenance)


def ask(item: Any, folder: Path) -> ExportRequest:
    return request_export(
        [item], project="RR91", purpose="Figure 1 of the paper", folder=folder / "asked"
    )


def test_people_are_counted_by_reference_with_the_unassigned_last(result: GeneticAncestry) -> None:
    table = summarise(result).table
    assert table[PEOPLE].to_dict() == {
        "African": 12,
        "European": 60,
        UNASSIGNED: 7,
        "Total": 79,
    }
    assert table["families"].to_dict() == {"African": 6, "European": 30, UNASSIGNED: 4, "Total": 40}


def test_a_reference_that_nobody_resembles_is_shown_with_none(provenance: Provenance) -> None:
    table = summarise(ancestry_of({"European": 20}, provenance)).table
    assert table.at["African", PEOPLE] == 0
    assert table.at[UNASSIGNED, PEOPLE] == 0


def test_the_notes_say_similarity_shrinkage_and_which_references_are_missing(
    result: GeneticAncestry,
) -> None:
    notes = " ".join(summarise(result).notes)
    assert (
        "Similarity to 72 reference people of this release at 1,234 sites, not ethnicity" in notes
    )
    assert "PC1 80%" in notes
    assert "PC2" not in notes  # not used
    assert "American, East Asian" in notes


def test_agreement_with_the_record_is_counted_both_ways(provenance: Provenance) -> None:
    found = ancestry_of({"European": 20, UNASSIGNED: 6}, provenance, recorded="European")
    table = compare_with_recorded(found).table
    assert table.loc["European"].to_dict() == {
        "African": 0,
        "European": 20,
        UNASSIGNED: 6,
        "Total": 26,
    }


def test_the_density_counts_everybody_once_where_they_are(result: GeneticAncestry) -> None:
    table = density_of_components(result).table
    assert table[PEOPLE].groupby(level=0).sum().to_dict() == {
        "African": 12,
        "European": 60,
        UNASSIGNED: 7,
    }
    for name, x, y in table.index:
        assert np.hypot(x - MIDDLES[name][0], y - MIDDLES[name][1]) < 5


def test_fewer_cells_hold_more_people(result: GeneticAncestry) -> None:
    coarse, fine = (len(density_of_components(result, across=n).table) for n in (2, 20))
    assert coarse < fine


def test_every_point_goes_to_its_nearest_centre() -> None:
    points = np.random.default_rng(1).uniform(-5, 5, size=(400, 2))
    size = np.array([1.0, np.sqrt(3.0)])
    found = honeycomb(points, size)
    steps = np.arange(-14, 15) / 2
    grid = np.array([(x, y) for x in steps for y in steps if (x % 1) == (y % 1)]) * size
    distances = np.linalg.norm(points[:, None] - grid[None], axis=2)
    assert np.allclose(np.linalg.norm(points - found, axis=1), distances.min(axis=1))


def test_one_component_alone_has_no_density(provenance: Provenance) -> None:
    found = ancestry_of({"European": 20}, provenance, components=1)
    with pytest.raises(ReportingError, match="components=2 or more"):
        density_of_components(found)


def test_marks_of_one_cell_stand_side_by_side(provenance: Provenance) -> None:
    found = ancestry_of({"European": 30, UNASSIGNED: 6}, provenance)
    places = found.people[["PC1", "PC2"]].copy()
    places.iloc[30:] = places.iloc[:6].to_numpy()
    moved = GeneticAncestry(**{**vars(found), "people": found.people.assign(**places)})
    summary = density_of_components(moved, across=3)
    shared = summary.table.reset_index().groupby(["PC1", "PC2"])["similar to"].nunique()
    assert (shared > 1).any()
    drawn = [
        tuple(np.round(mark.get_offsets()[0], 6))
        for mark in plot_density(summary).drawing.axes[0].collections
    ]
    assert len(drawn) == len(set(drawn)) == len(summary.table)


def test_figures_tell_what_they_show(result: GeneticAncestry) -> None:
    density = plot_density(density_of_components(result))
    assert "79 people in 40 families" in density.alt_text
    points = plot_components(list_rows(result))
    assert f"African 12, European 60, {UNASSIGNED} 7" in points.alt_text
    legend = [text.get_text() for text in points.drawing.legends[0].get_texts()]
    assert legend == ["African", "European", UNASSIGNED, "reference people"]


def test_a_figure_of_something_else_says_which_it_needs(result: GeneticAncestry) -> None:
    with pytest.raises(ReportingError, match="give that of density_of_components"):
        plot_density(summarise(result))
    listing = list_rows(result)
    bare = type(listing)(
        title="x", rows=listing.rows[["participant_id"]], provenance=listing.provenance
    )
    with pytest.raises(ReportingError, match="give list_rows of genetic_ancestry"):
        plot_components(bare)


@pytest.mark.parametrize("make", [summarise, compare_with_recorded, density_of_components])
def test_a_summary_may_ask_to_leave(result: GeneticAncestry, make: Any, tmp_path: Path) -> None:
    assert ask(make(result), tmp_path).verdict in (Verdict.PASS, Verdict.REVIEW)


@pytest.mark.slow
def test_a_density_leaves_with_its_small_cells_in_outline(
    result: GeneticAncestry, tmp_path: Path
) -> None:
    summary = density_of_components(result)
    small = ((summary.table[PEOPLE] > 0) & (summary.table[PEOPLE] < 5)).sum()
    assert small > 0
    request = ask(plot_density(summary), tmp_path)
    assert request.verdict is Verdict.REVIEW
    masked = request.items[0].product
    assert isinstance(masked, Figure)
    marks = masked.drawing.axes[0].collections
    assert sum(bool(mark.get_hatch()) and len(mark.get_offsets()) for mark in marks) == small


def test_single_people_stay_as_rows_and_as_points(result: GeneticAncestry, tmp_path: Path) -> None:
    listing = list_rows(result)
    assert len(listing) == 79 + 72
    for item in (listing, plot_components(listing)):
        assert ask(item, tmp_path).verdict is Verdict.FAIL


def test_who_lies_in_a_cell_stands_behind_its_count() -> None:
    result = ancestry_of({"African": 40, "European": 30}, Provenance("by hand"))
    summary = density_of_components(result)
    assert unknown_numbers(summary) == 0
    where = result.people.set_index("participant_id")[["PC1", "PC2"]]
    seen: set[object] = set()
    for row in summary.table.index:
        people = ids_of(summary, row, PEOPLE)
        assert people == ids_of(summary, row, "families")
        assert not people & seen
        seen |= people
        # Nobody lies nearer to another of the cells of the same reference than to their own, by far.
        reach = (where.loc[list(people)] - row[1:]).abs().max()
        assert (reach < np.ptp(where.to_numpy(), axis=0) / 4).all()
    assert seen == whole_of(summary) == set(where.index)
    assert unknown_numbers(compare_with_recorded(result)) == 0
