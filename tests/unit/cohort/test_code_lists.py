"""Code lists: what a file must say, every fault with its line and its way out, and the lists of the domains."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.cohort.code_lists import (
    DOMAINS,
    HEADER,
    CodeList,
    CodeSystem,
    _verhoeff,
    code_lists,
    read_code_list,
)
from gecip.cohort.ontology import current_term
from gecip.domain import ENTRY_POINT_GROUP
from gecip.errors import CohortError, InputError

HEADS = {
    "title": "Kidneys",
    "system": "ICD-10",
    "source": "Read for this test",
    "version": "1",
    "author": "The lead of a domain",
    "licence": "Apache-2.0",
}


def written(folder: Path, *rows: str, head: dict[str, str] | None = None) -> Path:
    lines = [f"# {name}: {value}" for name, value in {**HEADS, **(head or {})}.items() if value]
    path = folder / "kidneys.csv"
    path.write_text("\n".join([*lines, "code,meaning", *rows]) + "\n", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        read_code_list(path)
    return [problem.removeprefix(f"{path}, ") for problem in error.value.problems]


# ---------------------------------------------------------------------------------------------------------------------
# What a list is
# ---------------------------------------------------------------------------------------------------------------------


def test_a_list_is_its_codes_in_order_as_the_tables_write_them(tmp_path: Path) -> None:
    codes = read_code_list(written(tmp_path, "N18.5,the last stage", "q61", "", "N28.1,"))
    assert list(codes) == ["N185", "Q61", "N281"]
    assert (len(codes), codes.name, codes.system) == (3, "kidneys", CodeSystem.ICD10)
    assert codes.meanings == {"N185": "the last stage"}
    assert "N18.5" in codes
    assert "N18" not in codes
    assert 5 not in codes
    assert repr(codes) == "CodeList('kidneys', ICD-10, codes=3, version='1')"


def test_a_list_is_a_value(tmp_path: Path) -> None:
    one, other = (read_code_list(written(tmp_path, "N18,kidney")) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert {name: getattr(one, name) for name in HEADER if name != "system"} == {
        name: value for name, value in HEADS.items() if name != "system"
    }


def test_a_meaning_may_hold_commas(tmp_path: Path) -> None:
    codes = read_code_list(written(tmp_path, '"N18","kidney, of any stage"', "N19,kidney, other"))
    assert codes.meanings == {"N18": "kidney, of any stage", "N19": "kidney, other"}


@pytest.mark.parametrize(
    ("system", "code"),
    [("OPCS-4", "M01.2"), ("HPO", "HP:0000107"), ("SNOMED CT", "73211009"), ("icd-10", "I10X")],
)
def test_codes_of_every_system_are_read(system: str, code: str, tmp_path: Path) -> None:
    assert code in read_code_list(written(tmp_path, code, head={"system": system}))


# ---------------------------------------------------------------------------------------------------------------------
# What is wrong
# ---------------------------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path, "N18", "kidney", "N18.", "n18,again", "HP:0000107,cyst")
    assert problems(path) == [
        "line 9: 'kidney' has not the shape of a code of ICD-10: write it as N18 or N18.5.",
        "line 10: 'N18.' has not the shape of a code of ICD-10: write it as N18 or N18.5.",
        "line 11: the code 'n18' stands in line 8 already: keep one of them.",
        "line 12: 'HP:0000107' is a code of HPO in a list of ICD-10: put it into a list of its own.",
    ]


def test_a_header_says_everything_once(tmp_path: Path) -> None:
    path = written(tmp_path, "N18", head={"licence": "", "author": "", "colour": "blue"})
    said = problems(path)
    assert "line 5: the header has no 'colour'" in said[0]
    assert said[1] == (
        "line 1: the header does not say author, licence: add '# author: …' at the top."
    )
    path.write_text("# title: A\n# title: B\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert any("says its title twice" in problem for problem in problems(path))


def test_a_system_that_is_not_known_is_told_with_those_that_are(tmp_path: Path) -> None:
    (said,) = problems(written(tmp_path, "N18", head={"system": "ICD-9"}))
    assert said == (
        "line 2: 'ICD-9' is no system of codes known here: write one of ICD-10, OPCS-4, SNOMED CT, HPO."
    )


def test_an_obsolete_term_names_its_successor(tmp_path: Path) -> None:
    said = problems(written(tmp_path, "HP:0000057", "HP:9999999", head={"system": "HPO"}))
    assert "write 'HP:0008665', which replaced it" in said[0]
    assert "no current term 'HP:9999999'" in said[1]


def test_texts_of_snomed_stay_out_and_its_numbers_are_checked(tmp_path: Path) -> None:
    said = problems(
        written(tmp_path, "73211009,text", "73211008", "N18", head={"system": "SNOMED CT"})
    )
    assert "licensed: leave the meaning empty" in said[0]
    assert "check its last digits" in said[1]
    assert "is a code of ICD-10 in a list of SNOMED CT" in said[2]


@given(st.integers(10**5, 10**16), st.integers(0, 9))
def test_a_check_digit_finds_every_single_wrong_digit(number: int, wrong: int) -> None:
    (right,) = [digit for digit in range(10) if _verhoeff(f"{number}{digit}") == 0]
    assert (_verhoeff(f"{number}{wrong}") == 0) == (wrong == right)
    # Neighbours exchanged are found as well.
    text = f"{number}{right}"
    swapped = text[1] + text[0] + text[2:]
    assert (_verhoeff(swapped) == 0) == (swapped == text)


def test_a_file_without_codes_or_without_their_heading_says_so(tmp_path: Path) -> None:
    assert problems(written(tmp_path)) == ["line 7: there is no code below this line: add some."]
    path = tmp_path / "kidneys.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("code,meaning", "N18"), encoding="utf-8"
    )
    assert "line 7: the header is followed by the line 'code,meaning'" in problems(path)[0]
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_code_list(path)


def test_a_list_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match=r"there is no such code list.*tuberculosis"):
        read_code_list(tmp_path / "none.csv")
    with pytest.raises(CohortError, match="did you mean 'infectious_disease/tuberculosis'"):
        read_code_list("infectious_disease/tuberculosiss")


# ---------------------------------------------------------------------------------------------------------------------
# The lists of the domains
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", code_lists())
def test_every_list_of_a_domain_is_read_and_says_where_it_comes_from(name: str) -> None:
    codes = read_code_list(name)
    assert isinstance(codes, CodeList)
    assert codes == read_code_list(code_lists()[name])
    assert codes.author.startswith("The lead of ")
    assert codes.licence == "Apache-2.0"
    if codes.system is CodeSystem.HPO:
        assert all(current_term(code) == code for code in codes)


def test_every_domain_has_a_list() -> None:
    domains = {entry.name for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)}
    assert {name.partition("/")[0] for name in code_lists()} == domains
    assert DOMAINS == ENTRY_POINT_GROUP


def test_a_list_goes_by_its_short_name_where_only_one_has_it() -> None:
    assert list(read_code_list("tuberculosis")) == ["A15", "A16", "A17", "A18", "A19", "B90"]
