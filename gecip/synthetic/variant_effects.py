"""What a small variant does to a transcript, in the words of Ensembl's Variant Effect Predictor and of HGVS.

The consequence follows from the invented sequence as it would from a real one. Only what the
generator draws is understood: single-base changes, and insertions and deletions inside one exon
which cannot be shifted along the sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gecip.synthetic.gene_structure import (
    CODON_TABLE,
    COMPLEMENT,
    THREE_LETTERS,
    Transcript,
    translate,
)

# Ensembl's classes of impact for the consequences that occur here.
IMPACTS: Mapping[str, str] = {
    "splice_acceptor_variant": "HIGH",
    "splice_donor_variant": "HIGH",
    "stop_gained": "HIGH",
    "frameshift_variant": "HIGH",
    "stop_lost": "HIGH",
    "start_lost": "HIGH",
    "inframe_insertion": "MODERATE",
    "inframe_deletion": "MODERATE",
    "missense_variant": "MODERATE",
    "splice_donor_5th_base_variant": "LOW",
    "splice_region_variant": "LOW",
    "splice_donor_region_variant": "LOW",
    "splice_polypyrimidine_tract_variant": "LOW",
    "stop_retained_variant": "LOW",
    "synonymous_variant": "LOW",
    "5_prime_UTR_variant": "MODIFIER",
    "3_prime_UTR_variant": "MODIFIER",
    "intron_variant": "MODIFIER",
}


@dataclass(frozen=True)
class Effect:
    """What one variant does to one transcript; empty text where a field does not apply.

    `consequence` are Ensembl's terms joined by `&`, worst first; `coding_change` and
    `protein_change` are HGVS without the accession.
    """

    consequence: str
    coding_change: str
    protein_change: str = ""
    exon: str = ""
    intron: str = ""
    transcript_position: str = ""
    coding_position: str = ""
    protein_position: str = ""
    amino_acids: str = ""
    codons: str = ""

    @property
    def worst(self) -> str:
        """Return the worst of the consequence's terms."""
        return self.consequence.split("&", 1)[0]

    @property
    def impact(self) -> str:
        """Return Ensembl's class of impact: HIGH, MODERATE, LOW or MODIFIER."""
        return IMPACTS[self.worst]


def effect_of(transcript: Transcript, position: int, reference: str, alternate: str) -> Effect:
    """Return what the variant at `position` (as a VCF writes it) does to a transcript."""
    if len(reference) == len(alternate) == 1:
        return _effect_of_change(transcript, position, reference, alternate)
    if len(alternate) == 1:
        return _effect_of_deletion(transcript, position, len(reference) - 1)
    return _effect_of_insertion(transcript, position, alternate[1:])


def _effect_of_change(
    transcript: Transcript, position: int, reference: str, alternate: str
) -> Effect:
    place = transcript.place(position)
    before, after = (_as_read(transcript, base) for base in (reference, alternate))
    name = f"c.{_coding_name(transcript, place.base, place.offset)}{before}>{after}"
    if place.offset:
        return _effect_in_intron(transcript, place.base, place.offset, name)
    near_splicing = transcript.from_splice_site(place.base) <= 3
    exon = f"{transcript.exon(place.base)}/{len(transcript.exon_starts)}"
    common = {"exon": exon, "transcript_position": str(place.base + 1)}
    coding_base = place.base - transcript.coding_start
    if not 0 <= coding_base < len(transcript.coding):
        side = "5_prime_UTR_variant" if coding_base < 0 else "3_prime_UTR_variant"
        terms = f"splice_region_variant&{side}" if near_splicing else side
        return Effect(terms, name, **common)
    codon, at = divmod(coding_base, 3)
    old = transcript.coding[3 * codon : 3 * codon + 3]
    new = old[:at] + after + old[at + 1 :]
    term, protein = _protein_change(CODON_TABLE[old], CODON_TABLE[new], codon + 1)
    same = CODON_TABLE[old] == CODON_TABLE[new]
    return Effect(
        (
            f"splice_region_variant&{term}"
            if near_splicing and term in {"synonymous_variant", "stop_retained_variant"}
            else f"{term}&splice_region_variant"
            if near_splicing
            else term
        ),
        name,
        protein,
        coding_position=str(coding_base + 1),
        protein_position=str(codon + 1),
        amino_acids=CODON_TABLE[old] if same else f"{CODON_TABLE[old]}/{CODON_TABLE[new]}",
        codons=f"{_marked(old, at)}/{_marked(new, at)}",
        **common,
    )


def _protein_change(old: str, new: str, number: int) -> tuple[str, str]:
    """Return the term and the HGVS name of an amino acid's change."""
    left, right = THREE_LETTERS[old], THREE_LETTERS[new]
    if old == new:
        term = "stop_retained_variant" if old == "*" else "synonymous_variant"
        return term, f"p.{left}{number}="
    if number == 1:
        return "start_lost", "p.Met1?"
    if new == "*":
        return "stop_gained", f"p.{left}{number}Ter"
    if old == "*":
        return "stop_lost", f"p.Ter{number}{right}extTer?"
    return "missense_variant", f"p.{left}{number}{right}"


