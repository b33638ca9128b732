"""Who carries variants of a gene: alleles and carriers per gene, by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.engine import Engine, every_call_at_hand
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.genes import GENES
from gecip.model.table import nearest

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort import Cohort
    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact_runs import CompactGenotypes

NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, repr=False, eq=False)
class CarrierCounts(Result):
    """Carriers of a set of variants, gene by gene.

    `carriers` has one row for each carrier and gene: `participant_id, family_id, group, gene, alleles`
    (alternate alleles over the gene's variants), and the clinical columns that were asked for.
    `people` has one row for each person looked at: `participant_id, family_id, group`. `genes` are the
    genes looked at, also those without a carrier. `by` is the clinical column that makes the groups, or
    None for one group of everybody.
    """

    carriers: pd.DataFrame
    people: pd.DataFrame
    genes: tuple[str, ...]
    by: str | None

    @property
    def denominators(self) -> pd.DataFrame:
        """One row for each group: `group, people, families`."""
        grouped = self.people.groupby("group", sort=True)
        return (
            grouped["participant_id"]
            .nunique()
            .rename("people")
            .to_frame()
            .join(grouped["family_id"].nunique().rename("families"))
            .reset_index()
        )

    @property
    def n_families(self) -> int:
        """The distinct families looked at: one with members in two groups is one."""
        return int(self.people["family_id"].nunique())

    def __repr__(self) -> str:
        return f"CarrierCounts(genes={len(self.genes):,}, carriers={self.carriers['participant_id'].nunique():,}, by={self.by!r})"


def count_carriers(
    genotypes: Genotypes,
    *,
    by: str | None = None,
    genes: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    engine: Engine = "auto",
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
    columns
        Clinical columns to put beside each carrier, as `["sex", "year_of_birth"]`.
    engine
        `"local"` reads packed calls from the compact store, a gene's in well under a second; it needs calls
        as they were loaded and rows with one alternate each. `"hail"` runs a job. `"auto"` is local wherever
        that can be; `genotypes.explain()` tells. Both give the same.

    Raises
    ------
    AnalysisError
        When there is no such column, gene or engine, or `"local"` is asked for where it cannot be.
    """
    for name in (by, *columns):
        if name is not None and name not in _known_columns(genotypes):
            raise AnalysisError(
                f"The genotypes have no clinical column {name!r}{nearest(name, _known_columns(genotypes))}"
            )
    for gene in genes or ():
        if gene not in GENES:
            raise AnalysisError(f"The gene table has no gene {gene!r}{nearest(gene, tuple(GENES))}")
    compact = every_call_at_hand(genotypes, engine)
    asked = tuple(genes or GENES)
    found = _by_hail(genotypes, asked) if compact is None else _locally(compact, asked)
    from gecip.genotypes.compact_selection import people_of

    people = _people(people_of(genotypes), by, columns)
    return CarrierCounts(
        provenance=genotypes.provenance.then(
            "count_carriers",
            by=by,
            genes=list(genes or ()),
            columns=list(columns),
            engine="hail" if compact is None else "local",
        ),
        carriers=_carriers(found, people),
        people=people[["participant_id", "family_id", "group"]],
        genes=tuple(genes) if genes is not None else tuple(gene for gene, _ in found),
        by=by,
    )


def carriers(
    genotypes: Genotypes,
    *,
    genes: Sequence[str] | None = None,
    copies: int = 1,
    title: str | None = None,
    engine: Engine = "auto",
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
    engine
        As of `count_carriers`.

    Raises
    ------
    AnalysisError
        When `copies` is neither 1 nor 2, or `"local"` is asked for where it cannot be.
    GenotypesError
        When a gene cannot be found.
    """
    from gecip.cohort.narrowing import narrow_cohort

    if copies not in (1, 2):
        raise AnalysisError(
            "copies is 1 for whoever carries a variant or 2 for who carries it twice: give one of them."
        )
    asked = genotypes if genes is None else genotypes.in_genes(genes)
    compact = every_call_at_hand(asked, engine)
    if compact is None:
        people, carrying = _carrying_by_hail(asked.mt, copies)
    else:
        people = compact.people["participant_id"].tolist()
        carrying = compact.carriers(copies).tolist()
    provenance = asked.provenance.then(
        "carriers", copies=copies, engine="hail" if compact is None else "local"
    )
    within = f" in {', '.join(genes)}" if genes is not None else ""
    words = "at least one allele" if copies == 1 else "two alleles"
    return narrow_cohort(
        genotypes.cohort,
        [
            ("a genome among the genotypes", people),
            (
                f"{words} of one of the variants{within}",
                [one for one, carries in zip(people, carrying, strict=True) if carries],
            ),
        ],
        rule="carriers",
        title=title or f"Carriers among {genotypes.cohort.definition.title!r}",
        provenance=provenance,
    )


def _known_columns(genotypes: Genotypes) -> tuple[str, ...]:
    return tuple(genotypes.mt.col if genotypes.columns is None else map(str, genotypes.columns))


def _carrying_by_hail(mt: hl.MatrixTable, copies: int) -> tuple[list[int | str], list[bool]]:
    """Return the people of a matrix, and who of them carries."""
    import hail as hl

    carrying = hl.agg.any(mt.GT.n_alt_alleles() >= copies)
    people = mt.select_cols(carries=carrying).cols().collect()
    return [one.participant_id for one in people], [one.carries for one in people]


# Each gene with a variant, in order of their symbols, and how many alternate alleles each person has over its variants.
Found = list[tuple[str, "npt.NDArray[np.int64]"]]


def _by_hail(genotypes: Genotypes, genes: tuple[str, ...]) -> Found:
    import hail as hl
    import numpy as np

    mt = genotypes.mt
    mt = mt.select_rows(gene=_genes_of(mt.locus, genes)).explode_rows("gene")
    found = mt.group_rows_by(mt.gene).aggregate(alleles=hl.agg.sum(mt.GT.n_alt_alleles()))
    per_gene = found.localize_entries("entries").select_globals().collect()
    return [
        (row.gene, np.array([0 if one is None else one.alleles for one in row.entries], dtype=np.int64))
        for row in per_gene
    ]  # fmt: skip


def _locally(compact: CompactGenotypes, genes: tuple[str, ...]) -> Found:
    import numpy as np

    contigs = compact.keys["contig"].combine_chunks().dictionary_encode()
    names, codes = contigs.dictionary.to_pylist(), contigs.indices.to_numpy(zero_copy_only=False)
    positions = compact.keys["position"].to_numpy()
    found = []
    for symbol in sorted(set(genes)):
        gene = GENES[symbol]
        if gene.contig not in names:
            continue
        inside = (gene.start <= positions) & (positions <= gene.stop)
        inside &= codes == names.index(gene.contig)
        if np.any(inside):
            found.append((symbol, compact.keep_variants(inside).alleles_carried()))
    return found


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


def _people(columns: pd.DataFrame, by: str | None, more: Sequence[str]) -> pd.DataFrame:
    """Return one row per column of the matrix, in its order: participant, family, group and other columns."""
    import pandas as pd

    def plain(name: str) -> list[Any]:
        column = columns[name].astype(object)
        values: list[Any] = column.where(column.notna(), None).tolist()
        return values

    names = ["participant_id", "family_id", *more]
    frame = pd.DataFrame({name: plain(name) for name in names})
    groups = ["Everyone"] * len(frame) if by is None else plain(by)
    # Whoever has no value still counts, under a name of their own.
    named = [NOT_RECORDED if value is None else value for value in groups]
    frame.insert(2, "group", named)
    return frame


def _carriers(found: Found, people: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    tables = []
    for gene, alleles in found:
        carrying = people[alleles > 0]
        tables.append(carrying.assign(gene=gene, alleles=alleles[alleles > 0]))
    first = ["participant_id", "family_id", "group", "gene", "alleles"]
    columns = [*first, *(name for name in people if name not in first)]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )
