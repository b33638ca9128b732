"""GA4GH Phenopackets (version 2): read, write, and what a ranking needs of them.

A packet is about one person, so it is row level: it is read and written inside, and nothing of the
airlock takes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.phenopacket_text import (
    document_of,
    parse_message,
    texts_of,
    write_documents,
)
from gecip.analysis.clinical.phenotype_ranking import (
    Features,
    Method,
    PhenotypeRanking,
    rank_genes,
    read_features,
)
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phenopackets import Phenopacket


@dataclass(frozen=True, repr=False, eq=False)
class Packet:
    """One person's Phenopacket with where it comes from.

    `message` is the packet itself, as the `phenopackets` package has it. `unknown_fields` names what
    stood at the top of the file and is no field of version 2, and was left out.
    """

    message: Phenopacket
    provenance: Provenance
    unknown_fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Packet(features={len(self.message.phenotypic_features)}, interpretations={len(self.message.interpretations)})"


def read_packets(path: str | Path) -> Iterator[Packet]:
    """Yield the packets of a file one by one: a JSON document, or one packet a line (`.jsonl`).

    Either may be compressed (`.gz`, `.xz`). Every field of version 2 of the schema is kept.

    Raises
    ------
    InputError
        When there is no such file, or a packet in it is not one; the sentence names the line.
    """
    for where, text in texts_of(path):
        yield parse_packet(text, where=where)


def parse_packet(text: str, *, where: str = "the text") -> Packet:
    """Return the packet that a JSON text holds.

    Parameters
    ----------
    where
        How the sentence about what is wrong calls the text.

    Raises
    ------
    InputError
        When the text is no Phenopacket of version 2.
    """
    from phenopackets import Phenopacket

    message, unknown = parse_message(text, Phenopacket, where=where)
    made = Provenance(
        "read_packets",
        {"file": Path(where.split(", line", maxsplit=1)[0]).name},
        software=software_versions(),
    )
    return Packet(message, made, unknown)


def packet_document(packet: Packet) -> dict[str, Any]:
    """Return a packet as plain data, in the schema's JSON names."""
    return document_of(packet.message)


def write_packets(packets: Sequence[Packet], path: str | Path) -> Path:
    """Write packets to a file inside and return its path: one as a JSON document, or one a line where the name ends in `.jsonl`.

    They are row level: the file stays in the environment.

    Raises
    ------
    InputError
        When several packets are to go into one JSON document, or the place cannot be written.
    """
    return write_documents([one.message for one in packets], path)


def features_of_packet(packet: Packet) -> Features:
    """Return the observed and excluded phenotypes of a packet.

    Raises
    ------
    AnalysisError
        When none of the observed ones is a current term.
    """
    features = packet.message.phenotypic_features
    return read_features(
        [one.type.id for one in features if not one.excluded],
        excluded=[one.type.id for one in features if one.excluded],
    )


def rank_genes_of_packet(
    packet: Packet,
    *,
    method: Method = "likelihood",
    candidates: Sequence[str] | None = None,
) -> PhenotypeRanking:
    """Return the genes by how well they fit a packet's person; see `rank_genes`.

    Raises
    ------
    AnalysisError
        When none of the observed features is a current term.
    """
    return rank_genes(
        features_of_packet(packet),
        method=method,
        candidates=candidates,
        provenance=packet.provenance,
    )


def interpreted_genes(packet: Packet) -> tuple[str, ...]:
    """Return the symbols of the genes whose variants a packet's interpretations name, each once."""
    symbols = {
        one.variant_interpretation.variation_descriptor.gene_context.symbol
        for interpretation in packet.message.interpretations
        for one in interpretation.diagnosis.genomic_interpretations
    }
    return tuple(sorted(symbols - {""}))
