"""What was loaded, before any filter: the stores, whose columns of them, and which stretches were asked for."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.genotypes.regions import Region
from gecip.genotypes.store import Store
from gecip.genotypes.uniting import unite_rows

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Loaded:
    """Genotypes as they lie in the stores.

    Attributes
    ----------
    stores
        The stores that hold them, in the order of the genome; each says of which samples, in which order.
    columns
        One row for each column of the matrix, with `participant_id, sample` and the clinical columns.
    regions
        What was asked for; None is everything.
    genes
        The symbols that were asked for, whose places are among `regions`.
    """

    stores: tuple[Store, ...]
    columns: pd.DataFrame
    regions: tuple[Region, ...] | None
    genes: tuple[str, ...] = ()

    def matrix(self) -> hl.MatrixTable:
        """Return what was asked for, keyed by `locus, alleles` and `participant_id`, unread until used."""
        return self._within(self.regions)

    def around(self, region: Region) -> hl.MatrixTable:
        """Return what the stores hold in a region, whether it was asked for or not."""
        return self._within((region,))

    def _within(self, regions: Sequence[Region] | None) -> hl.MatrixTable:
        import hail as hl

        intervals = None if regions is None else [region.interval() for region in regions]
        samples = list(self.columns["sample"])
        parts = []
        for store in self.stores:
            mt = store.read(intervals)
            if list(store.samples) != samples:
                place_of = {sample: place for place, sample in enumerate(store.samples)}
                mt = mt.choose_cols([place_of[sample] for sample in samples])
            parts.append(mt)
        mt = unite_rows(parts).add_col_index("place")
        mt = mt.annotate_cols(known=_in_hail(self.columns)[hl.int32(mt.place)])
        mt = mt.key_cols_by(participant_id=mt.known.participant_id)
        return mt.select_cols(**mt.known.drop("participant_id"))


# To encode the columns takes longer than a gene's genotypes: once for each frame, for as long as it lives.
_encoded: dict[int, Any] = {}


def _in_hail(columns: pd.DataFrame) -> Any:
    """Return columns as a value in Hail."""
    import hail as hl

    key = id(columns)
    if key not in _encoded:
        rows, row_type = as_rows(columns)
        _encoded[key] = hl.literal(rows, hl.tarray(row_type))
        weakref.finalize(columns, _encoded.pop, key, None)
    return _encoded[key]


def as_rows(columns: pd.DataFrame) -> tuple[list[dict[str, Any]], Any]:
    """Return a frame as plain rows and their Hail type; missing stays missing."""
    import hail as hl
    import pandas as pd

    kinds = {
        "i": (hl.tint64, int),
        "u": (hl.tint64, int),
        "f": (hl.tfloat64, float),
        "b": (hl.tbool, bool),
    }
    of = {name: kinds.get(dtype.kind, (hl.tstr, str)) for name, dtype in columns.dtypes.items()}
    plain = {
        name: [None if pd.isna(cell) else of[name][1](cell) for cell in columns[name]]
        for name in columns
    }
    rows = [dict(zip(plain, cells, strict=True)) for cells in zip(*plain.values(), strict=True)]
    return rows, hl.tstruct(**{str(name): kind for name, (kind, _) in of.items()})


def columns_as_in_hail(columns: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as Hail hands it back once `as_rows` has given it: what has no type there is text."""
    import pandas as pd

    kinds = {"i": "Int64", "u": "Int64", "f": "Float64", "b": "boolean"}
    found = {}
    for name, column in columns.items():
        kind = kinds.get(column.dtype.kind)
        plain = column if kind else column.map(str, na_action="ignore")
        found[name] = plain.astype(kind or "string")
    return pd.DataFrame(found, index=columns.index)
