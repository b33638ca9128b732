"""The score's file is as untidy as its answer says: each row is compared with the aggregate's own alleles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pysam
import pytest

from gecip.release.layout import read_chunks
from gecip.synthetic import Answer, read_answers

COMPLEMENT = {"A": "T", "T": "A", "C": "G", "G": "C"}


@pytest.fixture(scope="module")
def answers(small_release_folder: Path) -> dict[str, Answer]:
    return {answer.kind: answer for answer in read_answers(small_release_folder)}


@pytest.fixture(scope="module")
def rows(small_release_folder: Path, answers: dict[str, Answer]) -> list[dict[str, str]]:
    path = small_release_folder / answers["polygenic_score"].expected["file"]
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


def alleles_at(folder: Path) -> dict[tuple[str, str], set[tuple[str, str]]]:
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for chunk in read_chunks(folder):
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            for record in file:
                place = (record.contig.removeprefix("chr"), str(record.pos))
                found.setdefault(place, set()).add((record.ref, record.alts[0]))
    return found


def kind_of(row: dict[str, str], known: set[tuple[str, str]]) -> str:
    effect, other = row["effect_allele"], row["other_allele"]
    if not known:
        return "absent"
    if COMPLEMENT[effect] == other:
        return "ambiguous"
    if (other, effect) in known:
        return "matched"
    if (effect, other) in known:
        return "swapped"
    return "flipped"


def test_the_coverage_of_the_score_is_what_the_answer_says(
    small_release_folder: Path, rows: list[dict[str, str]], answers: dict[str, Answer]
) -> None:
    known = alleles_at(small_release_folder)
    kinds = Counter(
        kind_of(row, known.get((row["chr_name"], row["chr_position"]), set())) for row in rows
    )
    assert kinds == answers["score_coverage"].expected
    assert min(kinds.values()) > 0


def test_the_weights_are_those_of_the_trait_once_alleles_are_brought_together(
    small_release_folder: Path, rows: list[dict[str, str]], answers: dict[str, Answer]
) -> None:
    known = alleles_at(small_release_folder)
    weights = answers["polygenic_score"].expected["weights"]
    compared = 0
    for row in rows:
        place = (row["chr_name"], row["chr_position"])
        kind = kind_of(row, known.get(place, set()))
        if kind in ("matched", "swapped"):
            effect, other = row["effect_allele"], row["other_allele"]
            reference, alternate = (other, effect) if kind == "matched" else (effect, other)
            sign = 1 if kind == "matched" else -1
            name = f"chr{place[0]}:{place[1]}:{reference}:{alternate}"
            assert sign * float(row["effect_weight"]) == pytest.approx(weights[name], abs=1e-5)
            compared += 1
    assert compared > 20
