"""Diagnoses that researchers sent in: what the pipeline missed, and some that a centre reported as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.interpretation import SubmittedDiagnosticDiscovery
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import TRUTHS
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.interpretations import Request
from gecip.synthetic.planting import Planted
from gecip.synthetic.recruitment import Role
from gecip.synthetic.tiering_rows import FamilyFindings

if TYPE_CHECKING:
    import pandas as pd

# Of the planted diagnoses on an applied panel, how many a researcher sent in too; an assumption. One that
# lies outside every panel was always found by a researcher.
SHARE_SENT_IN = 0.15
_WORDS = {1: "heterozygous", 2: "homozygous"}


def submitted_discoveries(
    programme: Programme,
    planted: Sequence[Planted],
    families: Sequence[FamilyFindings],
    requests: Mapping[int, Sequence[Request]],
    names: Sequence[str],
) -> tuple[pd.DataFrame, Answer]:
    """Return one row for each variant of a diagnosis that was sent in, and how many there are.

    Parameters
    ----------
    names
        The coding variants' names, by their places.
    """
    stream = programme.stream(SubmittedDiagnosticDiscovery)
    people = programme.recruits.people
    found = {one.family: one for one in families}
    diagnoses: dict[int, list[Planted]] = {}
    for planting in planted:
        # A burden gene's variants explain nobody for certain, and a decoy nobody at all.
        if planting.part in TRUTHS and not planting.companion:
            diagnoses.setdefault(planting.family, []).append(planting)
    rows: list[dict[str, Any]] = []
    for family, plantings in diagnoses.items():
        chance, day = stream.random(), int(stream.integers(900, 2_200))
        one = found.get(family)
        if one is None:
            continue
        symbol = plantings[0].gene.symbol
        outside = not any(request.panels_with(symbol) for request in requests[family])
        explained = {names[one.variants[row]] for finding in one.found for row in finding.variants}
        shown = [planting.site.name for planting in plantings if planting.site.name in explained]
        if len(shown) < len(plantings) or not (outside or chance < SHARE_SENT_IN):
            continue
        proband = programme.recruits.place(family, Role.PROBAND)
        reported = programme.dates.registration[proband] + np.timedelta64(day, "D")
        rows += [
            {
                "participant_id": int(people.number[proband]),
                "gene_of_interest": symbol,
                "variant_of_interest": name.removeprefix("chr"),
                "genome_build": "GRCh38",
                "reporting_date": reported.item(),
                "notes": "Gene outside the applied panels" if outside else None,
                "group": f"group_{family + 1}" if len(shown) > 1 else None,
                "Zygosity": _zygosity(one, proband, names, name, several=len(shown) > 1),
            }
            for name in shown
        ]
    rows.sort(key=lambda row: (row["participant_id"], row["variant_of_interest"]))
    columns: dict[str, Any] = {
        name: [row[name] for row in rows] for name in SubmittedDiagnosticDiscovery.columns
    }
    # A day stays a day where nothing was sent in.
    columns["reporting_date"] = np.array(columns["reporting_date"], dtype="datetime64[D]")
    table = frame_of(SubmittedDiagnosticDiscovery, columns)
    answer = Answer(
        kind="diagnoses_of_researchers",
        domain="release",
        expected={"rows": len(table), "participants": int(table["participant_id"].nunique())},
    )
    return table, answer


def _zygosity(
    one: FamilyFindings, proband: int, names: Sequence[str], name: str, *, several: bool
) -> str | None:
    """Return the coding of the proband's genotype; a man's one X has none."""
    if several:
        return "compound heterozygous"
    column = one.members.index(proband)
    row = next(row for row, place in enumerate(one.variants) if names[place] == name)
    if name.startswith("chrX") and one.male[column]:
        return None
    return _WORDS[int(one.copies[row, column])]