def _effect_in_intron(transcript: Transcript, base: int, offset: int, name: str) -> Effect:
    """Return the terms by the distance from the exon, as Ensembl draws the splice regions since version 105."""
    number = transcript.exon(base) - (1 if offset < 0 else 0)
    intron = f"{number}/{len(transcript.exon_starts) - 1}"
    terms: tuple[str, ...]
    if offset in (1, 2):
        terms = ("splice_donor_variant",)
    elif offset in (-1, -2):
        terms = ("splice_acceptor_variant",)
    elif offset == 5:
        terms = ("splice_donor_5th_base_variant", "intron_variant")
    elif 3 <= offset <= 6:
        terms = ("splice_donor_region_variant", "intron_variant")
    elif 7 <= offset <= 8:
        terms = ("splice_region_variant", "intron_variant")
    elif -8 <= offset <= -3:
        terms = ("splice_region_variant", "splice_polypyrimidine_tract_variant", "intron_variant")
    elif -17 <= offset <= -9:
        terms = ("splice_polypyrimidine_tract_variant", "intron_variant")
    else:
        terms = ("intron_variant",)
    return Effect("&".join(terms), name, intron=intron)


def _effect_of_deletion(transcript: Transcript, position: int, size: int) -> Effect:
    bases = sorted(transcript.place(position + at).base for at in range(1, size + 1))
    first, last = bases[0], bases[-1]
    start = first - transcript.coding_start
    left, right = _coding_name(transcript, first, 0), _coding_name(transcript, last, 0)
    name = f"c.{left}del" if size == 1 else f"c.{left}_{right}del"
    changed = transcript.coding[:start] + transcript.coding[start + size :]
    return _effect_of_length(transcript, first, start, -size, name, changed)


def _effect_of_insertion(transcript: Transcript, position: int, inserted: str) -> Effect:
    before, after = (transcript.place(position + at).base for at in (0, 1))
    first, second = min(before, after), max(before, after)
    read = _as_read(transcript, inserted)
    start = second - transcript.coding_start
    left, right = _coding_name(transcript, first, 0), _coding_name(transcript, second, 0)
    changed = transcript.coding[:start] + read + transcript.coding[start:]
    name = f"c.{left}_{right}ins{read}"
    return _effect_of_length(transcript, second, start, len(inserted), name, changed)


def _effect_of_length(
    transcript: Transcript, base: int, start: int, gained: int, name: str, changed: str
) -> Effect:
    codon = start // 3
    if gained % 3:
        term, protein = "frameshift_variant", _frameshift(transcript, changed)
    elif gained < 0:
        term, protein = "inframe_deletion", _lost_amino_acid(transcript.protein, codon)
    else:
        left, right = transcript.protein[codon - 1], transcript.protein[codon]
        inserted = translate(changed[start : start + gained])
        term = "inframe_insertion"
        protein = (
            f"p.{THREE_LETTERS[left]}{codon}_{THREE_LETTERS[right]}{codon + 1}"
            f"ins{''.join(THREE_LETTERS[letter] for letter in inserted)}"
        )
    return Effect(
        term,
        name,
        protein,
        exon=f"{transcript.exon(base)}/{len(transcript.exon_starts)}",
        transcript_position=str(base + 1),
        coding_position=str(start + 1),
        protein_position=str(codon + 1),
    )


def _lost_amino_acid(protein: str, codon: int) -> str:
    """Return the HGVS name of one lost amino acid, the last of equal neighbours as HGVS asks."""
    while protein[codon + 1] == protein[codon]:
        codon += 1
    return f"p.{THREE_LETTERS[protein[codon]]}{codon + 1}del"


def _frameshift(transcript: Transcript, changed: str) -> str:
    new = translate(changed + transcript.trailer)
    old = transcript.protein
    at = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)) - 1,
    )
    if new[at] == "*":
        return f"p.{THREE_LETTERS[old[at]]}{at + 1}Ter"
    end = str(len(new) - at) if new.endswith("*") else "?"
    return f"p.{THREE_LETTERS[old[at]]}{at + 1}{THREE_LETTERS[new[at]]}fsTer{end}"


def _coding_name(transcript: Transcript, base: int, offset: int) -> str:
    """Return HGVS's number of a base: `-3` before the coding sequence, `*3` after it, `12+5` in an intron."""
    if base < transcript.coding_start:
        number = str(base - transcript.coding_start)
    elif base >= transcript.coding_stop:
        number = f"*{base - transcript.coding_stop + 1}"
    else:
        number = str(base - transcript.coding_start + 1)
    return number + (f"{offset:+d}" if offset else "")


def _as_read(transcript: Transcript, bases: str) -> str:
    return bases if transcript.forward else bases.translate(COMPLEMENT)[::-1]


def _marked(codon: str, at: int) -> str:
    """Return a codon as Ensembl writes it: the changed base large, the others small."""
    return codon[:at].lower() + codon[at] + codon[at + 1 :].lower()
