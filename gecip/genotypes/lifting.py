"""Bring genotypes from GRCh37 to GRCh38 with a chain file that the user names, and say what was lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import GenotypesError
from gecip.progress import say

if TYPE_CHECKING:
    import hail as hl

KEPT = ("as it was", "alleles swapped")
NO_PLACE = "no place on GRCh38"
OTHER_BASE = "another base in the reference"
OTHER_CONTIG = "a contig that is not in the primary assembly"


@dataclass(frozen=True)
class Liftover:
    """How to bring GRCh37 to GRCh38.

    Attributes
    ----------
    chain
        A chain file from GRCh37 (contigs named `1`) to GRCh38 (`chr1`), as Hail's `grch37_to_grch38.over.chain.gz`.
    reference
        The sequence of GRCh38 with all contigs that Hail's GRCh38 names (alternates, decoys and HLA too, as the analysis
        set has them), bgzipped with `.gzi` or plain, with its `.fai` beside it. Without it nobody could tell where
        the two assemblies have swapped reference and alternate.
    """

    chain: str | Path
    reference: str | Path

    @property
    def files(self) -> tuple[Path, Path]:
        """The two files.

        Raises
        ------
        GenotypesError
            When one of them, or the sequence's index, is missing.
        """
        chain, reference = Path(self.chain).expanduser(), Path(self.reference).expanduser()
        for file in (chain, reference, reference.with_name(f"{reference.name}.fai")):
            if not file.exists():
                raise GenotypesError(
                    f"{file}: the liftover needs this file, and it is not there: check the path (`samtools faidx` makes a .fai)."
                )
        return chain, reference


@contextmanager
def chain_in_use(chain: str | Path, *, reference: str | Path | None = None) -> Iterator[None]:
    """Let Hail lift from GRCh37 to GRCh38 by a chain file within the block, with the new sequence if it is named.

    Hail would open the files again for every later job of the session, lifted or not, and fail once one is
    gone: so they are taken off again.
    """
    import hail as hl

    old, new = hl.get_reference("GRCh37"), hl.get_reference("GRCh38")
    _forget(old, new, sequence=reference is not None)
    try:
        old.add_liftover(str(chain), new)
        if reference is not None:
            new.add_sequence(str(reference), f"{reference}.fai")
        yield
    finally:
        _forget(old, new, sequence=reference is not None)


def _forget(old: hl.ReferenceGenome, new: hl.ReferenceGenome, *, sequence: bool) -> None:
    if old.has_liftover(new.name):
        old.remove_liftover(new.name)
    if sequence and new.has_sequence():
        new.remove_sequence()


def lift(
    mt: hl.MatrixTable, liftover: Liftover, name: str
) -> tuple[hl.MatrixTable, dict[str, Any]]:
    """Return genotypes on GRCh38, and how many variants had which fate; the rest is left out and said.

    A variant on the other strand gets the complements of its alleles. Where GRCh38 has the alternate as its
    reference, alleles are swapped: calls, `AD` and `PL` turn with them, `INFO` stays as the file has it. `lifted_from`
    on the rows tells the old place, the strand and whether alleles were swapped. Sorting costs a second pass.
    """
    import hail as hl

    from gecip.genotypes.own_stores import scratch_folder

    chain, reference = liftover.files
    with chain_in_use(chain, reference=reference):
        mt = _with_fate(mt).checkpoint(str(scratch_folder() / "lifting.mt"))
    fates = dict(mt.aggregate_rows(hl.agg.counter(mt.fate)))
    lost = sum(count for fate, count in fates.items() if fate not in KEPT)
    told = ", ".join(f"{fate} {count:,}" for fate, count in sorted(fates.items()))
    say(
        f"{name}: {sum(fates.values()) - lost:,} of {sum(fates.values()):,} variants were lifted over to GRCh38 ({told})."
    )
    mt = mt.filter_rows(hl.literal(set(KEPT)).contains(mt.fate))
    mt = _turned(mt)
    mt = mt.key_rows_by(locus=mt.new.locus, alleles=mt.new.alleles)
    return mt.drop("fate", "new"), {"fates": fates, "lost": lost}


def _with_fate(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Put on the rows where each variant lies on GRCh38, and what became of it."""
    import hail as hl

    to = hl.liftover(mt.locus, "GRCh38", include_strand=True)
    width = hl.len(mt.alleles[0])
    # On the other strand the lifted base is the last of the reference allele.
    start = hl.if_else(to.is_negative_strand, to.result.position - width + 1, to.result.position)
    is_primary = hl.literal({f"chr{name}" for name in (*range(1, 23), "X", "Y")}).contains(
        to.result.contig
    )
    place = hl.or_missing(
        is_primary & (start > 0), hl.locus(to.result.contig, hl.or_else(start, 1), "GRCh38")
    )
    mt = mt.annotate_rows(
        new=hl.struct(
            locus=place,
            alleles=hl.if_else(
                to.is_negative_strand,
                mt.alleles.map(hl.reverse_complement),
                mt.alleles,
            ),
            has_place=hl.is_defined(to),
            is_reversed=hl.is_defined(to) & to.is_negative_strand,
        )
    )
    return mt.annotate_rows(fate=_fate(mt.new))


def _fate(new: Any) -> Any:
    import hail as hl

    def is_there(allele: Any) -> Any:
        return new.locus.sequence_context(after=hl.len(allele) - 1).upper() == allele

    swapped = (hl.len(new.alleles) == 2) & is_there(new.alleles[1])
    return (
        hl.case()
        .when(~new.has_place, NO_PLACE)
        .when(hl.is_missing(new.locus), OTHER_CONTIG)
        .when(~new.alleles.all(lambda allele: allele.matches("^[ACGTN]+$")), OTHER_BASE)
        # Alleles of different lengths on the other strand have lost their common first base: they cannot be told.
        .when(new.is_reversed & (hl.len(new.alleles[0]) != hl.len(new.alleles[1])), OTHER_BASE)
        .when(is_there(new.alleles[0]), KEPT[0])
        .when(swapped & (hl.len(new.alleles[0]) == hl.len(new.alleles[1])), KEPT[1])
        .default(OTHER_BASE)
    )


def _turned(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Return the matrix with calls and what goes by allele turned where alleles were swapped."""
    import hail as hl

    swapped = mt.fate == KEPT[1]
    mt = mt.annotate_rows(
        lifted_from=hl.struct(
            contig=mt.locus.contig,
            position=mt.locus.position,
            alleles=mt.alleles,
            is_reversed=mt.new.is_reversed,
            is_swapped=swapped,
        ),
        new=mt.new.annotate(
            alleles=hl.if_else(swapped, hl.reversed(mt.new.alleles), mt.new.alleles)
        ),
    )
    swapped = mt.lifted_from.is_swapped
    turned: dict[str, Any] = {}
    for name, dtype in mt.entry.dtype.items():
        if dtype == hl.tcall:
            turned[name] = hl.if_else(swapped, _turned_call(mt[name]), mt[name])
        elif name in ("AD", "PL", "GP") and isinstance(dtype, hl.tarray):
            turned[name] = hl.if_else(swapped, hl.reversed(mt[name]), mt[name])
    return mt.annotate_entries(**turned)


def _turned_call(call: Any) -> Any:
    import hail as hl

    return hl.if_else(
        call.ploidy == 1,
        hl.call(1 - call[0]),
        hl.if_else(
            call.phased,
            hl.call(1 - call[0], 1 - call[1], phased=True),
            hl.unphased_diploid_gt_index_call(2 - call.n_alt_alleles()),
        ),
    )
