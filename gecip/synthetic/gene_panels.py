"""The release's own gene panels, in the shape in which PanelApp's interface answers.

A disease's genes are green; what makes another gene amber or red is how far its features, as the Human
Phenotype Ontology annotates them, are those of the disease. Each panel has an older version, in which
less was known. Nothing of it is PanelApp's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gecip.model.genes import GENES, RARE_DISEASES, Gene, RareDisease
from gecip.model.panels import PANELAPP_MODES, Confidence
from gecip.release.layout import PANELS
from gecip.synthetic.phenotype_rows import features_of_gene

# How many further genes a panel names as amber, and as red; assumptions.
_AMBER, _RED = 2, 2
_FIRST_NUMBER = 9_000


@dataclass(frozen=True)
class Panel:
    """One version of a panel: whose it is, and its genes by symbol with how sure each is."""

    number: int
    name: str
    version: str
    created: str
    disease: RareDisease
    genes: Mapping[str, Confidence]

    @property
    def identifier(self) -> str:
        """Return the hash of the panel's name and version."""
        return hashlib.sha1(f"{self.name} {self.version}".encode()).hexdigest()[:24]

    def is_green(self, symbol: str) -> bool:
        """Return whether tiering counts a gene as on the panel."""
        return self.genes.get(symbol) is Confidence.GREEN


@dataclass(frozen=True)
class Versions:
    """A panel as it was and as it is."""

    older: Panel
    current: Panel

    def with_green(self, symbols: frozenset[str]) -> Panel:
        """Return the older version, or the current one if that lacks a gene of `symbols` that the current has."""
        missing = any(
            self.current.is_green(symbol) and not self.older.is_green(symbol) for symbol in symbols
        )
        return self.current if missing else self.older


@cache
def gene_panels() -> Mapping[str, Versions]:
    """Return the panel of each rare disease, by the disease's name: about a second, for the ontology."""
    return {disease.name: _versions(place, disease) for place, disease in enumerate(RARE_DISEASES)}


@cache
def related_panels(disease: str) -> tuple[str, ...]:
    """Return the other diseases whose panels might be applied as well: those of its group, then the most alike."""
    mine = next(one for one in RARE_DISEASES if one.name == disease)
    others = [one for one in RARE_DISEASES if one.name != disease and one.genes]
    others.sort(
        key=lambda one: (one.group != mine.group, -_likeness(_features(mine), _features(one)))
    )
    return tuple(one.name for one in others[:6])


def write_panels(folder: Path) -> None:
    """Write every version of every panel into a release folder, as one page of PanelApp's interface."""
    panels = [
        panel for versions in gene_panels().values() for panel in (versions.older, versions.current)
    ]
    document = {
        "count": len(panels),
        "next": None,
        "previous": None,
        "results": [_as_answered(panel) for panel in panels],
    }
    path = folder / PANELS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _versions(place: int, disease: RareDisease) -> Versions:
    green = [gene.symbol for gene in disease.genes]
    further = sorted(
        (gene for gene in GENES.values() if gene.symbol not in green),
        key=lambda gene: (-_likeness(_features(disease), _features_of(gene)), gene.symbol),
    )
    amber = [gene.symbol for gene in further[:_AMBER]]
    red = [gene.symbol for gene in further[_AMBER : _AMBER + _RED]]
    now = {
        **dict.fromkeys(green, Confidence.GREEN),
        **dict.fromkeys(amber, Confidence.AMBER),
        **dict.fromkeys(red, Confidence.RED),
    }
    # Before, the last of several genes was not yet sure, and a red one not yet named.
    then = dict(now)
    if len(green) > 1:
        then[green[-1]] = Confidence.AMBER
    then.pop(red[-1])
    number = _FIRST_NUMBER + place
    return Versions(
        Panel(number, disease.name, f"1.{3 + place % 7}", "2017-06-30", disease, then),
        Panel(number, disease.name, f"2.{1 + place % 5}", "2019-02-28", disease, now),
    )


def _features(disease: RareDisease) -> frozenset[str]:
    if not disease.genes:
        return frozenset(features_of_gene(None))
    return frozenset().union(*(_features_of(gene) for gene in disease.genes))


def _features_of(gene: Gene) -> frozenset[str]:
    return frozenset(features_of_gene(gene.symbol))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _as_answered(panel: Panel) -> dict[str, Any]:
    disease = panel.disease
    return {
        "id": panel.number,
        "hash_id": panel.identifier,
        "name": panel.name,
        "disease_group": disease.group,
        "disease_sub_group": disease.sub_group,
        "status": "public",
        "version": panel.version,
        "version_created": f"{panel.created}T00:00:00.000000Z",
        "relevant_disorders": [disease.name],
        "stats": {
            "number_of_genes": len(panel.genes),
            "number_of_strs": 0,
            "number_of_regions": 0,
        },
        "types": [
            {
                "name": "Rare disease, synthetic",
                "slug": "rare-disease-synthetic",
                "description": "A panel of a synthetic release, for no diagnosis.",
            }
        ],
        "genes": [_gene_as_answered(GENES[symbol], level) for symbol, level in panel.genes.items()],
        "strs": [],
        "regions": [],
    }


def _gene_as_answered(gene: Gene, level: Confidence) -> dict[str, Any]:
    place = f"{gene.contig.removeprefix('chr')}:{gene.start}-{gene.stop}"
    return {
        "gene_data": {
            "alias": [],
            "biotype": "protein_coding",
            "gene_name": gene.symbol,
            "gene_symbol": gene.symbol,
            "hgnc_symbol": gene.symbol,
            "ensembl_genes": {
                "GRch38": {"109": {"location": place, "ensembl_id": ensembl_id(gene)}}
            },
        },
        "entity_type": "gene",
        "entity_name": gene.symbol,
        "confidence_level": level.value,
        "penetrance": "Complete",
        "mode_of_pathogenicity": None,
        "publications": [],
        "evidence": ["Synthetic release"],
        "phenotypes": [gene.disease],
        "mode_of_inheritance": PANELAPP_MODES[gene.mode],
        "tags": [],
        "transcript": None,
    }


def ensembl_id(gene: Gene) -> str:
    """Return a gene's id in the manner of Ensembl's; like the transcripts, ids of this range do not exist."""
    return f"ENSG{99_900_000_000 + gene.ncbi_id:011d}"
