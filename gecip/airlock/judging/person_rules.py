"""The rules on what is told of single people in tables: rows of people, ages, days, and values at an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gecip.airlock.judging.cell_values import (
    AgeForm,
    is_day,
    is_withheld,
    read_age,
    read_count,
    read_number,
)
from gecip.airlock.judging.column_kinds import (
    Kind,
    is_about_age,
    is_about_people,
    kind_of,
    words_of,
)
from gecip.airlock.judging.sentences import plural
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy

_FEW_ROWS = 2
_MANY_ROWS = 20
_ONE_EACH = re.compile(
    r"^(?:participant|patient|person|individual|proband|sample|tumou?r|donor|case|subject|pt|id|p|s|t)[ _.#-]*\d+$",
    re.IGNORECASE,
)
_ENDS = frozenset(
    [
        "min",
        "minimum",
        "max",
        "maximum",
        "mode",
        "range",
        "youngest",
        "oldest",
        "earliest",
        "latest",
        "shortest",
        "longest",
    ]
)
# What is at an end of these is no person's.
_OF_NOBODY = frozenset(
    [
        "p",
        "pval",
        "pvalue",
        "value",
        "af",
        "maf",
        "frequency",
        "freq",
        "beta",
        "effect",
        "score",
        "depth",
        "coverage",
        "reads",
        "variants",
        "snps",
        "genes",
        "position",
        "pos",
        "length",
        "size",
        "log10p",
        "lambda",
        "or",
        "hr",
        "gnomad",
        "cadd",
        "revel",
        "temperature",
        "memory",
        "runtime",
        "iterations",
        "quality",
        "gq",
        "dp",
    ]
)
_EVENTS = frozenset(
    [
        "birth",
        "dob",
        "born",
        "death",
        "dod",
        "died",
        "diagnosis",
        "diagnosed",
        "admission",
        "admitted",
        "discharge",
        "operation",
        "surgery",
        "onset",
        "consent",
        "recruitment",
        "registration",
        "sampling",
        "collection",
        "treatment",
        "relapse",
        "progression",
        "transplant",
        "biopsy",
        "appointment",
        "visit",
    ]
)
_GROUP_WORDS = frozenset(["group", "band", "category", "class", "bin", "range"])


def individual_level(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find tables of which each row, or each column, is a person, a sample or a tumour."""
    if view.of_kind(Kind.PERSON):
        yield Remark(
            "individual_level", Verdict.FAIL, "Each row is a person, a family or a sample."
        )
        return
    columns = [head for head in view.grid.header if _ONE_EACH.match(head.strip())]
    if len(columns) >= policy.smallest_shown_count:
        yield Remark(
            "individual_level",
            Verdict.FAIL,
            f"{plural(len(columns), 'column')} are a person, a sample or a tumour each.",
        )
        return
    if view.of_kind(Kind.GENOTYPE) and not view.is_aggregate:
        yield Remark("individual_level", Verdict.REVIEW, "The table holds genotypes, row by row.")
    reason = _rows_are_people(view, policy)
    if reason:
        yield Remark("individual_level", Verdict.FAIL, reason)


def _rows_are_people(view: TableView, policy: Policy) -> str | None:
    """Return why the rows of a table without names are people each, or None."""
    if view.is_aggregate or view.is_of_variants or len(view.grid.rows) < _FEW_ROWS:
        return None
    components = view.of_kind(Kind.COMPONENT)
    if len(components) > 1 and len(view.grid.rows) >= policy.rules["drawn_people"]["most_marks"]:
        return "Each row is a point on principal components, which is a person: count people by cell instead."
    if {Kind.TIME, Kind.EVENT} <= set(view.kinds) and Kind.SURVIVAL not in view.kinds:
        return "Each row is one person's time and event."
    if len(view.attributes) > 1 and not _is_lookup(view):
        return f"Each row tells of {', '.join(sorted(view.attributes))} together and counts nobody: it is a person."
    measures = view.of_kind(Kind.MEASURE)
    if measures and _repeats(view):
        return "The rows hold what was measured of one person each."
    return None


def _is_lookup(view: TableView) -> bool:
    """Return whether a table only lists what there is, as every disease with its group: no row tells of anybody."""
    told = {attribute for attribute in view.attributes if attribute not in ("disease", "features")}
    return not told


def _repeats(view: TableView) -> bool:
    """Return whether groups come again and again, or there are no groups at all, as where rows are people."""
    if not view.has_labels:
        return len(view.grid.rows) >= _MANY_ROWS
    labels = [view.label(row) for row in range(len(view.grid.rows))]
    return len(set(labels)) <= 0.5 * len(labels)


# -- ages -------------------------------------------------------------------------------------------------------------


