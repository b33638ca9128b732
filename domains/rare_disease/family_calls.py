"""The one pass over the genotypes: rare coding variants, folded to the families whose proband carries them.

Hail keeps the rows worth looking at (the site's filters, the consequence, the limits of frequency), looks
up each proband, and packs the genotypes of a carrying proband's family into a whole number, two bits a
member. What comes back is as large as the families' rare coding variants, not as the callset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from domains.rare_disease.consequences import TIERED_TERMS
from domains.rare_disease.frequency_limits import Inheritance, limits_with
from domains.rare_disease.segregation import ABSENT, HETEROZYGOUS, MISSING, Place
from gecip.analysis.genetic.pedigree import Remark
from gecip.errors import GenotypesError
from gecip.model.assembly import GRCH38

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from domains.rare_disease.family_places import FamilyPlaces
    from gecip.genotypes import Genotypes

    Array = npt.NDArray[Any]

Transcripts = Literal["canonical", "any"]
NoCallParent = Literal["ignored", "reference"]

MEMBERS_IN_WORD = 31
_MISSING_CODE = 3
_MITOCHONDRION = frozenset({"chrM", "MT", "chrMT", "M"})


@dataclass(frozen=True)
class FamilyCalls:
    """Rare coding variants and the families whose proband carries them.

    `variants` has one row for each variant: `contig, position, reference, alternate, place,
    highest_frequency` and a flag for each kind of inheritance, whether it is rare enough. `effects` has
    one for each variant and gene: `variant` (the row), `gene, gene_id, terms`. `variant`, `family` and
    `states` have one row for each carrying proband, states of shape (calls, places).
    """

    variants: pd.DataFrame
    effects: pd.DataFrame
    variant: Array
    family: Array
    states: npt.NDArray[np.int8]
    remarks: tuple[Remark, ...]


def require_annotation(genotypes: Genotypes) -> set[str]:
    """Return the names of the annotation's fields.

    Raises
    ------
    GenotypesError
        When the release has no functional annotation, or one without genes or consequences.
    """
    mt = genotypes.mt
    if "annotation" not in mt.row:
        raise GenotypesError(
            f"Tiering needs functional annotation, and release {genotypes.cohort.release.name} has none: "
            "add annotation VCFs made by VEP to the release."
        )
    fields = set(mt.annotation.dtype.element_type)
    lacking = [name for name in ("Consequence", "SYMBOL") if name not in fields]
    if lacking:
        raise GenotypesError(
            f"The functional annotation has no field {' and no field '.join(lacking)}, so that no gene or effect of a variant is "
            "known: annotate the release again with VEP's --symbol."
        )
    return fields


def remarks_of_fields(genotypes: Genotypes, *, internal: str | None) -> tuple[Remark, ...]:
    """Return what the genotypes and their annotation lack of what tiering looks at.

    Raises
    ------
    GenotypesError
        When there is no allele frequency at all, so that no variant can be called rare.
    """
    fields = require_annotation(genotypes)
    wanted = limits_with(internal)
    absent = [name for name in wanted if name not in fields]
    if len(absent) == len(wanted):
        raise GenotypesError(
            f"The functional annotation has none of the allele frequencies {', '.join(wanted)}, so that rare variants cannot be "
            "told: annotate the release with VEP's gnomAD frequencies."
        )
    said = []
    if absent:
        said.append(
            Remark(
                f"CSQ {', '.join(absent)}",
                "the functional annotation has no such frequency",
                "these populations' limits were not applied",
            )
        )
    if internal is None:
        said.append(
            Remark(
                "the programme's own frequency",
                "no field of the annotation was named for it (internal_frequency=)",
                "the limit in the programme's own cohort was not applied",
            )
        )
    if "CANONICAL" not in fields:
        said.append(
            Remark(
                "CSQ CANONICAL",
                "the functional annotation does not tell canonical transcripts",
                "consequences on every transcript were counted",
            )
        )
    entry = set(genotypes.mt.entry)
    said += [
        Remark(f"FORMAT {name}", f"the genotypes have no {meaning}", done)
        for name, meaning, done in (
            ("AD", "reads by allele", "tiers rest on the called genotypes (GT) alone, and no call was held against its reads"),
            ("PL", "likelihoods", "a new variant was told by the parents' called genotypes (GT) alone, without its probability"),
        )
        if name not in entry
    ]  # fmt: skip
    return tuple(said)


def columns_of(genotypes: Genotypes) -> list[int | str]:
    """Return who stands in which column of the genotypes."""
    import hail as hl

    table = genotypes.mt.select_entries().localize_entries("entries", "people")
    found: list[int | str] = hl.eval(
        table.index_globals().people.map(lambda one: one.participant_id)
    )
    return found


def fold_to_families(
    genotypes: Genotypes,
    places: FamilyPlaces,
    *,
    transcripts: Transcripts = "canonical",
    internal: str | None = None,
    no_call_parent: NoCallParent = "ignored",
) -> FamilyCalls:
    """Return the rare coding variants of all families, in one pass over the genotypes.

    Parameters
    ----------
    transcripts
        Whose consequences count: canonical transcripts', as the programme's, or any one's.
    internal
        The annotation's field of the programme's own frequency, if there is one.
    no_call_parent
        What a proband's parent is who has a genome but no call at a variant: `ignored`, so that the
        parent tells nothing, or `reference`, so that the parent does not carry it.
    """
    rows = _packed(genotypes, places, transcripts=transcripts, internal=internal).collect()
    variants, effects = _tables(rows)
    counts = [len(row.families) for row in rows]
    import numpy as np

    variant = np.repeat(np.arange(len(rows)), counts)
    family = np.concatenate([row.families for row in rows] or [np.zeros(0, dtype=np.int64)])
    words = np.concatenate([row.words for row in rows] or [np.zeros(0, dtype=np.int64)])
    codes = _unpacked(words.reshape(len(family), _n_words(places)), places.width)
    states, remarks = interpret_codes(
        codes,
        places,
        family=family.astype(np.int64),
        on_x=variants["place"].to_numpy()[variant] == Place.X,
        no_call_parent=no_call_parent,
    )
    # Who has one X and a call of two alleles on it may be no carrier after all.
    kept = states[:, 0] >= HETEROZYGOUS
    return FamilyCalls(
        variants, effects, variant[kept], family[kept].astype(np.int64), states[kept], remarks
    )


def tiered_effects(annotation: hl.ArrayExpression, *, transcripts: Transcripts) -> hl.SetExpression:
    """Return the genes that a variant changes, with their ids and the tiered terms of their transcripts."""
    import hail as hl

    terms = hl.literal(set(TIERED_TERMS))
    fields = annotation.dtype.element_type
    chosen = annotation
    if transcripts == "canonical" and "CANONICAL" in fields:
        chosen = annotation.filter(lambda one: one.CANONICAL == "YES")
    chosen = chosen.filter(
        lambda one: hl.is_defined(one.SYMBOL) & one.Consequence.split("&").any(terms.contains)
    )
    return hl.set(
        chosen.map(
            lambda one: hl.struct(
                gene=one.SYMBOL,
                gene_id=one.Gene if "Gene" in fields else hl.missing(hl.tstr),
                terms=one.Consequence,
            )
        )
    )


def frequency_of(annotation: hl.ArrayExpression, name: str) -> hl.Float64Expression:
    """Return a variant's frequency in one population; a population that has not seen it counts as 0."""
    import hail as hl

    return hl.or_else(hl.max(annotation.map(lambda one: one[name])), 0.0)


