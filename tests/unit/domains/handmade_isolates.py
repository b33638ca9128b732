"""Isolates made by hand, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.provenance import Provenance

_EFFECTS = {"c.-": "upstream_gene_variant", "n.": "non_coding_transcript_exon_variant"}


def variant(name: str, *, effect: str | None = None, fraction: float = 1.0) -> dict[str, Any]:
    """Return a variant of a gene by its name; without a word it is a missense or promoter variant."""
    gene, _, change = name.partition("_")
    guessed = next((word for mark, word in _EFFECTS.items() if change.startswith(mark)), None)
    return {
        "position": 1,
        "ref": "A",
        "alt": "C",
        "gene": gene,
        "variant": name,
        "effect": effect or guessed or "missense_variant",
        "allele_fraction": fraction,
    }


def snp(
    position: int, alt: str = "C", *, gene: str | None = None, fraction: float = 1.0
) -> dict[str, Any]:
    """Return a single base that differs; the reference has A, or AA where two bases differ."""
    return {
        "position": position,
        "ref": "A" * len(alt),
        "alt": alt,
        "gene": gene,
        "variant": None,
        "effect": None,
        "allele_fraction": fraction,
    }


def isolates_of(
    variants: Mapping[str, Sequence[dict[str, Any]]],
    *,
    gaps: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    tests: Mapping[tuple[str, str], str] | None = None,
    category: str = "WHO",
    people: Mapping[str, int] | None = None,
    dates: Mapping[str, str] | None = None,
) -> Isolates:
    """Return isolates by name, with their variants, gaps, tests by isolate and drug, people and dates."""
    names = list(variants)
    who = {name: number for number, name in enumerate(names, start=1)} | dict(people or {})
    days = dict.fromkeys(names, "2020-01-01") | dict(dates or {})
    columns = ["isolate", "position", "ref", "alt", "gene", "variant", "effect", "allele_fraction"]
    return Isolates(
        provenance=Provenance("by hand"),
        isolates=pd.DataFrame(
            {
                "isolate": names,
                "participant_id": [who[name] for name in names],
                "collection_date": pd.to_datetime([days[name] for name in names]),
                "lineage": "lineage4",
                "family_id": pd.array([who[name] // 10 for name in names], dtype="Int64"),
            }
        ),
        variants=pd.DataFrame(
            [{"isolate": name, **row} for name, rows in variants.items() for row in rows],
            columns=columns,
        ).astype({"position": "int64", "allele_fraction": float, "ref": object, "alt": object}),
        uncalled_regions=pd.DataFrame(
            [(name, *region) for name, regions in (gaps or {}).items() for region in regions],
            columns=["isolate", "start", "stop"],
        ).astype({"start": "int64", "stop": "int64"}),
        susceptibility=pd.DataFrame(
            [(*cell, category, phenotype) for cell, phenotype in (tests or {}).items()],
            columns=["isolate", "drug", "phenotypic_category", "phenotype"],
        ),
    )
