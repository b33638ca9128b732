"""Which variants could explain a family's disease: rare, changing a protein, and following the disease.

Hail keeps the variants worth looking at, over all families in one pass; what is left is small enough to
follow through every family on one machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from domains.rare_disease.segregation import (
    ABSENT,
    EVERY_COPY,
    HETEROZYGOUS,
    MISSING,
    SINGLE_VARIANT_PATTERNS,
    Family,
    Phase,
    SegregationPattern,
    compound_heterozygous,
    families_of,
)
from gecip.analysis.result import Result
from gecip.genotypes.frequencies import highest_frequency
from gecip.model.genes import GENES, ModeOfInheritance

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import pandas as pd

    from gecip.genotypes import Genotypes

# The programme's consequence classes (research guide, tiering). Which class a term belongs to rests
# partly on recollection: stop_lost, start_lost and splice_region_variant.
HIGH_IMPACT = frozenset(
    {
        "transcript_ablation", "splice_acceptor_variant", "splice_donor_variant", "stop_gained",
        "frameshift_variant", "stop_lost", "start_lost", "feature_truncation",
    }
)  # fmt: skip
MODERATE_IMPACT = frozenset(
    {
        "inframe_insertion", "inframe_deletion", "missense_variant", "splice_region_variant",
        "transcript_amplification", "incomplete_terminal_codon_variant",
    }
)  # fmt: skip

# Highest allele frequency in any population, after the programme's public guide; the wider limits
# that it gives to small populations are not applied here.
LIMITS: Mapping[SegregationPattern, float] = {
    SegregationPattern.DE_NOVO: 0.001,
    SegregationPattern.DOMINANT: 0.001,
    SegregationPattern.RECESSIVE: 0.01,
    SegregationPattern.COMPOUND_HETEROZYGOUS: 0.01,
    SegregationPattern.X_LINKED_RECESSIVE: 0.01,
    SegregationPattern.X_LINKED_MONOALLELIC: 0.001,
}

# chrX outside the pseudoautosomal regions of GRCh38.
X_SPECIFIC = (2_781_480, 155_701_382)

GENOTYPE_WORDS = {
    MISSING: "missing",
    ABSENT: "reference_homozygous",
    HETEROZYGOUS: "heterozygous",
    EVERY_COPY: "alternate_homozygous",
}

COLUMNS = (
    "family_id", "participant_id", "family_structure", "disease_group", "gene", "mode_of_inheritance", "variant",
    "consequence", "impact", "highest_frequency", "segregation_pattern", "fits_gene", "on_panel", "phase", "proband",
    "mother", "father",
)  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class CandidateVariants(Result):
    """The candidate variants of each family, a row for each variant, gene and segregation pattern.

    `rows` has the columns of `COLUMNS`; `participant_id` is the proband. `families` has one row for
    each family looked at: `family_id, participant_id, family_structure, disease_group, candidates`.
    `without_proband` counts the families that could not be looked at.
    """

    rows: pd.DataFrame
    families: pd.DataFrame
    without_proband: int

    def of_family(self, family_id: int | str) -> CandidateVariants:
        """Return the candidates of one family."""
        return CandidateVariants(
            provenance=self.provenance.then("of_family"),
            rows=self.rows[self.rows["family_id"] == family_id].reset_index(drop=True),
            families=self.families[self.families["family_id"] == family_id].reset_index(drop=True),
            without_proband=0,
        )

    def __repr__(self) -> str:
        return f"CandidateVariants(families={len(self.families):,}, candidates={len(self.rows):,})"


def candidate_variants(genotypes: Genotypes) -> CandidateVariants:
    """Return the rare, protein-changing variants that follow the disease through each family.

    A variant is looked at when it passes the site's filters, changes a protein (the programme's high and
    moderate consequences, on any transcript) and is rare in every annotated population. It is a candidate
    when a segregation pattern holds in the family (see `segregation`); one variant may have several.
    `fits_gene` tells whether the pattern is a way in which the gene is known to cause disease, and
    `on_panel` whether the gene is on the family's panel: the genes of the gene table that cause a disease
    of the group for which the family was recruited.

    Parameters
    ----------
    genotypes
        Whole families: relatives who were left out of the cohort cannot rule a variant out.

    Raises
    ------
    GenotypesError
        When the release has no functional annotation.
    """
    import pandas as pd

    variants, states, people = _worth_looking_at(genotypes)
    families, without_proband = families_of(people)
    rows = [row for family in families for row in _of_family(family, variants, states, people)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = frame.groupby("family_id").size()
    looked_at = pd.DataFrame(
        {
            "family_id": [family.family_id for family in families],
            "participant_id": [people["participant_id"][family.proband] for family in families],
            "family_structure": [family.structure for family in families],
            "disease_group": [people["disease_group"][family.proband] for family in families],
            "candidates": [int(counts.get(family.family_id, 0)) for family in families],
        }
    )
    return CandidateVariants(
        provenance=genotypes.provenance.then(
            "candidate_variants", limits={p.value: limit for p, limit in LIMITS.items()}
        ),
        rows=frame,
        families=looked_at,
        without_proband=without_proband,
    )


def _worth_looking_at(
    genotypes: Genotypes,
) -> tuple[pd.DataFrame, np.ndarray[Any, Any], pd.DataFrame]:
    """Return the rare, protein-changing variants, everybody's state at each, and the people.

    The first has a row for each variant and gene, sorted by gene, and its column `place` is the row of
    the states, which are (variants × people).
    """
    import hail as hl
    import numpy as np
    import pandas as pd

    terms = hl.literal(set(HIGH_IMPACT | MODERATE_IMPACT))
    genotypes = genotypes.rare(below=max(LIMITS.values()) * (1 + 1e-9))
    mt = genotypes.mt
    changing = mt.annotation.filter(lambda one: one.Consequence.split("&").any(terms.contains))
    mt = mt.select_rows(
        passed=hl.len(hl.or_else(mt.filters, hl.empty_set(hl.tstr))) == 0,
        frequency=highest_frequency(mt.annotation),
        effects=hl.set(
            changing.map(lambda one: hl.struct(gene=one.SYMBOL, consequence=one.Consequence))
        ),
    )
    mt = mt.filter_rows(mt.passed & (hl.len(mt.effects) > 0))
    mt = mt.select_entries(state=_state(mt.GT)).unfilter_entries()
    found = mt.localize_entries("entries").select_globals()
    rows = found.select(
        "frequency",
        "effects",
        states=found.entries.map(lambda entry: hl.or_else(entry.state, MISSING)),
    ).collect()
    people = genotypes.mt.cols().to_pandas()
    states = np.array([row.states for row in rows], dtype=np.int8).reshape(len(rows), len(people))
    records = [
        {
            "place": place,
            "variant": f"{row.locus.contig}:{row.locus.position}:{row.alleles[0]}:{row.alleles[1]}",
            "on_x": row.locus.contig == "chrX"
            and X_SPECIFIC[0] <= row.locus.position <= X_SPECIFIC[1],
            "frequency": row.frequency,
            "gene": gene,
            "consequence": worst_consequence(effect.consequence for effect in effects),
        }
        for place, row in enumerate(rows)
        for gene, effects in groupby(
            sorted(row.effects, key=lambda one: one.gene or ""), key=lambda one: one.gene
        )
        if gene is not None
    ]
    columns = ["place", "variant", "on_x", "frequency", "gene", "consequence"]
    variants = pd.DataFrame(records, columns=columns).sort_values(
        ["gene", "place"], ignore_index=True
    )
    return variants, states, people


def _state(call: hl.CallExpression) -> hl.Int32Expression:
    """Return a call as a state (see `segregation`), whatever its ploidy."""
    import hail as hl

    copies = call.n_alt_alleles()
    return (
        hl.case()
        .when(copies == 0, ABSENT)
        .when(copies == call.ploidy, EVERY_COPY)
        .default(HETEROZYGOUS)
    )


def worst_consequence(consequences: Iterator[str]) -> str:
    """Return the most severe of VEP's terms among consequences joined by `&`; high before moderate impact."""
    terms = sorted({term for consequence in consequences for term in consequence.split("&")})
    ranked = [term for term in terms if term in HIGH_IMPACT] + [
        term for term in terms if term in MODERATE_IMPACT
    ]
    return ranked[0] if ranked else terms[0]


