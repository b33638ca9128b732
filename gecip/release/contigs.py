"""Contigs as files name them: which assembly a file is on, told by names and lengths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gecip.model.assembly import GRCH38

# Genome Reference Consortium Human Build 37 (GCF_000001405.13): known so that it can be told apart.
_GRCH37 = (
    249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
    135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248,
    59128983, 63025520, 48129895, 51304566, 155270560, 59373566, 16569,
)  # fmt: skip

CONTIG_LENGTHS: Mapping[str, Mapping[str, int]] = {
    "GRCh38": GRCH38.lengths,
    "GRCh37": {
        name.removeprefix("chr").replace("M", "MT"): length
        for name, length in zip(GRCH38.lengths, _GRCH37, strict=True)
    },
}

# What GRCh38 analysis sets hold besides the chromosomes: unplaced, alternate and decoy sequence, HLA alleles.
_FURTHER_GRCH38 = re.compile(
    r"chr(\d{1,2}|X|Y|Un)_[A-Z0-9]+v\d+(_random|_alt|_decoy)?|chrEBV|HLA-[A-Z0-9]+\*[0-9:]+[A-Z]?"
)


def is_contig(name: str, assembly: str) -> bool:
    """Return whether the assembly has a contig of this very name."""
    further = assembly == "GRCh38" and _FURTHER_GRCH38.fullmatch(name) is not None
    return name in CONTIG_LENGTHS[assembly] or further


def name_in(name: str, assembly: str) -> str | None:
    """Return what the assembly calls the chromosome that is elsewhere called `name`, or None."""
    bare = name.removeprefix("chr").replace("MT", "M")
    candidates = (f"chr{bare}", bare.replace("M", "MT"))
    return next((one for one in candidates if one in CONTIG_LENGTHS[assembly]), None)


def assemblies_by_length(lengths: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return the assemblies whose chromosomes have these lengths, however they are named.

    Contigs that no assembly knows say nothing, and neither does the mitochondrion, alike in both.
    """
    chromosomes = [
        (name_in(name, "GRCh37"), name_in(name, "GRCh38"), length)
        for name, length in lengths
        if name_in(name, "GRCh38") not in (None, "chrM")
    ]
    if not chromosomes:
        return ()
    return tuple(
        assembly
        for assembly, place in (("GRCh37", 0), ("GRCh38", 1))
        if all(CONTIG_LENGTHS[assembly].get(str(one[place])) == one[2] for one in chromosomes)
    )


@dataclass(frozen=True)
class Stretch:
    """A run of records on one contig in one file, from the first position to the last."""

    contig: str
    first: int
    last: int
    records: int


def contig_problems(
    path: Path, stretches: Sequence[Stretch], *, declared: Mapping[str, int], assembly: str
) -> list[str]:
    """Return what keeps a file's contigs from being those of the assembly, each with its remedy.

    Parameters
    ----------
    path
        The file, for the sentences.
    stretches
        Where its records lie.
    declared
        The lengths of the contigs that its header gives.
    assembly
        The assembly on which it is said to be.
    """
    used = {stretch.contig: stretch for stretch in reversed(stretches)}
    told = [(name, length) for name, length in declared.items() if name in used]
    alike = assemblies_by_length(told or declared.items())
    if alike and assembly not in alike:
        return [
            (
                f"{path}: by the lengths of its contigs this is on {alike[0]}, not on {assembly}: "
                f"lift it over to {assembly}, as with `bcftools +liftover`."
            )
        ]
    return [
        *_misnamed(path, sorted(used), assembly),
        *_out_of_bounds(path, used.values(), assembly),
        *_other_lengths(path, told, assembly),
    ]


def _misnamed(path: Path, names: Sequence[str], assembly: str) -> Iterator[str]:
    strange = [name for name in names if not is_contig(name, assembly)]
    unknown = [name for name in strange if name_in(name, assembly) is None]
    if len(unknown) < len(strange):
        example = next(name for name in strange if name not in unknown)
        yield (
            f"{path}: contigs are named as {example!r} where {assembly} has {name_in(example, assembly)!r}: if the file is on "
            f"{assembly}, rename them with `bcftools annotate --rename-chrs`; if it is on another assembly, lift it over."
        )
    if unknown:
        yield (
            f"{path}: {len(unknown):,} contig{' is' if len(unknown) == 1 else 's are'} not in {assembly} "
            f"({', '.join(unknown[:5])}{', …' if len(unknown) > 5 else ''}): leave them out with `bcftools view -t ^CONTIG`."
        )


def _out_of_bounds(path: Path, stretches: Iterable[Stretch], assembly: str) -> Iterator[str]:
    for stretch in stretches:
        end = CONTIG_LENGTHS[assembly].get(stretch.contig, stretch.last)
        if stretch.first < 1 or stretch.last > end:
            yield (
                f"{path}: positions on {stretch.contig} run from {stretch.first:,} to {stretch.last:,}, but {stretch.contig} of "
                f"{assembly} runs from 1 to {end:,}: check on which assembly the file is."
            )


def _other_lengths(path: Path, told: Iterable[tuple[str, int]], assembly: str) -> Iterator[str]:
    lengths = CONTIG_LENGTHS[assembly]
    for name, length in told:
        if lengths.get(name, length) != length:
            yield (
                f"{path}: the header says that {name} is {length:,} long, but {name} of {assembly} is {lengths[name]:,} long: "
                "check on which assembly the file is."
            )
