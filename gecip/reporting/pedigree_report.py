"""A pedigree drawn in the standard symbols (Bennett, J Genet Couns 2022;31:1238): a listing's figure, which stays inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember
from gecip.analysis.genetic.pedigree_layout import layout_pedigree
from gecip.errors import ReportingError
from gecip.provenance import Provenance, software_versions
from gecip.release.summary_level import require_rows_of
from gecip.reporting.figure import Figure
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows
from gecip.reporting.style import BLACK, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

COLUMNS = (
    "member", "father", "mother", "sex", "affected", "deceased", "proband", "twin_group", "identical", "year_of_birth",
)  # fmt: skip
_RADIUS, _ROW = 0.26, 1.5
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@list_rows.register
def list_pedigree(pedigree: Pedigree) -> Listing:
    """Return the members of a family, the proband first, under the numbers of the drawing in the place of their own.

    Raises
    ------
    AccessError
        When somebody in it is reported at summary level only.
    """
    require_rows_of(*(member.key for member in pedigree.members))
    number = {member.key: place for place, member in enumerate(pedigree.members, start=1)}
    rows = [
        {
            "member": number[member.key],
            "father": number.get(member.father) if member.father is not None else None,
            "mother": number.get(member.mother) if member.mother is not None else None,
            "sex": member.sex,
            "affected": member.affected,
            "deceased": member.deceased,
            "proband": member.is_proband,
            "twin_group": member.twin_group,
            "identical": member.monozygotic,
            "year_of_birth": member.year_of_birth,
        }
        for member in pedigree.members
    ]
    return Listing(
        title="Pedigree of one family",
        rows=_frame(rows),
        notes=("Members are numbered from the proband on, not by their numbers in the release.",),
        provenance=Provenance("pedigree", software=software_versions()).then(
            "list_rows", of="Pedigree"
        ),
    )


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    whole = ["member", "father", "mother", "twin_group", "year_of_birth"]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(whole, "Int64"))


def plot_pedigree(listing: Listing) -> Figure:
    """Return a family's pedigree as a figure: squares men, circles women, filled whoever is affected.

    A stroke through a symbol says deceased, an arrow points to the proband, a double line joins related
    parents, and lines from one point twins, joined if they are identical. A question mark stands where
    it is not known whether somebody is affected.

    Raises
    ------
    ReportingError
        When the listing is no pedigree, or a pedigree of nobody.
    """
    if not set(COLUMNS).issubset(listing.rows.columns) or listing.rows.empty:
        raise ReportingError(
            f"The listing {listing.title!r} is not a pedigree: give list_rows(pedigree) of a family with members."
        )
    return Figure(listing, _draw, _describe)


def _pedigree(listing: Listing) -> Pedigree:
    import pandas as pd

    members = []
    for row in listing.rows.to_dict("records"):
        one = {name: None if pd.isna(value) else value for name, value in row.items()}
        members.append(
            PedigreeMember(
                key=int(row["member"]),
                participant_id=None,
                father=None if one["father"] is None else int(one["father"]),
                mother=None if one["mother"] is None else int(one["mother"]),
                sex=one["sex"],
                affected=one["affected"],
                relationship=None,
                year_of_birth=None if one["year_of_birth"] is None else int(one["year_of_birth"]),
                is_proband=bool(one["proband"]),
                twin_group=None if one["twin_group"] is None else int(one["twin_group"]),
                deceased=one["deceased"],
                monozygotic=one["identical"],
            )
        )
    return Pedigree("drawn", tuple(members))


def _draw(listing: Listing) -> Drawing:
    from gecip.reporting.pedigree_symbols import draw_lines, draw_member

    pedigree = _pedigree(listing)
    layout = layout_pedigree(pedigree)
    rows = max(layout.generation.values()) + 1
    width = max(layout.x.values()) + 1.4
    drawing = new_drawing(width=max(2.6, 0.8 * width), height=max(1.8, 0.8 * _ROW * rows))
    axes: Axes = drawing.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-0.9, width - 0.3)
    axes.set_ylim(-_ROW * (rows - 1) - 0.9, 0.6)
    draw_lines(axes, pedigree, layout)
    for member in pedigree.members:
        draw_member(axes, member, layout)
    for row in range(rows):
        axes.text(
            -0.75, -_ROW * row, _numeral(row), ha="center", va="center", color=BLACK, fontsize=9
        )
    return drawing


def _numeral(row: int) -> str:
    return _NUMERALS[row] if row < len(_NUMERALS) else str(row + 1)


def _describe(listing: Listing) -> str:
    pedigree = _pedigree(listing)
    layout = layout_pedigree(pedigree)
    affected = sum(member.affected is True for member in pedigree.members)
    related = " with related parents" if layout.related else ""
    return (
        f"A pedigree of {len(pedigree.members)} people in {max(layout.generation.values()) + 1} generations{related}, "
        f"{affected} of them affected; an arrow points to the proband."
    )
