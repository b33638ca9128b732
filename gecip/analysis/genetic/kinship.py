"""Kinship of all pairs by KING-robust, which needs no allele frequencies and stands different ancestries."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.blockwise import on_all_cores
from gecip.analysis.genetic.engine import Engine, choose_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.genotypes.machine import available_cores, require_memory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact_runs import CompactGenotypes

    Flags = npt.NDArray[np.bool_]
    Words = npt.NDArray[np.uint64]
    Places = npt.NDArray[np.int64]
    Carriers = npt.NDArray[np.int32]
    Counts = npt.NDArray[np.int32]
    Numbers = npt.NDArray[np.float64]

# KING's bounds, half way between degrees on the scale of powers of two (Manichaikul 2010).
SAME_GENOME, FIRST_DEGREE, SECOND_DEGREE, THIRD_DEGREE = 0.354, 0.177, 0.0884, 0.0442
# Parent and child share an allele everywhere, but for wrong calls; siblings do at most, not all, places.
MOST_OPPOSITE_OF_PARENT = 0.005
PEOPLE_AT_ONCE = 256
BLOCK_BYTES = 16 * 1024 * 1024
# Where fewer than one of so many people carry the rarer allele, their pairs are fewer than words of bits.
PEOPLE_FOR_A_CARRIER = 32


class Degree(enum.Enum):
    """How near two people are by their genomes."""

    SAME = "same genome"
    FIRST = "first degree"
    SECOND = "second degree"
    THIRD = "third degree"
    UNRELATED = "unrelated"

    @property
    def distance(self) -> int:
        """Return 0 for the same genome to 4 for unrelated."""
        return list(Degree).index(self)


@dataclass(frozen=True, repr=False, eq=False)
class Kinship(Result):
    """Pairs of people and how near they are.

    Attributes
    ----------
    pairs
        One row for each pair kept: `participant_id, family_id, other_participant_id, other_family_id,
        kinship, opposite_homozygotes` (at how many sites both are homozygous for different alleles),
        `sites` (at which both are known). Row level: for the screen only.
    people
        `participant_id, family_id` of everybody who was compared, in order.
    sites
        How many sites there were.
    at_least
        The kinship below which pairs were not kept, or None where all were.
    """

    pairs: pd.DataFrame
    people: pd.DataFrame
    sites: int
    at_least: float | None

    def __repr__(self) -> str:
        return (
            f"Kinship(people={len(self.people):,}, pairs={len(self.pairs):,}, sites={self.sites:,})"
        )


def degree_of(kinship: float) -> Degree:
    """Return the degree by KING's bounds: 0.354, 0.177, 0.0884, 0.0442."""
    for bound, degree in (
        (SAME_GENOME, Degree.SAME),
        (FIRST_DEGREE, Degree.FIRST),
        (SECOND_DEGREE, Degree.SECOND),
        (THIRD_DEGREE, Degree.THIRD),
    ):
        if kinship > bound:
            return degree
    return Degree.UNRELATED


def kinship(
    genotypes: Genotypes, *, engine: Engine = "auto", at_least: float | None = None
) -> Kinship:
    """Return the kinship of every pair of people by KING-robust, the between-family estimator.

    `1/2 - (N_i + N_j - 2 N_both + 4 N_opposite) / (4 min(N_i, N_j))`, where N count heterozygotes and
    opposite homozygotes over the sites at which both people are known (Manichaikul 2010, as `hl.king` and
    plink2 have it). Only autosomal variants with one alternate are used; give common, well called ones
    out of linkage (`high_quality_sites`), since rare ones only cost time. People of different
    ancestries fall below 0, and children of two ancestries somewhat below their degree.

    Where one of a pair has no heterozygous site the kinship is missing, and the pair is not kept under `at_least`.

    Parameters
    ----------
    genotypes
        Whose kinship; reads them once.
    engine
        `hail` is `hl.king` and two further products of block matrices, and runs on a cluster. `local`
        reads blocks of packed genotypes on this machine and counts 64 sites with one instruction; of rare
        alleles it looks at pairs of carriers only. It keeps at most what `working_bytes` tells: a quarter of
        a byte for each genotype and for each core 11 KB a person, and 44 bytes for each pair kept.
    at_least
        Keep only pairs of at least this kinship, as 0.0442; None keeps all n(n-1)/2.

    Raises
    ------
    AnalysisError
        When there are fewer than two people, or no autosomal variant.
    GenotypesError
        When what is kept does not fit into memory.
    """
    chosen = choose_engine(engine)
    people, sites, pieces = (_by_hail if chosen == "hail" else _locally)(genotypes)
    return Kinship(
        provenance=genotypes.provenance.then(
            "kinship", engine=chosen, at_least=at_least, sites=sites
        ),
        pairs=_pairs(people, pieces, at_least),
        people=people,
        sites=sites,
        at_least=at_least,
    )


