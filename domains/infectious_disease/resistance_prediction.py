"""Which drugs will fail against an isolate: what its genome holds, looked up in a catalogue of graded mutations.

Rules of the WHO's catalogue (2nd edition, 2023): a mutation of group 1 or 2 makes resistant when at
least three quarters of the reads carry it, and any loss of a gene counts as the catalogue's `LoF` of
that gene. Two reversions are known and kept (Vargas et al., Antimicrob Agents Chemother 2021,
10.1128/AAC.01164-21): see `REVERSIONS`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from domains.infectious_disease.resistance_catalogue import (
    LOSS_OF_FUNCTION,
    ResistanceCatalogue,
    known_catalogue,
)
from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.tuberculosis_resistance import INTERIM, UNCERTAIN

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

SMALLEST_ALLELE_FRACTION = 0.75
LOSS_EFFECTS = ("frameshift", "stop_gained", "start_lost", "feature_ablation")


class Prediction(enum.StrEnum):
    """What is expected of a drug against an isolate."""

    RESISTANT = "resistant"
    UNCERTAIN = "uncertain"
    SUSCEPTIBLE = "susceptible"
    NOT_CALLED = "not called"


@dataclass(frozen=True)
class Reversion:
    """A second loss that takes a resistance back: without the pump it makes no difference that it is switched on.

    `lost` are the genes of which one is lost; `gene` is the one whose mutations then make nobody
    resistant, only those before the gene if `upstream_only`.
    """

    drugs: tuple[str, ...]
    lost: tuple[str, ...]
    gene: str
    upstream_only: bool


REVERSIONS = (
    # mmpR5 (Rv0678) keeps the pump mmpS5-mmpL5 shut; a pump that is broken carries nothing out.
    Reversion(("Bedaquiline", "Clofazimine"), ("mmpL5", "mmpS5"), "Rv0678", upstream_only=False),
    # A stronger promoter of an enzyme that is broken inactivates no drug.
    Reversion(("Amikacin", "Kanamycin"), ("eis",), "eis", upstream_only=True),
)


class ResistanceProfile(enum.StrEnum):
    """How much of the treatment is lost, in the WHO's definitions of 2021."""

    SUSCEPTIBLE = "No resistance to rifampicin or isoniazid"
    ISONIAZID = "Isoniazid-resistant, rifampicin-susceptible"
    RIFAMPICIN = "Rifampicin-resistant only"
    MULTIDRUG = "Multidrug-resistant (MDR)"
    PRE_EXTENSIVE = "Pre-extensively drug-resistant (pre-XDR)"
    EXTENSIVE = "Extensively drug-resistant (XDR)"
    NOT_CALLED = "Rifampicin or isoniazid not called"


FLUOROQUINOLONES = ("Levofloxacin", "Moxifloxacin")
LAST_GROUP_A = ("Bedaquiline", "Linezolid")


