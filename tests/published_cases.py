"""Published cases of rare diseases, for tests and benchmarks: one seeded case for each gene."""

from __future__ import annotations

import hashlib
import json
import lzma
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gecip.analysis.clinical.phenopacket_files import features_of_packet, parse_packet
from gecip.analysis.clinical.ranking_benchmark import KnownCase

CASES = "phenopackets/cases.jsonl.xz"
FEWEST_OBSERVED = 3


def one_case_a_gene(file: Path, *, seed: int) -> list[KnownCase]:
    """Return one case of each gene that has one with three observed terms and exactly one causal gene."""
    by_gene: dict[str, list[tuple[int, str]]] = {}
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            document = json.loads(line)
            genes = _genes(document)
            if len(genes) == 1 and len(_observed(document)) >= FEWEST_OBSERVED:
                by_gene.setdefault(genes.pop(), []).append((number, line))
    chance = random.Random(seed)
    chosen = {gene: chance.choice(by_gene[gene]) for gene in sorted(by_gene)}
    return [
        KnownCase(number, gene, features_of_packet(parse_packet(line)))
        for gene, (number, line) in chosen.items()
    ]


def _genes(document: dict[str, Any]) -> set[str]:
    found = {
        one["variantInterpretation"]["variationDescriptor"].get("geneContext", {}).get("symbol")
        for interpretation in document["interpretations"]
        for one in interpretation["diagnosis"]["genomicInterpretations"]
    }
    return found - {None}


def _observed(document: dict[str, Any]) -> set[str]:
    features = document.get("phenotypicFeatures", [])
    return {one["type"]["id"] for one in features if not one.get("excluded", False)}


def held_out(cases: Sequence[KnownCase]) -> list[KnownCase]:
    """Return the cases of the half of the genes on which nothing of the method was chosen."""
    return [case for case in cases if _half(case.gene)]


def developed_on(cases: Sequence[KnownCase]) -> list[KnownCase]:
    """Return the cases of the half of the genes on which the method's constants were chosen."""
    return [case for case in cases if not _half(case.gene)]


def _half(gene: str) -> bool:
    return int(hashlib.sha256(gene.encode()).hexdigest(), 16) % 2 == 1