def passes_site(mt: hl.MatrixTable) -> hl.BooleanExpression:
    """Return whether a row passes the site's filters: none is named."""
    import hail as hl

    if "filters" not in mt.row:
        return hl.bool(True)
    return hl.len(hl.or_else(mt.filters, hl.empty_set(hl.tstr))) == 0


def code_of(call: hl.CallExpression) -> hl.Int32Expression:
    """Return a call as 0 for no copy, 1 for some, 2 for all, 3 for no call, whatever its ploidy."""
    import hail as hl

    return hl.or_else(
        hl.bind(
            lambda copies: hl.case().when(copies == 0, 0).when(copies == call.ploidy, 2).default(1),
            call.n_alt_alleles(),
        ),
        _MISSING_CODE,
    )


def _packed(
    genotypes: Genotypes,
    places: FamilyPlaces,
    *,
    transcripts: Transcripts,
    internal: str | None,
) -> hl.Table:
    import hail as hl

    fields = require_annotation(genotypes)
    limits = {name: by for name, by in limits_with(internal).items() if name in fields}
    mt = genotypes.mt
    mt = mt.filter_rows(passes_site(mt))
    mt = mt.select_rows(
        effects=tiered_effects(mt.annotation, transcripts=transcripts),
        frequencies=hl.array([frequency_of(mt.annotation, name) for name in limits]),
    )
    for kind in Inheritance:
        most = hl.literal([by[kind] for by in limits.values()])
        rare = hl.zip(mt.frequencies, most).all(lambda pair: pair[0] <= pair[1])
        mt = mt.annotate_rows(**{kind.value: rare})
    mt = mt.filter_rows((hl.len(mt.effects) > 0) & hl.any([mt[kind.value] for kind in Inheritance]))
    table = mt.select_entries("GT").localize_entries("entries", "people").select_globals()
    table = table.annotate(folded=_fold(table.entries, places))
    table = table.filter(hl.len(table.folded) > 0)
    return table.select(
        **{kind.value: table[kind.value] for kind in Inheritance},
        effects=table.effects,
        highest=hl.max(table.frequencies),
        families=hl.nd.array(table.folded.map(lambda one: one.family)),
        words=hl.nd.array(table.folded.flatmap(lambda one: one.words)),
    )


