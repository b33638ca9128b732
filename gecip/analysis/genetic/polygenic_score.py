"""Polygenic scores: each person's weighted count of alleles, and what became of every row of the score's file.

A score says little if half of its variants are not there, and the wrong thing if alleles are read from
the other strand. So alleles are brought together first, and each row has a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.release.score_files import ScoreFile

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes import Genotypes

Ambiguous = Literal["by frequency", "leave out", "as they stand"]

MATCHED, SWAPPED, FLIPPED = "matched", "swapped", "flipped"
AMBIGUOUS, BY_FREQUENCY = "ambiguous", "ambiguous, told by frequency"
ABSENT, OTHER_ALLELES, DUPLICATE = "absent", "other alleles", "duplicate"
NOT_ADDITIVE, NOT_LIFTED, NO_PLACE = "not additive", "not lifted over", "no position"
USED = (MATCHED, SWAPPED, FLIPPED, BY_FREQUENCY)
WHY = {
    MATCHED: "the file's alleles are the callset's, the effect on the alternate",
    SWAPPED: "the effect is on the callset's reference: its copies are counted",
    FLIPPED: "the file names the other strand's bases, which were complemented",
    BY_FREQUENCY: "A with T, or C with G: the strand was told by the frequency of the effect allele",
    AMBIGUOUS: "A with T, or C with G, and no frequency that tells the strand",
    ABSENT: "the callset has no variant at this position",
    OTHER_ALLELES: "the callset has other alleles at this position",
    DUPLICATE: "an earlier row of the file has the same variant",
    NOT_ADDITIVE: "the weight is of an interaction, haplotype, dominant or recessive effect",
    NOT_LIFTED: "the position has none on GRCh38",
    NO_PLACE: "the file gives no chromosome or position",
}
# A frequency tells strands apart if the two differ by no more than this, and the alternative by more.
FREQUENCY_TOLERANCE = 0.15
# Up to so many positions are looked up as points, which reads only the pieces of the store that hold them.
MOST_INTERVALS = 5_000
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_PALINDROMES = (frozenset("AT"), frozenset("CG"))


@dataclass(frozen=True, repr=False, eq=False)
class PolygenicScore(Result):
    """A score of everybody, and what became of the rows of its file.

    Attributes
    ----------
    scores
        `participant_id, score, standard_score` (by the mean and deviation of those who are scored).
        Row level: for the screen only.
    coverage
        The file's rows in its order, with `verdict`, `reference, alternate, alternate_frequency,
        missing_rate` of the variant that was used, and `copies_of`: `alternate` or `reference`.
    name
        The score's name.
    """

    scores: pd.DataFrame
    coverage: pd.DataFrame
    name: str

    @property
    def n_used(self) -> int:
        """How many rows of the file went into the score."""
        return int(self.coverage["verdict"].isin(USED).sum())

    def __repr__(self) -> str:
        return (
            f"PolygenicScore({self.name!r}, people={len(self.scores):,}, "
            f"used={self.n_used:,} of {len(self.coverage):,} variants)"
        )


def polygenic_score(
    genotypes: Genotypes,
    *,
    file: ScoreFile,
    ambiguous: Ambiguous = "by frequency",
    chain: str | None = None,
) -> PolygenicScore:
    """Return everybody's score: the sum over the file's variants of weight times copies of the effect allele.

    A missing genotype counts as twice the frequency, as plink2 has it. Frequencies are those of the
    people among the genotypes. Hail reads the variants twice, on this machine or a cluster: once for
    alleles and frequencies, once for the sum.

    Parameters
    ----------
    genotypes
        The people; variants that did not pass should be gone.
    file
        The weights, by `read_score_file`.
    ambiguous
        What becomes of A/T and C/G variants, whose strand their alleles do not tell. `"by frequency"`:
        those are used whose effect allele's frequency, in the file, tells the strand. `"leave out"`: none
        are. `"as they stand"`: the file's strand is taken for the callset's.
    chain
        A chain file from GRCh37 to GRCh38, for a file on GRCh37.

    Raises
    ------
    AnalysisError
        When the file is on another assembly and no chain is given, or none of its variants is there.
    """
    if ambiguous not in ("by frequency", "leave out", "as they stand"):
        raise AnalysisError(
            f"Ambiguous variants are taken 'by frequency' or 'as they stand', or 'leave out', and not {ambiguous!r}."
        )
    rows = _on_grch38(file, chain)
    mt = _at_positions(genotypes.mt, rows)
    coverage = matched_rows(rows, _found(mt), ambiguous=ambiguous)
    used = coverage[coverage["verdict"].isin(USED)]
    if used.empty:
        counts = ", ".join(
            f"{count:,} {why}" for why, count in coverage["verdict"].value_counts().items()
        )
        raise AnalysisError(
            f"None of the {len(rows):,} variants of the score {file.name!r} can be used ({counts}): check its assembly, and "
            "that the genotypes hold its chromosomes."
        )
    return PolygenicScore(
        provenance=genotypes.provenance.then(
            "polygenic_score",
            name=file.name,
            variants=len(rows),
            used=len(used),
            ambiguous=ambiguous,
        ),
        scores=_scored(mt, used),
        coverage=coverage,
        name=file.name,
    )


# -- bringing alleles together ------------------------------------------------------------------------


def matched_rows(
    rows: pd.DataFrame, found: pd.DataFrame, *, ambiguous: Ambiguous = "by frequency"
) -> pd.DataFrame:
    """Return the rows of a score with a verdict each, by the variants that a callset has.

    Parameters
    ----------
    rows
        As `ScoreFile.rows`, on the callset's assembly; one with a `verdict` keeps it.
    found
        The callset's variants: `contig, position, reference, alternate, alternate_frequency, missing_rate`.
    """
    import pandas as pd

    there: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for variant in found.to_dict("records"):
        there.setdefault((variant["contig"], int(variant["position"])), []).append(variant)
    taken: set[tuple[Any, ...]] = set()
    verdicts = []
    for row in rows.to_dict("records"):
        verdict = _verdict(row, there, ambiguous)
        if verdict["verdict"] in USED:
            key = (row["contig"], row["position"], verdict["reference"], verdict["alternate"])
            if key in taken:
                verdict = {"verdict": DUPLICATE}
            taken.add(key)
        verdicts.append(verdict)
    columns = [
        "verdict",
        "copies_of",
        "reference",
        "alternate",
        "alternate_frequency",
        "missing_rate",
    ]
    told = pd.DataFrame(verdicts, index=rows.index).reindex(columns=columns)
    return rows.drop(columns="verdict", errors="ignore").join(told)


def _verdict(
    row: dict[str, Any], there: dict[tuple[str, int], list[dict[str, Any]]], ambiguous: Ambiguous
) -> dict[str, Any]:
    import pandas as pd

    settled = row.get("verdict")
    if isinstance(settled, str) and settled:
        return {"verdict": settled}
    if pd.isna(row["position"]) or pd.isna(row["contig"]):
        return {"verdict": NO_PLACE}
    if not row["is_additive"]:
        return {"verdict": NOT_ADDITIVE}
    variants = there.get((row["contig"], int(row["position"])))
    if not variants:
        return {"verdict": ABSENT}
    effect, other = row["effect_allele"], row["other_allele"]
    other = None if pd.isna(other) else other
    for strand, e, o in (
        ("", effect, other),
        (
            FLIPPED,
            effect.translate(_COMPLEMENT),
            None if other is None else other.translate(_COMPLEMENT),
        ),
    ):
        for variant in variants:
            pair = (variant["reference"], variant["alternate"])
            if e in pair and (o is None or {e, o} == set(pair)):
                return _of_strand(row, variant, e, strand, ambiguous)
    return {"verdict": OTHER_ALLELES}


def _of_strand(
    row: dict[str, Any], variant: dict[str, Any], effect: str, strand: str, ambiguous: Ambiguous
) -> dict[str, Any]:
    """Return the verdict on a row whose alleles are a variant's, on one strand or the other."""
    on_alternate = effect == variant["alternate"]
    verdict = strand or (MATCHED if on_alternate else SWAPPED)
    if frozenset((variant["reference"], variant["alternate"])) in _PALINDROMES:
        if ambiguous == "leave out":
            return {"verdict": AMBIGUOUS}
        if ambiguous == "by frequency":
            told = _alternate_by_frequency(
                row["effect_frequency"], variant["alternate_frequency"], on_alternate
            )
            if told is None:
                return {"verdict": AMBIGUOUS}
            on_alternate, verdict = told, BY_FREQUENCY
    return {
        "verdict": verdict,
        "copies_of": "alternate" if on_alternate else "reference",
        **variant,
    }


def _alternate_by_frequency(
    effect: float,
    alternate: float,
    as_written: bool,  # noqa: FBT001 - a fact about the row
) -> bool | None:
    """Return whether the effect is on the alternate, by its frequency; None where that does not tell."""
    if not (0 <= effect <= 1):
        return None
    for on_alternate in (as_written, not as_written):
        here, elsewhere = (alternate, 1 - alternate) if on_alternate else (1 - alternate, alternate)
        if abs(effect - here) <= FREQUENCY_TOLERANCE < abs(effect - elsewhere):
            return on_alternate
    return None


# -- in Hail ------------------------------------------------------------------------------------------


def _on_grch38(file: ScoreFile, chain: str | None) -> pd.DataFrame:
    """Return the file's rows on GRCh38; what has no position there has its verdict."""
    if file.assembly == "GRCh38":
        return file.rows
    if file.assembly != "GRCh37" or chain is None:
        raise AnalysisError(
            f"The score {file.name!r} is on {file.assembly} and the genomes are on GRCh38: take the Catalog's harmonised "
            "file, or give chain= with a chain file from GRCh37 to GRCh38."
        )
    import hail as hl

    from gecip.genotypes.lifting import chain_in_use

    rows = file.rows.copy()
    placed = rows["contig"].notna() & rows["position"].notna()
    lengths = hl.get_reference("GRCh37").lengths
    names = rows["contig"].where(placed, "").str.removeprefix("chr").replace({"M": "MT"})
    valid = [
        bool(there) and name in lengths and 1 <= int(position) <= lengths[name]
        for there, name, position in zip(placed, names, rows["position"].fillna(0), strict=True)
    ]
    wanted = [
        hl.Struct(contig=name, position=int(position)) if ok else None
        for ok, name, position in zip(valid, names, rows["position"].fillna(0), strict=True)
    ]
    with chain_in_use(chain):
        places = hl.literal(wanted, "array<struct{contig: str, position: int32}>").map(
            lambda one: hl.liftover(
                hl.locus(one.contig, one.position, reference_genome="GRCh37"),
                "GRCh38",
                include_strand=True,
            )
        )
        lifted = hl.eval(places)
    rows["verdict"] = [
        NO_PLACE if not there else (NOT_LIFTED if one is None else "")
        for there, one in zip(placed, lifted, strict=True)
    ]
    rows["contig"] = [None if one is None else one.result.contig for one in lifted]
    rows["position"] = [None if one is None else one.result.position for one in lifted]
    for name in ("effect_allele", "other_allele"):
        rows[name] = [
            bases.translate(_COMPLEMENT)[::-1]
            if one is not None and one.is_negative_strand and isinstance(bases, str)
            else bases
            for bases, one in zip(rows[name], lifted, strict=True)
        ]
    return rows.astype({"position": "Int64"})


def _at_positions(mt: hl.MatrixTable, rows: pd.DataFrame) -> hl.MatrixTable:
    """Return the biallelic rows at the file's positions, and read no others where Hail can tell."""
    import hail as hl

    lengths = hl.get_reference("GRCh38").lengths
    placed = rows.dropna(subset=["contig", "position"])
    loci = sorted(
        {
            (contig, int(position))
            for contig, position in zip(placed["contig"], placed["position"], strict=True)
            if contig in lengths and 1 <= int(position) <= lengths[contig]
        }
    )
    places = [hl.Locus(contig, position, "GRCh38") for contig, position in loci]
    if len(places) <= MOST_INTERVALS:
        points = [hl.Interval(place, place, includes_end=True) for place in places]
        kept = hl.filter_intervals(mt, points)
    else:
        table = hl.Table.parallelize(
            [hl.Struct(locus=place) for place in places],
            hl.tstruct(locus=hl.tlocus("GRCh38")),
            n_partitions=16,
        ).key_by("locus")
        kept = mt.filter_rows(hl.is_defined(table[mt.locus]))
    return kept.filter_rows(hl.len(kept.alleles) == 2)


def _found(mt: hl.MatrixTable) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    called = hl.agg.count_where(hl.is_defined(mt.GT))
    # One copy of X, as men have, is half a genotype.
    copies = hl.agg.sum(hl.if_else(mt.GT.is_haploid(), 1, 2))
    table = mt.select_rows(
        alternate_frequency=hl.agg.sum(mt.GT.n_alt_alleles()) / copies,
        missing_rate=1 - called / hl.agg.count(),
    ).rows()
    rows = table.select_globals().collect()
    frame = pd.DataFrame(
        {
            "contig": [row.locus.contig for row in rows],
            "position": [row.locus.position for row in rows],
            "reference": [row.alleles[0] for row in rows],
            "alternate": [row.alleles[1] for row in rows],
            "alternate_frequency": [row.alternate_frequency for row in rows],
            "missing_rate": [row.missing_rate for row in rows],
        }
    )
    # A variant that nobody is called at says nothing; duplicate rows of a callset count once.
    return frame.dropna(subset=["alternate_frequency"]).drop_duplicates(
        ["contig", "position", "reference", "alternate"]
    )


def _scored(mt: hl.MatrixTable, used: pd.DataFrame) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    table = hl.Table.parallelize(
        [
            hl.Struct(
                locus=hl.Locus(row["contig"], int(row["position"]), "GRCh38"),
                alleles=[row["reference"], row["alternate"]],
                weight=float(row["weight"]),
                frequency=float(row["alternate_frequency"]),
                on_alternate=row["copies_of"] == "alternate",
            )
            for row in used.to_dict("records")
        ],
        hl.tstruct(
            locus=hl.tlocus("GRCh38"),
            alleles=hl.tarray(hl.tstr),
            weight=hl.tfloat64,
            frequency=hl.tfloat64,
            on_alternate=hl.tbool,
        ),
        n_partitions=1 if len(used) < 100_000 else 16,
    ).key_by("locus", "alleles")
    mt = mt.distinct_by_row()
    mt = mt.annotate_rows(of_score=table[mt.row_key])
    mt = mt.filter_rows(hl.is_defined(mt.of_score))
    copies = hl.float64(mt.GT.n_alt_alleles())
    ploidy = hl.if_else(mt.GT.is_haploid(), 1.0, 2.0)
    own = hl.if_else(mt.of_score.on_alternate, copies, ploidy - copies)
    frequency = hl.if_else(
        mt.of_score.on_alternate, mt.of_score.frequency, 1 - mt.of_score.frequency
    )
    score = hl.agg.sum(mt.of_score.weight * hl.coalesce(own, 2 * frequency))
    people = (
        mt.annotate_cols(score=score).cols().key_by().select("participant_id", "score").collect()
    )
    frame = pd.DataFrame(
        {
            "participant_id": [one.participant_id for one in people],
            "score": [float(one.score) for one in people],
        }
    )
    deviation = frame["score"].std()
    return frame.assign(standard_score=(frame["score"] - frame["score"].mean()) / deviation)
