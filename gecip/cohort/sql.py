"""A definition's conditions as DuckDB SQL: one boolean column for each criterion, in one query.

Conditions on other tables become `EXISTS` or a counting sub-select, so that no participant is ever
doubled by a join. Constants travel as parameters.
"""

from __future__ import annotations

from typing import Any

from gecip.cohort import nodes
from gecip.cohort.nodes import Node
from gecip.cohort.ontology import descendants
from gecip.release.sql_names import quoted

PARTICIPANT = "participant"


class Query:
    """The SQL under way: text comes from the methods, parameters collect here in order."""

    def __init__(self) -> None:
        self.parameters: list[Any] = []
        self.tables: dict[str, set[str]] = {}

    def expression(self, node: Node) -> str:  # noqa: C901 - one flat case for each node
        """Return a node as a SQL expression over the rows of its table."""
        match node:
            case nodes.ColumnValue(table, column):
                self.tables.setdefault(table, set()).add(column)
                return f"{quoted(table)}.{quoted(column)}"
            case nodes.AgeOn(date):
                self.tables.setdefault(PARTICIPANT, set()).add("year_of_birth")
                return f"({self._parameter(date.year)} - {quoted(PARTICIPANT)}.year_of_birth)"
            case nodes.CountOf(table, condition):
                return f"(SELECT count(*) {self._rows_of(table, condition)})"
            case nodes.Exists(table, condition):
                return f"EXISTS (SELECT 1 {self._rows_of(table, condition)})"
            case nodes.Comparison(value, operator, constant):
                return f"({self.expression(value)} {operator.value} {self._parameter(constant)})"
            case nodes.OneOf(value, constants):
                listed = ", ".join(self._parameter(constant) for constant in constants)
                return f"({self.expression(value)} IN ({listed}))"
            case nodes.IsA(value, term):
                column = self.expression(value)
                return f"list_contains({self._parameter(list(descendants(term)))}, {column})"
            case nodes.IsMissing(value):
                return f"({self.expression(value)} IS NULL)"
            case nodes.AllOf(conditions):
                return "(" + " AND ".join(self.expression(part) for part in conditions) + ")"
            case nodes.AnyOf(conditions):
                return "(" + " OR ".join(self.expression(part) for part in conditions) + ")"
            case nodes.Negation(condition):
                return f"(NOT {self.expression(condition)})"
        raise TypeError(f"no SQL for {type(node).__name__}")

    def _rows_of(self, table: str, condition: Node | None) -> str:
        self.tables.setdefault(table, set()).add("participant_id")
        clause = f" AND {self.expression(condition)}" if condition is not None else ""
        return f"FROM {quoted(table)} WHERE {quoted(table)}.participant_id = {quoted(PARTICIPANT)}.participant_id{clause}"

    def _parameter(self, value: Any) -> str:
        self.parameters.append(value)
        return f"${len(self.parameters)}"
