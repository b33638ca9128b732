"""The symbols and lines of a pedigree, drawn at the places of its layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.pedigree import Number, Pedigree, PedigreeMember
from gecip.analysis.genetic.pedigree_layout import PedigreeLayout, Sibship
from gecip.reporting.style import BLACK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RADIUS, ROW = 0.26, 1.5
_LINE = 1.1
_BETWEEN_LINES = 0.07
_LEVEL = 0.13


def draw_member(axes: Axes, member: PedigreeMember, layout: PedigreeLayout) -> None:
    """Draw one member's symbol with what is known of them."""
    from matplotlib.patches import Circle, Polygon, Rectangle

    x, y = layout.x[member.key], -ROW * layout.generation[member.key]
    look: dict[str, Any] = {
        "facecolor": BLACK if member.affected else "white",
        "edgecolor": BLACK,
        "linewidth": _LINE,
        "zorder": 3,
    }
    if member.sex == "Male":
        axes.add_patch(Rectangle((x - RADIUS, y - RADIUS), 2 * RADIUS, 2 * RADIUS, **look))
    elif member.sex == "Female":
        axes.add_patch(Circle((x, y), RADIUS, **look))
    else:
        tip = RADIUS * 1.25
        axes.add_patch(
            Polygon([(x - tip, y), (x, y + tip), (x + tip, y), (x, y - tip)], closed=True, **look)
        )
    if member.affected is None:
        axes.text(x, y, "?", ha="center", va="center", color=BLACK, fontsize=9, zorder=4)
    if member.deceased:
        reach = 1.45 * RADIUS
        # White behind the stroke, so that it is seen on a filled symbol too.
        for width, colour in ((3.2, "white"), (1.2, BLACK)):
            axes.plot(
                [x - reach, x + reach], [y - reach, y + reach], color=colour, lw=width, zorder=5
            )
    if member.is_proband:
        axes.annotate(
            "",
            xy=(x - RADIUS * 1.1, y - RADIUS * 1.1),
            xytext=(x - RADIUS * 2.3, y - RADIUS * 2.3),
            arrowprops={"arrowstyle": "-|>", "color": BLACK, "linewidth": _LINE},
            zorder=6,
        )
    axes.text(
        x, y - RADIUS - 0.08, str(member.key), ha="center", va="top", color=BLACK, fontsize=8, zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def draw_lines(axes: Axes, pedigree: Pedigree, layout: PedigreeLayout) -> None:
    """Draw the lines of couples and of descent."""
    members = {member.key: member for member in pedigree.members}
    levels = _levels(layout)
    for sibship in layout.sibships:
        origin = _draw_couple(axes, sibship, layout, detour=_LEVEL * levels[sibship.parents])
        _draw_children(
            axes,
            [members[child] for child in sibship.children],
            layout,
            origin=origin,
            lift=_LEVEL * levels[sibship.parents],
        )


def _levels(layout: PedigreeLayout) -> dict[tuple[Number, ...], int]:
    """Return for each sibship at which of several heights its line runs, so that no two run into each other."""
    spans: dict[int, list[list[tuple[float, float]]]] = {}
    levels = {}
    for sibship in layout.sibships:
        row = max(layout.generation[parent] for parent in sibship.parents)
        across = [layout.x[one] for one in sibship.children]
        middle = sum(layout.x[one] for one in sibship.parents) / len(sibship.parents)
        low, high = min(*across, middle), max(*across, middle)
        taken = spans.setdefault(row, [])
        free = [
            all(high < left - 0.05 or low > right + 0.05 for left, right in others)
            for others in taken
        ]
        level = free.index(True) if True in free else len(taken)
        if level == len(taken):
            taken.append([])
        taken[level].append((low, high))
        levels[sibship.parents] = level
    return levels


def _draw_couple(
    axes: Axes, sibship: Sibship, layout: PedigreeLayout, *, detour: float
) -> tuple[float, float]:
    """Draw the line between two parents, double if they are related, and return where their children's begins."""
    places = sorted(
        (layout.x[parent], -ROW * layout.generation[parent]) for parent in sibship.parents
    )
    if len(places) == 1:
        x, y = places[0]
        return x, y - RADIUS
    (left, left_y), (right, right_y) = places
    neighbours = left_y == right_y and not any(
        left < x < right and -ROW * layout.generation[one] == left_y for one, x in layout.x.items()
    )
    is_double = sibship.parents in layout.related
    shifts: Sequence[float] = (-_BETWEEN_LINES / 2, _BETWEEN_LINES / 2) if is_double else (0.0,)
    if neighbours or left_y != right_y:
        for shift in shifts:
            _line(axes, [left, right], [left_y + shift, right_y + shift])
        return (left + right) / 2, (left_y + right_y) / 2
    # Somebody stands between the two: the line goes over their heads.
    over = left_y + RADIUS + 0.1 + detour
    # The lines of descent come down in the middle of the symbols, so this one leaves beside it.
    start, end = left + RADIUS / 2, right - RADIUS / 2
    for shift in shifts:
        _line(
            axes,
            [start + shift, start + shift, end - shift, end - shift],
            [left_y, over - shift, over - shift, left_y],
        )
    # Down again beside the partner on the right, where nobody stands.
    beside = right - 0.5
    _line(axes, [beside, beside], [over, left_y])
    return beside, left_y


def _draw_children(
    axes: Axes,
    children: Sequence[PedigreeMember],
    layout: PedigreeLayout,
    *,
    origin: tuple[float, float],
    lift: float,
) -> None:
    row = min(layout.generation[child.key] for child in children)
    bar = -ROW * row + RADIUS + 0.25 + lift
    points = _hanging_points(children, layout)
    _line(axes, [origin[0], origin[0]], [origin[1], bar])
    across = [*points.values(), origin[0]]
    if max(across) > min(across):
        _line(axes, [min(across), max(across)], [bar, bar])
    for child in children:
        top = -ROW * layout.generation[child.key] + RADIUS
        _line(axes, [points[child.key], layout.x[child.key]], [bar, top])
    for group in _twins(children):
        if all(child.monozygotic for child in group):
            middle = [(points[one.key] + layout.x[one.key]) / 2 for one in (group[0], group[-1])]
            height = (bar - ROW * layout.generation[group[0].key] + RADIUS) / 2
            _line(axes, middle, [height, height])


def _hanging_points(
    children: Sequence[PedigreeMember], layout: PedigreeLayout
) -> dict[Number, float]:
    """Return where on the sibship's line each child hangs: twins from one point."""
    points = {child.key: layout.x[child.key] for child in children}
    for group in _twins(children):
        shared = sum(layout.x[child.key] for child in group) / len(group)
        points |= dict.fromkeys((child.key for child in group), shared)
    return points


def _twins(children: Sequence[PedigreeMember]) -> list[list[PedigreeMember]]:
    groups: dict[int, list[PedigreeMember]] = {}
    for child in children:
        if child.twin_group is not None:
            groups.setdefault(child.twin_group, []).append(child)
    return [group for group in groups.values() if len(group) > 1]


def _line(axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    axes.plot(x, y, color=BLACK, linewidth=_LINE, zorder=1, solid_capstyle="butt")
