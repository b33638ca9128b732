"""Pedigrees as drawings: everybody has a place of their own, and the figure stays inside."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.airlock import request_export
from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember, checked
from gecip.analysis.genetic.pedigree_layout import layout_pedigree
from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.reporting import Listing, list_rows
from gecip.reporting.pedigree_report import plot_pedigree


def member(
    key: int, father: int | None = None, mother: int | None = None, *, sex: str = "Male",
    affected: bool | None = False, twin_group: int | None = None,
) -> PedigreeMember:  # fmt: skip
    """Return a member; the first is the proband."""
    return PedigreeMember(
        key=key,
        participant_id=key,
        father=father,
        mother=mother,
        sex=sex,
        affected=affected,
        relationship=None,
        year_of_birth=None,
        is_proband=key == 1,
        twin_group=twin_group,
    )


COUSINS = Pedigree(
    1,
    (
        member(1, 8, 9, affected=True),
        member(2),
        member(3, sex="Female"),
        member(4, 2, 3),
        member(5, sex="Female"),
        member(6, 2, 3, sex="Female"),
        member(7),
        member(8, 4, 5),
        member(9, 7, 6, sex="Female"),
    ),
)


@st.composite
def pedigrees(draw: st.DrawFn) -> Pedigree:
    """Give a pedigree in which parents come before children, with several marriages and cousins who marry."""
    members = [member(1)]
    for key in range(2, draw(st.integers(2, 14))):
        men = [one.key for one in members if one.sex == "Male"]
        women = [one.key for one in members if one.sex == "Female"]
        sex = draw(st.sampled_from(["Male", "Female"]))
        father = draw(st.sampled_from([None, *men]))
        mother = draw(st.sampled_from([None, *women]))
        members.append(member(key, father, mother, sex=sex))  # type: ignore[arg-type]
    return checked({1: Pedigree(1, tuple(members))}).families[1]


@given(pedigrees())
@settings(max_examples=60, deadline=None)
def test_everybody_has_a_place_and_children_stand_below_their_parents(pedigree: Pedigree) -> None:
    """Whatever the pedigree: nobody is on somebody else's place, and nobody beside or above a parent."""
    layout = layout_pedigree(pedigree)
    assert set(layout.x) == {one.key for one in pedigree.members}
    rows: dict[int, list[float]] = {}
    for key, x in layout.x.items():
        rows.setdefault(layout.generation[key], []).append(x)
    for across in rows.values():
        assert all(right - left > 0.99 for left, right in pairwise(sorted(across)))
    for one in pedigree.members:
        for parent in (one.father, one.mother):
            if parent is not None:
                assert layout.generation[parent] < layout.generation[one.key]


def test_related_parents_are_known_and_others_not() -> None:
    """Cousins who have a child are joined by a double line, and no other couple."""
    assert layout_pedigree(COUSINS).related == {(8, 9)}


def test_partners_stand_side_by_side_and_children_in_the_middle() -> None:
    """A couple of one row are neighbours, and an only child hangs between its parents."""
    layout = layout_pedigree(COUSINS)
    for man, woman in ((8, 9), (4, 5), (7, 6), (2, 3)):
        left, right = sorted((layout.x[man], layout.x[woman]))
        row = [key for key, one in layout.generation.items() if one == layout.generation[man]]
        assert layout.generation[woman] == layout.generation[man]
        assert not any(left < layout.x[key] < right for key in row)
    assert layout.x[1] == pytest.approx((layout.x[8] + layout.x[9]) / 2)


def test_the_figure_tells_and_stays_inside() -> None:
    """It has words for those who cannot see it, no number of the release, and the airlock refuses it."""
    figure = plot_pedigree(list_rows(COUSINS))
    assert figure.png().startswith(b"\x89PNG")
    assert "9 people in 4 generations with related parents, 1 of them affected" in figure.alt_text
    request = request_export([figure], project="P", purpose="to see that it is refused")
    assert {item.verdict.name for item in request.items} == {"FAIL"}


def test_numbers_of_the_release_are_not_drawn() -> None:
    """Members are numbered from the proband on."""
    from dataclasses import replace

    family = Pedigree(77, (replace(member(1), key=112000003, participant_id=112000003),))
    assert "112000003" not in str(list_rows(family).rows.to_dict())


def test_another_listing_is_no_pedigree() -> None:
    """The sentence says what to give."""
    import pandas as pd

    listing = Listing(title="Something", rows=pd.DataFrame({"a": [1]}), provenance=Provenance("x"))
    with pytest.raises(ReportingError, match="not a pedigree"):
        plot_pedigree(listing)
