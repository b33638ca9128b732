"""Read a user's own table of people: everything that is wrong with it at once, then in the model's words."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import InputError
from gecip.model.people import CONSENT_STATUSES, Participant
from gecip.model.table import Column, ColumnType, Sensitivity
from gecip.provenance import digest_of
from gecip.release.opened_files import opening

if TYPE_CHECKING:
    import pandas as pd

ID_COLUMNS = ("participant_id", "platekey", "sample")
CONSENT_COLUMN = "programme_consent_status"
SEX_COLUMN = "participant_phenotypic_sex"
FAMILY_COLUMN = "rare_diseases_family_id"

_MISSING = frozenset({"", ".", "NA", "N/A", "NaN", "nan", "null", "NULL"})
_SEXES = {
    "1": "Male",
    "m": "Male",
    "male": "Male",
    "2": "Female",
    "f": "Female",
    "female": "Female",
}
_SEXES |= {"indeterminate": "Indeterminate"}
# Without leading zeros: `007` is a name, and would come back as another one if it were read as a number.
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class PeopleTable:
    """A user's table of people, in the model's words, with `participant_id` first.

    `frame` has one row per person and all of the user's columns. `samples` are the names under
    which the people's genomes go, row by row, None where a person has none. `notices` say what was
    understood otherwise than it may have been meant. `digest` stands for the content.
    """

    frame: pd.DataFrame
    samples: tuple[str | None, ...]
    sample_column: str
    consent_assumed: bool
    notices: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class _Grid:
    """The cells of the file as text, with the line on which each row begins."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def read_people_table(
    path: Path, *, id_column: str | None, vcf_samples: Iterable[str] = ()
) -> PeopleTable:
    """Return a user's table of people.

    The separator is a tab or a comma. The person is named by `participant_id` where there is such a
    column, else by the id column; the genome's sample by the id column.

    Parameters
    ----------
    path
        The table, with a line of column names.
    id_column
        The column that holds the VCF's sample names, if it is none of `platekey`, `sample` and
        `participant_id`.
    vcf_samples
        The VCF's samples, by which a first line that is already a person is told from column names.

    Raises
    ------
    InputError
        With everything that is wrong; names places and counts, never a value.
    """
    grid = _cells(path, _text(path))
    problems = _header_problems(path, grid, id_column=id_column, samples=frozenset(vcf_samples))
    if problems:
        raise InputError(problems)
    sample_column = _sample_column(grid.header, id_column)
    person_column = "participant_id" if "participant_id" in grid.header else sample_column
    notices: list[str] = []
    problems = [
        *_id_problems(path, grid, person_column, required=True),
        *(
            _id_problems(path, grid, sample_column, required=False)
            if sample_column != person_column
            else ()
        ),
        *_consent_problems(path, grid),
    ]
    columns: dict[str, list[Any]] = {"participant_id": _ids(grid.column(person_column))}
    for name in grid.header:
        if name != "participant_id":
            columns[name] = _values(path, grid, name, problems=problems)
    if problems:
        raise InputError(problems)
    columns |= _in_model_words(path, grid, columns, notices=notices)
    return PeopleTable(
        frame=_frame(columns),
        samples=tuple(
            None if value in _MISSING and sample_column != person_column else value
            for value in grid.column(sample_column)
        ),
        sample_column=sample_column,
        consent_assumed=CONSENT_COLUMN not in grid.header,
        notices=tuple(notices),
        digest=digest_of([grid.header, grid.rows, sample_column]),
    )


# -- from bytes to cells ------------------------------------------------------------------------------