def ages(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find ages and years of birth of one year, or in bands narrower than the rule has them."""
    fewest = policy.rules["ages"]["fewest_years"]
    single = narrow = 0
    for texts in _told_ages(view):
        for text in texts:
            form, years = read_age(text)
            single += form is AgeForm.SINGLE or bool(
                re.fullmatch(r"(?:18|19|20)\d{2}(?:\.0)?", text.strip())
            )
            narrow += form is AgeForm.BAND and years < fewest
    if single:
        yield Remark(
            "ages",
            Verdict.FAIL,
            f"{plural(single, 'age or year of birth', 'ages or years of birth')} to the year.",
        )
    if narrow:
        yield Remark(
            "ages", Verdict.FAIL, f"{plural(narrow, 'band')} of ages of fewer than {fewest} years."
        )


def _told_ages(view: TableView) -> Iterator[list[str]]:
    """Yield the ages in a table: the cells of columns of ages, and heads that are ages."""
    for column in view.of_kind(Kind.AGE, Kind.BIRTH):
        texts = [
            text
            for row, text in view.cells(column)
            if view.row_kinds[row] is Kind.UNKNOWN
            and not view.is_total_row(row)
            and not _is_mean(view, row, text)
        ]
        coded = (
            set(words_of(view.grid.header[column])) & _GROUP_WORDS
            and all((read_number(text) or 0) < 10 for text in texts)
            and all(read_age(text)[0] is not AgeForm.BAND for text in texts)
        )
        if not coded:
            yield texts
    heads = [
        head
        for head in view.grid.header
        if read_age(re.sub(r"(?i)^age[sd]?\b[ :_]*", "", head))[0] is not AgeForm.NONE
    ]
    speaks = is_about_age(view.grid.title) or any(map(is_about_age, view.grid.header))
    if len(heads) > 1 and speaks:
        yield [re.sub(r"(?i)^age[sd]?\b[ :_]*", "", head) for head in heads]
    if not view.of_kind(Kind.AGE) and view.has_labels:
        yield _labels_of_age(view)


def _labels_of_age(view: TableView) -> list[str]:
    """Return the ages among the labels of rows, where label or title says that they are ages."""
    labels = [row[0].strip() for row in view.grid.rows if row]
    named = [
        match[1] for label in labels if (match := re.match(r"(?i)^age[sd]?[ :_]+(.+)$", label))
    ]
    told = [label for label in named if read_age(label)[0] in (AgeForm.BAND, AgeForm.SINGLE)]
    if is_about_age(view.grid.title) and view.count_columns:
        told += [label for label in labels if read_age(label)[0] is AgeForm.BAND]
    return told


def _is_mean(view: TableView, row: int, text: str) -> bool:
    """Return whether a number under `age` is a mean: it has decimals, and people are counted beside it."""
    number = read_number(text)
    counts = [read_count(view.grid.rows[row][column]) for column in view.count_columns]
    return (
        number is not None
        and not number.is_integer()
        and any(count and count.lowest > 1 for count in counts)
    )


# -- days -------------------------------------------------------------------------------------------------------------


def days(view: TableView, _policy: Policy) -> Iterator[Remark]:
    """Find days on which something befell somebody."""
    for column in view.of_kind(Kind.DAY):
        told = {text for _, text in view.cells(column) if is_day(text, compact=True)}
        if not told:
            continue
        head = view.grid.header[column]
        of_people = (kind_of(head) is Kind.DAY and len(words_of(head)) > 1) or bool(
            set(words_of(head)) & _EVENTS
        )
        if len(told) == 1 and not of_people and not view.attributes:
            continue
        yield Remark(
            "dates",
            Verdict.REVIEW if view.count_columns and not of_people else Verdict.FAIL,
            f"{plural(len(told), 'day')} in {view.name(column)}: the day of an event is somebody's.",
        )


# -- ends -------------------------------------------------------------------------------------------------------------


def extremes(view: TableView, _policy: Policy) -> Iterator[Remark]:
    """Find the lowest, highest or commonest value of something measured of people."""
    certain = doubtful = 0
    for column, kind in enumerate(view.kinds):
        for row, text in view.cells(column):
            if not (kind is Kind.EXTREME or view.row_kinds[row] is Kind.EXTREME) or column == 0:
                continue
            verdict = _end_is_somebodys(view, row, column, text)
            certain += verdict is Verdict.FAIL
            doubtful += verdict is Verdict.REVIEW
    if certain or doubtful:
        yield Remark(
            "extremes",
            Verdict.FAIL if certain else Verdict.REVIEW,
            f"{plural(certain or doubtful, 'value')} at an end of what was measured of people: each is one person's.",
        )


def _end_is_somebodys(view: TableView, row: int, column: int, text: str) -> Verdict:
    if is_withheld(text) or not re.search(r"\d", text) or read_age(text)[0] is AgeForm.OPEN:
        return Verdict.PASS
    head = view.grid.header[column]
    label = view.grid.rows[row][0] if view.has_labels else ""
    subject = f"{head} {label}" if view.row_kinds[row] is Kind.EXTREME else head
    words = [word for word in words_of(subject) if word not in _ENDS]
    if (
        is_about_people(subject)
        or {"oldest", "youngest"} & set(words_of(subject))
        or kind_of(head) in (Kind.AGE, Kind.MEASURE, Kind.DAY, Kind.BIRTH)
        or is_day(text)
    ):
        return Verdict.FAIL
    if set(words) & _OF_NOBODY or view.is_of_variants or kind_of(head) in (Kind.COUNT, Kind.OTHER):
        return Verdict.PASS
    of_people = view.attributes or is_about_people(view.grid.title)
    return Verdict.FAIL if of_people or {"years", "days", "months"} & set(words) else Verdict.REVIEW
