"""Count partial genotypes in the text of VCFs: calls of which one allele is known, as `1/.`."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path

_FIRST_SAMPLE = 9
_PARTIAL = re.compile(rb"(?:\d+[/|]\.|\.[/|]\d+)(?![^:])")
# Most lines have no partial call, and counting fixed strings tells that many times faster than a pattern does.
_HALVES = (b"/.", b"|.", b"./", b".|")
_WHOLES = ((b"./.", 2), (b".|.", 2))


def count_partial_calls(files: Sequence[Path], columns: Sequence[int]) -> int:
    """Return how many calls of the samples in `columns` (places among the samples, from 0) are partial.

    The files are read once, on one core, at the speed of decompression.
    """
    places = sorted(columns)
    return sum(_count(file, places) for file in files) if places else 0


def _count(file: Path, places: Sequence[int]) -> int:
    found = 0
    with gzip.open(file, "rb") as lines:
        for line in lines:
            if line[:1] != b"#" and _may_have_partial(line):
                cells = line.rstrip(b"\n").split(b"\t")
                found += sum(
                    _PARTIAL.match(cells[_FIRST_SAMPLE + place]) is not None for place in places
                )
    return found


def _may_have_partial(line: bytes) -> bool:
    """Return whether a line has a half of a missing genotype that is not part of a whole one."""
    halves = sum(map(line.count, _HALVES))
    return halves > sum(weight * line.count(whole) for whole, weight in _WHOLES)