@dataclass(frozen=True, repr=False, eq=False)
class ResistancePrediction(Result):
    """What is expected of each drug against each isolate.

    `rows` has one row for each isolate and drug: `isolate, participant_id, family_id, drug, prediction,
    called, variants, taken_back`. `called` tells whether every place was read where the catalogue knows
    a resistance; `variants` are those that decided, and `taken_back` those that a second loss reverts.
    """

    isolates: Isolates
    catalogue: ResistanceCatalogue
    rows: pd.DataFrame

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs that were judged."""
        return tuple(self.rows["drug"].cat.categories)

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """How much of the treatment is lost: `isolate, participant_id, family_id, profile`, a row for each isolate."""
        people = self.isolates.isolates[["isolate", "participant_id", "family_id"]]
        if not {"Rifampicin", "Isoniazid"}.issubset(self.drugs):
            raise AnalysisError(
                "The catalogue does not judge both rifampicin and isoniazid, on which the profiles rest: "
                "give one that does."
            )
        wide = self.rows.pivot(index="isolate", columns="drug", values="prediction")
        profiles = wide.apply(lambda row: profile_of(row.to_dict()).value, axis=1)
        return people.assign(profile=people["isolate"].map(profiles))

    def __repr__(self) -> str:
        return f"ResistancePrediction(isolates={len(self.isolates):,}, drugs={len(self.drugs)})"


def predict_resistance(
    isolates: Isolates,
    *,
    catalogue: ResistanceCatalogue | None = None,
    smallest_allele_fraction: float = SMALLEST_ALLELE_FRACTION,
    not_called: pd.DataFrame | None = None,
) -> ResistancePrediction:
    """Return what is expected of each drug of a catalogue against each isolate.

    Resistant: a mutation of group 1 or 2, unless a second loss takes it back. Uncertain: none of
    these, but one of group 3 or one that the catalogue does not grade, in a gene with which it decides
    on the drug. Not called: neither, and some place could not be read where a resistance is known.
    What is found stands, wherever else the genome has gaps; `called` says which isolates have none.

    Parameters
    ----------
    isolates
        Isolates with their variants.
    catalogue
        The graded mutations; the well-known ones if not given.
    smallest_allele_fraction
        Share of the reads from which on a variant counts. Below it strains are mixed, or the isolate
        is about to become resistant.
    not_called
        Pairs of `isolate, drug` that could not be judged, where the laboratory says so itself; else
        they follow from the uncalled regions.

    Raises
    ------
    AnalysisError
        When the catalogue has no mutation that makes resistant.
    """
    import pandas as pd

    catalogue = catalogue or known_catalogue()
    if not catalogue.drugs:
        raise AnalysisError(
            f"The catalogue {catalogue.source!r} has no mutation of group 1 or 2, so that it can predict nothing: give another."
        )
    variants = isolates.variants[
        isolates.variants["allele_fraction"] >= smallest_allele_fraction
    ].drop_duplicates(["isolate", "variant"])
    graded = graded_variants(variants, catalogue)
    resistant = graded[graded["group"] <= INTERIM]
    reverted = _reverted(resistant, variants)
    gaps = uncalled_drugs(isolates, catalogue) if not_called is None else not_called
    cells = pd.MultiIndex.from_product(
        [isolates.isolates["isolate"], catalogue.drugs], names=["isolate", "drug"]
    )
    rows = pd.DataFrame(index=cells)
    rows["variants"] = _names_by_cell(resistant[~reverted])
    rows["taken_back"] = _names_by_cell(resistant[reverted])
    uncertain = graded[(graded["group"] == UNCERTAIN) & ~_explains(graded, resistant[reverted])]
    rows["called"] = ~cells.isin(_cells(gaps))
    rows["prediction"] = [
        _verdict(found=isinstance(found, str), called=called, uncertain=is_uncertain).value
        for found, called, is_uncertain in zip(
            rows["variants"], rows["called"], cells.isin(_cells(uncertain)), strict=True
        )
    ]
    people = isolates.isolates.set_index("isolate")[["participant_id", "family_id"]]
    rows = rows.fillna({"variants": "", "taken_back": ""}).reset_index()
    rows = rows.join(people, on="isolate").astype({"drug": pd.CategoricalDtype(catalogue.drugs)})
    order = ["isolate", "participant_id", "family_id", "drug", "prediction", "called"]
    return ResistancePrediction(
        provenance=isolates.provenance.then(
            "predict_resistance",
            catalogue=catalogue.source,
            catalogue_digest=catalogue.digest,
            smallest_allele_fraction=smallest_allele_fraction,
        ),
        isolates=isolates,
        catalogue=catalogue,
        rows=rows[[*order, "variants", "taken_back"]],
    )


def graded_variants(variants: pd.DataFrame, catalogue: ResistanceCatalogue) -> pd.DataFrame:
    """Return the drugs on which variants bear, and their group: `isolate, drug, gene, variant, effect, group`.

    A variant's own decided group (1, 2, 4 or 5) goes before that of the loss of its gene, and that
    before the variant's being uncertain. What the catalogue does not grade is uncertain for every drug
    on which the gene decides, unless it changes nothing in the protein.
    """
    import pandas as pd

    grades = catalogue.frame()
    named = variants[["isolate", "gene", "variant", "effect"]].dropna(subset=["gene", "variant"])
    own = named.merge(grades[["drug", "variant", "group"]], on="variant")
    losses = grades[grades["mutation"] == LOSS_OF_FUNCTION][["drug", "gene", "group"]]
    lost = named[named["effect"].isin(LOSS_EFFECTS)].merge(losses, on="gene")
    deciding = grades[grades["group"] <= INTERIM][["drug", "gene"]].drop_duplicates()
    other = named[named["effect"] != "synonymous_variant"].merge(deciding, on="gene")
    # The first that speaks of a variant and a drug decides.
    parts = [
        own[own["group"] != UNCERTAIN],
        lost,
        own[own["group"] == UNCERTAIN],
        other.assign(group=UNCERTAIN),
    ]
    every = pd.concat([part for part in parts if len(part)] or [other.assign(group=UNCERTAIN)])
    return every.drop_duplicates(["isolate", "drug", "variant"]).reset_index(drop=True)[
        ["isolate", "drug", "gene", "variant", "effect", "group"]
    ]


def uncalled_drugs(isolates: Isolates, catalogue: ResistanceCatalogue) -> pd.DataFrame:
    """Return pairs of `isolate, drug` where a place could not be read in which a resistance is known."""
    import numpy as np
    import pandas as pd

    regions = isolates.uncalled_regions
    starts, stops = (regions[name].to_numpy(dtype=np.int64) for name in ("start", "stop"))
    found = [
        pd.DataFrame({"isolate": regions["isolate"], "drug": drug})[
            touching(starts, stops, catalogue.places(drug))
        ]
        for drug in catalogue.drugs
    ]
    return pd.concat(found).drop_duplicates(ignore_index=True)


def touching(
    starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64], places: list[tuple[int, int]]
) -> npt.NDArray[np.bool_]:
    """Return which stretches share a base with any of the places, which are in order and apart."""
    import numpy as np

    if not places:
        return np.zeros(len(starts), dtype=bool)
    firsts, lasts = np.array(places, dtype=np.int64).T
    # Of the places that do not end before the stretch begins, the first is the one to look at.
    at = np.searchsorted(lasts, starts)
    inside = at < len(places)
    return inside & (firsts[at.clip(max=len(places) - 1)] <= stops)


def profile_of(predictions: dict[str, str]) -> ResistanceProfile:
    """Return how much of the treatment is lost, given the prediction for each drug (WHO, 2021).

    Pre-extensive: rifampicin and any fluoroquinolone fail; extensive: bedaquiline or linezolid too.
    """
    fails = {drug for drug, word in predictions.items() if word == Prediction.RESISTANT}
    unknown = {drug for drug, word in predictions.items() if word == Prediction.NOT_CALLED}
    if "Rifampicin" in fails and fails & set(FLUOROQUINOLONES):
        if fails & set(LAST_GROUP_A):
            return ResistanceProfile.EXTENSIVE
        return ResistanceProfile.PRE_EXTENSIVE
    if {"Rifampicin", "Isoniazid"} <= fails:
        return ResistanceProfile.MULTIDRUG
    if unknown & {"Rifampicin", "Isoniazid"}:
        return ResistanceProfile.NOT_CALLED
    if "Rifampicin" in fails:
        return ResistanceProfile.RIFAMPICIN
    return ResistanceProfile.ISONIAZID if "Isoniazid" in fails else ResistanceProfile.SUSCEPTIBLE


def _verdict(*, found: bool, called: bool, uncertain: bool) -> Prediction:
    if found:
        return Prediction.RESISTANT
    if not called:
        return Prediction.NOT_CALLED
    return Prediction.UNCERTAIN if uncertain else Prediction.SUSCEPTIBLE


def _reverted(resistant: pd.DataFrame, variants: pd.DataFrame) -> pd.Series[bool]:
    """Return which of the resistance mutations a second loss in the same isolate takes back."""
    import pandas as pd

    lost = variants[variants["effect"].isin(LOSS_EFFECTS)]
    taken = pd.Series(data=False, index=resistant.index)
    for rule in REVERSIONS:
        without = lost.loc[lost["gene"].isin(rule.lost), "isolate"]
        concerned = (
            resistant["drug"].isin(rule.drugs)
            & (resistant["gene"] == rule.gene)
            & resistant["isolate"].isin(without)
        )
        if rule.upstream_only:
            concerned &= resistant["effect"] == "upstream_gene_variant"
        taken |= concerned
    return taken


def _explains(graded: pd.DataFrame, reverted: pd.DataFrame) -> pd.Series[bool]:
    """Return which variants are the loss that took a resistance back: they are not uncertain any more."""
    import pandas as pd

    explained = pd.Series(data=False, index=graded.index)
    for rule in REVERSIONS:
        cells = _cells(reverted[reverted["drug"].isin(rule.drugs)])
        explained |= (
            graded["gene"].isin(rule.lost)
            & graded["effect"].isin(LOSS_EFFECTS)
            & _cells(graded).isin(cells)
        )
    return explained


def _cells(rows: pd.DataFrame) -> pd.MultiIndex:
    import pandas as pd

    return pd.MultiIndex.from_frame(rows[["isolate", "drug"]])


def _names_by_cell(rows: pd.DataFrame) -> pd.Series[str]:
    return rows.sort_values("variant").groupby(["isolate", "drug"])["variant"].agg(", ".join)
