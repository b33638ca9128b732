"""The chapters and blocks of ICD-10: complete, in order, and no code in two places."""

from __future__ import annotations

import itertools
import string

import pytest

from gecip.model.icd10 import CHAPTERS, groups_of, is_icd10, plain_icd10

CATEGORIES = [f"{letter}{number:02d}" for letter in string.ascii_uppercase for number in range(100)]


def test_there_are_two_and_twenty_chapters_of_blocks_in_order() -> None:
    assert len(CHAPTERS) == 22
    blocks = [block for chapter in CHAPTERS[:21] for block in chapter.blocks]
    assert [block.first for block in blocks] == sorted(block.first for block in blocks)
    assert all(block.first <= block.last for block in blocks)
    assert all(one.last < other.first for one, other in itertools.pairwise(blocks))


def test_a_category_lies_in_at_most_one_chapter_and_one_block() -> None:
    for category in CATEGORIES:
        assert sum(category in chapter.codes for chapter in CHAPTERS) <= 1
        assert len(groups_of(category)) <= 2
    assert len({chapter.label for chapter in CHAPTERS}) == 22


@pytest.mark.parametrize(
    ("category", "chapter", "block"),
    [
        ("N18", "Kidneys, urinary tract and genitals (N00-N99)", "N17-N19"),
        ("C50", "Neoplasms (C00-D48)", "C50"),
        ("D48", "Neoplasms (C00-D48)", "D37-D48"),
        ("D50", "Blood and immunity (D50-D89)", "D50-D53"),
        ("H59", "Eye (H00-H59)", "H55-H59"),
        ("H60", "Ear (H60-H95)", "H60-H62"),
        ("W19", "Outer causes (V01-Y98)", "V01-X59"),
        ("U07", "Special purposes (U00-U85)", "U00-U49"),
    ],
)
def test_a_diagnosis_has_its_chapter_and_block(category: str, chapter: str, block: str) -> None:
    assert groups_of(category) == (chapter, block)


def test_what_is_no_category_lies_nowhere() -> None:
    assert groups_of("D49") == ()
    assert groups_of("X") == ()


@pytest.mark.parametrize("code", ["N18", "N18.5", "N185", "Q61.2", "m4500", "A170D", "I10X"])
def test_a_code_is_known_by_its_shape_with_or_without_dot(code: str) -> None:
    assert is_icd10(code)
    assert "." not in plain_icd10(code)
    assert plain_icd10(code).isupper()


@pytest.mark.parametrize("code", ["", "N1", "18.5", "HP:0000107", "N18.5.1", "12345678"])
def test_what_has_another_shape_is_no_code(code: str) -> None:
    assert not is_icd10(code)
