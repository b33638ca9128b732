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
from typing import TYPE_CHECKING, Any

from domains.rare_disease.applied_panels import (
    OWN_GENES,
    Request,
    in_versions_of,
    name_genes,
    requests_of_programme,
    requests_with,
    with_own_genes,
)
from domains.rare_disease.consequences import TIERED_TERMS, is_high
from domains.rare_disease.family_calls import (
    FamilyCalls,
    NoCallParent,
    Transcripts,
    columns_of,
    fold_to_families,
    remarks_of_fields,
)
from domains.rare_disease.family_places import FamilyPlaces, place_families, read_x_copies
from domains.rare_disease.panels import Panel, Panels, read_panels, remarks_of_panels
from domains.rare_disease.segregation import (
    COMPOUND,
    FILTERS_OF_MODE,
    IMPRINTED,
    MODE_OF_PATTERN,
    SINGLE_PATTERNS,
    Calls,
    Pattern,
    Phase,
    Place,
    calls_of,
    compound_pairs,
    follows,
)
from gecip.analysis.genetic.pedigree import Number, Remark, read_pedigrees
from gecip.analysis.result import Result
from gecip.model.genes import ModeOfInheritance
from gecip.model.people import Participant

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes

    Array = npt.NDArray[Any]

TIER1, TIER2, TIER3 = "TIER1", "TIER2", "TIER3"
COMPOUND_PATTERNS = frozenset(pattern.value for pattern in COMPOUND)
COMPLETE, INCOMPLETE = "complete", "incomplete"
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


@dataclass(frozen=True, repr=False, eq=False)
class TieredVariants(Result):
    """The tiers of every family that could be looked at.

    `rows` has the columns of `COLUMNS`, one row for each tier, pattern, interpretation and panel of a
    variant that a proband carries; `participant_id` is the proband. `families` has one row for each
    family looked at: `family_id, participant_id, family_structure, disease_group, TIER1, TIER2, TIER3`,
    where each variant counts once, at its highest tier. `remarks` say what of the input could not be
    taken as it stood. `genotypes`, `places`, `requests`, `calls` and `incomplete` are what was tiered,
    which `why` and `tiering_rows` ask again.
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
    """
    cohort = genotypes.cohort
    remarks = list(remarks_of_fields(genotypes, internal=internal_frequency))
    pedigrees = read_pedigrees(cohort)
    places, said = place_families(pedigrees, columns_of(genotypes), x_copies=read_x_copies(cohort))
    remarks += [*pedigrees.remarks, *said]
    requests, of_requests = _requests(cohort, places, panels, own_genes)
    remarks += of_requests
    choices = Choices(transcripts, no_call_parent, internal_frequency)
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
    shown = _described(rows, calls, places, requests)
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
        families=_counted(shown, places, genotypes.cohort),
        remarks=tuple(dict.fromkeys((*remarks, *names.remarks, *_of_panels(requests)))),
        genotypes=genotypes,
        places=places,
        requests=requests,
        calls=calls,
        incomplete=incomplete,
        choices=choices,
        row_calls=shown["call"].to_numpy(),
    )


# -- what follows the disease -------------------------------------------------------------------------


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


# -- tiers --------------------------------------------------------------------------------------------


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


# -- how it is told -----------------------------------------------------------------------------------


def variant_names(calls: FamilyCalls) -> Array:
    """Return each variant as `chr1:123:A:T`."""
    import numpy as np

    columns = calls.variants[["contig", "position", "reference", "alternate"]]
    return np.array(
        [":".join(map(str, row)) for row in columns.itertuples(index=False, name=None)],
        dtype=object,
    )


def _described(
    rows: pd.DataFrame, calls: FamilyCalls, places: FamilyPlaces, requests: Sequence[Request]
) -> pd.DataFrame:
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


def _counted(rows: pd.DataFrame, places: FamilyPlaces, cohort: Cohort) -> pd.DataFrame:
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
        requests, said = requests_with(places.family_ids, panels), ()
    if own_genes:
        requests = with_own_genes(requests, own_genes)
    return requests, list(said)


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
