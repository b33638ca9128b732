"""What every table and column of the model must say of itself."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import gecip.model
from gecip.errors import UnknownColumnError
from gecip.model.nhs_gms import COLUMN_NAMES, FURTHER_VALUES, TABLE_NAMES, UNITED_COLUMNS
from gecip.model.programme_releases import RELEASE_DATES
from gecip.model.table import (
    TABLES,
    Column,
    ColumnType,
    FormerName,
    Sensitivity,
    Table,
    integer,
    text,
)
from gecip.model.undescribed_tables import UNDESCRIBED_TABLES

COLUMNS = [(table, column) for table in TABLES.values() for column in table.known_columns.values()]


def named(case: tuple[type[Table], Column]) -> str:
    return f"{case[0].name}.{case[1].name}"


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_says_in_one_sentence_what_a_row_of_it_is(table: type[Table]) -> None:
    sentence = (table.__doc__ or "").splitlines()[0]
    assert sentence.startswith("One row for each ")
    assert sentence.endswith(".")


def test_a_column_says_what_it_holds_and_how_near_it_comes_to_naming_somebody() -> None:
    for table, column in COLUMNS:
        sentence = column.description
        assert sentence[0].isupper() or sentence[0].isdigit(), named((table, column))
        assert sentence.endswith("."), named((table, column))
        assert len(sentence.split()) >= 2, named((table, column))
        assert isinstance(column.type, ColumnType)
        assert isinstance(column.sensitivity, Sensitivity)


def test_every_list_of_codings_is_an_enum_of_the_same_values() -> None:
    coded = [column for _, column in COLUMNS if column.values]
    assert len(coded) > 50
    for column in coded:
        assert [coding.value for coding in column.coding] == list(column.values)
        assert len(column.coding.__members__) == len(set(column.values))


def test_a_coding_is_named_after_its_value_and_equals_it() -> None:
    column = text("Whether they consent.", values=("Consenting", "Withdrawn (Full)", "2", "ER+"))
    assert [coding.name for coding in column.coding] == [
        "CONSENTING", "WITHDRAWN_FULL", "CODE_2", "ER_PLUS"
    ]  # fmt: skip
    assert column.coding.WITHDRAWN_FULL == "Withdrawn (Full)"  # type: ignore[attr-defined]


def test_an_open_column_has_no_enum_and_says_why() -> None:
    with pytest.raises(UnknownColumnError, match="no list of codings"):
        _ = text("Anything at all.", name="notes").coding


def test_what_rests_on_recollection_says_so() -> None:
    for table, column in COLUMNS:
        said = "assumption" in column.description
        assert column.assumption == said, named((table, column))


def test_identifiers_are_marked_wherever_they_stand() -> None:
    names = ("participant_id", "platekey", "plate_key", "sample_id", "family_id")
    for table, column in COLUMNS:
        if (
            column.name.endswith((*names, "_sk", "_path", "_vcf", "_bam"))
            and column.name != "consanguinity_sk"
        ):
            assert column.sensitivity is Sensitivity.IDENTIFIER, named((table, column))


def test_days_and_years_of_a_person_are_never_merely_clinical() -> None:
    for table, column in COLUMNS:
        if column.type is ColumnType.DATE or column.name in ("year_of_birth", "yob"):
            assert column.sensitivity is not Sensitivity.CLINICAL, named((table, column))


def test_codings_are_of_text_and_said_once() -> None:
    for table, column in COLUMNS:
        if column.values:
            assert column.type is ColumnType.TEXT, named((table, column))
            assert max(Counter(column.values).values()) == 1, named((table, column))


def test_nothing_is_renamed_to_itself_or_to_what_stands_beside_it() -> None:
    for table, column in COLUMNS:
        former = [one.name for one in column.former_names]
        assert len(former) == len(set(former))
        assert set(former).isdisjoint(table.known_columns), named((table, column))
    for table in TABLES.values():
        assert {one.name for one in table.former_names}.isdisjoint(TABLES)


def test_two_tables_never_had_one_name() -> None:
    names = [one.name for table in TABLES.values() for one in table.former_names]
    assert max(Counter(names).values()) == 1
    assert set(names).isdisjoint(UNDESCRIBED_TABLES)


def test_releases_named_in_the_model_exist_and_stand_in_their_order() -> None:
    order = list(RELEASE_DATES)
    for known in (
        *TABLES.values(),
        *(column for _, column in COLUMNS),
        *UNDESCRIBED_TABLES.values(),
    ):
        named_releases = [one for one in (known.since, known.until) if one]
        assert set(named_releases) <= set(order)
        assert named_releases == sorted(named_releases, key=order.index)
        for former in getattr(known, "former_names", ()):
            assert former.until is None or former.until in order


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_what_a_table_says_of_its_columns_is_about_columns_that_it_has(table: type[Table]) -> None:
    assert set(table.key) <= set(table.columns)
    assert table.person_column is None or table.person_column in table.columns
    if "." in table.person_key:
        other, column = table.person_key.split(".")
        assert {column, "participant_id"} <= set(TABLES[other].columns)
    for reference in table.references:
        assert reference.column in table.columns
        assert reference.other_column in TABLES[reference.table].columns
    for order in table.date_orders:
        for end in (order.earlier, order.later):
            other, _, column = end.rpartition(".")
            place = TABLES[other] if other else table
            assert not other or place.one_row_per_participant
            kind = place.known_columns[column].type
            assert kind is ColumnType.DATE or column == "year_of_birth"


def test_what_is_known_by_name_only_is_not_also_described() -> None:
    assert set(UNDESCRIBED_TABLES).isdisjoint(TABLES)


def test_the_sister_programmes_names_are_of_what_the_model_has() -> None:
    every_column = {column.name for _, column in COLUMNS}
    for name in (*COLUMN_NAMES, *UNITED_COLUMNS, *FURTHER_VALUES):
        assert name in every_column
    assert set(TABLE_NAMES) <= set(TABLES)


@pytest.mark.parametrize(
    "file", sorted(Path(gecip.model.__file__).parent.glob("*.py")), ids=lambda file: file.stem
)
def test_no_attribute_is_written_twice_in_a_class(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            said = [
                target.id
                for line in node.body
                if isinstance(line, ast.Assign)
                for target in line.targets
                if isinstance(target, ast.Name)
            ]
            assert len(said) == len(set(said)), (file.name, node.name)


@pytest.fixture
def _no_traces() -> Iterator[None]:
    before = dict(TABLES)
    yield
    TABLES.clear()
    TABLES.update(before)


@pytest.mark.usefixtures("_no_traces")
def test_a_table_that_says_a_column_twice_is_refused() -> None:
    with pytest.raises(TypeError, match="'code' is said twice"):
        type(
            "Twice", (Table,), {"name": "twice", "one": text("A.", name="code"), "code": text("B.")}
        )


@pytest.mark.usefixtures("_no_traces")
def test_a_second_table_of_one_name_is_refused() -> None:
    with pytest.raises(TypeError, match="'participant' is said twice"):
        type("Again", (Table,), {"name": "participant"})


def test_the_tables_with_published_counts_have_as_many_columns() -> None:
    counts = {
        "rare_diseases_participant_disease": 11,
        "rare_diseases_family": 11,
        "panels_applied": 9,
        "tiering_data": 26,
    }
    for name, count in counts.items():
        assert len(TABLES[name].known_columns) == count
    # 23 of v14, and one that was dropped with v8.
    questionnaire = TABLES["gmc_exit_questionnaire"].known_columns.values()
    assert len([column for column in questionnaire if column.until is None]) == 23
    people = TABLES["participant"].known_columns.values()
    assert len([column for column in people if column.since is None]) == 59


def test_numbered_columns_are_attributes_too() -> None:
    diagnosis = TABLES["hes_op"].__dict__["diag_03"]
    assert (diagnosis.name, diagnosis.code_system) == ("diag_03", "ICD-10")


def test_facts_of_a_column_can_be_said_in_any_table() -> None:
    column = integer("Cells.", former_names=(FormerName("count", "v3"),), since="v2")
    assert column.former_names[0].until == "v3"