class _Piece:
    """What the pairs of some people with everybody behind them share: arrays of equal length."""

    def __init__(self, first: Counts, other: Counts, **counted: Counts | Numbers) -> None:
        self.first, self.other, self.counted = first, other, counted


_Found = tuple["pd.DataFrame", int, Iterator[_Piece]]


def _locally(genotypes: Genotypes) -> _Found:
    from gecip.genotypes.compact_selection import compact_genotypes

    compact = compact_genotypes(genotypes).autosomes()
    variants, people = compact.count
    _check(variants, people)
    return compact.people[["participant_id", "family_id"]], variants, count_shared(compact)


def working_bytes(variants: int, people: int) -> int:
    """Return the most memory in bytes that the local engine takes beside its result and a block of genotypes."""
    planes = 2 * 8 * people * (variants // 64 + 2)
    counted = PEOPLE_AT_ONCE * people * (5 * 4 + 24)
    return planes + (available_cores() + 1) * counted + 4 * BLOCK_BYTES


def count_shared(genotypes: CompactGenotypes) -> Iterator[_Piece]:
    """Yield kinship, opposite homozygotes and known sites of pairs, the pairs of 256 people at a time.

    Variants at which everybody is known are counted by two sums a pair, those at which somebody is not by five.
    Of variants that few carry only pairs of carriers are looked at.
    """
    import numpy as np

    from gecip.analysis.genetic import bit_planes

    variants, people = genotypes.count
    require_memory(
        working_bytes(variants, people),
        what=f"All pairs of {people:,} people at {variants:,} variants",
        instead="keep fewer variants first, for instance common ones",
    )
    shared = _Shared(genotypes)

    def of(start: int) -> _Piece:
        stop = min(people, start + PEOPLE_AT_ONCE)
        counted = np.zeros((stop - start, people, 5), dtype=np.int32)
        for planes, some_missing in ((shared.complete, False), (shared.partial, True)):
            bit_planes.count_pairs(*planes, start, stop, int(some_missing), counted)
        for index in shared.carriers:
            bit_planes.count_carrier_pairs(*index, first=start, last=stop, into=counted)
        first, other, values, opposite, sites = bit_planes.gather_pairs(
            counted, start, shared.once, shared.twice, shared.known_to_all
        )
        return _Piece(first, other, kinship=values, opposite_homozygotes=opposite, sites=sites)

    yield from on_all_cores(of, range(0, people, PEOPLE_AT_ONCE))


class _Shared:
    """What is kept of genotypes to compare people: read once, in blocks.

    `complete` and `partial` are planes of the variants at which everybody is known, and somebody is not;
    `carriers` tells who carries the rarer allele of those that few do. `once` and `twice` count for each person
    the heterozygous sites of the first and third kind, and the homozygous ones of the rarer allele of the third.
    """

    def __init__(self, genotypes: CompactGenotypes) -> None:
        import numpy as np

        counts = genotypes.counts
        people = genotypes.count[1]
        known = (counts["missing"] == 0).to_numpy()
        alternates = counts["alternate_alleles"].to_numpy()
        few = people // PEOPLE_FOR_A_CARRIER
        rare, rarely_not = known & (alternates <= few), known & (2 * people - alternates <= few)
        self.known_to_all = int(known.sum())
        self.once = np.zeros(people, dtype=np.int32)
        self.twice = np.zeros(people, dtype=np.int32)
        self.complete = _planes(genotypes.keep_variants(known & ~rare & ~rarely_not))
        self.partial = _planes(genotypes.keep_variants(~known))
        self.once += np.bitwise_count(self.complete[1] & ~self.complete[0]).sum(axis=1, dtype=np.int32)  # fmt: skip
        self.carriers = [
            self._carriers(genotypes.keep_variants(rare), base=3),
            self._carriers(genotypes.keep_variants(rarely_not & ~rare), base=0),
        ]

    def _carriers(
        self, genotypes: CompactGenotypes, *, base: int
    ) -> tuple[Places, Carriers, Places, Carriers]:
        """Return who carries each variant and what each person carries, as `count_carrier_pairs` takes them."""
        import numpy as np

        from gecip.analysis.genetic.bit_planes import carried_by, find_carriers

        variants, people = genotypes.count
        counts = genotypes.counts
        alternates = counts["alternate_alleles"].to_numpy()
        # A carrier has one rarer allele or two.
        room = int((alternates if base == 3 else 2 * people - alternates).sum())
        starts, found = np.zeros(variants + 1, dtype=np.int64), np.empty(room, dtype=np.int32)
        end = 0
        for block in genotypes.blocks(_at_once(people)):
            here = slice(block.start, block.start + len(block.packed) + 1)
            own = np.empty(here.stop - here.start, dtype=np.int64)
            count = find_carriers(
                np.ascontiguousarray(block.packed), people, base, own, found[end:]
            )
            starts[here] = own + end
            end += count
        found = found[:end]
        self.once += np.bincount(found[found & 1 == 0] >> 1, minlength=people).astype(np.int32)
        self.twice += np.bincount(found[found & 1 == 1] >> 1, minlength=people).astype(np.int32)
        return starts, found, *carried_by(starts, found, people)


def _planes(genotypes: CompactGenotypes) -> tuple[Words, Words]:
    import numpy as np

    from gecip.analysis.genetic.bit_planes import fill_planes_of_columns

    variants, people = genotypes.count
    homozygous, reference = (
        np.zeros((people, -(-variants // 64)), dtype=np.uint64) for _ in range(2)
    )
    for block in genotypes.blocks(_at_once(people)):
        fill_planes_of_columns(np.ascontiguousarray(block.packed), block.start, homozygous, reference)  # fmt: skip
    return homozygous, reference


def _at_once(people: int) -> int:
    """Return how many variants make a block: a multiple of 64, so that most words are filled at once."""
    return max(64, min(4096, BLOCK_BYTES // max(people // 4, 1)) // 64 * 64)


def _by_hail(genotypes: Genotypes) -> _Found:
    import hail as hl
    import numpy as np
    from hail.linalg import BlockMatrix

    mt = genotypes.mt
    # Sex chromosomes tell sex.
    mt = mt.filter_rows(mt.locus.in_autosome() & (hl.len(mt.alleles) == 2))
    mt = mt.select_rows().select_entries("GT")
    mt = mt.checkpoint(hl.utils.new_temp_file("kinship", "mt"))
    people = mt.key_cols_by().cols().to_pandas()[["participant_id", "family_id"]]
    variants = mt.count_rows()
    _check(variants, len(people))

    def counted(reference: hl.Expression, alternate: hl.Expression) -> npt.NDArray[np.float64]:
        first, second = (
            BlockMatrix.from_entry_expr(hl.float64(hl.or_else(expression, False)))  # noqa: FBT003
            for expression in (reference, alternate)
        )
        return (first.T @ second).to_numpy()

    opposite = counted(mt.GT.is_hom_ref(), mt.GT.is_hom_var())
    sites = counted(hl.is_defined(mt.GT), hl.is_defined(mt.GT))
    king = hl.king(mt.add_col_index("number").key_cols_by("number").GT)
    values = np.array(king.localize_entries("entries").entries.phi.collect(), dtype=np.float64)
    rows, others = np.triu_indices(len(people), 1)
    return (
        people,
        variants,
        iter(
            [
                _Piece(
                    rows.astype(np.int32),
                    others.astype(np.int32),
                    kinship=values[rows, others],
                    opposite_homozygotes=(opposite + opposite.T)[rows, others].astype(np.int32),
                    sites=sites[rows, others].astype(np.int32),
                )
            ]
        ),
    )


def _pairs(people: pd.DataFrame, pieces: Iterator[_Piece], at_least: float | None) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    firsts, others = [], []
    columns: dict[str, list[Numbers | Counts]] = {
        "kinship": [], "opposite_homozygotes": [], "sites": [],
    }  # fmt: skip
    for piece in pieces:
        kept: Any = slice(None)
        if at_least is not None:
            kept = np.flatnonzero(piece.counted["kinship"] >= at_least)
        firsts.append(piece.first[kept])
        others.append(piece.other[kept])
        for name, parts in columns.items():
            parts.append(piece.counted[name][kept])
    first, other = np.concatenate(firsts), np.concatenate(others)
    ids, families = people["participant_id"].array, people["family_id"].array
    return pd.DataFrame(
        {
            "participant_id": ids.take(first),
            "family_id": families.take(first),
            "other_participant_id": ids.take(other),
            "other_family_id": families.take(other),
            **{name: np.concatenate(parts) for name, parts in columns.items()},
        }
    )


def _check(variants: int, people: int) -> None:
    if variants == 0 or people < 2:
        raise AnalysisError(
            f"Kinship needs at least two people and an autosomal variant with one alternate, and there are {people:,} people "
            f"and {variants:,} variants: load more, or filter less."
        )
