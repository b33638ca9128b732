"""Try a definition on people made by hand, so that its author sees that it means what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gecip.cohort.definition import CohortDefinition
from gecip.cohort.explanation import explain
from gecip.cohort.language import Rows, as_date
from gecip.cohort.nodes import PER_PARTICIPANT
from gecip.cohort.reference import People
from gecip.errors import DefinitionError, UnknownColumnError
from gecip.model.table import ColumnType

IN_COHORT = "in_cohort"


def assure(definition: CohortDefinition, *, people: Mapping[str, Mapping[Any, Any]]) -> None:
    """Check that a definition keeps and leaves out people made by hand, as its author expects.

    ```python
    assure(definition, people={
        "a woman with a cyst": {
            participants: {"sex": "Female"},
            phenotypes: [{"term": "HP:0000107", "present": "Yes"}],
            "in_cohort": True,
        },
    })
    ```

    Parameters
    ----------
    people
        By a name for each: rows by table, as one mapping or several, columns by name or alias, and
        whether they belong into the cohort. People of one family share a `family_id`.

    Raises
    ------
    DefinitionError
        When somebody is judged otherwise than expected; the sentence says by which criterion and why.
    """
    numbers = {name: number for number, name in enumerate(people, start=1)}
    rows: dict[str, list[dict[str, Any]]] = {PER_PARTICIPANT: []}
    for name, facts in people.items():
        for table, row in _rows_of(name, facts, numbers[name]):
            rows.setdefault(table, []).append(row)
    invented = People(rows)
    surprises = []
    for name, facts in people.items():
        why = explain(definition, invented, numbers[name])
        if why.is_member is not facts[IN_COHORT]:
            expected = "in the cohort" if facts[IN_COHORT] else "left out"
            surprises.append(f"{name!r} was expected to be {expected}. {why}")
    if surprises:
        raise DefinitionError(
            f"The cohort {definition.title!r} judges {len(surprises)} of {len(people)} people otherwise than expected:\n"
            + "\n".join(surprises)
        )


def _rows_of(
    name: str, facts: Mapping[Any, Any], number: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield somebody's rows with the tables' names; the one of the participant table is always there."""
    if not isinstance(facts.get(IN_COHORT), bool):
        raise DefinitionError(
            f"{name!r} does not say whether they belong into the cohort: add {IN_COHORT!r}: True or False."
        )
    own: dict[str, Any] = {"participant_id": number}
    for table, given in facts.items():
        if table == IN_COHORT:
            continue
        if not isinstance(table, Rows):
            raise DefinitionError(
                f"{name!r} has rows of {table!r}, which is no table: take one of gecip.tables, as participants."
            )
        for row in [given] if isinstance(given, Mapping) else given:
            cells = dict(_real_cell(table, *cell) for cell in row.items())
            if table.model_table.name == PER_PARTICIPANT:
                own |= cells
            else:
                yield table.model_table.name, {"participant_id": number, **cells}
    yield PER_PARTICIPANT, own


def _real_cell(table: Rows, name: str, value: Any) -> tuple[str, Any]:
    try:
        column = table.model_table.column(name)
    except UnknownColumnError as error:
        raise DefinitionError(str(error)) from None
    is_day = column.type is ColumnType.DATE and isinstance(value, str)
    return column.name, as_date(value) if is_day else value
