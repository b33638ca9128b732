"""One person's structural variants as a VCF: Manta's and Canvas's calls together, as the provider delivers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gecip.model.assembly import GRCH38
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.structural_variants import Caller, Structure
from gecip.synthetic.vcf_text import header_lines

if TYPE_CHECKING:
    import numpy as np

_SOURCE = "gecip synthetic release, in the manner of Manta 0.28.0 and Canvas 1.1.0"
_ALTERNATES = (
    ("DEL", "Deletion"),
    ("DUP:TANDEM", "Tandem duplication"),
    ("INV", "Inversion"),
    ("CNV", "Copy number variable region"),
)
_FILTERS = (
    ("MinGQ", "GQ score is less than 15"),
    ("q10", "Quality below 10"),
    ("CLT10kb", "Canvas call with length less than 10kb"),
)
_INFORMATION = (
    ("IMPRECISE", "0", "Flag", "Imprecise structural variation"),
    ("SVTYPE", "1", "String", "Type of structural variant"),
    ("SVLEN", ".", "Integer", "Difference in length between REF and ALT alleles"),
    ("END", "1", "Integer", "End position of the variant described in this record"),
    ("CIPOS", "2", "Integer", "Confidence interval around POS"),
    ("CIEND", "2", "Integer", "Confidence interval around END"),
    ("CIGAR", "A", "String", "CIGAR alignment for each alternate indel allele"),
    ("MATEID", ".", "String", "ID of mate breakend"),
    ("HOMLEN", ".", "Integer", "Length of base pair identical homology at event breakpoints"),
    ("HOMSEQ", ".", "String", "Sequence of base pair identical homology at event breakpoints"),
    ("BND_DEPTH", "1", "Integer", "Read depth at local translocation breakend"),
    ("MATE_BND_DEPTH", "1", "Integer", "Read depth at remote translocation mate breakend"),
)
_FORMAT = (
    ("GT", "1", "String", "Genotype"),
    ("FT", "1", "String", "Sample filter"),
    ("GQ", "1", "Integer", "Genotype quality"),
    ("PL", "G", "Integer", "Phred-scaled genotype likelihoods"),
    ("PR", ".", "Integer", "Spanning paired-read support for the ref and alt alleles"),
    ("SR", ".", "Integer", "Split reads for the ref and alt alleles"),
    ("RC", "1", "Float", "Mean counts per bin in the region"),
    ("BC", "1", "Integer", "Number of bins in the region"),
    ("CN", "1", "Integer", "Copy number genotype for imprecise events"),
)
# Bases in one of Canvas's bins, and read pairs that span a breakpoint at a coverage of 40; assumptions.
_BASES_IN_BIN = 980
_COUNTS_IN_BIN = 105
_SPANNING, _SPLIT = 34, 26
_LEAST_QUALITY = 10
_LONGEST_HOMOLOGY = 30
_CONTIGS = {contig: number for number, contig in enumerate(GRCH38.lengths)}

Line = tuple[int, int, str]


def structural_file(
    seed: int, platekey: str, carried: Sequence[tuple[Structure, int]]
) -> Iterator[str]:
    """Yield the lines of one person's file: each structure with the number of its copies, 1 or 2."""
    stream = random_stream(seed, f"structural variants/reads/{platekey}")
    yield from header_lines(
        source=_SOURCE,
        filters=_FILTERS,
        alternates=_ALTERNATES,
        information=_INFORMATION,
        formats=_FORMAT,
        samples=[platekey],
    )
    lines: list[Line] = []
    for one, copies in carried:
        if one.caller is Caller.CANVAS:
            lines.append(_canvas(stream, one, copies))
        elif one.kind == "BND":
            lines += _breakends(stream, one, copies)
        else:
            lines.append(_manta(stream, one, copies))
    yield from (line for *_, line in sorted(lines))


def _manta(stream: np.random.Generator, one: Structure, copies: int) -> Line:
    length = one.stop - one.start
    if one.kind == "INS":
        alternate = one.reference + one.sequence
        information = [
            f"END={one.stop}", "SVTYPE=INS", f"SVLEN={len(one.sequence)}", f"CIGAR=1M{len(one.sequence)}I",
        ]  # fmt: skip
        name = f"MantaINS:{one.number}:0:0:0:0:0"
    else:
        label = "DUP:TANDEM" if one.kind == "DUP" else one.kind
        alternate = f"<{label}>"
        signed = -length if one.kind == "DEL" else length
        information = [f"END={one.stop}", f"SVTYPE={one.kind}", f"SVLEN={signed}"]
        name = f"Manta{label}:{one.number}:0:1:0:0:0"
        if one.precise:
            shared = _homology(one) if one.kind == "DEL" else ""
            if shared:
                information += [
                    f"CIPOS=0,{len(shared)}", f"HOMLEN={len(shared)}", f"HOMSEQ={shared}",
                ]  # fmt: skip
        else:
            around = int(stream.integers(40, 220))
            information += ["IMPRECISE", f"CIPOS=-{around},{around}", f"CIEND=-{around},{around}"]
    return _line(
        one.contig, one.start, name, one.reference, alternate, information,
        _reads(stream, copies, precise=one.precise),
    )  # fmt: skip


