"""The functional annotation: one record per site, with VEP's CSQ in its INFO.

Fields are named and ordered as version 109 of Ensembl's Variant Effect Predictor does with the RefSeq
transcripts (genes by their NCBI number). Accessions above NM_999 do not exist: transcripts are invented.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gecip.model.genes import GENES, Gene
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.reference_panels import (
    EXOMES,
    GENOMES,
    PanelFrequencies,
    panel_frequencies,
)
from gecip.synthetic.variant_effects import Effect
from gecip.synthetic.variant_sites import Site, Sites

CSQ_FIELDS = (
    "Allele",
    "Consequence",
    "IMPACT",
    "SYMBOL",
    "Gene",
    "Feature_type",
    "Feature",
    "BIOTYPE",
    "EXON",
    "INTRON",
    "HGVSc",
    "HGVSp",
    "cDNA_position",
    "CDS_position",
    "Protein_position",
    "Amino_acids",
    "Codons",
    "STRAND",
    "VARIANT_CLASS",
    "SYMBOL_SOURCE",
    "CANONICAL",
    "MANE_SELECT",
    "SIFT",
    "PolyPhen",
    "gnomADe_AF",
    *(f"gnomADe_{ancestry}_AF" for ancestry in EXOMES),
    "gnomADg_AF",
    *(f"gnomADg_{ancestry}_AF" for ancestry in GENOMES),
    "CADD_PHRED",
)
CSQ_HEADER = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    f'Format: {"|".join(CSQ_FIELDS)}">'
)

_CADD_BY_IMPACT = {"HIGH": (36, 4), "MODERATE": (21, 6), "LOW": (9, 4), "MODIFIER": (5, 4)}


def annotate(seed: int, sites: Sites, kept: npt.NDArray[np.bool_]) -> list[str]:
    """Return the CSQ of each kept site of a contig: one entry per transcript, or one that says intergenic.

    Numbers are drawn for all sites, so that a variant's annotation does not depend on who carries it.
    """
    exomes, genomes = panel_frequencies(seed, sites)
    stream = random_stream(seed, f"predictions/{sites.contig}")
    draws = stream.random((len(sites), 3))
    return [
        ",".join(
            "|".join(fields.get(name, "") for name in CSQ_FIELDS)
            for fields in _entries(site, _frequencies(exomes, genomes, row), draws[row])
        )
        for row, site in enumerate(sites.rows)
        if kept[row]
    ]


def _entries(
    site: Site, frequencies: dict[str, str], draws: Sequence[float]
) -> list[dict[str, str]]:
    common = {"Allele": _changed_part(site), "VARIANT_CLASS": _variant_class(site), **frequencies}
    if site.effect is None:
        return [
            common
            | {
                "Consequence": "intergenic_variant",
                "IMPACT": "MODIFIER",
                "CADD_PHRED": _cadd("MODIFIER", draws),
            }
        ]
    gene = GENES[site.gene]
    common |= {
        "SYMBOL": gene.symbol,
        "Gene": str(gene.ncbi_id),
        "Feature_type": "Transcript",
        "STRAND": "1" if gene.strand == "+" else "-1",
        "SYMBOL_SOURCE": "EntrezGene",
        "CADD_PHRED": _cadd(site.effect.impact, draws),
    }
    entries = [common | _canonical(gene, site.effect) | _predictions(site, draws)]
    # A third of the genes have a second transcript, which makes no protein.
    if gene.ncbi_id % 3 == 0:
        entries.append(common | _without_protein(gene, site.effect))
    return entries


def _canonical(gene: Gene, effect: Effect) -> dict[str, str]:
    number = f"{999_000_000 + gene.ncbi_id:09d}"
    protein = f"NP_{number}.1:{effect.protein_change}" if effect.protein_change else ""
    return {
        "Consequence": effect.consequence,
        "IMPACT": effect.impact,
        "Feature": f"NM_{number}.1",
        "BIOTYPE": "protein_coding",
        "EXON": effect.exon,
        "INTRON": effect.intron,
        "HGVSc": f"NM_{number}.1:{effect.coding_change}",
        # VEP escapes what a VCF gives a meaning to.
        "HGVSp": protein.replace("=", "%3D"),
        "cDNA_position": effect.transcript_position,
        "CDS_position": effect.coding_position,
        "Protein_position": effect.protein_position,
        "Amino_acids": effect.amino_acids,
        "Codons": effect.codons,
        "CANONICAL": "YES",
        "MANE_SELECT": f"ENST{99_900_000_000 + gene.ncbi_id}.1",
    }


def _without_protein(gene: Gene, effect: Effect) -> dict[str, str]:
    consequence = (
        "non_coding_transcript_exon_variant"
        if effect.exon
        else "intron_variant&non_coding_transcript_variant"
    )
    return {
        "Consequence": consequence,
        "IMPACT": "MODIFIER",
        "Feature": f"NR_{999_000_000 + gene.ncbi_id:09d}.1",
        "BIOTYPE": "misc_RNA",
        "EXON": effect.exon,
        "INTRON": effect.intron,
    }


def _predictions(site: Site, draws: Sequence[float]) -> dict[str, str]:
    """Return what SIFT and PolyPhen might say of a missense variant: bad of planted ones, anything of others."""
    if site.effect is None or site.effect.worst != "missense_variant":
        return {}
    sift = 0.04 * draws[1] if site.private else draws[1] ** 2
    polyphen = 0.92 + 0.08 * draws[2] if site.private else draws[2]
    return {
        "SIFT": f"{'deleterious' if sift < 0.05 else 'tolerated'}({sift:.2f})",
        "PolyPhen": f"{_polyphen_word(float(polyphen))}({polyphen:.3f})",
    }


def _polyphen_word(score: float) -> str:
    if score > 0.908:
        return "probably_damaging"
    return "possibly_damaging" if score > 0.446 else "benign"


def _cadd(impact: str, draws: Sequence[float]) -> str:
    mean, spread = _CADD_BY_IMPACT[impact]
    return f"{max(0.1, mean + spread * (2 * draws[0] - 1)):.1f}"


def _frequencies(exomes: PanelFrequencies, genomes: PanelFrequencies, row: int) -> dict[str, str]:
    found = {}
    for prefix, panel in (("gnomADe", exomes), ("gnomADg", genomes)):
        if not np.isnan(panel.overall[row]):
            found[f"{prefix}_AF"] = f"{panel.overall[row]:.4g}"
            for ancestry, values in panel.by_ancestry.items():
                found[f"{prefix}_{ancestry}_AF"] = f"{values[row]:.4g}"
    return found


def _changed_part(site: Site) -> str:
    """Return the allele as VEP names it: without the base before an insertion or deletion, `-` for nothing."""
    if len(site.reference) == len(site.alternate):
        return site.alternate
    return site.alternate[1:] or "-"


def _variant_class(site: Site) -> str:
    if len(site.reference) == len(site.alternate):
        return "SNV"
    return "insertion" if len(site.alternate) > len(site.reference) else "deletion"
