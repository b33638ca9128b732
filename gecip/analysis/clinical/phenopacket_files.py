"""GA4GH Phenopackets (version 2): read, write, and what a ranking needs of them.

A packet is about one person, so it is row level: it is read and written inside, and nothing of the
airlock takes one.
"""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.phenotype_ranking import (
    Features,
    Method,
    PhenotypeRanking,
    rank_genes,
    read_features,
)
from gecip.errors import InputError
from gecip.provenance import Provenance, software_versions
from gecip.writing import new_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phenopackets import Phenopacket

_OPENERS = {".xz": lzma.open, ".gz": gzip.open}


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
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{file}: there is no such file: name a Phenopacket or a file of them.")
    opener: Any = _OPENERS.get(file.suffix, open)
    by_line = ".jsonl" in file.suffixes
    try:
        with opener(file, "rt", encoding="utf-8") as lines:
            texts = lines if by_line else [lines.read()]
            for number, text in enumerate(texts, start=1):
                if text.strip():
                    yield parse_packet(
                        text, where=f"{file}, line {number}" if by_line else str(file)
                    )
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError):
        raise InputError(
            f"{file}: this file cannot be read to its end: fetch it again, or name another."
        ) from None


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
    from google.protobuf.json_format import ParseDict, ParseError
    from phenopackets import Phenopacket

    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        raise InputError(
            f"{where}: this is not JSON: Phenopackets are read in that form only."
        ) from None
    if not isinstance(document, dict) or "metaData" not in document:
        raise InputError(
            f"{where}: this is no Phenopacket of version 2, which has a field metaData: convert it first."
        )
    known = {field.json_name for field in Phenopacket.DESCRIPTOR.fields} | {
        field.name for field in Phenopacket.DESCRIPTOR.fields
    }
    unknown = tuple(sorted(set(document) - known))
    kept = {name: value for name, value in document.items() if name in known}
    message = Phenopacket()
    try:
        ParseDict(kept, message)
    except ParseError as error:
        field = str(error).split(":", maxsplit=1)[0][:120]
        raise InputError(
            f"{where}: this does not follow version 2 of the Phenopacket schema ({field}): mend or convert it first."
        ) from None
    made = Provenance(
        "read_packets",
        {"file": Path(where.split(", line", maxsplit=1)[0]).name},
        software=software_versions(),
    )
    return Packet(message, made, unknown)


def packet_document(packet: Packet) -> dict[str, Any]:
    """Return a packet as plain data, in the schema's JSON names."""
    from google.protobuf.json_format import MessageToDict

    document: dict[str, Any] = MessageToDict(packet.message)
    return document


def write_packets(packets: Sequence[Packet], path: str | Path) -> Path:
    """Write packets to a file inside and return its path: one as a JSON document, or one a line where the name ends in `.jsonl`.

    They are row level: the file stays in the environment.

    Raises
    ------
    InputError
        When several packets are to go into one JSON document, or the place cannot be written.
    """
    file = Path(path)
    by_line = file.suffix == ".jsonl"
    if not by_line and len(packets) != 1:
        raise InputError(
            f"{file}: a JSON document holds one packet and there are {len(packets)}: end the name in .jsonl."
        )
    with new_file(file) as aside:
        text = "\n".join(
            json.dumps(packet_document(one), indent=None if by_line else 2) for one in packets
        )
        aside.write_text(text + "\n", encoding="utf-8")
    return file


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
