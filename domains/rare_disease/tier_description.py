"""Tiers in words: variants, genes, panels and families by name instead of by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domains.rare_disease.applied_panels import Request
from domains.rare_disease.consequences import TIERED_TERMS
from domains.rare_disease.family_calls import FamilyCalls
from domains.rare_disease.family_places import FamilyPlaces
from domains.rare_disease.tier_assignment import TIER1, TIER2, TIER3

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort

    Array = npt.NDArray[Any]


def variant_names(calls: FamilyCalls) -> Array:
    """Return each variant as `chr1:123:A:T`."""
    import numpy as np

    columns = calls.variants[["contig", "position", "reference", "alternate"]]
    return np.array(
        [":".join(map(str, row)) for row in columns.itertuples(index=False, name=None)],
        dtype=object,
    )


def described(
    rows: pd.DataFrame, calls: FamilyCalls, places: FamilyPlaces, requests: Sequence[Request]
) -> pd.DataFrame:
    """Return tiers with everything by its name, families in order and the highest tier first."""
    import numpy as np

    names = variant_names(calls)
    call = rows["call"].to_numpy(dtype="int64")
    effect = calls.effects.iloc[rows["effect"].to_numpy(dtype="int64")].reset_index(drop=True)
    family = rows["family"].to_numpy(dtype="int64")
    asked = [requests[number] for number in rows["request"]]
    panels = [
        one.panels[place] if place >= 0 else None
        for one, place in zip(asked, rows["panel"], strict=True)
    ]
    ids = _ensembl_ids(requests)
    variant = calls.variant[call]
    shown = rows.assign(
        family_id=np.array(places.family_ids, dtype=object)[family],
        participant_id=[places.members[row][0].participant_id for row in family],
        interpretation_cohort_id=[one.cohort_id for one in asked],
        interpretation_request_id=[one.request_id for one in asked],
        gene=effect["gene"],
        ensembl_id=[
            gene_id if str(gene_id).startswith("ENSG") else ids.get(gene)
            for gene, gene_id in zip(effect["gene"], effect["gene_id"], strict=True)
        ],
        variant=names[variant],
        consequence_type=[",".join(terms) for terms in effect["terms"]],
        so_term=[",".join(TIERED_TERMS[term] for term in terms) for terms in effect["terms"]],
        impact=np.where(rows["high"], "high", "moderate"),
        highest_frequency=calls.variants["highest_frequency"].to_numpy()[variant],
        mode_of_inheritance=[mode.value for mode in rows["mode"]],
        segregation_pattern=[pattern.value for pattern in rows["pattern"]],
        partners=[
            None if partners is None else "; ".join(names[calls.variant[list(partners)]])
            for partners in rows["partners"]
        ],
        panel_name=[panel.name if panel else None for panel in panels],
        panel_version=[panel.version if panel else None for panel in panels],
    )
    order = [
        "family_id",
        "interpretation_request_id",
        "tier",
        "gene",
        "variant",
        "segregation_pattern",
    ]
    return shown.infer_objects().sort_values(order, kind="stable", ignore_index=True)


def _ensembl_ids(requests: Sequence[Request]) -> Mapping[str, str]:
    return {
        gene.symbol: gene.ensembl_ids[0]
        for panel in {id(one): one for request in requests for one in request.panels}.values()
        for gene in panel.genes
        if gene.ensembl_ids
    }


def counted(rows: pd.DataFrame, places: FamilyPlaces, cohort: Cohort) -> pd.DataFrame:
    """Return each family with how many variants it has, each counted at its highest tier."""
    import pandas as pd

    from gecip.cohort.clinical_columns import clinical_columns

    best = rows.groupby(["family_id", "variant"], sort=False)["tier"].min().reset_index()
    counts = best.groupby(["family_id", "tier"], sort=False).size().unstack(fill_value=0)
    columns = clinical_columns(cohort).set_index("participant_id")["disease_group"]
    probands = [members[0].participant_id for members in places.members]
    families = pd.DataFrame(
        {
            "family_id": list(places.family_ids),
            "participant_id": probands,
            "family_structure": [places.structure(row) for row in range(len(places))],
            "disease_group": columns.reindex(probands).to_numpy(),
        }
    )
    for tier in (TIER1, TIER2, TIER3):
        known = counts[tier] if tier in counts else pd.Series(dtype="int64")
        families[tier] = families["family_id"].map(known).fillna(0).astype("int64")
    return families
