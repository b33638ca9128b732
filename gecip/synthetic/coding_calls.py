"""The rare coding variants of a release and who carries them: what families are interpreted on.

Genomes are made contig by contig and thrown away; this is the little that is kept. Genotypes are the
true ones, as a family's joint call would have them: the aggregate's columns may be swapped, lack a
call, or show half of one, and tiering in the programme rests on the family's own VCF and not on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gecip.synthetic.aggregate_files import ContigRecords
from gecip.synthetic.annotation_files import CSQ_FIELDS
from gecip.synthetic.gene_dropping import Genomes
from gecip.synthetic.recruitment import People
from gecip.synthetic.variant_sites import Frequencies, Quality, Site

Integers = npt.NDArray[np.int64]

# Terms that are tiered, with their ids in the Sequence Ontology (Research Environment user guide, the
# list for small variants).
HIGH = {
    "transcript_ablation": "SO:0001893",
    "splice_acceptor_variant": "SO:0001574",
    "splice_donor_variant": "SO:0001575",
    "stop_gained": "SO:0001587",
    "frameshift_variant": "SO:0001589",
    "stop_lost": "SO:0001578",
    "start_lost": "SO:0002012",
}
MODERATE = {
    "inframe_insertion": "SO:0001821",
    "inframe_deletion": "SO:0001822",
    "missense_variant": "SO:0001583",
    "splice_region_variant": "SO:0001630",
}
TIERED_TERMS: Mapping[str, str] = HIGH | MODERATE

# What no population may exceed, for disease by one copy and by two (Rare Disease Genome Analysis Guide,
# population frequency); a variant that a panel has not seen has frequency 0. The cut-off in the
# programme's own cohort is left out: in a small release everything is common.
_ONE_COPY = {
    **dict.fromkeys(
        (f"gnomADe_{one}_AF" for one in ("AMR", "ASJ", "EAS", "FIN", "NFE", "SAS")), 0.001
    ),
    **dict.fromkeys((f"gnomADg_{one}_AF" for one in ("AFR", "AMR", "FIN", "NFE")), 0.001),
    "gnomADg_ASJ_AF": 0.003,
    "gnomADg_EAS_AF": 0.002,
    "gnomADg_SAS_AF": 0.002,
    "gnomADg_AMI_AF": 0.1,
    "gnomADg_MID_AF": 0.1,
}
_TWO_COPIES = {name: max(limit, 0.01) for name, limit in _ONE_COPY.items()}


@dataclass(frozen=True)
class CodingVariant:
    """A rare variant with a tiered consequence: its site, canonical annotation and frequencies by ancestry."""

    site: Site
    annotation: Mapping[str, str]
    frequencies: Frequencies
    hemizygous: bool
    rare_for_one_copy: bool

    @property
    def terms(self) -> tuple[str, ...]:
        """Return those of the consequence's terms that are tiered, worst first."""
        return tuple(
            term for term in self.annotation["Consequence"].split("&") if term in TIERED_TERMS
        )

    @property
    def is_high(self) -> bool:
        """Return whether the variant likely takes the gene's function."""
        return any(term in HIGH for term in self.terms)

    def frequency(self, name: str) -> float | None:
        """Return a reference panel's frequency, as `gnomADe_NFE_AF`, or None where the panel has not seen it."""
        value = self.annotation.get(name, "")
        return float(value) if value else None

    @property
    def highest_frequency(self) -> float:
        """Return the highest frequency in any population of the reference panels."""
        return max((self.frequency(name) or 0.0 for name in _ONE_COPY), default=0.0)


@dataclass
class CodingCalls:
    """Rare coding variants, and their copies: entry by entry a variant's and a person's place, and each copy.

    `father` and `mother` are 1 where the copy from that parent carries the variant.
    """

    variants: list[CodingVariant] = field(default_factory=list)
    _entries: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def remember(self, people: People, records: ContigRecords, genomes: Genomes) -> None:
        """Keep what may be tiered of a contig before its genomes are thrown away."""
        hemizygous = genomes.sites.hemizygous
        in_family = np.flatnonzero(people.recruited & (people.family >= 0))
        for row, site in enumerate(records.sites.rows):
            if site.effect is None or not _passes(site, records.judged.filters[row]):
                continue
            annotation = _canonical(records.annotations[row])
            if not TIERED_TERMS.keys() & set(annotation["Consequence"].split("&")):
                continue
            if not _is_rare(annotation, _TWO_COPIES):
                continue
            copies = np.maximum(genomes.alleles[in_family, :, row], 0)
            carriers = np.flatnonzero(copies.any(axis=1))
            self._entries.append(
                np.column_stack(
                    [
                        np.full(len(carriers), len(self.variants)),
                        in_family[carriers],
                        copies[carriers],
                    ]
                ).astype(np.int64)
            )
            self.variants.append(
                CodingVariant(
                    site,
                    annotation,
                    records.sites.frequencies[row],
                    bool(hemizygous[row]),
                    _is_rare(annotation, _ONE_COPY),
                )
            )

    def frequencies_of_carriers(self, people: People) -> npt.NDArray[np.float64]:
        """Return each variant's frequency among everybody in the families, as the programme counts its own."""
        seen = np.zeros(len(self.variants))
        for entries in self._entries:
            if len(entries):
                seen[entries[0, 0]] = entries[:, 2:].sum()
        return seen / max(2 * int((people.recruited & (people.family >= 0)).sum()), 1)

    def of_families(self, people: People) -> Mapping[int, Integers]:
        """Return the entries of each family with any: rows of variant, person, father's copy, mother's copy."""
        if not self._entries:
            return {}
        entries = np.concatenate(self._entries)
        family = people.family[entries[:, 1]]
        order = np.argsort(family, kind="stable")
        entries, family = entries[order], family[order]
        starts = np.flatnonzero(np.diff(family, prepend=-1))
        return {
            int(family[start]): part
            for start, part in zip(starts, np.split(entries, starts[1:]), strict=True)
        }


def _passes(site: Site, filters: str) -> bool:
    """Return whether a site is good enough; what is planted was planted where it can be seen, if it was to be."""
    return filters == "PASS" or (site.private and site.quality is Quality.GOOD)


def _canonical(entries: str) -> Mapping[str, str]:
    """Return the filled fields of a CSQ's entry for the canonical transcript."""
    for entry in entries.split(","):
        fields = dict(zip(CSQ_FIELDS, entry.split("|"), strict=True))
        if fields["CANONICAL"] == "YES":
            return {name: value for name, value in fields.items() if value}
    return {"Consequence": ""}


def _is_rare(annotation: Mapping[str, str], limits: Mapping[str, float]) -> bool:
    return all(float(annotation.get(name, 0.0)) <= limit for name, limit in limits.items())
