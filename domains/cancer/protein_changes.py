"""What a variant does to a protein, by the Sequence Ontology's terms of its report."""

from __future__ import annotations

import enum
import re


class Change(enum.StrEnum):
    """What mutations do to a gene, the gravest first; the last is for a tumour with more than one."""

    TRUNCATING = "truncating"
    SPLICE_SITE = "splice site"
    IN_FRAME = "in-frame indel"
    MISSENSE = "missense"
    SEVERAL = "several mutations"


_TERMS: dict[Change, frozenset[str]] = {
    Change.TRUNCATING: frozenset(
        {
            "frameshift_variant",
            "stop_gained",
            "stop_lost",
            "start_lost",
            "initiator_codon_variant",
            "transcript_ablation",
        }
    ),
    Change.SPLICE_SITE: frozenset({"splice_acceptor_variant", "splice_donor_variant"}),
    Change.IN_FRAME: frozenset(
        {"inframe_insertion", "inframe_deletion", "protein_altering_variant"}
    ),
    Change.MISSENSE: frozenset({"missense_variant"}),
}
_BETWEEN_TERMS = re.compile(r"[,;&|]")


def change_of(consequence: str) -> Change | None:
    """Return the gravest change among a variant's terms; None if it changes neither protein nor splice site."""
    terms = {term.strip() for term in _BETWEEN_TERMS.split(consequence)}
    return next((change for change, known in _TERMS.items() if terms & known), None)