def _breakends(stream: np.random.Generator, one: Structure, copies: int) -> list[Line]:
    """Return both ends of a translocation, each naming the other."""
    assert one.mate is not None
    contig, position = one.mate
    base = reference_bases(contig, position, position)
    names = [f"MantaBND:{one.number}:0:1:0:0:0:{end}" for end in (0, 1)]
    depths = stream.poisson(40, size=2).tolist()
    reads = _reads(stream, copies, precise=True)
    return [
        _line(
            one.contig, one.start, names[0], one.reference, f"{one.reference}[{contig}:{position}[",
            _of_breakend(names[1], depths), reads,
        ),
        _line(
            contig, position, names[1], base, f"]{one.contig}:{one.start}]{base}",
            _of_breakend(names[0], depths[::-1]), reads,
        ),
    ]  # fmt: skip


def _of_breakend(mate: str, depths: Sequence[int]) -> list[str]:
    return [
        "SVTYPE=BND",
        f"MATEID={mate}",
        f"BND_DEPTH={depths[0]}",
        f"MATE_BND_DEPTH={depths[1]}",
    ]


def _canvas(stream: np.random.Generator, one: Structure, copies: int) -> Line:
    number = 2 + copies if one.kind == "GAIN" else 2 - copies
    bins = max(1, (one.stop - one.start) // _BASES_IN_BIN)
    quality = min(60, 8 + bins)
    counts = abs(float(stream.normal(_COUNTS_IN_BIN * number / 2, 2)))
    passed = "PASS" if quality >= _LEAST_QUALITY else "q10"
    name = f"Canvas:{one.kind}:{one.contig}:{one.start + 1}:{one.stop}"
    # Canvas itself writes N for the base before; here it is told, so that REF agrees with the reference.
    text = (
        f"{one.contig}\t{one.start}\t{name}\t{one.reference}\t<CNV>\t{quality}\t{passed}\tSVTYPE=CNV;END={one.stop}"
        f"\tRC:BC:CN\t{counts:.1f}:{bins}:{number}"
    )
    return _CONTIGS[one.contig], one.start, text


def _reads(stream: np.random.Generator, copies: int, *, precise: bool) -> tuple[int, str, str]:
    """Return QUAL, FORMAT and the call: reads that span the breakpoint, and reads that are split by it."""
    share = 0.48 if copies == 1 else 0.98
    formats, parts, supporting = "GT:FT:GQ:PL:PR", [], 0
    for expected in (_SPANNING, _SPLIT) if precise else (_SPANNING,):
        total = max(12, int(stream.poisson(expected)))
        alternate = int(stream.binomial(total, share))
        alternate = min(max(alternate, 4), total - 4) if copies == 1 else alternate
        parts.append(f"{total - alternate},{alternate}")
        supporting += alternate
    formats += ":SR" if precise else ""
    evidence = min(999, 16 * supporting)
    likelihoods = f"{evidence},0,{evidence}" if copies == 1 else f"{evidence},{3 * supporting},0"
    quality = min(evidence, 999) if copies == 1 else 3 * supporting
    genotype = "0/1" if copies == 1 else "1/1"
    return evidence, formats, f"{genotype}:PASS:{quality}:{likelihoods}:{':'.join(parts)}"


def _homology(one: Structure) -> str:
    """Return the bases that follow both breakpoints of a deletion alike."""
    after = reference_bases(one.contig, one.start + 1, one.start + _LONGEST_HOMOLOGY)
    beyond = reference_bases(one.contig, one.stop + 1, one.stop + _LONGEST_HOMOLOGY)
    alike = 0
    while alike < _LONGEST_HOMOLOGY and after[alike] == beyond[alike]:
        alike += 1
    return after[:alike]


def _line(
    contig: str,
    position: int,
    name: str,
    reference: str,
    alternate: str,
    information: Sequence[str],
    reads: tuple[int, str, str],
) -> Line:
    quality, formats, call = reads
    text = (
        f"{contig}\t{position}\t{name}\t{reference}\t{alternate}\t{quality}\tPASS"
        f"\t{';'.join(information)}\t{formats}\t{call}"
    )
    return _CONTIGS[contig], position, text
