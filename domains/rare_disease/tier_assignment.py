"""Which tier a variant has: by its gene on the applied panels, the gene's mode of inheritance, and its impact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from domains.rare_disease.applied_panels import Request
from domains.rare_disease.consequences import is_high
from domains.rare_disease.family_calls import FamilyCalls
from domains.rare_disease.family_places import FamilyPlaces
from domains.rare_disease.followed_calls import COMPLETE
from domains.rare_disease.segregation import (
    FILTERS_OF_MODE,
    IMPRINTED,
    MODE_OF_PATTERN,
    Pattern,
)
from gecip.model.genes import ModeOfInheritance

if TYPE_CHECKING:
    import pandas as pd

TIER1, TIER2, TIER3 = "TIER1", "TIER2", "TIER3"


def assign_tiers(
    found: pd.DataFrame,
    calls: FamilyCalls,
    places: FamilyPlaces,
    requests: Sequence[Request],
    names: Mapping[str, str],
) -> pd.DataFrame:
    """Return what follows the disease with its tiers: once for each interpretation and panel, or once outside all.

    Returns
    -------
    The columns of `find`, and `request` (its place), `panel` (its place in the request, -1 outside
    all), `mode`, `tier` and `own_gene`.
    """
    import numpy as np
    import pandas as pd

    row_of = {family: row for row, family in enumerate(places.family_ids)}
    of_requests = pd.DataFrame(
        {
            "family": [row_of[one.family_id] for one in requests],
            "request": range(len(requests)),
        }
    ).astype("int64")
    gene = calls.effects["gene"].to_numpy()
    high = np.array([is_high(terms) for terms in calls.effects["terms"]], dtype=bool)
    rows = found.assign(
        family=calls.family[found["call"].to_numpy(dtype="int64")],
        gene=gene[found["effect"].to_numpy(dtype="int64")],
        high=high[found["effect"].to_numpy(dtype="int64")],
    )
    rows = rows.merge(of_requests, on="family", how="inner").merge(
        _green(requests, names), on=["request", "gene"], how="left"
    )
    outside = rows["panel"].isna()
    untold = ~outside & rows["mode"].isin([ModeOfInheritance.UNKNOWN])
    fits = [
        mode in FILTERS_OF_MODE and pattern in FILTERS_OF_MODE[mode]
        for mode, pattern in zip(rows["mode"], rows["pattern"], strict=True)
    ]
    first = rows["high"] | (rows["pattern"] == Pattern.DE_NOVO)
    third = outside | untold
    rows["tier"] = np.where(third, TIER3, np.where(first, TIER1, TIER2))
    rows["mode"] = [
        MODE_OF_PATTERN[pattern] if is_outside else mode
        for mode, pattern, is_outside in zip(rows["mode"], rows["pattern"], outside, strict=True)
    ]
    rows["panel"] = rows["panel"].fillna(-1).astype("int64")
    rows["own_gene"] = rows["own_gene"].eq(other=True)
    # Outside the panels nobody has said that a gene is imprinted, and without that any inherited
    # heterozygote would pass for it.
    third &= ~rows["pattern"].isin(IMPRINTED)
    return _not_twice(rows[third | np.array(fits, dtype=bool)].reset_index(drop=True))


def _green(requests: Sequence[Request], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the green genes of each request's panels, by the annotation's names, with their modes."""
    import pandas as pd

    genes: dict[int, list[tuple[str, ModeOfInheritance, bool]]] = {}
    rows = []
    for number, request in enumerate(requests):
        for place, panel in enumerate(request.panels):
            if id(panel) not in genes:
                genes[id(panel)] = [
                    (names.get(one.symbol, one.symbol), one.mode or ModeOfInheritance.UNKNOWN, one.is_own)
                    for one in panel.green()
                ]  # fmt: skip
            rows += [(number, place, *gene) for gene in genes[id(panel)]]
    frame = pd.DataFrame(rows, columns=["request", "panel", "gene", "mode", "own_gene"])
    return frame.astype({"request": "int64", "panel": "Int64", "gene": object})


def _not_twice(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out incomplete penetrance where the interpretation has tiered the variant by complete penetrance already."""
    complete = rows["penetrance"] == COMPLETE
    key = ["call", "effect", "request"]
    done = rows.loc[complete, key].drop_duplicates().assign(done=True)
    again = rows.merge(done, on=key, how="left")["done"].eq(other=True).to_numpy()
    return rows[complete | ~again].reset_index(drop=True)