def _text(path: Path) -> str:
    """Return the file's text, or say what the file is instead."""
    with opening(path, wanted="the table of people"):
        data = path.read_bytes()
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(
            f"{path}: this is a spreadsheet (Excel or the like): save it as tab-separated text (UTF-8)."
        )
    if data.startswith(b"\x1f\x8b"):
        raise InputError(f"{path}: this table is compressed: unpack it with `gunzip`.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: this is UTF-16: save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        begin = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line:,}, byte {error.start - begin + 1:,}: this is not UTF-8: "
            "convert the file, as with `iconv -f WINDOWS-1252 -t UTF-8`."
        ) from None
    if "\0" in text:
        raise InputError(f"{path}: this is not a text file: name a table of people.")
    if not text.strip():
        raise InputError(f"{path}: this file is empty: name a table of people.")
    return text


def _cells(path: Path, text: str) -> _Grid:
    """Cut the text into cells; rows of the wrong length are refused together."""
    separator = _separator(path, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(tuple(cell.strip() for cell in row))
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error:
        raise InputError(
            f'{path}, line {line:,}: a quotation mark (") is opened and not closed as it should be: remove the quotation marks.'
        ) from None
    header, *people = rows
    ragged = [at for row, at in zip(people, lines[1:], strict=True) if len(row) != len(header)]
    if ragged:
        raise InputError(
            f"{path}, {_at_lines(ragged)}: {_counted(len(ragged), 'row has', 'rows have')} not the header's "
            f"{len(header):,} columns: mend the rows, and check the separator."
        )
    return _Grid(header, tuple(people), tuple(lines[1:]))


def _separator(path: Path, text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    for separator in ("\t", ","):
        if separator in first:
            return separator
    if ";" in first or " " in first.strip():
        raise InputError(
            f"{path}, line 1: the columns are parted by {'semicolons' if ';' in first else 'spaces'}: "
            "part them by tabs (or commas)."
        )
    return "\t"


# -- the header and the ids ---------------------------------------------------------------------------


def _header_problems(
    path: Path, grid: _Grid, *, id_column: str | None, samples: frozenset[str]
) -> list[str]:
    looked_for = ID_COLUMNS if id_column is None else (id_column,)
    has_id = any(name in grid.header for name in looked_for)
    if not has_id and _is_a_person(grid, samples):
        # What stands there is somebody's row, so that none of it may be shown.
        return [
            (
                f"{path}, line 1: this is already a row, not the names of the columns: put a first line with the names, "
                f"of which one is {' or '.join(looked_for)}."
            )
        ]
    problems = []
    if not has_id:
        there = ", ".join(grid.header[:12]) + (", …" if len(grid.header) > 12 else "")
        problems.append(
            f"{path}, line 1: there is no column {' or '.join(looked_for)} that says who is who (there are: {there}): "
            "rename a column, or name it with --id-column."
        )
    nameless = [str(place) for place, name in enumerate(grid.header, start=1) if not name]
    if nameless:
        problems.append(
            f"{path}, line 1: column {', '.join(nameless[:6])} has no name: give it one, or remove it."
        )
    twice = sorted({name for name in grid.header if name and grid.header.count(name) > 1})
    if twice:
        problems.append(
            f"{path}, line 1: {', '.join(twice[:6])} {'names' if len(twice) == 1 else 'name'} several columns: rename them."
        )
    if not grid.rows:
        problems.append(f"{path}: there are no people below the line of column names: add them.")
    return problems


def _is_a_person(grid: _Grid, samples: frozenset[str]) -> bool:
    """Return whether the first line looks like the rows below it and not like names of columns."""
    if not samples.isdisjoint(grid.header):
        return True
    for place, name in enumerate(grid.header):
        below = [row[place] for row in grid.rows[:1000]]
        if name not in _MISSING and name in below:
            return True
        alike = sum(_shape(name) == _shape(value) for value in below)
        if any(letter.isdigit() for letter in name) and below and 2 * alike >= len(below):
            return True
    return False


def _shape(value: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value))


def _sample_column(header: Sequence[str], id_column: str | None) -> str:
    if id_column is not None:
        return id_column
    # A table may hold both; then the participant is one thing and the sample another.
    return next(name for name in ("platekey", "sample", "participant_id") if name in header)


def _id_problems(path: Path, grid: _Grid, name: str, *, required: bool) -> list[str]:
    problems = []
    first_lines: dict[str, int] = {}
    repeated: list[int] = []
    missing: list[int] = []
    for value, line in zip(grid.column(name), grid.lines, strict=True):
        if value in _MISSING:
            missing.append(line)
        elif value in first_lines:
            repeated.append(line)
        else:
            first_lines[value] = line
    if repeated:
        problems.append(
            f"{path}, {_at_lines(repeated)}: {_counted(len(repeated), 'id', 'ids')} in {name!r} occurred before: "
            "keep one row for each person."
        )
    if missing and required:
        problems.append(
            f"{path}, {_at_lines(missing)}: {_counted(len(missing), 'row has', 'rows have')} no id in {name!r}: "
            "fill it in or remove the row."
        )
    return problems


def _consent_problems(path: Path, grid: _Grid) -> list[str]:
    """Refuse a word on consent that would be passed over, or that means nobody."""
    if CONSENT_COLUMN in grid.header:
        readable = CONSENT_STATUSES[0].lower()
        if grid.rows and not any(
            value.lower() == readable for value in grid.column(CONSENT_COLUMN)
        ):
            return [
                (
                    f"{path}: nobody's {CONSENT_COLUMN} is {CONSENT_STATUSES[0]!r}, so that nobody may be used: "
                    f"write one of {', '.join(CONSENT_STATUSES)}."
                )
            ]
        return []
    similar = [
        name
        for name in grid.header
        if "consent" in name.lower() and name not in Participant.columns
    ]
    return [
        f"{path}, line 1: the column {name!r} seems to speak of consent, but would not be followed: rename it to "
        f"{CONSENT_COLUMN} with the values {', '.join(CONSENT_STATUSES)}, or leave it out."
        for name in similar
    ]


# -- from text to values ------------------------------------------------------------------------------


def _ids(values: Sequence[str]) -> list[Any]:
    if all(_WHOLE_NUMBER.fullmatch(value) for value in values):
        return [int(value) for value in values]
    return list(values)


def _values(path: Path, grid: _Grid, name: str, *, problems: list[str]) -> list[Any]:
    """Return a column in the model's type, or for one that the model does not know in the narrowest that fits."""
    texts = [None if value in _MISSING else value for value in grid.column(name)]
    model = Participant.columns.get(name)
    if model is None:
        return _narrowest(texts)
    if _holds_ids(model):
        return _narrowest(texts, numbers_only_whole=True)
    parse = _PARSERS[model.type]
    values = [None if value is None else parse(value) for value in texts]
    wrong = [
        line
        for line, value, text in zip(grid.lines, values, texts, strict=True)
        if value is None and text is not None
    ]
    if wrong:
        problems.append(
            f"{path}, {_at_lines(wrong)}: {_counted(len(wrong), 'value of', 'values of')} {name!r} should be "
            f"{_TYPE_WORDS[model.type]}: mend the value, or rename the column if it means something else."
        )
    return values


def _holds_ids(column: Column) -> bool:
    return (
        column.type is ColumnType.INTEGER and column.sensitivity is Sensitivity.IDENTIFIER
    )  # imported data may name families by words


def _narrowest(texts: Sequence[str | None], *, numbers_only_whole: bool = False) -> list[Any]:
    present = [value for value in texts if value is not None]
    candidates: list[Callable[[str], Any]] = [_whole_number]
    if not numbers_only_whole:
        candidates += [_number, _date]
    for parse in candidates:
        if present and all(parse(value) is not None for value in present):
            return [None if value is None else parse(value) for value in texts]
    return list(texts)


def _whole_number(value: str) -> int | None:
    return int(value) if _WHOLE_NUMBER.fullmatch(value) else None


def _number(value: str) -> float | None:
    # A leading zero before another digit marks a code, as in an id that was cut in two.
    if not _NUMBER.fullmatch(value) or re.match(r"[-+]?0\d", value):
        return None
    return float(value)


def _date(value: str) -> datetime.date | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        return None


def _truth(value: str) -> bool | None:
    return _TRUTHS.get(value.lower())


_PARSERS: dict[ColumnType, Callable[[str], Any]] = {
    ColumnType.INTEGER: _whole_number,
    ColumnType.DECIMAL: _number,
    ColumnType.TEXT: str,
    ColumnType.DATE: _date,
    ColumnType.BOOLEAN: _truth,
}
_TYPE_WORDS = {
    ColumnType.INTEGER: "a whole number",
    ColumnType.DECIMAL: "a number",
    ColumnType.TEXT: "text",
    ColumnType.DATE: "a date as YYYY-MM-DD",
    ColumnType.BOOLEAN: "true or false",
}


# -- into the model's words ---------------------------------------------------------------------------


def _in_model_words(
    path: Path, grid: _Grid, columns: dict[str, list[Any]], *, notices: list[str]
) -> dict[str, list[Any]]:
    """Return the columns of the model that the user's own words give: consent, sex, family."""
    given: dict[str, list[Any]] = {}
    if CONSENT_COLUMN not in columns:
        given[CONSENT_COLUMN] = [CONSENT_STATUSES[0]] * len(grid.rows)
    else:
        given[CONSENT_COLUMN] = _consent(path, grid, notices=notices)
    sex_column = SEX_COLUMN if SEX_COLUMN in columns else "sex"
    if sex_column in columns:
        sexes, unknown = _sexes(grid.column(sex_column))
        if any(sexes):
            given[SEX_COLUMN] = sexes
        if unknown:
            notices.append(
                f"{path}: {_counted(unknown, 'value of', 'values of')} {sex_column!r} {'is' if unknown == 1 else 'are'} "
                "none of male, female, M, F, 1 and 2: the sex counts as not known."
            )
    if FAMILY_COLUMN not in columns and "family_id" in columns:
        given[FAMILY_COLUMN] = _narrowest(
            [None if value in _MISSING else value for value in grid.column("family_id")],
            numbers_only_whole=True,
        )
    return given


def _consent(path: Path, grid: _Grid, *, notices: list[str]) -> list[str | None]:
    wordings = {status.lower(): status for status in CONSENT_STATUSES}
    values = grid.column(CONSENT_COLUMN)
    unknown = sum(value.lower() not in wordings for value in values)
    if unknown:
        notices.append(
            f"{path}: {_counted(unknown, 'value of', 'values of')} {CONSENT_COLUMN!r} {'is' if unknown == 1 else 'are'} none of "
            f"{', '.join(CONSENT_STATUSES)}: these people count as not consenting."
        )
    return [wordings.get(value.lower(), None if value in _MISSING else value) for value in values]


def _sexes(values: Sequence[str]) -> tuple[list[str | None], int]:
    """Return the values in the model's coding, and how many say something else."""
    sexes = [_SEXES.get(value.lower()) for value in values]
    # A zero stands for unknown in pedigree files.
    silent = _MISSING | {"0", "-9", "unknown", "Unknown"}
    unknown = sum(
        sex is None and value not in silent for sex, value in zip(sexes, values, strict=True)
    )
    return sexes, unknown


def _frame(columns: dict[str, list[Any]]) -> pd.DataFrame:
    import pandas as pd

    series = {name: pd.Series(values, dtype=_dtype(values)) for name, values in columns.items()}
    return pd.DataFrame(series)


def _dtype(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int}:
        return "Int64"
    if kinds == {float}:
        return "float64"
    return "object"


# -- words --------------------------------------------------------------------------------------------


def _at_lines(lines: Sequence[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in lines[:5])
    return f"line {shown}" if len(lines) == 1 else f"lines {shown}{', …' if len(lines) > 5 else ''}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
