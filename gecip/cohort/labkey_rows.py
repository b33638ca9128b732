"""What a query finds, in the types that `DataFrame(results['rows'])` has of LabKey's JSON.

JSON knows texts, numbers, true and false; pandas makes columns of them:

| column | without a missing value | with one |
|---|---|---|
| whole numbers | `int64` | `float64`, missing is `NaN` |
| decimals | `float64` | `float64` |
| true and false | `bool` | `object`, missing is `None` |
| text | `object` | `object`, missing is `None` |
| dates and times | text as `2019-03-28 00:00:00.000` | `object`, missing is `None` |
| nothing at all | | `object` of `None` |

Dates are written as LabKey has done since release 19.2 (before that as `2019/03/28 00:00:00`);
`pandas.to_datetime` reads both. Columns come in the order of the query. LabKey adds columns called
`_labkeyurl_…` where a column links to a page; there are no pages here, and none is added. A result
without rows keeps its columns, where LabKey's has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"


def labkey_frame(rows: pa.Table) -> pd.DataFrame:
    """Return the rows with LabKey's types; a column whose name comes twice is told apart by a number."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for name, values in zip(rows.column_names, rows.columns, strict=True):
        columns[_told_apart(name, columns)] = _column(values)
    return pd.DataFrame(columns, index=pd.RangeIndex(rows.num_rows))


def _told_apart(name: str, taken: dict[str, Any]) -> str:
    number, free = 0, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _column(values: pa.ChunkedArray) -> Any:
    import numpy as np
    import pyarrow as pa

    kind = values.type
    if len(values) and values.null_count == len(values):
        return np.full(len(values), None, dtype=object)
    if pa.types.is_boolean(kind) and values.null_count == 0:
        return values.to_numpy().astype(bool)
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return _whole_numbers(values)
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return values.cast(pa.float64()).to_numpy()
    return _objects(values)


def _whole_numbers(values: pa.ChunkedArray) -> Any:
    """Return whole numbers as such, but for missing ones and those that are too large for 64 bits."""
    import pyarrow as pa

    if values.null_count == 0:
        try:
            return values.cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            pass
    return values.cast(pa.float64()).to_numpy()


def _objects(values: pa.ChunkedArray) -> Any:
    """Return texts, and what JSON writes as text, with None for what is missing."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        moments = values.cast(pa.timestamp("ms"), safe=False)
        values = pc.strftime(moments, format=_DATE_FORMAT)
    found = np.empty(len(values), dtype=object)
    plain = (str, bool, type(None))
    for position, value in enumerate(values.to_pylist()):
        found[position] = value if isinstance(value, plain) else str(value)
    return found
