"""A definition's conditions as one DuckDB query: each table is scanned once a step, and nobody is doubled.

What a condition gathers from rows or relatives is computed for everybody at once, as a column: one
`GROUP BY participant_id` for each table collects all that is asked of it, by `FILTER`, and is joined
to the participants. What is gathered may itself stand in conditions on rows ("an episode after the
first tumour"), so that there are steps: each step's columns may use those of the steps before.
Constants travel as parameters. The meaning of each node is said by `gecip.cohort.reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gecip.cohort import nodes
from gecip.cohort.codes import SEPARATORS, STEM
from gecip.cohort.nodes import Codes, Node, Side
from gecip.cohort.ontology import descendants
from gecip.cohort.reference import FAMILY, RELATIONSHIP, TYPE
from gecip.release.sql_names import quoted

PARTICIPANT = nodes.PER_PARTICIPANT
_RELATIVES = (nodes.AnyFamilyMember, nodes.OfProband, nodes.InWholeTrio)


class Query:
    """Values per participant, by name, as one SQL query; `parameters` and `tables` say what it needs."""

    def __init__(self, values: Mapping[str, Node]) -> None:
        self.parameters: list[Any] = []
        self.tables: dict[str, set[str]] = {PARTICIPANT: {"participant_id"}}
        self._columns: dict[Node, str] = {}
        self._places_of_constants: dict[tuple[type, Any], int] = {}
        self._values = values
        self.text = self._compose()

    def _compose(self) -> str:
        steps = self._steps()
        chosen = {name: self._expression(node) for name, node in self._values.items()}
        parts = []
        for number, gathered in enumerate(steps, start=1):
            parts += self._step(number, gathered)
        # Last, since the expressions above say which of the participants' columns are needed.
        own = ", ".join(f"r.{quoted(column)}" for column in sorted(self.tables[PARTICIPANT]))
        people = f"base_0 AS MATERIALIZED (SELECT {own} FROM {quoted(PARTICIPANT)} r)"
        listed = ", ".join(
            ["p.participant_id", *(f"{value} AS {quoted(name)}" for name, value in chosen.items())]
        )
        clauses = ",\n".join([people, *parts])
        return f"WITH {clauses}\nSELECT {listed} FROM base_{len(steps)} p ORDER BY p.participant_id"

    def _steps(self) -> Sequence[Sequence[Node]]:
        """Return what is gathered, each once, in steps that use nothing but earlier ones."""
        steps: list[dict[Node, None]] = []
        for root in self._values.values():
            for node in root.walk():
                if isinstance(node, nodes.Gathered):
                    depth = _depth(node)
                    while len(steps) < depth:
                        steps.append({})
                    steps[depth - 1].setdefault(node)
        for node in (node for step in steps for node in step):
            self._columns[node] = f"gathered_{len(self._columns)}"
        return [list(step) for step in steps]

    def _step(self, number: int, gathered: Sequence[Node]) -> list[str]:
        """Return the clauses of one step: a grouping for each table, and the participants with their results."""
        parts, joins, columns = [], [], ["p.*"]
        by_table: dict[str, list[nodes.OfRows]] = {}
        relatives = [node for node in gathered if isinstance(node, _RELATIVES)]
        for node in gathered:
            if isinstance(node, nodes.OfRows):
                by_table.setdefault(node.table, []).append(node)
        for place, (table, of_table) in enumerate(by_table.items()):
            name = f"rows_{number}_{place}"
            parts.append(f"{name} AS ({self._grouped(table, of_table, number - 1)})")
            joins.append(f"LEFT JOIN {name} USING (participant_id)")
            for node in of_table:
                column = self._columns[node]
                columns.append(
                    f"coalesce({name}.{column}, 0) AS {column}"
                    if isinstance(node, nodes.CountOf | nodes.CountDistinctOf | nodes.Exists)
                    else f"{name}.{column}"
                )
        if relatives:
            name = f"family_{number}"
            self.tables[PARTICIPANT].add(FAMILY)
            parts.append(f"{name} AS ({self._families(relatives, number - 1)})")
            joins.append(f"LEFT JOIN {name} ON {name}.family = p.{FAMILY}")
            columns += [self._of_relatives(node, name) for node in relatives]
        parts.append(
            f"base_{number} AS MATERIALIZED (SELECT {', '.join(columns)} FROM base_{number - 1} p {' '.join(joins)})"
        )
        return parts

    def _grouped(self, table: str, gathered: Sequence[nodes.OfRows], step: int) -> str:
        self.tables.setdefault(table, set()).add("participant_id")
        conditions = [
            None if node.condition is None else self._expression(node.condition)
            for node in gathered
        ]
        # Each condition is judged once a row, however many values ask for it.
        judged = {
            condition: f"condition_{place}"
            for place, condition in enumerate(dict.fromkeys(filter(None, conditions)))
        }
        listed = ["r.participant_id"]
        for node, condition in zip(gathered, conditions, strict=True):
            kept = f" FILTER (WHERE {judged[condition]})" if condition else ""
            listed.append(f"{self._aggregate(node)}{kept} AS {self._columns[node]}")
        verdicts = "".join(f", {condition} AS {name}" for condition, name in judged.items())
        rows = f"SELECT r.*{verdicts} FROM {quoted(table)} r"
        if any(self._needs_participant(node.condition) for node in gathered):
            rows += f" JOIN base_{step} p USING (participant_id)"
        text = f"SELECT {', '.join(listed)} FROM ({rows}) r"
        if all(conditions):
            text += f" WHERE {' OR '.join(judged.values())}"
        return f"{text} GROUP BY r.participant_id"

    def _aggregate(self, node: nodes.OfRows) -> str:
        match node:
            case nodes.CountOf() | nodes.Exists():
                return "count(*)"
            case nodes.CountDistinctOf(column=column):
                return f"count(DISTINCT {self._expression(column)})"
            case nodes.ExtremeOf(column=column, side=side):
                return f"{_EXTREME[side]}({self._expression(column)})"
            case nodes.PickedValue(by=by, side=side, column=column) if by == column:
                return f"{_EXTREME[side]}({self._expression(by)})"
            case nodes.PickedValue(by=by, side=side, column=column):
                # A structure is ordered by its fields: the day, whether there is a value, the value.
                known = "IS NULL" if side is Side.FIRST else "IS NOT NULL"
                day, value = self._expression(by), self._expression(column)
                pair = f"{{'day': {day}, 'known': {value} {known}, 'value': {value}}}"
                return f"{_EXTREME[side]}(CASE WHEN {day} IS NOT NULL THEN {pair} END)"
        raise TypeError(f"no aggregate for {type(node).__name__}")

    def _families(self, relatives: Sequence[Node], step: int) -> str:
        verdicts = ", ".join(
            f"{self._family_verdict(node)} AS {self._columns[node]}" for node in relatives
        )
        return (
            f"SELECT p.{FAMILY} AS family, {verdicts} FROM base_{step} p "
            f"WHERE p.{FAMILY} IS NOT NULL GROUP BY p.{FAMILY}"
        )

    def _family_verdict(self, node: Node) -> str:
        """Return what is true of a whole family, as an aggregate over its members."""
        if isinstance(node, nodes.InWholeTrio):
            return " AND ".join(f"bool_or({place})" for place in self._places())
        assert isinstance(node, nodes.AnyFamilyMember | nodes.OfProband)
        verdict = self._expression(node.condition)
        judged = f" FILTER (WHERE {self._proband()})" if isinstance(node, nodes.OfProband) else ""
        return (
            f"CASE WHEN bool_or({verdict}){judged} THEN true "
            f"WHEN bool_or(({verdict}) IS NULL){judged} THEN NULL "
            f"WHEN count(*){judged} > 0 THEN false END"
        )

    def _of_relatives(self, node: Node, name: str) -> str:
        """Return a participant's own verdict out of the family's, as a column of the step."""
        column = self._columns[node]
        if isinstance(node, nodes.AnyFamilyMember):
            alone = self._expression(node.condition)
            return f"CASE WHEN p.{FAMILY} IS NULL THEN {alone} ELSE {name}.{column} END AS {column}"
        if isinstance(node, nodes.InWholeTrio):
            places = " OR ".join(f"coalesce({place}, false)" for place in self._places())
            return f"coalesce({name}.{column} AND ({places}), false) AS {column}"
        return f"{name}.{column} AS {column}"

    def _proband(self) -> str:
        self.tables[PARTICIPANT] |= {TYPE, FAMILY}
        return f"p.{TYPE} = 'Proband'"

    def _places(self) -> tuple[str, str, str]:
        """Return what makes somebody proband, father and mother."""
        self.tables[PARTICIPANT].add(RELATIONSHIP)
        proband = self._proband()
        other = f"(p.{TYPE} IS DISTINCT FROM 'Proband')"
        return (
            proband,
            f"({other} AND p.{RELATIONSHIP} = 'Father')",
            f"({other} AND p.{RELATIONSHIP} = 'Mother')",
        )

    def _needs_participant(self, condition: Node | None) -> bool:
        """Return whether a condition on rows also speaks of their participant."""
        return condition is not None and any(
            isinstance(node, nodes.Gathered | nodes.AgeOn)
            or (isinstance(node, nodes.ColumnValue) and node.table == PARTICIPANT)
            for node in condition.walk()
        )

    def _expression(self, node: Node) -> str:  # noqa: C901 - one flat case for each node
        """Return a node as a SQL expression over rows `r` and participants `p`."""
        match node:
            case nodes.Literal(constant):
                return self._parameter(constant)
            case nodes.ColumnValue(table, column):
                self.tables.setdefault(table, set()).add(column)
                return f"{'p' if table == PARTICIPANT else 'r'}.{quoted(column)}"
            case nodes.AgeOn(date, less):
                self.tables[PARTICIPANT].add("year_of_birth")
                return f"(year({self._expression(date)}) - p.year_of_birth - {less})"
            case nodes.DaysSince(date, other):
                return f"date_diff('day', {self._expression(other)}, {self._expression(date)})"
            case nodes.Exists():
                return f"(p.{self._columns[node]} > 0)"
            case nodes.PickedValue(by=by, column=column) if by != column:
                return f"p.{self._columns[node]}.value"
            case nodes.Gathered():
                return f"p.{self._columns[node]}"
            case nodes.WordFor(_, conditions, words, otherwise):
                cases = " ".join(
                    f"WHEN {self._expression(condition)} THEN {self._parameter(word)}"
                    for condition, word in zip(conditions, words, strict=True)
                )
                return f"(CASE {cases} ELSE {self._parameter(otherwise)} END)"
            case nodes.Comparison(value, operator, other):
                return f"({self._expression(value)} {operator.value} {self._expression(other)})"
            case nodes.OneOf(value, constants):
                listed = ", ".join(self._parameter(constant) for constant in constants)
                return f"({self._expression(value)} IN ({listed}))"
            case nodes.IsA(value, term):
                return f"list_contains({self._parameter(list(descendants(term)))}, {self._expression(value)})"
            case nodes.HasCode(value, codes, compared):
                return self._has_code(self._expression(value), codes, compared)
            case nodes.IsMissing(value):
                return f"({self._expression(value)} IS NULL)"
            case nodes.AllOf(conditions):
                return "(" + " AND ".join(self._expression(part) for part in conditions) + ")"
            case nodes.AnyOf(conditions):
                return "(" + " OR ".join(self._expression(part) for part in conditions) + ")"
            case nodes.Negation(condition):
                return f"(NOT {self._expression(condition)})"
        raise TypeError(f"no SQL for {type(node).__name__}")

    def _has_code(self, value: str, codes: Sequence[str], compared: Codes) -> str:
        """Return a search for codes. Where few stems are asked for, a plain search leaves out most rows first: it is ten times as fast."""
        text = f"upper(CAST({value} AS VARCHAR))"
        search = f"regexp_matches({text}, {self._parameter(_code_pattern(codes, compared))})"
        stems = sorted({code[:STEM] for code in codes})
        if len(stems) > _MOST_STEMS:
            return search
        likely = " OR ".join(f"contains({text}, {self._parameter(stem)})" for stem in stems)
        return f"(CASE WHEN {likely} THEN {search} WHEN {value} IS NULL THEN NULL ELSE false END)"

    def _parameter(self, value: Any) -> str:
        # The same constant is the same parameter, so that equal conditions read alike and are judged once.
        key = repr(value) if isinstance(value, list) else value
        place = self._places_of_constants.setdefault(
            (type(value), key), len(self._places_of_constants) + 1
        )
        if place > len(self.parameters):
            self.parameters.append(value)
        return f"${place}"


_MOST_STEMS = 12
_EXTREME = {Side.FIRST: "min", Side.LAST: "max"}


def _depth(node: Node) -> int:
    """Return in which step a node can be computed: 0 from a row or the participant alone."""
    below = max((_depth(child) for child in node.children()), default=0)
    return below + isinstance(node, nodes.Gathered)


def _code_pattern(codes: Sequence[str], compared: Codes) -> str:
    """Return a regular expression that finds one of some codes at the start of any code of a value."""
    ends = f"($|[{SEPARATORS}])" if compared is Codes.WHOLE else ""
    dotted = "|".join(
        code if len(code) <= STEM else f"{code[:STEM]}\\.?{code[STEM:]}" for code in codes
    )
    return f"(^|[{SEPARATORS}])({dotted}){ends}"
