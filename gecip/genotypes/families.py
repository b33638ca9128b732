"""Whose family is complete among those whose genomes are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from gecip.cohort.reference import place_in_trio
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.model.people import Participant

if TYPE_CHECKING:
    import pandas as pd

Structure = Literal["whole", "trio", "any"]
_TRIO = {"Proband", "Father", "Mother"}


def members_of_families(
    cohort: Cohort,
    columns: pd.DataFrame,
    families: Sequence[int | str] | None,
    *,
    structure: Structure,
) -> frozenset[int | str]:
    """Return the participants of `columns` who belong to families of the structure asked for.

    Raises
    ------
    GenotypesError
        When the structure is unknown, `families` is no list, or nobody is left.
    """
    if structure not in get_args(Structure):
        raise GenotypesError(f"structure= is 'whole', 'trio' or 'any', not {structure!r}.")
    if isinstance(families, int | str):
        raise GenotypesError("of_families() takes a list of families' numbers, as [families[0]].")
    here = columns.dropna(subset=["family_id"])
    if families is not None:
        here = here[here["family_id"].isin(list(families))]
    if structure == "whole":
        here = here[~here["family_id"].isin(_incomplete(cohort, here))]
    elif structure == "trio":
        here = _trios(here)
    if here.empty:
        asked = {"whole": "no whole family", "trio": "no trio", "any": "nobody of these families"}
        raise GenotypesError(
            f"Of the {len(columns):,} people with a genome here, {asked[structure]} is left: select a cohort of whole families "
            "(in_whole_trio() in a definition keeps trios), or ask for another structure."
        )
    return frozenset(here["participant_id"])


def _incomplete(cohort: Cohort, here: pd.DataFrame) -> set[int | str]:
    """Return the families of which a consenting participant has no genome here."""
    everybody = cohort.release.read(
        Participant, ["participant_id", "rare_diseases_family_id"]
    ).dropna(subset=["rare_diseases_family_id"])
    absent = everybody[~everybody["participant_id"].isin(here["participant_id"])]
    return set(absent["rare_diseases_family_id"])


def _trios(here: pd.DataFrame) -> pd.DataFrame:
    """Return probands, fathers and mothers of families that have one of each here."""
    words = here[["participant_type", "relationship"]].astype(object)
    place = [
        place_in_trio(
            {"participant_type": kind, "biological_relationship_to_proband": relationship}
        )
        for kind, relationship in words.where(words.notna(), None).itertuples(index=False)
    ]
    placed = here.assign(place=place).dropna(subset=["place"])
    whole = placed.groupby("family_id")["place"].agg(lambda found: set(found) >= _TRIO)
    return placed[placed["family_id"].map(whole).astype(bool)]
