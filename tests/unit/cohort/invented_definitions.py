"""Definitions and data drawn at random, small and full of missing values, ties, duplicates and empty tables."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from gecip.cohort import nodes
from gecip.cohort.nodes import Codes, ColumnValue, Literal, Node, Operator, Side
from gecip.cohort.reference import FAMILY, RELATIONSHIP, TYPE, People, evaluate
from gecip.cohort.sql import Query

Row = dict[str, Any]
DAY, NUMBER, SCORE, WORD, CODES, TERM, TRUTH = [
    "day",
    "number",
    "score",
    "word",
    "codes",
    "term",
    "truth",
]
FIRST_DAY = datetime.date(2019, 12, 30)
TERMS = ("HP:0000107", "HP:0000113", "HP:0012210", "HP:0001250")
CODE_VALUES = (
    "N18.1",
    "N181",
    "n180|I50",
    "I500",
    "E11 N18",
    "|",
    "N1",
    "73211009",
    "73211009|22298006",
)

PEOPLE = {
    "participant_id": pa.int64(),
    FAMILY: pa.int64(),
    TYPE: pa.string(),
    RELATIONSHIP: pa.string(),
    "year_of_birth": pa.int64(),
    "registered": pa.date32(),
    "sex": pa.string(),
    "height": pa.float64(),
    "flag": pa.bool_(),
}
EVENTS = {
    "participant_id": pa.int64(),
    "began": pa.date32(),
    "ended": pa.date32(),
    "amount": pa.int64(),
    "score": pa.float64(),
    "word": pa.string(),
    "codes": pa.string(),
    "term": pa.string(),
    "flag": pa.bool_(),
}
SCHEMAS = {"participant": PEOPLE, "visits": EVENTS, "scans": EVENTS}
_OF_EVENTS = {
    DAY: ["began", "ended"],
    NUMBER: ["amount"],
    SCORE: ["score"],
    WORD: ["word"],
    CODES: ["codes"],
    TERM: ["term"],
    TRUTH: ["flag"],
}
OF_KIND = {
    "participant": {
        DAY: ["registered"],
        NUMBER: ["year_of_birth"],
        SCORE: ["height"],
        WORD: ["sex"],
        CODES: ["sex"],
        TERM: ["sex"],
        TRUTH: ["flag"],
    },
    "visits": _OF_EVENTS,
    "scans": _OF_EVENTS,
}


# -- data ---------------------------------------------------------------------------------------------


def invent_people(random: Random) -> dict[str, list[Row]]:
    """Return rows of three tables: few people, few different values, a third of them missing."""
    people = [
        {
            "participant_id": number,
            FAMILY: random.choice([None, 1, 2, 3]),
            TYPE: random.choice(["Proband", "Relative", "Relative", None]),
            RELATIONSHIP: random.choice([None, "Father", "Mother", "Full Sibling"]),
            "year_of_birth": random.choice([None, 1950, 1980, 2002, 2003]),
            "registered": _value(random, DAY),
            "sex": _value(random, WORD),
            "height": _value(random, SCORE),
            "flag": _value(random, TRUTH),
        }
        for number in range(random.randint(1, 9))
    ]
    rows: dict[str, list[Row]] = {"participant": people}
    for table in ("visits", "scans"):
        # Some belong to people who are not there: they do not consent.
        drawn = [
            _event(random, random.randint(0, len(people)))
            for _ in range(random.choice([0, 0, 6, 12, 20]))
        ]
        again = [
            dict(random.choice(drawn)) for _ in range(random.choice([0, 2, 3]) if drawn else 0)
        ]
        numbers = {person["participant_id"] for person in people}
        rows[table] = [row for row in drawn + again if row["participant_id"] in numbers]
    return rows


def _event(random: Random, participant: int) -> Row:
    return {
        "participant_id": participant,
        "began": _value(random, DAY),
        "ended": _value(random, DAY),
        "amount": _value(random, NUMBER),
        "score": _value(random, SCORE),
        "word": _value(random, WORD),
        "codes": _value(random, CODES),
        "term": _value(random, TERM),
        "flag": _value(random, TRUTH),
    }


def _value(random: Random, kind: str) -> Any:
    return None if random.random() < 0.3 else _constant(random, kind)


def _constant(random: Random, kind: str) -> Any:
    if kind == DAY:
        return FIRST_DAY + datetime.timedelta(days=random.choice([0, 1, 2, 3, 40, 370]))
    if kind == NUMBER:
        return random.choice([-1, 0, 1, 2, 17, 18])
    if kind == SCORE:
        return random.choice([-0.5, 0.0, 1.0, 1.5])
    if kind == TRUTH:
        return random.random() < 0.5
    return random.choice({WORD: ("a", "b", "B", ""), CODES: CODE_VALUES, TERM: TERMS}[kind])


# -- definitions --------------------------------------------------------------------------------------


def invent_condition(random: Random, table: str = "participant", depth: int = 3) -> Node:  # noqa: C901 - one flat case for each node
    """Return a condition over the rows of a table; over participants it gathers from rows and relatives."""
    kinds = ["compare", "compare", "one of", "missing", "code", "is a", "days"]
    if depth > 0:
        kinds += ["all", "any", "not", "not"]
        if table == "participant":
            kinds += ["exists", "exists", "counted", "counted", "any member", "proband", "trio"]
    match random.choice(kinds):
        case "compare":
            kind = random.choice([DAY, NUMBER, NUMBER, NUMBER, SCORE, WORD, WORD, TRUTH])
            left = invent_value(random, kind, table, depth - 1)
            right = (
                Literal(_constant(random, kind))
                if random.random() < 0.6
                else invent_value(random, kind, table, depth - 1)
            )
            return nodes.Comparison(left, random.choice(list(Operator)), right)
        case "days":
            day = nodes.DaysSince(
                invent_value(random, DAY, table, depth - 1),
                invent_value(random, DAY, table, depth - 1),
            )
            return nodes.Comparison(
                day, random.choice(list(Operator)), Literal(random.choice([-1, 0, 1, 2, 30]))
            )
        case "one of":
            kind = random.choice([DAY, NUMBER, SCORE, WORD])
            constants = tuple(_constant(random, kind) for _ in range(random.randint(1, 3)))
            return nodes.OneOf(invent_value(random, kind, table, depth - 1), constants)
        case "missing":
            kind = random.choice([DAY, NUMBER, WORD, TRUTH])
            return nodes.IsMissing(invent_value(random, kind, table, depth - 1))
        case "code":
            prefixes = random.choice([("N18",), ("N181",), ("E11", "I50")])
            whole = random.choice([("73211009",), ("N18",), ("E11", "N181")])
            codes, compared = random.choice([(prefixes, Codes.PREFIXES), (whole, Codes.WHOLE)])
            return nodes.HasCode(invent_value(random, CODES, table, depth - 1), codes, compared)
        case "is a":
            return nodes.IsA(invent_value(random, TERM, table, depth - 1), random.choice(TERMS))
        case "all" | "any" as how:
            parts = tuple(
                invent_condition(random, table, depth - 1) for _ in range(random.randint(2, 3))
            )
            return nodes.AllOf(parts) if how == "all" else nodes.AnyOf(parts)
        case "not":
            return nodes.Negation(invent_condition(random, table, depth - 1))
        case "exists":
            return nodes.Exists(*_rows(random, depth))
        case "counted":
            kind = random.choice(["count", "distinct", "distinct", "age", "word"])
            few = random.choice([0, 1, 2, 3])
            wanted = {"word": _constant(random, WORD), "age": random.choice([17, 18, 40])}.get(
                kind, few
            )
            value = invent_gathered(random, kind, table, depth)
            return nodes.Comparison(value, random.choice(list(Operator)), Literal(wanted))
        case "any member":
            return nodes.AnyFamilyMember(invent_condition(random, "participant", depth - 1))
        case "proband":
            return nodes.OfProband(invent_condition(random, "participant", depth - 1))
    return nodes.InWholeTrio()


def invent_value(random: Random, kind: str, table: str, depth: int) -> Node:
    """Return a value of a kind over the rows of a table, or of their participant."""
    choices = ["column", "column"]
    if depth > 0:
        choices += ["extreme", "picked"]
        if kind == NUMBER:
            choices += ["age", "age", "count", "count", "distinct", "distinct", "days"]
        if kind == WORD:
            choices += ["word", "word"]
    choice = random.choice(choices)
    if choice != "column":
        return invent_gathered(random, choice, table, depth, kind)
    own = table if random.random() < 0.8 else "participant"
    return ColumnValue(own, random.choice(OF_KIND[own][kind]))


def invent_gathered(random: Random, how: str, table: str, depth: int, kind: str = NUMBER) -> Node:
    """Return a value that is computed and not read."""
    match how:
        case "extreme":
            rows, condition = _rows(random, depth)
            column = ColumnValue(rows, random.choice(OF_KIND[rows][kind]))
            return nodes.ExtremeOf(rows, condition, column, random.choice(list(Side)))
        case "picked":
            rows, condition = _rows(random, depth)
            column = ColumnValue(rows, random.choice(OF_KIND[rows][kind]))
            by = ColumnValue(rows, random.choice(["began", "ended", "amount"]))
            return nodes.PickedValue(rows, condition, by, random.choice(list(Side)), column)
        case "age":
            return nodes.AgeOn(
                invent_value(random, DAY, table, depth - 1), random.choice([0, 0, 1])
            )
        case "days":
            return nodes.DaysSince(
                invent_value(random, DAY, table, depth - 1),
                invent_value(random, DAY, table, depth - 1),
            )
        case "count":
            return nodes.CountOf(*_rows(random, depth))
        case "distinct":
            rows, condition = _rows(random, depth)
            of_kind = OF_KIND[rows][random.choice([DAY, WORD, NUMBER])]
            return nodes.CountDistinctOf(rows, condition, ColumnValue(rows, random.choice(of_kind)))
        case "word":
            conditions = tuple(invent_condition(random, "participant", depth - 1) for _ in range(2))
            return nodes.WordFor("a word", conditions, ("a", "b"), "c")
    raise ValueError(how)


def _rows(random: Random, depth: int) -> tuple[str, Node | None]:
    table = random.choice(["visits", "scans"])
    some = random.random() < 0.75
    return table, invent_condition(random, table, depth - 1) if some else None


# -- the two evaluators -------------------------------------------------------------------------------


def by_reference(
    definition: Sequence[Node], rows: Mapping[str, list[Row]]
) -> list[tuple[Any, ...]]:
    """Return the value of each node for each participant, by the plain evaluator."""
    people = People(rows)
    return [
        (number, *(evaluate(node, people, number) for node in definition))
        for number in sorted(people.participants)
    ]


def by_query(
    definition: Sequence[Node], rows: Mapping[str, list[Row]], make: type[Query] = Query
) -> list[tuple[Any, ...]]:
    """Return the same by the fast evaluator."""
    query = make({f"value_{place}": node for place, node in enumerate(definition)})
    with duckdb.connect(config={"threads": 1}) as connection:
        for table, schema in SCHEMAS.items():
            columns = {name: [row[name] for row in rows[table]] for name in schema}
            connection.register(table, pa.table(columns, schema=pa.schema(list(schema.items()))))
        return connection.execute(query.text, query.parameters).fetchall()


def what_met(definition: Sequence[Node], rows: Mapping[str, list[Row]]) -> Counter[tuple[str, str]]:
    """Return which kinds of node met which oddities of the data."""
    met: Counter[tuple[str, str]] = Counter()
    for root in definition:
        for node in root.walk():
            tables = {part.table for part in node.walk() if hasattr(part, "table")} or {
                "participant"
            }
            kinds = _oddities(tables, rows)
            for kind in kinds:
                met[type(node).__name__, kind] += 1
    return met


def _oddities(tables: set[str], rows: Mapping[str, list[Row]]) -> set[str]:
    found = set()
    # Kinds of node that read the participant table alone are also judged by the tables beside it.
    for table in tables if tables != {"participant"} else set(rows):
        of_table = rows[table]
        if not of_table:
            found.add("empty table")
        if any(value is None for row in of_table for value in row.values()):
            found.add("null")
        as_text = [repr(sorted(row.items(), key=str)) for row in of_table]
        if len(set(as_text)) < len(as_text):
            found.add("duplicate row")
        days = [(row["participant_id"], row.get("began")) for row in of_table if row.get("began")]
        if len(set(days)) < len(days):
            found.add("tie")
    return found
