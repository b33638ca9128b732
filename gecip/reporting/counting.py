"""Count people and families in groups: the usual way to a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.reporting.members import Members
from gecip.reporting.summary import Meaning, Summary, Total

if TYPE_CHECKING:
    import pandas as pd

NOT_RECORDED = "Not recorded"
TOTAL = "Total"


def count_people(
    rows: pd.DataFrame,
    *,
    by: str | Sequence[str],
    title: str,
    phenotypic: bool,
    provenance: Provenance,
    categories: Mapping[str, Sequence[str]] | None = None,
) -> Summary:
    """Return how many distinct people there are in each group, and how many families they are from.

    One column makes a table of groups with a column of people and one of families; two make a table of
    people, the first down and the second across. Totals count everybody once, also who is in several
    groups. Whoever has no value is counted as "Not recorded".

    Parameters
    ----------
    rows
        One row per observation, with `participant_id` and `family_id`; a person may have many rows. Who
        has no family counts as a person and in no family.
    by
        One column of `rows`, or two.
    title
        The line above the table.
    phenotypic
        Whether the groups, or who was counted, rest on phenotypic or identifying data.
    provenance
        Of the product from which the rows come.
    categories
        By column, the groups to show and their order, so that a group with nobody in it appears as 0.
        Without it the groups that occur, sorted.

    Raises
    ------
    ReportingError
        When a column is missing, or a value is not among its categories.
    """
    columns = [by] if isinstance(by, str) else list(by)
    _check_rows(rows, columns)
    groups = {name: _groups(rows[name], (categories or {}).get(name)) for name in columns}
    people = rows[["participant_id", "family_id"]].assign(
        **{f"group_{place}": rows[name].map(_label) for place, name in enumerate(columns)}
    )
    made = provenance.then("count_people", by=columns, title=title)
    facts: dict[str, Any] = {
        "title": title,
        "phenotypic": phenotypic,
        "provenance": made,
        "n_people": int(rows["participant_id"].nunique()),
        "n_families": int(rows["family_id"].nunique()),
    }
    if len(columns) == 1:
        return _one_way(people, columns[0], groups[columns[0]], facts)
    return _two_way(people, columns, groups, facts)


def _one_way(
    people: pd.DataFrame, column: str, groups: list[str], facts: Mapping[str, Any]
) -> Summary:
    import pandas as pd

    index = pd.Index([*groups, TOTAL], name=column)
    n_people = _distinct(people, "participant_id").reindex(groups, fill_value=0).tolist()
    n_families = _distinct(people, "family_id").reindex(groups, fill_value=0).tolist()
    n_people, n_families = [*n_people, facts["n_people"]], [*n_families, facts["n_families"]]
    names = [Meaning.PEOPLE.value, Meaning.FAMILIES.value]
    return Summary(
        table=pd.DataFrame(dict(zip(names, (n_people, n_families), strict=True)), index=index),
        people=pd.DataFrame(dict.fromkeys(names, n_people), index=index),
        families=pd.DataFrame(dict.fromkeys(names, n_families), index=index),
        meanings={names[0]: Meaning.PEOPLE, names[1]: Meaning.FAMILIES},
        totals=(Total(TOTAL, tuple(groups)),) if groups else (),
        members=_members(people, dict.fromkeys([*groups, TOTAL], names)),
        **facts,
    )


def _members(
    people: pd.DataFrame, cells: Mapping[str, Sequence[str]], *, across: bool = False
) -> Members:
    """Return who stands behind each cell of the given rows and columns, from the same rows as the counts."""
    everyone = people["participant_id"].to_numpy()
    found: dict[Any, Any] = {(TOTAL, TOTAL): everyone}
    for place in (0, 1) if across else (0,):
        for group, one in people.groupby(f"group_{place}")["participant_id"]:
            found[(group, TOTAL) if place == 0 else (TOTAL, group)] = one.to_numpy()
    if across:
        for groups, one in people.groupby(["group_0", "group_1"])["participant_id"]:
            found[groups] = one.to_numpy()
    nobody = everyone[:0]
    return Members.of(
        {
            (row, column): found.get((row, column if across else TOTAL), nobody)
            for row, columns in cells.items()
            for column in columns
        },
        everyone,
    )


def _two_way(
    people: pd.DataFrame,
    columns: Sequence[str],
    groups: Mapping[str, list[str]],
    facts: Mapping[str, Any],
) -> Summary:
    down, across = (groups[name] for name in columns)
    counted = {
        counts: _crossed(people, counts, down, across).rename_axis(
            index=columns[0], columns=columns[1]
        )
        for counts in ("participant_id", "family_id")
    }
    return Summary(
        table=counted["participant_id"],
        people=counted["participant_id"],
        families=counted["family_id"],
        meanings=dict.fromkeys([*across, TOTAL], Meaning.PEOPLE),
        totals=(
            *((Total(TOTAL, tuple(down), "rows"),) if down else ()),
            *((Total(TOTAL, tuple(across), "columns"),) if across else ()),
        ),
        members=_members(people, {row: [*across, TOTAL] for row in [*down, TOTAL]}, across=True),
        **facts,
    )


def _crossed(
    people: pd.DataFrame, counted: str, down: list[str], across: list[str]
) -> pd.DataFrame:
    """Return distinct values of a column in each cell, with distinct totals around."""
    cells = people.groupby(["group_0", "group_1"])[counted].nunique().unstack(fill_value=0)
    cells = cells.reindex(index=[*down, TOTAL], columns=[*across, TOTAL], fill_value=0)
    cells.loc[TOTAL, across] = (
        people.groupby("group_1")[counted].nunique().reindex(across, fill_value=0)
    )
    cells.loc[down, TOTAL] = (
        people.groupby("group_0")[counted].nunique().reindex(down, fill_value=0)
    )
    cells.loc[TOTAL, TOTAL] = people[counted].nunique()
    return cells.astype("int64")


def _distinct(people: pd.DataFrame, counted: str) -> pd.Series[Any]:
    return people.groupby("group_0")[counted].nunique()


def _check_rows(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    if not 1 <= len(columns) <= 2:
        raise ReportingError("People are counted by one column or by two: name them in by.")
    for column in ("participant_id", "family_id", *columns):
        if column not in rows.columns:
            raise ReportingError(
                f"The rows to count have no column {column!r}: they have {', '.join(map(repr, rows.columns))}."
            )
    if rows["participant_id"].isna().any():
        raise ReportingError(
            "Some of the rows to count have no participant_id, so that nobody knows how many people they are: "
            "leave such rows out before counting."
        )


def _groups(values: pd.Series[Any], categories: Sequence[str] | None) -> list[str]:
    """Return the labels of the groups in order, those without a value last."""
    found = values.dropna().map(_label)
    groups = sorted(found.unique()) if categories is None else [str(one) for one in categories]
    unknown = found[~found.isin(groups)].nunique()
    if unknown:
        raise ReportingError(
            f"The column {values.name!r} holds {unknown} value(s) that are not among its categories: "
            "add them to categories, or select the rows before counting."
        )
    if values.isna().any() and NOT_RECORDED not in groups:
        groups = [*groups, NOT_RECORDED]
    if TOTAL in groups:
        raise ReportingError(
            f"The column {values.name!r} has a group called {TOTAL!r}, which is the name of the line that holds "
            "all groups: rename the group."
        )
    return groups


def _label(value: Any) -> str:
    import pandas as pd

    return NOT_RECORDED if pd.isna(value) else str(value)
