"""`.ped` files: what is written comes back, and what cannot be read says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.analysis.genetic.pedigree_files import read_ped, write_ped
from gecip.errors import InputError

TRIO = "F1 child dad mum 1 2\nF1 dad 0 0 1 1\nF1 mum 0 0 2 0\nF2 alone 0 0 0 -9 and more\n"


def _file(folder: Path, text: str) -> Path:
    file = folder / "some.ped"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Links, sexes and affection survive, and unknown ones stay unknown."""
    read = read_ped(_file(tmp_path, "#a header\n\n" + TRIO))
    again = read_ped(write_ped(read, tmp_path / "again.ped"))
    assert again.families == read.families
    child = again.families["F1"].members[0]
    assert (child.key, child.father, child.mother, child.sex, child.affected) == (
        "child", "dad", "mum", "Male", True,
    )  # fmt: skip
    assert child.is_proband
    assert again.families["F1"].members[2].affected is None
    assert again.families["F2"].members[0].sex is None
    assert "do not say who" in again.remarks[0].sentence


def test_who_the_proband_is_can_be_said(tmp_path: Path) -> None:
    """A named proband is taken, and nothing is remarked of having guessed."""
    read = read_ped(_file(tmp_path, TRIO), probands={"F1": "mum", "F2": "alone"})
    assert read.families["F1"].proband is not None
    assert read.families["F1"].proband.key == "mum"
    assert not any("do not say who" in remark.sentence for remark in read.remarks)


def test_other_names_are_written(tmp_path: Path) -> None:
    """Platekeys stand in the place of numbers, for parents too."""
    read = read_ped(_file(tmp_path, TRIO))
    text = write_ped(read, tmp_path / "out.ped", names={"dad": "LP1-DNA_A01"}).read_text()
    assert "F1\tchild\tLP1-DNA_A01\tmum\t1\t2" in text.splitlines()
    with pytest.raises(InputError, match="one name"):
        write_ped(read, tmp_path / "bad.ped", names={"dad": "mum"})
    assert not (tmp_path / "bad.ped").exists()


def test_a_circle_is_cut_and_remarked(tmp_path: Path) -> None:
    """Two who are each other's parents are drawn as parents of nobody."""
    read = read_ped(_file(tmp_path, "F a b 0 1 2\nF b a 0 1 1\n"))
    assert all(one.father is None for one in read.families["F"].members)
    assert any("own ancestor" in remark.sentence for remark in read.remarks)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no line with a member"),
        ("F a 0 0 1\n", "line 1: it has 5 columns and needs six"),
        (TRIO + "F3 b 0 0 3 1\n", "line 5: the sex"),
        (TRIO + "F3 b 0 0 1 7\n", "line 5: the affection"),
        (TRIO + "F1 mum 0 0 2 1\n", "line 5: its member stands in the family a second time"),
    ],
)
def test_bad_lines_are_named_by_number(tmp_path: Path, text: str, sentence: str) -> None:
    """And by no name of a person."""
    with pytest.raises(InputError, match=sentence) as caught:
        read_ped(_file(tmp_path, text))
    assert "mum" not in str(caught.value)
