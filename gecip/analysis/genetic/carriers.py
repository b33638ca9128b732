"""Who carries variants of a gene: alleles and carriers per gene, by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.genes import GENES
from gecip.model.table import nearest

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.cohort import Cohort
    from gecip.genotypes import Genotypes

NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, repr=False, eq=False)
class CarrierCounts(Result):
    """Carriers of a set of variants, gene by gene.

    `carriers` has one row for each carrier and gene: `participant_id, family_id, group, gene, alleles`
    (alternate alleles over the gene's variants). `denominators` has one row for each group: `group, people,
    families`. `genes` are the genes looked at, also those without a carrier. `by` is the clinical column
    that makes the groups, or None for one group of everybody. `n_families` are the distinct families
    looked at: one with members in two groups is one.
    """

    carriers: pd.DataFrame
    denominators: pd.DataFrame
    genes: tuple[str, ...]
    by: str | None
    n_families: int

    def __repr__(self) -> str:
        return f"CarrierCounts(genes={len(self.genes):,}, carriers={self.carriers['participant_id'].nunique():,}, by={self.by!r})"


def count_carriers(
    genotypes: Genotypes, *, by: str | None = None, genes: Sequence[str] | None = None
) -> CarrierCounts:
    """Return who carries an alternate allele of any of the variants, gene by gene.

    A carrier has at least one alternate allele of at least one variant of the gene; whoever carries
    several, or two copies of one, is one carrier. A missing genotype counts as not carrying. A variant
    within two genes counts for both. Reads the genotypes once.

    Parameters
    ----------
    genotypes
        The variants to count; filter them first, for instance with `.rare(below=0.001)`.
    by
        A clinical column, such as `"disease_group"`, whose values make the groups.
    genes
        The genes to count; the genes with a variant among `genotypes` if not given.

    Raises
    ------
    AnalysisError
        When there is no such column or gene.
    """
    import hail as hl

    mt = genotypes.mt
    if by is not None and by not in mt.col:
        raise AnalysisError(
            f"The genotypes have no clinical column {by!r}{nearest(by, tuple(mt.col))}"
        )
    for gene in genes or ():
        if gene not in GENES:
            raise AnalysisError(f"The gene table has no gene {gene!r}{nearest(gene, tuple(GENES))}")
    mt = mt.select_rows(gene=_genes_of(mt.locus, tuple(genes or GENES))).explode_rows("gene")
    found = mt.group_rows_by(mt.gene).aggregate(alleles=hl.agg.sum(mt.GT.n_alt_alleles()))
    people = _people(mt, by)
    per_gene = found.localize_entries("entries").select_globals().collect()
    carriers = _carriers(per_gene, people)
    return CarrierCounts(
        provenance=genotypes.provenance.then("count_carriers", by=by, genes=list(genes or ())),
        carriers=carriers,
        denominators=_denominators(people),
        genes=tuple(genes) if genes is not None else tuple(sorted(row.gene for row in per_gene)),
        by=by,
        n_families=int(people["family_id"].nunique()),
    )


def carriers(
    genotypes: Genotypes,
    *,
    genes: Sequence[str] | None = None,
    copies: int = 1,
    title: str | None = None,
) -> Cohort:
    """Return who carries any of the variants as a cohort, with two more steps in its attrition.

    The steps say who has a genome among the genotypes, and who of them carries a variant. What the
    cohort's definition says of them is the same as before: carrying stands in the attrition and the
    provenance, with the filters that led to the variants. Reads the genotypes once.

    Parameters
    ----------
    genotypes
        The variants to carry; filter them first, for instance with `.rare(below=0.001)`.
    genes
        Only the variants within these genes, from the first to the last base of each.
    copies
        How many alternate alleles of one variant a carrier has at least: 2 for who is homozygous. A
        male has one of what lies on his X chromosome alone.
    title
        The title of the cohort; "Carriers among …" if not given.

    Raises
    ------
    AnalysisError
        When `copies` is neither 1 nor 2.
    GenotypesError
        When a gene cannot be found.
    """
    import hail as hl

    from gecip.cohort.narrowing import narrow_cohort

    if copies not in (1, 2):
        raise AnalysisError(
            "copies is 1 for whoever carries a variant or 2 for who carries it twice: give one of them."
        )
    asked = genotypes if genes is None else genotypes.in_genes(genes)
    mt = asked.mt
    carrying = hl.agg.any(mt.GT.n_alt_alleles() >= copies)
    people = mt.select_cols(carries=carrying).cols().collect()
    provenance = asked.provenance.then("carriers", copies=copies)
    within = f" in {', '.join(genes)}" if genes is not None else ""
    words = "at least one allele" if copies == 1 else "two alleles"
    return narrow_cohort(
        genotypes.cohort,
        [
            ("a genome among the genotypes", [one.participant_id for one in people]),
            (
                f"{words} of one of the variants{within}",
                [one.participant_id for one in people if one.carries],
            ),
        ],
        rule="carriers",
        title=title or f"Carriers among {genotypes.cohort.definition.title!r}",
        provenance=provenance,
    )


def _genes_of(locus: hl.LocusExpression, symbols: tuple[str, ...]) -> hl.ArrayExpression:
    """Return the symbols of the genes that a position lies in."""
    import hail as hl

    places = hl.literal(
        [
            {
                "symbol": symbol,
                "contig": GENES[symbol].contig,
                "start": GENES[symbol].start,
                "stop": GENES[symbol].stop,
            }
            for symbol in symbols
        ],
        "array<struct{symbol: str, contig: str, start: int32, stop: int32}>",
    )
    inside = places.filter(
        lambda gene: (
            (gene.contig == locus.contig)
            & (gene.start <= locus.position)
            & (locus.position <= gene.stop)
        )
    )
    return inside.map(lambda gene: gene.symbol)


def _people(mt: hl.MatrixTable, by: str | None) -> pd.DataFrame:
    """Return one row per column of the matrix, in its order: participant, family, group."""
    import pandas as pd

    columns = (
        mt.cols().select("family_id", *([by] if by not in (None, "family_id") else [])).collect()
    )
    everyone = "Everyone"
    frame = pd.DataFrame(
        {
            "participant_id": [column.participant_id for column in columns],
            "family_id": [column.family_id for column in columns],
            "group": [everyone if by is None else column[by] for column in columns],
        }
    )
    # Whoever has no value still counts, under a name of their own.
    frame["group"] = frame["group"].map(lambda value: NOT_RECORDED if pd.isna(value) else value)
    return frame


def _carriers(per_gene: Sequence[hl.Struct], people: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    tables = []
    for row in per_gene:
        alleles = pd.Series([entry.alleles if entry is not None else 0 for entry in row.entries])
        carrying = people[(alleles > 0).to_numpy()]
        tables.append(carrying.assign(gene=row.gene, alleles=alleles[alleles > 0].to_numpy()))
    columns = ["participant_id", "family_id", "group", "gene", "alleles"]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )


def _denominators(people: pd.DataFrame) -> pd.DataFrame:
    grouped = people.groupby("group", sort=True)
    return (
        grouped["participant_id"]
        .nunique()
        .rename("people")
        .to_frame()
        .join(grouped["family_id"].nunique().rename("families"))
        .reset_index()
    )
