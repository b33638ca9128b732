"""What follows the disease in all families at once: every filter, asked of every call and gene."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from domains.rare_disease.family_calls import FamilyCalls
from domains.rare_disease.family_places import FamilyPlaces
from domains.rare_disease.segregation import (
    SINGLE_PATTERNS,
    Calls,
    Pattern,
    Phase,
    Place,
    calls_of,
    compound_pairs,
    follows,
)
from gecip.analysis.genetic.pedigree import Number

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Array = npt.NDArray[Any]

COMPLETE, INCOMPLETE = "complete", "incomplete"


def find(calls: FamilyCalls, places: FamilyPlaces, incomplete: Collection[Number]) -> pd.DataFrame:
    """Return what follows the disease, a row for each call, gene, pattern and penetrance.

    Returns
    -------
    `call` (row of the calls), `effect` (row of the effects), `pattern`, `penetrance`, `phase` and
    `partners` (rows of the calls, for compound heterozygotes).
    """
    import numpy as np
    import pandas as pd

    of_members = calls_of(
        calls.states,
        calls.family,
        places,
        place=calls.variants["place"].to_numpy()[calls.variant],
    )
    asked = np.array(
        [
            family in incomplete and len(members) > 1
            for family, members in zip(places.family_ids, places.members, strict=True)
        ],
        dtype=bool,
    )[calls.family]
    call, effect = _with_effects(calls)
    frames = []
    for penetrance, may in (
        (COMPLETE, np.ones(len(calls.family), dtype=bool)),
        (INCOMPLETE, asked),
    ):
        for pattern in SINGLE_PATTERNS:
            holds = follows(pattern, of_members, incomplete=penetrance == INCOMPLETE)
            holds &= may & _rare(calls, pattern)
            kept = holds[call]
            frames.append(_found(call[kept], effect[kept], pattern, penetrance))
        frames.append(_compound(calls, of_members, (call, effect), penetrance, may))
    return pd.concat(frames, ignore_index=True)


def _with_effects(calls: FamilyCalls) -> tuple[Array, Array]:
    """Return each call with each gene that its variant changes, as rows of the calls and of the effects."""
    import numpy as np

    of_variant = calls.effects["variant"].to_numpy()
    starts = np.searchsorted(of_variant, calls.variant, side="left")
    sizes = np.searchsorted(of_variant, calls.variant, side="right") - starts
    call = np.repeat(np.arange(len(calls.variant)), sizes)
    within = np.arange(len(call)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return call, np.repeat(starts, sizes) + within


def _rare(calls: FamilyCalls, pattern: Pattern) -> Array:
    rare: Array = calls.variants[pattern.inheritance.value].to_numpy(dtype=bool)[calls.variant]
    return rare


def _found(call: Array, effect: Array, pattern: Pattern, penetrance: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "call": call,
            "effect": effect,
            "pattern": pattern,
            "penetrance": penetrance,
            "phase": None,
            "partners": None,
        },
        index=range(len(call)),
    )


def _compound(
    calls: FamilyCalls,
    of_members: Calls,
    expanded: tuple[Array, Array],
    penetrance: str,
    may: Array,
) -> pd.DataFrame:
    """Return the variants that are part of a compound heterozygote, each with its partners and best phase."""
    import pandas as pd

    call, effect = expanded
    genes, _ = pd.factorize(calls.effects["gene"])
    group = calls.family[call] * (len(calls.effects) + 1) + genes[effect]
    pairs = compound_pairs(
        of_members.take(call),
        group,
        (_rare(calls, Pattern.COMPOUND_HETEROZYGOUS) & may)[call],
        incomplete=penetrance == INCOMPLETE,
    )
    both = pd.DataFrame(
        {
            "row": [*pairs.first, *pairs.second],
            "partner": call[[*pairs.second, *pairs.first]],
            "in_trans": [*pairs.in_trans, *pairs.in_trans],
        }
    ).astype({"row": "int64", "in_trans": bool})
    of_row = both.groupby("row", sort=True).agg(
        partners=("partner", tuple), in_trans=("in_trans", "any")
    )
    rows = of_row.index.to_numpy(dtype="int64")
    on_x = of_members.place[call[rows]] == Place.X
    patterns = [
        Pattern.X_COMPOUND_HETEROZYGOUS if one else Pattern.COMPOUND_HETEROZYGOUS for one in on_x
    ]
    return pd.DataFrame(
        {
            "call": call[rows],
            "effect": effect[rows],
            "pattern": patterns,
            "penetrance": penetrance,
            "phase": [
                Phase.IN_TRANS.value if one else Phase.UNPHASED.value for one in of_row["in_trans"]
            ],
            "partners": of_row["partners"].to_list(),
        },
        index=range(len(rows)),
    )
