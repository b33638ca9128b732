"""Which consequences of a variant are tiered, and which of them are high: the programme's two classes.

Terms and their ids are the Sequence Ontology's. Which terms are tiered follows the Research Environment
user guide (small variants, tiering); which of them are high and which moderate rests in part on
recollection there: stop_lost, start_lost, initiator_codon_variant and splice_region_variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HIGH_IMPACT: Mapping[str, str] = {
    "transcript_ablation": "SO:0001893",
    "splice_acceptor_variant": "SO:0001574",
    "splice_donor_variant": "SO:0001575",
    "stop_gained": "SO:0001587",
    "frameshift_variant": "SO:0001589",
    "stop_lost": "SO:0001578",
    "start_lost": "SO:0002012",
    "initiator_codon_variant": "SO:0001582",
    "feature_truncation": "SO:0001906",
}
MODERATE_IMPACT: Mapping[str, str] = {
    "inframe_insertion": "SO:0001821",
    "inframe_deletion": "SO:0001822",
    "missense_variant": "SO:0001583",
    "splice_region_variant": "SO:0001630",
    "transcript_amplification": "SO:0001889",
    "incomplete_terminal_codon_variant": "SO:0001626",
}
TIERED_TERMS: Mapping[str, str] = {**HIGH_IMPACT, **MODERATE_IMPACT}


def tiered_terms(terms: Iterable[str]) -> tuple[str, ...]:
    """Return those of VEP's terms that are tiered, high before moderate, each once."""
    present = set(terms)
    return tuple(term for term in TIERED_TERMS if term in present)


def is_high(terms: Iterable[str]) -> bool:
    """Return whether any of the terms is in the high class."""
    return any(term in HIGH_IMPACT for term in terms)
