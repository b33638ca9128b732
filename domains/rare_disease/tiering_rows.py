"""Tiers in the shape of the programme's own table: a row for each carrier in the family, in `tiering_data`'s columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domains.rare_disease.segregation import EVERY_COPY, HETEROZYGOUS, Place
from domains.rare_disease.tiering import TieredVariants
from gecip.cohort.clinical_columns import clinical_columns
from gecip.model.people import Participant
from gecip.model.tiering import TieringData

if TYPE_CHECKING:
    import pandas as pd

_KIN = ("father_affected", "mother_affected", "full_brothers_affected", "full_sisters_affected")


def tiering_rows(tiering: TieredVariants) -> pd.DataFrame:
    """Return the tiers in the 26 columns of `tiering_data`, in their order.

    One row for each tier, pattern, interpretation, panel and member of the family who carries the
    variant. The `phenotype` is the proband's disease; who is alone with one X is `alternate_hemizigous`,
    in the table's own spelling.
    """
    import pandas as pd

    carriers = pd.DataFrame(_carriers(tiering), columns=["row", "place", "genotype"]).astype(
        {"row": "int64", "place": "int64"}
    )
    rows = tiering.rows.iloc[carriers["row"].to_numpy()].reset_index(drop=True)
    places = tiering.places
    family = tiering.calls.family[tiering.row_calls[carriers["row"].to_numpy()]]
    members = [
        places.members[row][place] for row, place in zip(family, carriers["place"], strict=True)
    ]
    cohort = tiering.genotypes.cohort
    sample_of = {person: sample for sample, person in reversed(list(cohort.samples.items()))}
    disease = clinical_columns(cohort).set_index("participant_id")["disease"]
    parts = rows["variant"].str.split(":", expand=True).reindex(columns=range(4))
    table = pd.DataFrame(
        {
            "participant_id": [member.participant_id for member in members],
            "rare_diseases_family_id": rows["family_id"],
            "interpretation_cohort_id": rows["interpretation_cohort_id"],
            "interpretation_request_id": rows["interpretation_request_id"],
            "sample_id": [sample_of.get(member.participant_id) for member in members],
            "phenotype": disease.reindex(rows["participant_id"]).to_numpy(),
            "participant_type": [member.relationship for member in members],
            "assembly": cohort.release.assembly,
            "chromosome": parts[0].str.removeprefix("chr"),
            "position": parts[1].astype("int64"),
            "reference": parts[2],
            "alternate": parts[3],
            "genotype": carriers["genotype"],
            "mode_of_inheritance": rows["mode_of_inheritance"],
            "segregation_pattern": rows["segregation_pattern"],
            "penetrance": rows["penetrance"],
            "tier": rows["tier"],
            "genomic_feature_hgnc": rows["gene"],
            "ensembl_id": rows["ensembl_id"],
            "consequence_type": rows["consequence_type"],
            "so_term": rows["so_term"],
            **_kin(cohort, rows["participant_id"]),
            "participant_phenotypic_sex": [member.sex for member in members],
        }
    )
    return table[list(TieringData.columns)]


def _carriers(tiering: TieredVariants) -> list[tuple[int, int, str]]:
    """Return, for each row of the tiers, the places of the carriers and their genotypes in words."""
    calls, places = tiering.calls, tiering.places
    on_x = calls.variants["place"].to_numpy()[calls.variant] == Place.X
    found = []
    for row, call in enumerate(tiering.row_calls.tolist()):
        states = calls.states[call]
        copies = places.x_copies[calls.family[call]]
        for place in (states >= HETEROZYGOUS).nonzero()[0].tolist():
            if states[place] == HETEROZYGOUS:
                word = "heterozygous"
            else:
                alone = states[place] == EVERY_COPY and on_x[call] and copies[place] == 1
                word = "alternate_hemizigous" if alone else "alternate_homozygous"
            found.append((row, place, word))
    return found


def _kin(cohort: Any, probands: pd.Series[Any]) -> dict[str, Any]:
    """Return what the proband's form says of parents, brothers and sisters."""
    people = cohort.rows(Participant).drop_duplicates("participant_id").set_index("participant_id")
    return {
        name: people[name].reindex(probands).to_numpy() if name in people else None for name in _KIN
    }
