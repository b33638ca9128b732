"""The tiers found here beside the release's own `tiering_data`, which another route made; and why they differ.

The programme's rows rest on each family's own joint call of true genotypes. Found here are those of the
aggregate, with its no-calls and swapped samples. Whatever is in one and not in the other has to have one
of the reasons below, told from the calls themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.tiering import TieredVariants
from gecip.release import Release
from gecip.synthetic import read_answers

if TYPE_CHECKING:
    import pandas as pd

COMPOUND = ("CompoundHeterozygous", "XLinkedCompoundHeterozygous")
TWO_COPIES = ("SimpleRecessive", "UniparentalIsodisomy", "XLinkedSimpleRecessive")


@dataclass(frozen=True)
class Differences:
    """How many rows agree, how many differ for which reason, and which have none."""

    agreeing: int
    explained: Counter[str]
    unexplained: list[tuple[Any, ...]]


def differences(tiering: TieredVariants, release: Release) -> Differences:
    """Return the probands' rows of the release and of the tiering side by side."""
    theirs = release.read("tiering_data")
    theirs = theirs[
        theirs["rare_diseases_family_id"].isin(tiering.families["family_id"])
        & (theirs["participant_type"] == "Proband")
    ].copy()
    theirs["variant"] = (
        "chr" + theirs["chromosome"].astype(str) + ":" + theirs["position"].astype(str) + ":"
        + theirs["reference"] + ":" + theirs["alternate"]
    )  # fmt: skip
    key = ["interpretation_request_id", "segregation_pattern", "penetrance", "tier"]
    there = set(
        zip(
            theirs["rare_diseases_family_id"],
            theirs["variant"],
            *(theirs[one] for one in key),
            strict=True,
        )
    )
    rows = tiering.rows
    here = set(zip(rows["family_id"], rows["variant"], *(rows[one] for one in key), strict=True))
    explained: Counter[str] = Counter()
    unexplained = []
    reason_of = _Reasons(tiering, theirs, release)
    for row in sorted(there ^ here, key=str):
        reason = reason_of(row, here=row in here)
        if reason is None:
            unexplained.append(("here" if row in here else "there", *row))
        else:
            explained[f"{'here' if row in here else 'there'} only: {reason}"] += 1
    return Differences(len(there & here), explained, unexplained)


class _Reasons:
    def __init__(self, tiering: TieredVariants, theirs: pd.DataFrame, release: Release) -> None:
        self.tiering = tiering
        self.mishaps = {
            family
            for one in read_answers(release.folder)
            if one.kind in ("sample_swap", "wrong_sex", "withdrawn", "duplicated_participant")
            for family in (one.family, *one.expected.get("families", ()))
        }
        calls = tiering.calls
        variants = calls.variants[["contig", "position", "reference", "alternate"]]
        names = [":".join(map(str, row)) for row in variants.itertuples(index=False, name=None)]
        self.call = {
            (tiering.places.family_ids[family], names[variant]): place
            for place, (variant, family) in enumerate(zip(calls.variant, calls.family, strict=True))
        }
        compound = theirs[theirs["segregation_pattern"].isin(COMPOUND)]
        key = ["rare_diseases_family_id", "interpretation_request_id", "genomic_feature_hgnc"]
        self.their_groups = compound.groupby(key)["variant"].agg(set).to_dict()
        complete = tiering.rows[tiering.rows["penetrance"] == "complete"]
        self.complete = set(
            zip(
                complete["family_id"],
                complete["interpretation_request_id"],
                complete["variant"],
                strict=True,
            )
        )
        mine = tiering.rows[tiering.rows["segregation_pattern"].isin(COMPOUND)]
        self.mine = {
            (row.family_id, row.interpretation_request_id, row.variant): row
            for row in mine.itertuples()
        }

    def __call__(self, row: tuple[Any, ...], *, here: bool) -> str | None:
        family, variant, request, pattern, penetrance, _ = row
        if family in self.mishaps:
            return "a sample was exchanged, recorded wrongly or withdrawn"
        place = self.call.get((family, variant))
        if place is None:
            return None if here else "the aggregate has no such call of the proband"
        number = self.tiering.places.row_of(family)
        assert number is not None
        members = len(self.tiering.places.members[number])
        if (self.tiering.calls.states[place, :members] == -1).any():
            return "a member has no call in the aggregate"
        if pattern in COMPOUND:
            return self._of_pair(family, request, variant, here=here)
        if not here and penetrance == "incomplete" and (family, request, variant) in self.complete:
            return "the variant is tiered by complete penetrance already"
        if here and penetrance == "incomplete" and pattern in TWO_COPIES:
            return "incomplete penetrance was asked of two copies too"
        return None

    def _of_pair(self, family: Any, request: Any, variant: str, *, here: bool) -> str | None:
        """Return why one half of a pair stands on one side only: its partner does not, or the phase is open."""
        if not here:
            groups = [
                found
                for (one, asked, _), found in self.their_groups.items()
                if (one, asked) == (family, request) and variant in found
            ]
            absent = any(
                (family, partner) not in self.call for group in groups for partner in group
            )
            return "the aggregate has no such call of the partner" if absent else None
        mine = self.mine[family, request, variant]
        group = self.their_groups.get((family, request, mine.gene), set())
        if group & set(mine.partners.split("; ")):
            return "the release lost the partner's rows, as planted"
        if mine.phase == "unphased":
            return "the pair is unphased, and the other route keeps phased ones only where there are parents"
        return None
