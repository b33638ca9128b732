"""The functions of LabKey's SQL, each with what DuckDB calls it.

Whatever is not here is refused, as LabKey refuses it: a function that reads files or settings never
reaches the engine. LabKey stands on PostgreSQL in the Research Environment, so that its meaning of a
function counts (`log` is natural, `concat` with a missing value is missing).

Sources: LabKey's documentation of its SQL, and the table of methods in its source.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from gecip.errors import QueryError

Arguments = Sequence[str]


def words(text: str) -> frozenset[str]:
    """Return the words of a text, for lists that are read more easily so."""
    return frozenset(text.split())


# What DuckDB knows by the same name with the same meaning. The last lines are PostgreSQL's own.
SAME = words(
    """
    abs acos asin atan atan2 avg ceiling coalesce cos cot count degrees exp floor greatest ifnull
    lcase least left length lower ltrim max min mod pi power radians repeat right round rtrim sign
    sin sqrt stddev substring sum tan ucase upper
    ascii bool_and bool_or char_length character_length chr lpad md5 median nullif replace rpad
    split_part stddev_pop stddev_samp strpos substr to_hex translate trim var_pop var_samp variance
    dense_rank extract first_value lag last_value lead ntile rank row_number string_agg
    """
)

# What may stand before a bracket without being a function.
BEFORE_BRACKETS = words(
    """
    all and any as between by case distinct else except exists from having in intersect is join like
    limit not on or over select some then union using when where with within
    """
)

_SAME_PARTS = (
    "year",
    "quarter",
    "month",
    "monthname",
    "week",
    "dayofyear",
    "hour",
    "minute",
    "second",
)
_DATE_PARTS = {"dayofmonth": "day"} | dict(zip(_SAME_PARTS, _SAME_PARTS, strict=True))

_COMPLETE_UNITS = ("day", "hour", "minute", "second")
_ADDED_UNITS = (*_COMPLETE_UNITS, "week", "month", "quarter", "year")

_REFUSED = {
    **dict.fromkeys(
        ("userid", "username", "ismemberof", "folderpath", "foldername", "contextpath", "version"),
        "asks LabKey about itself or its users, which a release knows nothing of: leave it out",
    ),
    **dict.fromkeys(
        ("moduleproperty", "javaconstant", "decode", "encode", "quote_ident", "quote_literal"),
        "has no place in a question about participants: leave it out",
    ),
    **dict.fromkeys(
        ("to_date", "to_timestamp"),
        "is not read here: write CAST(column AS DATE) or CAST(column AS TIMESTAMP)",
    ),
    "to_char": "is not read here: write YEAR(column) or MONTH(column), or change the text with pandas",
    "to_number": "is not read here: write CAST(column AS DOUBLE)",
    "initcap": "is not read here: write UPPER or LOWER, or change the text with pandas",
    "to_ascii": "is not read here: change the text with pandas",
    "octet_length": "is not read here: write LENGTH(column)",
    "overlaps": "is not read here: write start_1 < end_2 AND start_2 < end_1",
}


def render_call(name: str, arguments: Arguments) -> str:
    """Return a call of a LabKey function as DuckDB reads it.

    Raises
    ------
    QueryError
        When LabKey has no such function, or it is refused, or has too few or too many arguments.
    """
    function = name.lower()
    if function in SAME:
        return f"{function}({', '.join(arguments)})"
    if function in _DATE_PARTS:
        (moment,) = _exactly(function, arguments, 1)
        return f"{_DATE_PARTS[function]}({_timestamp(moment)})"
    if function in _RENDERED:
        return _RENDERED[function](arguments)
    if function in _REFUSED:
        raise QueryError(f"{function.upper()} {_REFUSED[function]}.")
    raise QueryError(_no_such_function(function))


def _no_such_function(function: str) -> str:
    from difflib import get_close_matches

    known = sorted({*SAME, *_DATE_PARTS, *_RENDERED, "cast", "convert"})
    near = get_close_matches(function, known, n=1, cutoff=0.7)
    way_out = f"did you mean {near[0].upper()}?" if near else "leave it out, or do it with pandas."
    return f"LabKey's SQL has no function {function.upper()}: {way_out}"


def _exactly(function: str, arguments: Arguments, *counts: int) -> Arguments:
    if len(arguments) not in counts:
        wanted = " or ".join(map(str, counts))
        raise QueryError(
            f"{function.upper()} takes {wanted} argument{'s' if counts != (1,) else ''}, and the query "
            f"gives it {len(arguments)}: look at its brackets and commas."
        )
    return arguments


def _timestamp(expression: str) -> str:
    return f"CAST({expression} AS TIMESTAMP)"


def _text(expression: str) -> str:
    return f"CAST({expression} AS VARCHAR)"


def _unit(function: str, argument: str, units: Sequence[str]) -> str:
    unit = argument.strip("'\"").lower().removeprefix("sql_tsi_")
    if unit not in units:
        others = (
            ": write AGE_IN_YEARS(start, end) or AGE_IN_MONTHS(start, end), or divide days"
            if function == "timestampdiff"
            else f": write one of {', '.join(f'SQL_TSI_{each.upper()}' for each in units)}"
        )
        raise QueryError(f"{function.upper()} does not count in {argument.strip(chr(39))}{others}.")
    return unit


def _timestampdiff(arguments: Arguments) -> str:
    unit, start, end = _exactly("timestampdiff", arguments, 3)
    counted = _unit("timestampdiff", unit, _COMPLETE_UNITS)
    return f"date_sub('{counted}', {_timestamp(start)}, {_timestamp(end)})"


def _timestampadd(arguments: Arguments) -> str:
    unit, number, moment = _exactly("timestampadd", arguments, 3)
    added = _unit("timestampadd", unit, _ADDED_UNITS)
    return f"({_timestamp(moment)} + CAST({number} AS BIGINT) * INTERVAL '1 {added}')"


def _age(arguments: Arguments) -> str:
    _exactly("age", arguments, 2, 3)
    if len(arguments) == 3 and _unit("age", arguments[2], ("year", "month")) == "month":
        return _age_in_months(arguments[:2])
    return _age_in_years(arguments[:2])


def _age_in_years(arguments: Arguments) -> str:
    start, end = map(_timestamp, _exactly("age_in_years", arguments, 2))
    before = f"month({start}) > month({end}) OR month({start}) = month({end}) AND day({start}) > day({end})"
    return f"(year({end}) - year({start}) - CASE WHEN {before} THEN 1 ELSE 0 END)"


def _age_in_months(arguments: Arguments) -> str:
    start, end = map(_timestamp, _exactly("age_in_months", arguments, 2))
    return (
        f"(12 * (year({end}) - year({start})) + month({end}) - month({start}) "
        f"- CASE WHEN day({start}) > day({end}) THEN 1 ELSE 0 END)"
    )


def _dayofweek(arguments: Arguments) -> str:
    (moment,) = _exactly("dayofweek", arguments, 1)
    return f"(dayofweek({_timestamp(moment)}) + 1)"  # LabKey's Sunday is 1


def _concat(arguments: Arguments) -> str:
    return "(" + " || ".join(map(_text, arguments)) + ")"


def _locate(arguments: Arguments) -> str:
    part, whole, *start = _exactly("locate", arguments, 2, 3)
    if not start:
        return f"strpos({_text(whole)}, {part})"
    found = f"strpos(substr({_text(whole)}, {start[0]}), {part})"
    return f"(CASE WHEN {found} = 0 THEN 0 ELSE {found} + ({start[0]}) - 1 END)"


def _startswith(arguments: Arguments) -> str:
    whole, beginning = _exactly("startswith", arguments, 2)
    return f"starts_with(lower({_text(whole)}), lower({_text(beginning)}))"


def _isequal(arguments: Arguments) -> str:
    one, other = _exactly("isequal", arguments, 2)
    return f"(({one}) IS NOT DISTINCT FROM ({other}))"


def _isnull(arguments: Arguments) -> str:
    return f"coalesce({', '.join(_exactly('isnull', arguments, 2))})"


def _group_concat(arguments: Arguments) -> str:
    values, *separator = _exactly("group_concat", arguments, 1, 2)
    return f"array_to_string(list_sort(list({values})), {separator[0] if separator else chr(39) + ',' + chr(39)})"


def _regexp_replace(arguments: Arguments) -> str:
    whole, *others = _exactly("regexp_replace", arguments, 3, 4)
    return f"regexp_replace({', '.join([_text(whole), *others])})"


def _stderr(arguments: Arguments) -> str:
    (values,) = _exactly("stderr", arguments, 1)
    return f"(stddev_samp({values}) / sqrt(count({values})))"


def _now(_arguments: Arguments) -> str:
    return f"TIMESTAMP '{datetime.datetime.now().astimezone():%Y-%m-%d %H:%M:%S}'"


def _today(_arguments: Arguments) -> str:
    return f"DATE '{datetime.datetime.now().astimezone():%Y-%m-%d}'"


def _time_of_day(_arguments: Arguments) -> str:
    return f"TIME '{datetime.datetime.now().astimezone():%H:%M:%S}'"


_RENDERED: Mapping[str, Callable[[Arguments], str]] = {
    "age": _age,
    "age_in_months": _age_in_months,
    "age_in_years": _age_in_years,
    "btrim": lambda arguments: f"trim({', '.join(arguments)})",
    "concat": _concat,
    "curdate": _today,
    "curtime": _time_of_day,
    "dayofweek": _dayofweek,
    "group_concat": _group_concat,
    "isequal": _isequal,
    "isnull": _isnull,
    "locate": _locate,
    "log": lambda arguments: f"ln({', '.join(arguments)})",
    "log10": lambda arguments: f"log10({', '.join(arguments)})",
    "now": _now,
    "rand": lambda _arguments: "random()",
    "regexp_replace": _regexp_replace,
    "startswith": _startswith,
    "stderr": _stderr,
    "timestampadd": _timestampadd,
    "timestampdiff": _timestampdiff,
    "truncate": lambda arguments: f"trunc({', '.join(_exactly('truncate', arguments, 2))})",
}
