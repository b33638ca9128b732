"""Who carries a variant that counts: the people, gene by gene and test by test, before anything is tested.

A burden test asks of each person whether they carry, not how many alleles. What counts is said once,
as a `VariantTest`; the four of geneBurdenRD (Cipriani et al., Nature 2025, 10.1038/s41586-025-08623-w)
are here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.table import nearest

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes import Genotypes
    from gecip.provenance import Provenance

# VEP's terms of high impact that end or lose the protein.
LOSS_OF_FUNCTION = (
    "transcript_ablation",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
)
# A variant score of Exomiser from which geneBurdenRD counts a variant.
DAMAGING = 0.8
# A de novo variant is told only where both parents were sequenced.
LEAST_FAMILY_FOR_DE_NOVO = 3
LOF, ZERO80, CONSTRAINED, DE_NOVO = "LoF", "zero80", "ccr", "denovo"


@dataclass(frozen=True)
class VariantTest:
    """What makes a variant count for a gene, by its annotation on a transcript of that gene.

    Attributes
    ----------
    name
        How the test is called in results.
    consequences
        VEP's terms, of which it has any; all count if there are none.
    score, at_least
        A numeric field of the annotation, such as `CADD_PHRED`, and its least value.
    """

    name: str
    consequences: tuple[str, ...] = ()
    score: str | None = None
    at_least: float = 0.0


LOSS_OF_FUNCTION_TEST = VariantTest(LOF, LOSS_OF_FUNCTION)


@dataclass(frozen=True, repr=False, eq=False)
class QualifyingVariants(Result):
    """Who carries a variant that counts.

    Attributes
    ----------
    carriers
        One row for each person, gene and test: `participant_id, gene, test`.
    people
        Everybody who was looked at, one row each: `participant_id, family_id` and clinical columns.
    tests
        The names of the tests, in order.
    asked
        For a test that can be asked of some people only, as de novo of those with both parents, who
        they are; of a test that is not here everybody was asked.
    """

    carriers: pd.DataFrame
    people: pd.DataFrame
    tests: tuple[str, ...]
    asked: Mapping[str, frozenset[int | str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"QualifyingVariants(tests={list(self.tests)}, genes={self.carriers['gene'].nunique():,}, "
            f"carriers={self.carriers['participant_id'].nunique():,} of {len(self.people):,} people)"
        )


def qualifying_variants(
    genotypes: Genotypes,
    *,
    tests: Sequence[VariantTest] = (LOSS_OF_FUNCTION_TEST,),
    genes: Sequence[str] | None = None,
) -> QualifyingVariants:
    """Return who carries an alternate allele of a variant that counts, gene by gene and test by test.

    The gene is the one that the annotation names for the transcript on which the variant counts, so that
    a variant within two genes counts for the one that it damages. A missing genotype counts as not
    carrying. Hail reads the genotypes once, on this machine or the cluster; what comes back is one row
    for each gene and test with the people who carry.

    Parameters
    ----------
    genotypes
        The variants to look at; filter them first, for instance with `.rare(below=0.001)`.
    tests
        What counts.
    genes
        Symbols; every gene of the annotation if not given.

    Raises
    ------
    AnalysisError
        When there is no annotation, or none with a field that a test asks for.
    """
    import hail as hl
    import pandas as pd

    _require_annotation(genotypes, tests)
    mt = genotypes.mt
    rows = mt.annotate_rows(counts_for=_genes_and_tests(mt.annotation, tests, genes))
    rows = rows.filter_rows(hl.len(rows.counts_for) > 0).explode_rows("counts_for")
    carrying = (
        rows.group_rows_by(gene=rows.counts_for.gene, test=rows.counts_for.test)
        .aggregate(carries=hl.agg.any(rows.GT.n_alt_alleles() > 0))
        .add_col_index("column_place")
    )
    places = carrying.annotate_rows(
        places=hl.agg.filter(carrying.carries, hl.agg.collect(carrying.column_place))
    ).rows()
    people = pd.DataFrame([dict(one) for one in mt.key_cols_by().cols().collect()])
    ids = people["participant_id"].to_numpy()
    found = [
        (ids[place], row.gene, row.test)
        for row in places.select_globals().collect()
        for place in row.places
    ]
    carriers = pd.DataFrame(found, columns=["participant_id", "gene", "test"])
    return QualifyingVariants(
        provenance=genotypes.provenance.then(
            "qualifying_variants",
            tests=[vars(test) | {"consequences": list(test.consequences)} for test in tests],
            genes=list(genes or ()),
        ),
        carriers=carriers.sort_values(["gene", "test", "participant_id"], ignore_index=True),
        people=people,
        tests=tuple(test.name for test in tests),
    )


def _require_annotation(genotypes: Genotypes, tests: Sequence[VariantTest]) -> None:
    if "annotation" not in genotypes.mt.row:
        raise AnalysisError(
            f"Release {genotypes.cohort.release.name} has no functional annotation, by which variants count for a gene: "
            "add annotation VCFs made by VEP to the release."
        )
    known = tuple(genotypes.mt.annotation.dtype.element_type)
    wanted = {"SYMBOL", "Consequence"} | {test.score for test in tests if test.score}
    for name in sorted(wanted - set(known)):
        raise AnalysisError(f"The annotation has no field {name!r}{nearest(name, known)}")


def _genes_and_tests(
    annotation: hl.ArrayExpression, tests: Sequence[VariantTest], genes: Sequence[str] | None
) -> hl.ArrayExpression:
    """Return each gene and test for which a variant counts, each once."""
    import hail as hl

    if genes is not None:
        wanted = hl.literal(set(genes), "set<str>")
        annotation = annotation.filter(lambda one: wanted.contains(one.SYMBOL))
    annotation = annotation.filter(lambda one: hl.is_defined(one.SYMBOL))
    pairs = [
        annotation.filter(_counts(test)).map(
            lambda one, name=test.name: hl.struct(gene=one.SYMBOL, test=name)
        )
        for test in tests
    ]
    together = hl.array(pairs).flatmap(
        lambda some: hl.coalesce(some, hl.empty_array(some.dtype.element_type))
    )
    return hl.array(hl.set(together))


def _counts(test: VariantTest) -> Callable[[hl.StructExpression], hl.BooleanExpression]:
    """Return the predicate over consequences that a test is."""
    import hail as hl

    def counts(one: hl.StructExpression) -> hl.BooleanExpression:
        verdict = hl.is_defined(one)
        if test.consequences:
            terms = hl.literal(set(test.consequences))
            verdict = verdict & one.Consequence.split("&").any(terms.contains)
        if test.score:
            value = one[test.score]
            # CSQ may hold several values of a field, joined by &: the highest counts.
            if value.dtype == hl.tstr:
                value = hl.max(value.split("&").map(hl.parse_float64))
            elif isinstance(value.dtype, hl.tarray):
                value = hl.max(value)
            verdict = verdict & hl.is_defined(value) & (value >= test.at_least)
        return verdict

    return counts


def qualifying_rows(
    rows: pd.DataFrame, people: pd.DataFrame, *, provenance: Provenance
) -> QualifyingVariants:
    """Return who carries by the four tests of geneBurdenRD, from rows such as Exomiser's.

    LoF: a loss of function. zero80: a variant score of 0.8 or more. ccr: such a score in a constrained
    coding region. denovo: a de novo variant, asked of people of families of three or more.

    Parameters
    ----------
    rows
        One row for each person and variant: `participant_id, gene, consequence` (VEP's terms, joined by
        `&` or `,`) and `variant_score`; `is_constrained` and `is_de_novo` (booleans) if they are known:
        without them their tests are not made.
    people
        Everybody who was looked at, whether they carry or not: `participant_id, family_id`, and
        `family_size` where de novo variants are tested.
    provenance
        Where the rows come from.

    Raises
    ------
    AnalysisError
        When a column is missing, or rows are of people who were not looked at.
    """
    import pandas as pd

    _require_columns(rows, ("participant_id", "gene", "consequence", "variant_score"), "rows")
    needed = ("participant_id", "family_id", *(("family_size",) if "is_de_novo" in rows else ()))
    _require_columns(people, needed, "people")
    if not rows["participant_id"].isin(people["participant_id"]).all():
        raise AnalysisError(
            "Some rows are of people who are not among those looked at: give everybody in people, carriers or not."
        )
    terms = rows["consequence"].fillna("").str.lower().str.split(r"[&,]")
    damaging = (rows["variant_score"] >= DAMAGING).fillna(value=False)
    counts = {
        LOF: terms.map(lambda some: bool({one.strip() for one in some} & set(LOSS_OF_FUNCTION))),
        ZERO80: damaging,
    }
    asked: dict[str, frozenset[int | str]] = {}
    if "is_constrained" in rows:
        counts[CONSTRAINED] = damaging & rows["is_constrained"].fillna(value=False).astype(bool)
    if "is_de_novo" in rows:
        trios = people[people["family_size"] >= LEAST_FAMILY_FOR_DE_NOVO]["participant_id"]
        asked[DE_NOVO] = frozenset(trios)
        counts[DE_NOVO] = rows["is_de_novo"].fillna(value=False).astype(bool) & rows[
            "participant_id"
        ].isin(asked[DE_NOVO])
    carriers = pd.concat(
        [
            rows.loc[kept.astype(bool), ["participant_id", "gene"]].assign(test=name)
            for name, kept in counts.items()
        ]
    )
    return QualifyingVariants(
        provenance=provenance.then("qualifying_rows", tests=list(counts)),
        carriers=carriers.dropna()
        .drop_duplicates()
        .sort_values(["gene", "test", "participant_id"], ignore_index=True),
        people=people.reset_index(drop=True),
        tests=tuple(counts),
        asked=asked,
    )


def _require_columns(frame: pd.DataFrame, names: Collection[str], what: str) -> None:
    missing = [name for name in names if name not in frame]
    if missing:
        raise AnalysisError(
            f"The {what} have no column {missing[0]!r}{nearest(missing[0], tuple(map(str, frame.columns)))}"
        )
