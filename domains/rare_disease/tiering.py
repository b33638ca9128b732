"""Tiers 1 to 3: which rare coding variants follow the disease through each family, and in whose genes.

After the programme's public guides (Research Environment user guide, tiering; Rare Disease Genome
Analysis Guide). TIER1 is a high-impact variant, or a new one of moderate impact, in a green gene of an
applied panel, by a pattern that the gene's mode of inheritance asks for; TIER2 is a moderate one that is
not new; TIER3 lies outside the green genes of the applied panels. A variant in a green gene whose mode it
does not fit is not tiered. Everything is tiered at once: one pass of Hail over the genotypes, then the
filters on all families together.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from domains.rare_disease.applied_panels import (
    OWN_GENES,
    Request,
    in_versions_of,
    name_genes,
    requests_of_programme,
    requests_with,
    with_own_genes,
)
from domains.rare_disease.family_calls import (
    FamilyCalls,
    NoCallParent,
    Transcripts,
    columns_of,
    fold_to_families,
    remarks_of_fields,
)
from domains.rare_disease.family_places import FamilyPlaces, place_families, read_x_copies
from domains.rare_disease.followed_calls import INCOMPLETE, find
from domains.rare_disease.panels import Panel, Panels, read_panels, remarks_of_panels
from domains.rare_disease.segregation import (
    COMPOUND,
)
from domains.rare_disease.tier_assignment import TIER1, TIER2, TIER3, assign_tiers
from domains.rare_disease.tier_description import counted, described
from gecip.analysis.genetic.pedigree import Number, Remark, read_pedigrees
from gecip.analysis.result import Result
from gecip.errors import InputError
from gecip.model.genes import ModeOfInheritance
from gecip.model.people import Participant

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes

    Array = npt.NDArray[Any]

COMPOUND_PATTERNS = frozenset(pattern.value for pattern in COMPOUND)
COLUMNS = (
    "family_id", "participant_id", "interpretation_cohort_id", "interpretation_request_id", "tier", "gene",
    "ensembl_id", "variant", "consequence_type", "so_term", "impact", "highest_frequency", "mode_of_inheritance",
    "segregation_pattern", "penetrance", "phase", "partners", "panel_name", "panel_version", "own_gene",
)  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """How tiering was asked for; see `tier_variants`."""

    transcripts: Transcripts = "canonical"
    no_call_parent: NoCallParent = "ignored"
    internal_frequency: str | None = None

    def __post_init__(self) -> None:
        for name, known in (
            ("transcripts", get_args(Transcripts)),
            ("no_call_parent", get_args(NoCallParent)),
        ):
            given = getattr(self, name)
            if given not in known:
                raise InputError(f"{name} is {given!r}: write {' or '.join(map(repr, known))}.")


@dataclass(frozen=True, repr=False, eq=False)
class TieredVariants(Result):
    """The tiers of every family that could be looked at.

    `rows` has the columns of `COLUMNS`, one row for each tier, pattern, interpretation and panel of a
    variant that a proband carries; `participant_id` is the proband. `families` has one row for each
    family looked at: `family_id, participant_id, family_structure, disease_group, TIER1, TIER2, TIER3`,
    where each variant counts once, at its highest tier. `remarks` say what of the input could not be
    taken as it stood. `genotypes`, `places`, `requests`, `calls`, `incomplete` and `gene_names` (by what
    name the annotation knows a panel's gene) are what was tiered, which `why` and `tiering_rows` ask again.
    """

    rows: pd.DataFrame
    families: pd.DataFrame
    remarks: tuple[Remark, ...]
    genotypes: Genotypes
    places: FamilyPlaces
    requests: tuple[Request, ...]
    calls: FamilyCalls
    incomplete: frozenset[Number]
    choices: Choices
    row_calls: Array
    gene_names: Mapping[str, str]

    def of_family(self, family_id: Number) -> TieredVariants:
        """Return the tiers of one family; what was tiered stays at hand."""
        families = self.families[self.families["family_id"] == family_id].reset_index(drop=True)
        kept = (self.rows["family_id"] == family_id).to_numpy()
        return replace(_with_rows(self, kept, "of_family"), families=families)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{tier}={int(self.families[tier].sum()):,}" for tier in (TIER1, TIER2, TIER3)
        )
        return f"TieredVariants(families={len(self.families):,}, {counts}, remarks={len(self.remarks)})"


def _with_rows(tiering: TieredVariants, kept: Array, operation: str) -> TieredVariants:
    return replace(
        tiering,
        provenance=tiering.provenance.then(operation),
        rows=tiering.rows[kept].reset_index(drop=True),
        row_calls=tiering.row_calls[kept],
    )


def tiers_of_patterns(tiering: TieredVariants, patterns: Collection[str]) -> TieredVariants:
    """Return the tiers by certain patterns only; families are counted as before."""
    kept = tiering.rows["segregation_pattern"].isin(list(patterns)).to_numpy()
    return _with_rows(tiering, kept, "tiers_of_patterns")


def tier_variants(
    genotypes: Genotypes,
    *,
    panels: Sequence[Panel] | Mapping[Number, Sequence[Panel]] | None = None,
    own_genes: Mapping[str, ModeOfInheritance] | None = None,
    incomplete_penetrance: Collection[Number] | None = None,
    transcripts: Transcripts = "canonical",
    no_call_parent: NoCallParent = "ignored",
    internal_frequency: str | None = None,
) -> TieredVariants:
    """Return the tiers of the rare coding variants of all families of the genotypes' cohort.

    One pass over the genotypes; time grows with variants × people, and after that with the number of
    rare coding variants that probands carry.

    Parameters
    ----------
    genotypes
        Whole families: relatives who were left out of the cohort cannot rule a variant out.
    panels
        The panels to apply, to every family or by family. By default those that the programme applied,
        in the versions in which it did (`panels_applied`), once for each of its interpretations.
    own_genes
        Further genes with their modes, green for every family; their rows are marked.
    incomplete_penetrance
        The families for which incomplete penetrance is asked for as well: by default those whose proband
        has it in `participant.penetrance`. A family of one counts as complete.
    transcripts
        Whose consequences count: `canonical` transcripts', as the programme's, or `any` one's.
    no_call_parent
        What a parent is who has a genome but no call: `ignored` (a variant is then never new) or
        `reference` (taken not to carry it). The result's remarks say how often it mattered.
    internal_frequency
        The annotation's field that holds the allele's frequency in the programme's own cohort, if any.

    Raises
    ------
    GenotypesError
        When the release has no functional annotation, or one without frequencies.
    InputError
        When a choice is none of those named, or a mode of inheritance of `own_genes` is unknown.
    """
    choices = Choices(transcripts, no_call_parent, internal_frequency)
    cohort = genotypes.cohort
    remarks = list(remarks_of_fields(genotypes, internal=internal_frequency))
    pedigrees = read_pedigrees(cohort)
    places, said = place_families(pedigrees, columns_of(genotypes), x_copies=read_x_copies(cohort))
    remarks += [*pedigrees.remarks, *said]
    requests, of_requests = _requests(cohort, places, panels, own_genes)
    remarks += of_requests
    calls = fold_to_families(
        genotypes,
        places,
        transcripts=transcripts,
        internal=internal_frequency,
        no_call_parent=no_call_parent,
    )
    incomplete = (
        _asked_for_incomplete(cohort)
        if incomplete_penetrance is None
        else frozenset(incomplete_penetrance)
    )
    return tiered(
        genotypes,
        places=places,
        requests=requests,
        calls=calls,
        incomplete=incomplete,
        choices=choices,
        remarks=(*remarks, *calls.remarks),
    )


def retier(
    tiering: TieredVariants, *, panels: Panels | None = None, on: str | datetime.date | None = None
) -> TieredVariants:
    """Return the tiers again with other versions of the panels that were applied, without another pass over the genotypes.

    Parameters
    ----------
    panels
        The versions at hand; by default those of the release.
    on
        The day on which the versions held; by default the newest are taken. A panel that had no version
        yet on that day is left out, and told.
    """
    at_hand = read_panels(tiering.genotypes.cohort.release) if panels is None else panels
    requests, said = in_versions_of(tiering.requests, at_hand, on)
    return tiered(
        tiering.genotypes,
        places=tiering.places,
        requests=requests,
        calls=tiering.calls,
        incomplete=tiering.incomplete,
        choices=tiering.choices,
        remarks=(*tiering.remarks, *said),
    )


def tiered(
    genotypes: Genotypes,
    *,
    places: FamilyPlaces,
    requests: tuple[Request, ...],
    calls: FamilyCalls,
    incomplete: frozenset[Number],
    choices: Choices,
    remarks: tuple[Remark, ...],
) -> TieredVariants:
    """Return the tiers of calls that have been folded already; another set of panels costs no pass over the genotypes."""
    names = name_genes(
        (panel for request in requests for panel in request.panels),
        calls.effects[["gene", "gene_id"]].itertuples(index=False, name=None),
    )
    found = find(calls, places, incomplete)
    rows = assign_tiers(found, calls, places, requests, names.of)
    shown = described(rows, calls, places, requests)
    return TieredVariants(
        provenance=genotypes.provenance.then(
            "tier_variants",
            transcripts=choices.transcripts,
            no_call_parent=choices.no_call_parent,
            internal_frequency=choices.internal_frequency,
            families=len(places),
            panels=sorted(
                {f"{one.name} {one.version}" for request in requests for one in request.panels}
            ),
        ),
        rows=shown[list(COLUMNS)],
        families=counted(shown, places, genotypes.cohort),
        remarks=tuple(dict.fromkeys((*remarks, *names.remarks, *_of_panels(requests)))),
        genotypes=genotypes,
        places=places,
        requests=requests,
        calls=calls,
        incomplete=incomplete,
        choices=choices,
        row_calls=shown["call"].to_numpy(),
        gene_names=names.of,
    )


# -- what is read -------------------------------------------------------------------------------------


def _requests(
    cohort: Cohort,
    places: FamilyPlaces,
    panels: Sequence[Panel] | Mapping[Number, Sequence[Panel]] | None,
    own_genes: Mapping[str, ModeOfInheritance] | None,
) -> tuple[tuple[Request, ...], list[Remark]]:
    if panels is None:
        at_hand = read_panels(cohort.release)
        requests, said = requests_of_programme(cohort, places.family_ids, at_hand)
    else:
        requests = requests_with(places.family_ids, panels)
        said = _families_without_panels(places, panels)
    if own_genes:
        requests = with_own_genes(requests, own_genes)
    return requests, list(said)


def _families_without_panels(
    places: FamilyPlaces, panels: Sequence[Panel] | Mapping[Number, Sequence[Panel]]
) -> tuple[Remark, ...]:
    if not isinstance(panels, Mapping):
        return ()
    without = tuple(family for family in places.family_ids if not panels.get(family))
    return (Remark("panels=", "no panel was given for a family", "it was tiered with none, so that everything stands in TIER3", without),) if without else ()  # fmt: skip


def _of_panels(requests: Sequence[Request]) -> tuple[Remark, ...]:
    """Return what is to be said of the panels that were applied, each version once."""
    applied = {id(one): one for request in requests for one in request.panels}
    return remarks_of_panels([one for one in applied.values() if one.name != OWN_GENES])


def _asked_for_incomplete(cohort: Cohort) -> frozenset[Number]:
    people = cohort.rows(Participant)
    if "penetrance" not in people:
        return frozenset()
    asked = people.loc[people["penetrance"] == INCOMPLETE, "rare_diseases_family_id"]
    return frozenset(asked.dropna().tolist())