def _of_family(
    family: Family, variants: pd.DataFrame, states: np.ndarray[Any, Any], people: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    carried = states[variants["place"], family.proband] > ABSENT
    mine = variants[carried]
    if mine.empty:
        return
    matrix = states[mine["place"].to_numpy()]
    on_x = mine["on_x"].to_numpy()
    for pattern, holds in SINGLE_VARIANT_PATTERNS.items():
        verdict = holds(matrix, family, on_x=on_x) & (
            mine["frequency"].to_numpy() <= LIMITS[pattern]
        )
        for place in verdict.nonzero()[0]:
            yield _row(family, mine.iloc[place], matrix[place], people, pattern, phase=None)
    limit = LIMITS[SegregationPattern.COMPOUND_HETEROZYGOUS]
    autosomal = mine[~mine["on_x"] & (mine["frequency"] <= limit)]
    for _, of_gene in autosomal.groupby("gene"):
        for partners, phase in _partners(states[of_gene["place"].to_numpy()], family):
            yield _row(
                family,
                of_gene.iloc[partners],
                states[of_gene["place"].iloc[partners]],
                people,
                SegregationPattern.COMPOUND_HETEROZYGOUS,
                phase=phase,
            )


def _partners(matrix: np.ndarray[Any, Any], family: Family) -> Iterator[tuple[int, Phase]]:
    """Yield each variant of a gene that is part of a compound pair, once, with its best phase."""
    best: dict[int, Phase] = {}
    for first, second, phase in compound_heterozygous(matrix, family):
        for one in (first, second):
            if phase is Phase.IN_TRANS or one not in best:
                best[one] = phase
    yield from sorted(best.items())


def _row(
    family: Family,
    variant: pd.Series[Any],
    states: np.ndarray[Any, Any],
    people: pd.DataFrame,
    pattern: SegregationPattern,
    *,
    phase: Phase | None,
) -> dict[str, Any]:
    gene = GENES.get(variant["gene"])

    def word(member: int | None) -> str:
        if member is None:
            return "not sequenced"
        state = int(states[member])
        hemizygous = state == EVERY_COPY and bool(variant["on_x"]) and member in family.males
        return "alternate_hemizigous" if hemizygous else GENOTYPE_WORDS[state]

    return {
        "family_id": family.family_id,
        "participant_id": people["participant_id"][family.proband],
        "family_structure": family.structure,
        "disease_group": people["disease_group"][family.proband],
        "gene": variant["gene"],
        "mode_of_inheritance": gene.mode.value if gene else None,
        "variant": variant["variant"],
        "consequence": variant["consequence"],
        "impact": "high" if variant["consequence"] in HIGH_IMPACT else "moderate",
        "highest_frequency": variant["frequency"],
        "segregation_pattern": pattern.value,
        "fits_gene": fits(pattern, gene.mode) if gene else None,
        "on_panel": gene.disease_group == people["disease_group"][family.proband]
        if gene
        else False,
        "phase": phase.value if phase else None,
        "proband": word(family.proband),
        "mother": word(family.mother),
        "father": word(family.father),
    }


# From a gene's mode to the patterns that it asks for, after the programme's table; a variant that is
# new in a boy's X is also counted for genes of the recessive mode, since he has no second copy.
_FITTING: Mapping[str, frozenset[SegregationPattern]] = {
    "xlinked_biallelic": frozenset(
        {SegregationPattern.X_LINKED_RECESSIVE, SegregationPattern.DE_NOVO}
    ),
    "xlinked_monoallelic": frozenset(
        {
            SegregationPattern.X_LINKED_MONOALLELIC,
            SegregationPattern.X_LINKED_RECESSIVE,
            SegregationPattern.DE_NOVO,
        }
    ),
    "monoallelic": frozenset({SegregationPattern.DE_NOVO, SegregationPattern.DOMINANT}),
    "biallelic": frozenset(
        {SegregationPattern.RECESSIVE, SegregationPattern.COMPOUND_HETEROZYGOUS}
    ),
}


def fits(pattern: SegregationPattern, mode: ModeOfInheritance) -> bool:
    """Return whether a segregation pattern is one that a gene's mode of inheritance asks for.

    A gene of both kinds takes both; an unknown mode takes none.
    """
    if mode.value in _FITTING:
        return pattern in _FITTING[mode.value]
    one_copy = mode.one_copy_suffices and pattern in _FITTING["monoallelic"]
    return one_copy or (mode.two_copies_are_needed and pattern in _FITTING["biallelic"])
