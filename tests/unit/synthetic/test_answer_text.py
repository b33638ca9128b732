"""What `gecip answers` prints of an answer key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gecip.cli import main
from gecip.errors import InputError
from gecip.synthetic import Answer, read_answers
from gecip.synthetic.answer_key import KINDS
from gecip.synthetic.answer_text import answers_text, chosen_answers

ANSWERS = [
    Answer("de_novo", "rare_disease", gene="SCN1A", variants=("chr2:5:A:T",), family=7),
    Answer("survival", "cancer", expected={"hazard_ratio": 2.2, "ids": list(range(50))}),
    Answer("de_novo", "rare_disease", gene="MECP2", expected={"found": True}),
]


def test_truths_stand_under_their_domain_and_kind_with_their_count() -> None:
    assert answers_text(ANSWERS, width=100).splitlines() == [
        "cancer",
        f"  survival (1): {KINDS['survival']}",
        "    hazard ratio: 2.2; ids: 50 of them",
        "",
        "rare_disease",
        f"  de_novo (2): {KINDS['de_novo']}",
        "    gene SCN1A; family 7; chr2:5:A:T",
        "    gene MECP2; found: yes",
    ]


def test_one_domain_or_one_kind_can_be_asked_for() -> None:
    assert chosen_answers(ANSWERS, domain="cancer") == [ANSWERS[1]]
    assert chosen_answers(ANSWERS, kind="de_novo") == [ANSWERS[0], ANSWERS[2]]
    assert chosen_answers(ANSWERS, domain="cancer", kind="de_novo") == []


@pytest.mark.parametrize("asked", [{"domain": "cardiology"}, {"kind": "denovo"}])
def test_what_was_not_planted_is_answered_with_what_was(asked: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"cancer, rare_disease|de_novo, survival"):
        chosen_answers(ANSWERS, **asked)


def test_every_kind_says_in_one_sentence_what_was_planted() -> None:
    for kind, sentence in KINDS.items():
        assert sentence[0].isupper(), kind
        assert sentence.endswith("."), kind


def test_every_kind_that_a_release_plants_is_described(demo_release_folder: Path) -> None:
    assert {answer.kind for answer in read_answers(demo_release_folder)} <= set(KINDS)


def test_a_release_prints_all_its_answers(
    small_release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["answers", str(small_release_folder)], {}) == 0
    printed = capsys.readouterr().out
    for answer in read_answers(small_release_folder):
        assert f"  {answer.kind} (" in printed
        assert all(variant in printed for variant in answer.variants)
    assert main(["answers", str(small_release_folder), "--json"], {}) == 0
    whole = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in whole] == [
        answer.kind for answer in read_answers(small_release_folder)
    ]