def _fold(entries: hl.ArrayExpression, places: FamilyPlaces) -> hl.ArrayExpression:
    """Return, of one variant, the families whose proband carries it with their genotypes, two bits a place."""
    import hail as hl

    probands = hl.literal(places.column[:, 0].tolist(), hl.tarray(hl.tint32))
    columns = hl.literal(
        [
            [
                [int(one) for one in word if one >= 0]
                for word in _words_of(places.column[row].tolist())
            ]
            for row in range(len(places))
        ],
        hl.tarray(hl.tarray(hl.tarray(hl.tint32))),
    )

    def packed(word: hl.ArrayExpression) -> hl.Int64Expression:
        return hl.sum(
            hl.enumerate(word).map(
                lambda one: hl.bit_lshift(hl.int64(code_of(entries[one[1]].GT)), 2 * one[0])
            )
        )

    carrying = hl.range(len(places)).filter(lambda row: entries[probands[row]].GT.is_non_ref())
    return carrying.map(lambda row: hl.struct(family=row, words=columns[row].map(packed)))


def _n_words(places: FamilyPlaces) -> int:
    return -(-places.width // MEMBERS_IN_WORD)


def _words_of(columns: Sequence[int]) -> list[list[int]]:
    return [
        list(columns[start : start + MEMBERS_IN_WORD])
        for start in range(0, len(columns), MEMBERS_IN_WORD)
    ]


def _unpacked(words: Array, width: int) -> Array:
    """Return codes of shape (calls, width) from words of two bits a place."""
    import numpy as np

    place = np.arange(width)
    codes: Array = (words[:, place // MEMBERS_IN_WORD] >> (2 * (place % MEMBERS_IN_WORD))) & 3
    return codes


def interpret_codes(
    codes: Array,
    places: FamilyPlaces,
    *,
    family: Array,
    on_x: Array,
    no_call_parent: NoCallParent,
) -> tuple[npt.NDArray[np.int8], tuple[Remark, ...]]:
    """Return codes of calls as states: one X has one copy, nobody has no call, and a parent's no-call is what was chosen."""
    import numpy as np

    nobody = places.column[family] < 0
    states = np.where((codes == _MISSING_CODE) | nobody, MISSING, codes).astype(np.int8)
    copies = places.x_copies[family]
    two_on_one = on_x[:, None] & (copies == 1) & (states == HETEROZYGOUS)
    untold = on_x[:, None] & (copies == 0)
    states[two_on_one | untold] = MISSING
    said = []
    if two_on_one.any():
        said.append(
            Remark(
                "GT on chrX",
                f"{int(two_on_one.sum()):,} calls show two alleles where the person has one X",
                "they were taken for no call",
            )
        )
    silent = np.zeros(states.shape, dtype=bool)
    for parents in (places.father, places.mother):
        place = parents[family, 0]
        known = np.flatnonzero(place >= 0)
        silent[known, place[known]] = True
    silent &= (codes == _MISSING_CODE) & ~nobody
    if silent.any():
        if no_call_parent == "reference":
            states[silent] = ABSENT
        done = (
            "the parent was taken not to carry the variant (no_call_parent='reference')"
            if no_call_parent == "reference"
            else "the parent told nothing, so that no variant counts as new by it (no_call_parent='ignored')"
        )
        said.append(
            Remark(
                "GT of a parent",
                f"{int(silent.sum()):,} variants of probands have no call there",
                done,
            )
        )
    return states, tuple(said)


def place_of(contig: str, position: int) -> Place:
    """Return how a variant is inherited by where it lies on GRCh38; X's pairing regions count as autosomes."""
    if contig in _MITOCHONDRION:
        return Place.MITOCHONDRION
    if contig in GRCH38.autosomes:
        return Place.AUTOSOME
    if contig == GRCH38.x_contig:
        alone = GRCH38.is_hemizygous_in_males(contig, position)
        return Place.X if alone else Place.AUTOSOME
    return Place.ELSEWHERE


def _tables(rows: Sequence[Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    variants = pd.DataFrame(
        [
            (
                row.locus.contig,
                row.locus.position,
                row.alleles[0],
                row.alleles[1],
                int(place_of(row.locus.contig, row.locus.position)),
                row.highest,
                *(row[kind.value] for kind in Inheritance),
            )
            for row in rows
        ],
        columns=[
            "contig", "position", "reference", "alternate", "place", "highest_frequency",
            *(kind.value for kind in Inheritance),
        ],
    ).astype({"position": "int64", "place": "int64"})  # fmt: skip
    effects = pd.DataFrame(
        [
            (place, gene, gene_id, terms)
            for place, row in enumerate(rows)
            for (gene, gene_id), terms in _by_gene(row.effects).items()
        ],
        columns=["variant", "gene", "gene_id", "terms"],
    ).astype({"variant": "int64"})
    return variants, effects


def _by_gene(effects: Sequence[Any]) -> Mapping[tuple[str, str | None], tuple[str, ...]]:
    """Return the tiered terms of each gene, high before moderate."""
    from domains.rare_disease.consequences import tiered_terms

    found: dict[tuple[str, str | None], set[str]] = {}
    for effect in sorted(effects, key=lambda one: (one.gene, one.gene_id or "")):
        found.setdefault((effect.gene, effect.gene_id), set()).update(effect.terms.split("&"))
    return {gene: tiered_terms(terms) for gene, terms in found.items()}
