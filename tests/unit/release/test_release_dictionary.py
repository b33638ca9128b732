from __future__ import annotations

from pathlib import Path

import pytest

from gecip.cli import main
from gecip.model.dictionary import UNDESCRIBED
from gecip.release import open_release
from tests.handmade import person, write_release


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_release(
        tmp_path / "r",
        participant=[person(110000011, favourite_colour="blue")],
        scores=[{"participant_id": 110000011, "score": 1.5}],
    )


def test_a_release_speaks_of_what_it_has_and_keeps_what_nobody_described(folder: Path) -> None:
    dictionary = open_release(folder).dictionary
    assert [article.name for article in dictionary.articles] == ["participant", "scores"]
    (colour,) = dictionary.search("favourite").articles[0].columns
    assert colour.description == UNDESCRIBED
    assert dictionary.table("scores").articles[0].columns[1].type.value == "decimal"


def test_a_search_says_where_the_programmes_own_releases_say_more(folder: Path) -> None:
    found = open_release(folder).dictionary.search("radiotherapy")
    assert found.articles == ()
    assert found.beyond == "The programme's own releases say more of it: in rtds."
    assert "in rtds" in found._repr_html_()
    assert "in rtds" in found.text()


def test_no_participants_value_stands_in_it(folder: Path) -> None:
    dictionary = open_release(folder).dictionary
    assert "blue" not in dictionary.page() + dictionary.text() + dictionary._repr_html_()
    assert "110000011" not in dictionary.page()


def test_the_command_prints_a_table_or_a_search(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dictionary", "mortality"], {}) == 0
    assert "date_of_death  [date, quasi-identifier]" in capsys.readouterr().out
    assert main(["dictionary", "--search", "radiotherapy"], {}) == 0
    assert "rtds" in capsys.readouterr().out
    assert main(["dictionary", "--release", str(folder)], {}) == 0
    said = capsys.readouterr().out
    assert "scores (2 columns)" in said
    assert "hes_apc" not in said


def test_a_table_that_is_not_there_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["dictionary", "mortalty"], {}) == 2
    assert "did you mean 'mortality'?" in capsys.readouterr().err


def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "dictionary.html"
    assert main(["dictionary", "--html", str(page)], {}) == 0
    assert capsys.readouterr().out.startswith(f"Wrote {page}: ")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [entry.name for entry in tmp_path.iterdir()] == ["dictionary.html"]
