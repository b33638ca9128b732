"""High-quality sites: common, well called, unlinked single bases, by which people can be told and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.genetic.engine import Engine
from gecip.analysis.genetic.linkage import R2_BELOW, WINDOW, prune_linkage
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import hail as hl

    from gecip.genotypes import Genotypes

RAREST = 0.01
MOST_MISSING = 0.01
LEAST_GQ = LEAST_DEPTH = 30
LEAST_BALANCED = LEAST_COMPLETE = 0.9
LEAST_HWE = 1e-5
ANCESTRIES_TESTED = ("phwe_afr", "phwe_eas", "phwe_eur", "phwe_sas")
# Long stretches of linkage (Anderson 2010, lifted over), as the programme's site quality control leaves them out.
COMPLEX_REGIONS = (
    "chr1:47534328-51534328",
    "chr2:133742429-137242430",
    "chr2:182135273-189135274",
    "chr3:47458510-49962567",
    "chr3:83450849-86950850",
    "chr5:98664296-101164296",
    "chr5:129664307-132664308",
    "chr5:136164311-139164311",
    "chr6:24999772-35032223",
    "chr6:139678863-142178863",
    "chr8:7142478-13142491",
    "chr8:110987771-113987771",
    "chr11:87789108-90766832",
    "chr12:109062195-111562196",
    "chr20:33412194-35912078",
)
# By what aggV2 calls a field, and aggV3.
_FIELDS = {
    "missing": ("missingness", "MISSINGNESS_RATE"),
    "GQ": ("medianGQ", "MEDIAN_GQ"),
    "depth": ("medianDepthAll", "MEDIAN_DP"),
    "balance": ("ABratio", "AB_RATIO"),
    "complete": ("completeSites",),
}


@dataclass(frozen=True, repr=False, eq=False)
class HighQualitySites(Result):
    """The genotypes at high-quality sites, and how many sites each step left.

    `steps` pairs each step's words with how many sites were left after it; `not_tested` names the tests for
    which the callset has no field.
    """

    genotypes: Genotypes
    steps: tuple[tuple[str, int], ...]
    not_tested: tuple[str, ...]

    def __repr__(self) -> str:
        return f"HighQualitySites(sites={self.steps[-1][1]:,} of {self.steps[0][1]:,})"


def high_quality_sites(
    genotypes: Genotypes,
    *,
    rarest: float = RAREST,
    also_in: hl.Table | None = None,
    r2: float = R2_BELOW,
    window: int = WINDOW,
    engine: Engine = "auto",
) -> HighQualitySites:
    """Return the genotypes at sites as the programme chose them for kinship, components and ancestry.

    Autosomal single bases with two alleles that pass the aggregate's filters, none A/T or C/G; allele
    frequency of at least 1 %; under 1 % missing; median GQ and depth of at least 30; nine heterozygotes of
    ten balanced and nine genotypes of ten complete; Hardy-Weinberg p above 1e-5 in each of four
    ancestries; outside fifteen stretches of long linkage; then pruned (Research Environment user guide,
    principal components and relatedness). Frequency and missingness are taken among these people;
    the other measures are the aggregate's own (INFO), and a test is left out where the callset has no field
    for it, and named. Reads the genotypes three times.

    Parameters
    ----------
    rarest
        Of the rarer allele; the programme's sets use 0.01 and 0.05.
    also_in
        A table keyed by locus and alleles of sites with which to intersect, such as those common in the
        1000 Genomes.
    r2, window, engine
        As for `prune_linkage`.

    Raises
    ------
    AnalysisError
        When no site is left; the message says at which step.
    """
    import hail as hl

    mt = genotypes.mt
    info = set(mt.info) if "info" in mt.row else set()
    tests, not_tested = _tests(mt, info)
    tests = _of_place(mt) | tests
    if also_in is not None:
        tests["also in the sites given"] = hl.is_defined(also_in[mt.row_key])
    known = hl.agg.count_where(hl.is_defined(mt.GT))
    copies = hl.agg.sum(mt.GT.n_alt_alleles())
    counted = mt.annotate_rows(
        passed=hl.array([hl.or_else(test, True) for test in tests.values()]),  # noqa: FBT003
        known=known,
        frequency=copies / (2.0 * known),
    )
    counted = counted.annotate_rows(
        passed=counted.passed.extend(
            [
                hl.or_else(hl.min(counted.frequency, 1 - counted.frequency) >= rarest, False),  # noqa: FBT003
                1 - counted.known / counted.count_cols() < MOST_MISSING,
            ]
        )
    )
    words = (*tests, f"rarer allele at least {rarest:g}", f"missing in under {MOST_MISSING:.0%}")
    sizes = counted.aggregate_rows(
        hl.struct(
            all=hl.agg.count(),
            after=[
                hl.agg.count_where(hl.all(lambda one: one, counted.passed[: place + 1]))
                for place in range(len(words))
            ],
        )
    )
    steps = [("all", sizes.all), *zip(words, sizes.after, strict=True)]
    _require(steps)
    good = mt.filter_rows(hl.all(lambda one: one, counted.rows()[mt.row_key].passed))
    good_genotypes = genotypes.with_matrix(good, because="high-quality sites, before pruning")
    pruned = prune_linkage(good_genotypes, r2=r2, window=window, engine=engine)
    kept = hl.literal(
        set(
            zip(
                pruned.kept["contig"],
                pruned.kept["position"].astype(int).tolist(),
                pruned.kept["reference"],
                pruned.kept["alternate"],
                strict=True,
            )
        ),
        hl.tset(hl.ttuple(hl.tstr, hl.tint32, hl.tstr, hl.tstr)),
    )
    here = hl.tuple([good.locus.contig, good.locus.position, good.alleles[0], good.alleles[1]])
    left = good.filter_rows(kept.contains(here)).distinct_by_row()
    steps.append((f"r² below {r2:g} within {window:,} bases", len(pruned.kept)))
    _require(steps)
    return HighQualitySites(
        provenance=genotypes.provenance.then(
            "high_quality_sites", rarest=rarest, r2=r2, window=window, sites=len(pruned.kept)
        ),
        genotypes=genotypes.with_matrix(left, because="high-quality sites out of linkage"),
        steps=tuple(steps),
        not_tested=not_tested,
    )


def _of_place(mt: hl.MatrixTable) -> dict[str, hl.BooleanExpression]:
    """Return the tests of a site that need no measure of quality."""
    import hail as hl

    from gecip.genotypes.regions import parse_regions

    regions = [region.interval() for region in parse_regions(COMPLEX_REGIONS)]
    alleles = mt.alleles
    two = hl.len(alleles) == 2
    turned = hl.set([hl.set(["A", "T"]), hl.set(["C", "G"])])
    return {
        "autosomal, two alleles, single bases": mt.locus.in_autosome()
        & two
        & hl.is_snp(alleles[0], alleles[1]),
        "neither A/T nor C/G": ~turned.contains(hl.set(alleles)),
        "outside stretches of long linkage": ~hl.literal(regions).any(
            lambda region: region.contains(mt.locus)
        ),
    }


def _tests(
    mt: hl.MatrixTable, info: set[str]
) -> tuple[dict[str, hl.BooleanExpression], tuple[str, ...]]:
    """Return the tests of quality that the callset's fields allow, and the names of the others."""
    import hail as hl

    tests: dict[str, hl.BooleanExpression] = {}
    lacking = []
    if "filters" in mt.row:
        tests["passes the aggregate's filters"] = (
            hl.len(hl.or_else(mt.filters, hl.empty_set(hl.tstr))) == 0
        )
    wanted = {
        "GQ": (f"median GQ at least {LEAST_GQ}", LEAST_GQ),
        "depth": (f"median depth at least {LEAST_DEPTH}", LEAST_DEPTH),
        "balance": (f"{LEAST_BALANCED:.0%} of heterozygotes balanced", LEAST_BALANCED),
        "complete": (f"{LEAST_COMPLETE:.0%} of genotypes complete", LEAST_COMPLETE),
    }
    for measure, (words, least) in wanted.items():
        field = next((name for name in _FIELDS[measure] if name in info), None)
        if field is None:
            lacking.append(words)
        else:
            tests[words] = _single(mt.info[field]) >= least
    fields = [name for name in ANCESTRIES_TESTED if name in info]
    words = f"Hardy-Weinberg p above {LEAST_HWE:g} in each ancestry"
    if fields:
        tests[words] = hl.all(
            [hl.is_missing(mt.info[name]) | (_single(mt.info[name]) > LEAST_HWE) for name in fields]
        )
    else:
        lacking.append(words)
    return tests, tuple(lacking)


def _single(value: hl.Expression) -> hl.NumericExpression:
    """Return a number of INFO, the first where the header declares several."""
    import hail as hl

    return value[0] if isinstance(value, hl.ArrayExpression) else value


def _require(steps: list[tuple[str, int]]) -> None:
    for words, left in steps:
        if left == 0:
            raise AnalysisError(
                f"No site is left among these genotypes after the step {words!r}: load the genotypes of the whole "
                "genome, or lower rarest."
            )
