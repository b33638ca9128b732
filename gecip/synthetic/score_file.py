"""Write a polygenic score's weights as such files come: some alleles swapped, some on the other strand, some not here.

The columns are those of the PGS Catalog's scoring files (format 2.0). Whoever computes the score has
to bring the alleles together first, and says how many of the rows were used and why not the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.model.assembly import GRCH38
from gecip.release.layout import POLYGENIC_SCORES
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.gene_structure import COMPLEMENT, reference_bases
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    from gecip.synthetic.variant_sites import Site

COLUMNS = ("rsID", "chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight")
# Of the rows, how many name the reference as the allele with the effect, how many the other strand's
# bases, and how many variants more that this callset has not. Assumptions.
SWAPPED_SHARE, FLIPPED_SHARE, ABSENT_SHARE = 0.3, 0.12, 0.1
_AMBIGUOUS = {frozenset("AT"), frozenset("CG")}


def score_path(trait: str) -> Path:
    """Return where a trait's weights lie in a release folder."""
    return POLYGENIC_SCORES / f"{trait}.txt"


def score_answer(kinds: dict[str, int]) -> Answer:
    """Return what a coverage report of the score has to say."""
    return Answer(kind="score_coverage", domain="release", expected=dict(kinds))


def write_score(
    folder: Path, seed: int, trait: str, weights: Sequence[tuple[Site, float]]
) -> dict[str, int]:
    """Write a score's weights, and return how many rows are of which kind.

    A row whose two bases are each other's complement is ambiguous, whichever strand it names.
    """
    stream = random_stream(seed, f"polygenic score/{trait}")
    kinds = {"matched": 0, "swapped": 0, "flipped": 0, "ambiguous": 0, "absent": 0}
    rows = []
    for site, weight in weights:
        effect, other = site.alternate, site.reference
        ambiguous = frozenset((effect, other)) in _AMBIGUOUS
        swapped, flipped = stream.random(2) < (SWAPPED_SHARE, FLIPPED_SHARE)
        if swapped:
            effect, other, weight = other, effect, -weight
        if flipped:
            effect, other = effect.translate(COMPLEMENT), other.translate(COMPLEMENT)
        kind = (
            "ambiguous"
            if ambiguous
            else "flipped"
            if flipped
            else "swapped"
            if swapped
            else "matched"
        )
        kinds[kind] += 1
        rows.append((site.contig, site.position, effect, other, weight))
    for place in range(max(1, round(ABSENT_SHARE * len(rows)))):
        contig, position, *_ = rows[place]
        elsewhere = position + 101
        base = reference_bases(contig, elsewhere, elsewhere)
        rows.append((contig, elsewhere, base.translate(COMPLEMENT), base, stream.normal()))
        kinds["absent"] += 1
    order = list(GRCH38.autosomes)
    rows.sort(key=lambda row: (order.index(row[0]), row[1]))
    lines = [
        "#format_version=2.0",
        f"#pgs_name={trait}",
        "#trait_reported=Height, invented",
        f"#genome_build={GRCH38.name}",
        "#weight_type=beta",
        f"#variants_number={len(rows)}",
        "\t".join(COLUMNS),
    ]
    lines += [
        f".\t{contig.removeprefix('chr')}\t{position}\t{effect}\t{other}\t{weight:.5f}"
        for contig, position, effect, other, weight in rows
    ]
    path = folder / score_path(trait)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return kinds
