"""What the caller says of each somatic variant of a tumour: reads by base, qualities, and which filters failed.

Beside the tumour's own variants there are calls that did not pass, and calls at places that are known
to mislead: whoever takes every call 0/1 for a mutation counts too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gecip.synthetic.mutational_signatures import PROCESSES
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.tumour_genome import genome_by_chance
from gecip.synthetic.tumour_mutations import (
    SILENT,
    Cells,
    KnownConsequences,
    SomaticVariant,
    changes_by_chance,
)

SNV_FORMAT = (
    "GT:FILTER:VAF:DP:FDP:AU:CU:GU:TU:NT:SGT:QSS_NT:VQSR:SomaticFisherPhred:SAMPLE_MULTIALLELIC"
)
INDEL_FORMAT = "GT:FILTER:VAF:DP:TAR:TIR:TOR:DP50:FDP50:NT:SGT:QSI_NT"
PASSED = "PASS"
# Passed the caller and is at a place that is flagged.
UNSAID = "."

# Calls for each tumour that failed, by filter; assumptions, as is everything of this kind below.
_FAILED_SNVS = {"LowQscore": 7.0, "PONnoise50SNV": 2.5}
_FAILED_INDELS = {"BCNoise10Indel": 1.5, "QSI_ref": 1.0}
_FAILED_FRACTION = (0.03, 0.12)
# Flagged places: how many, in what share of tumours, and with what share of reads.
_FLAGGED = (
    (("CommonGermlineVariant", "CommonGnomADVariant"), 40, 0.03, 0.48),
    (("CommonGnomADVariant",), 15, 0.02, 0.48),
    (("RecurrentSomaticVariant",), 15, 0.06, 0.08),
    (("SimpleRepeat",), 30, 0.01, 0.1),
)
_SECOND_ALLELE = 0.3
_LOWEST_PASSING_SCORE, _LOWEST_PASSING_PHRED = 2.75, 50.0


@dataclass(frozen=True, slots=True)
class SomaticCall:
    """One call of one tumour: the variant as contig, position and alleles, and the text of its cell."""

    name: tuple[str, int, str, str]
    consequence: str
    cell: str


@dataclass(frozen=True)
class FlaggedPlace:
    """A place that misleads: a variant, its flags, how many tumours show it, and in what share of reads."""

    name: tuple[str, int, str, str]
    flags: tuple[str, ...]
    share: float
    fraction: float


@cache
def flagged_places(seed: int) -> tuple[FlaggedPlace, ...]:
    """Return the places that are flagged, whatever tumour shows them."""
    stream = random_stream(seed, "somatic aggregate/flagged places")
    evenly = np.array([float(number == 3) for number in PROCESSES])
    count = sum(size for _, size, *_ in _FLAGGED)
    changes = iter(changes_by_chance(stream, ["intron_variant"] * count, evenly))
    return tuple(
        FlaggedPlace((one.gene.contig, one.position, one.ref, one.alt), flags, share, fraction)
        for flags, size, share, fraction in _FLAGGED
        for one, _ in zip(changes, range(size), strict=False)
    )


def somatic_calls(
    stream: np.random.Generator,
    seed: int,
    variants: Sequence[SomaticVariant],
    cells: Cells,
    known: KnownConsequences,
) -> Iterator[SomaticCall]:
    """Yield every call of a tumour: its own variants, which passed, and what did not or is flagged."""
    flagged = {place.name for place in flagged_places(seed)}
    own = [one for one in variants if one.name not in flagged]
    taken = {one.name[:2] for one in own}
    second = _second_allele(stream, own)
    if second is not None and known.agreed(second.name, second.consequence) not in SILENT:
        second = None
    for one in own:
        if second is not None and one.name[:2] == second.name[:2]:
            yield from _both_alleles(stream, one, second)
        else:
            yield _own_call(stream, one)
    for failed in _failed(stream, cells):
        if failed.name[:2] in taken or failed.name in flagged:
            continue
        consequence = known.agreed(failed.name, failed.consequence)
        if consequence in SILENT:
            yield SomaticCall(failed.name, consequence, failed.cell)
    for place in flagged_places(seed):
        depth = max(30, int(stream.poisson(cells.coverage)))
        reads = min(max(3, int(stream.binomial(depth, place.fraction))), depth - 1)
        if stream.random() < place.share and place.name[:2] not in taken:
            consequence = known.agreed(place.name, "intron_variant")
            numbers = {place.name[3]: reads, place.name[2]: depth - reads}
            yield SomaticCall(
                place.name, consequence, _snv_cell(stream, place.name, numbers, UNSAID)
            )


def _own_call(stream: np.random.Generator, one: SomaticVariant) -> SomaticCall:
    if len(one.ref) == len(one.alt):
        numbers = {one.alt: one.reads, one.ref: one.reference_reads}
        cell = _snv_cell(stream, one.name, numbers, PASSED)
    else:
        cell = _indel_cell(stream, one.reads, one.reference_reads, PASSED)
    return SomaticCall(one.name, one.consequence, cell)


def _second_allele(
    stream: np.random.Generator, own: Sequence[SomaticVariant]
) -> SomaticVariant | None:
    """Return another alternate base at the place of one of the silent variants, in some tumours."""
    if stream.random() > _SECOND_ALLELE:
        return None
    silent = [one for one in own if one.consequence in SILENT and len(one.ref) == len(one.alt)]
    if not silent:
        return None
    first = silent[int(stream.integers(len(silent)))]
    base = next(base for base in "ACGT" if base not in (first.ref, first.alt))
    reads = max(3, round(first.reads * float(stream.uniform(0.2, 0.6))))
    return SomaticVariant(
        first.gene, first.position, first.ref, base, "intron_variant", reads, first.reference_reads
    )


def _both_alleles(
    stream: np.random.Generator, first: SomaticVariant, second: SomaticVariant
) -> Iterator[SomaticCall]:
    contig, position, ref, _ = first.name
    alternates = sorted((first.alt, second.alt))
    origin = f"{contig}-{position}-{ref}/{'/'.join(alternates)}"
    numbers = {first.alt: first.reads, second.alt: second.reads, ref: first.reference_reads}
    for one in (first, second):
        cell = _snv_cell(stream, one.name, numbers, PASSED, origin=origin)
        yield SomaticCall(one.name, one.consequence, cell)


def _failed(stream: np.random.Generator, cells: Cells) -> Iterator[SomaticCall]:
    """Yield calls that did not pass: few reads, in no context more than in another."""
    evenly = np.array([float(number == 3) for number in PROCESSES])
    for label, mean in _FAILED_SNVS.items():
        count = int(stream.poisson(mean))
        for one in changes_by_chance(stream, ["intron_variant"] * count, evenly):
            reads, rest = _few_reads(stream, cells)
            name = (one.gene.contig, one.position, one.ref, one.alt)
            numbers = {one.alt: reads, one.ref: rest}
            yield SomaticCall(name, "intron_variant", _snv_cell(stream, name, numbers, label))
    bases = genome_by_chance()
    for label, mean in _FAILED_INDELS.items():
        for _ in range(int(stream.poisson(mean))):
            place = int(stream.integers(len(bases)))
            first = "ACGT"[bases.base[place]]
            inserted = "ACGT"[(int(bases.base[place]) + 1) % 4]
            name = (
                bases.gene(place).contig, int(bases.position[place]), first, first + inserted,
            )  # fmt: skip
            reads, rest = _few_reads(stream, cells)
            yield SomaticCall(name, "intron_variant", _indel_cell(stream, reads, rest, label))


def _few_reads(stream: np.random.Generator, cells: Cells) -> tuple[int, int]:
    depth = max(40, int(stream.poisson(cells.coverage)))
    reads = max(3, round(depth * float(stream.uniform(*_FAILED_FRACTION))))
    return reads, depth - reads


def _snv_cell(
    stream: np.random.Generator,
    name: tuple[str, int, str, str],
    numbers: dict[str, int],
    label: str,
    *,
    origin: str = ".",
) -> str:
    """Return a cell of `SNV_FORMAT`: reads of each base in tiers 1 and 2, and VAF from those of tier 1."""
    ref, alt = name[2], name[3]
    filtered, more, score, phred = stream.random(4).tolist()
    reads = numbers[alt]
    used = sum(numbers.values())
    bases = ":".join(
        f"{count},{count + (1 if count and more < 0.4 else 0)}"
        for count in (numbers.get(base, 0) for base in "ACGT")
    )
    passes = label != "LowQscore"
    quality = _LOWEST_PASSING_SCORE + 0.05 + 20 * score if passes else 0.2 + 2.4 * score
    if not passes:
        fisher = "."
    elif label == "PONnoise50SNV":
        fisher = f"{10 + 39 * phred:.1f}"
    else:
        fisher = f"{_LOWEST_PASSING_PHRED + 1 + 300 * phred:.1f}"
    return (
        f"0/1:{label}:{reads / (reads + numbers[ref]):.6g}:{used + int(3 * filtered)}:{int(3 * filtered)}"
        f":{bases}:ref:{ref}{ref}->{''.join(sorted(ref + alt))}:{min(300, 3 * reads + 10)}:{quality:.2f}"
        f":{fisher}:{origin}"
    )


def _indel_cell(stream: np.random.Generator, reads: int, rest: int, label: str) -> str:
    """Return a cell of `INDEL_FORMAT`; VAF from the reads of tier 1."""
    other, more, noise = stream.random(3).tolist()
    weak, further = int(8 * other), int(2 * more)
    share = 0.11 + 0.15 * noise if label == "BCNoise10Indel" else 0.08 * noise
    quality = 12 + int(15 * other) if label == "QSI_ref" else min(300, 30 + 4 * reads)
    around = reads + rest + weak
    return (
        f"0/1:{label}:{reads / (reads + rest):.6g}:{around}:{rest},{rest + further}"
        f":{reads},{reads + further}:{weak},{weak + further}:{around}:{share * around:.2f}"
        f":ref:ref->het:{quality}"
    )
