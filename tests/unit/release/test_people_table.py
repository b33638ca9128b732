from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from gecip.errors import InputError
from gecip.release.people_table import PeopleTable, read_people_table

SAMPLES = ("HG1", "HG2", "HG3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.tsv"


def read(path: Path, text: str | bytes, *, id_column: str | None = None) -> PeopleTable:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_people_table(path, id_column=id_column, vcf_samples=SAMPLES)


def problems(path: Path, text: str | bytes, *, id_column: str | None = None) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(path, text, id_column=id_column)
    assert all(sentence.startswith(str(path)) for sentence in refused.value.problems)
    return [sentence.removeprefix(str(path)) for sentence in refused.value.problems]


def problem(path: Path, text: str | bytes, *, id_column: str | None = None) -> str:
    (sentence,) = problems(path, text, id_column=id_column)
    return sentence


# -- what is kept -------------------------------------------------------------------------------------


def test_all_columns_are_kept_in_the_narrowest_type(path: Path) -> None:
    people = read(
        path, "sample\tage\tscore\tseen\tcode\nHG1\t30\t0.5\t2020-01-31\t007\nHG2\tNA\t1\t\t1\n"
    )
    frame = people.frame
    assert list(frame)[:6] == ["participant_id", "sample", "age", "score", "seen", "code"]
    assert frame["age"].tolist() == [30, pd.NA]
    assert frame["score"].tolist() == [0.5, 1.0]
    assert frame["seen"].tolist() == [datetime.date(2020, 1, 31), None]
    assert frame["code"].tolist() == ["007", "1"]


@pytest.mark.parametrize("name", ["participant_id", "platekey", "sample"])
def test_each_of_three_columns_may_name_the_people(path: Path, name: str) -> None:
    people = read(path, f"sex\t{name}\nmale\tHG1\n")
    assert people.frame["participant_id"].tolist() == ["HG1"]
    assert (people.samples, people.sample_column) == (("HG1",), name)


def test_another_column_can_be_named(path: Path) -> None:
    people = read(path, "who\tage\nHG1\t3\n", id_column="who")
    assert people.frame["participant_id"].tolist() == ["HG1"]
    assert people.samples == ("HG1",)


def test_a_participant_may_have_another_name_than_the_sample_or_none(path: Path) -> None:
    people = read(path, "participant_id\tplatekey\n7\tHG1\n8\t\n")
    assert people.frame["participant_id"].tolist() == [7, 8]
    assert people.samples == ("HG1", None)
    assert read(path, "participant_id\twell\n7\tHG1\n", id_column="well").samples == ("HG1",)


def test_ids_are_numbers_only_if_all_of_them_come_back_as_written(path: Path) -> None:
    assert read(path, "sample\n12\n3\n").frame["participant_id"].tolist() == [12, 3]
    assert read(path, "sample\n12\n03\n").frame["participant_id"].tolist() == ["12", "03"]


def test_a_byte_order_mark_windows_lines_quotes_and_commas_are_read(path: Path) -> None:
    frame = read(path, b'\xef\xbb\xbfsample,"place, of birth"\r\nHG1,"Ely, Cambs"\r\n\r\n').frame
    assert frame["participant_id"].tolist() == ["HG1"]
    assert frame["place, of birth"].tolist() == ["Ely, Cambs"]


def test_sex_and_family_are_understood(path: Path) -> None:
    text = "sample\tsex\tfamily_id\nHG1\tmale\tF1\nHG2\t2\tF1\nHG3\tF\t\n"
    frame = read(path, text).frame
    assert frame["participant_phenotypic_sex"].tolist() == ["Male", "Female", "Female"]
    assert frame["rare_diseases_family_id"].tolist() == ["F1", "F1", None]
    assert frame["sex"].tolist() == ["male", "2", "F"]


def test_a_sex_that_is_not_understood_is_counted(path: Path) -> None:
    people = read(path, "sample\tsex\nHG1\tmale\nHG2\t0\nHG3\tx\n")
    assert people.frame["participant_phenotypic_sex"].tolist() == ["Male", None, None]
    (notice,) = people.notices
    assert "1 value of 'sex' is none of male, female" in notice


def test_without_a_consent_column_everybody_consents_and_it_is_said(path: Path) -> None:
    people = read(path, "sample\nHG1\n")
    assert people.consent_assumed
    assert people.frame["programme_consent_status"].tolist() == ["Consenting"]


def test_a_consent_column_is_followed(path: Path) -> None:
    people = read(
        path,
        "sample\tprogramme_consent_status\nHG1\tconsenting\nHG2\tWithdrawn (Full)\nHG3\tyes\n",
    )
    assert not people.consent_assumed
    assert people.frame["programme_consent_status"].tolist() == [
        "Consenting",
        "Withdrawn (Full)",
        "yes",
    ]
    (notice,) = people.notices
    assert "1 value of 'programme_consent_status' is none of" in notice


# -- what is refused ----------------------------------------------------------------------------------


def test_a_consent_column_that_would_be_passed_over_or_means_nobody_is_refused(path: Path) -> None:
    assert "the column 'consent_given' seems to speak of consent" in problem(
        path, "sample\tconsent_given\nHG1\tno\n"
    )
    assert "nobody's programme_consent_status is 'Consenting'" in problem(
        path, "sample\tprogramme_consent_status\nHG1\tyes\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "HG1\tGBR\nHG2\tFIN\n",  # a sample of the VCF
        "NA18000\tGBR\nNA18001\tFIN\n",  # shaped like the ids below it
        "anna\tGBR\nberta\tGBR\n",  # a value that comes again in its own column
    ],
)
def test_a_file_without_a_header_is_refused_and_nothing_of_its_first_line_shown(
    path: Path, text: str
) -> None:
    sentence = problem(path, text)
    assert "line 1: this is already a row, not the names of the columns" in sentence
    assert not any(word in sentence for word in text.split("\n")[0].split("\t"))


def test_a_missing_id_column_is_told_with_those_looked_for_and_those_there(path: Path) -> None:
    sentence = problem(path, "individual\tpopulation\nA\tGBR\nB\tFIN\n")
    assert "no column participant_id or platekey or sample" in sentence
    assert "(there are: individual, population)" in sentence
    assert "--id-column" in sentence
    assert "no column who" in problem(path, "sample\tage\nHG9\t3\n", id_column="who")


def test_ids_that_occur_twice_or_are_missing_are_counted_and_never_shown(path: Path) -> None:
    found = problems(path, "sample\nHG1\nHG2\nHG1\n\nHG1\n")
    assert found == [
        ", lines 4, 6: 2 ids in 'sample' occurred before: keep one row for each person."
    ]
    assert ", line 3: 1 row has no id in 'sample'" in problem(path, "sample\tage\nHG1\t1\nNA\t2\n")
    assert "1 id in 'platekey' occurred before" in problem(
        path, "participant_id\tplatekey\n1\tHG1\n2\tHG1\n"
    )


def test_bad_utf8_is_refused_at_its_line_and_byte(path: Path) -> None:
    sentence = problem(path, b"sample\tname\nHG1\tx\nHG2\tM\xfcller\n")
    assert ", line 3, byte 6: this is not UTF-8" in sentence
    assert "iconv" in sentence


def test_what_is_no_text_is_told_by_kind(path: Path) -> None:
    assert "spreadsheet" in problem(path, b"PK\x03\x04xl/workbook.xml")
    assert "spreadsheet" in problem(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert "unpack it with `gunzip`" in problem(path, b"\x1f\x8b\x08")
    assert "this is UTF-16" in problem(path, "sample\n".encode("utf-16"))
    assert "this is not a text file" in problem(path, b"sample\0\n")
    assert "this file is empty" in problem(path, b" \n")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_people_table(tmp_path / "absent.tsv", id_column=None)
    with pytest.raises(InputError, match="this is a folder"):
        read_people_table(tmp_path, id_column=None)


def test_other_separators_are_refused(path: Path) -> None:
    assert "parted by semicolons" in problem(path, "sample;sex\nHG1;male\n")
    assert "parted by spaces" in problem(path, "sample sex\nHG1 male\n")


def test_rows_of_another_length_are_counted_with_their_lines(path: Path) -> None:
    sentence = problem(path, "sample\tsex\nHG1\nHG2\tmale\nHG3\tmale\t1\n")
    assert ", lines 2, 4: 2 rows have not the header's 2 columns" in sentence


def test_an_open_quotation_mark_is_refused_where_it_begins(path: Path) -> None:
    assert ", line 3: a quotation mark" in problem(path, 'sample\tnote\nHG1\tx\nHG2\t"open\n')


def test_columns_without_a_name_or_with_the_same_are_refused_together(path: Path) -> None:
    assert problems(path, "sample\t\tage\tage\nHG1\t1\t2\t3\n") == [
        ", line 1: column 2 has no name: give it one, or remove it.",
        ", line 1: age names several columns: rename them.",
    ]


def test_a_header_alone_is_refused(path: Path) -> None:
    assert "there are no people" in problem(path, "sample\tsex\n")


def test_a_column_of_the_model_holds_what_the_model_says(path: Path) -> None:
    sentence = problem(path, "sample\tyear_of_birth\nHG1\t1980\nHG2\tabout 1990\n")
    assert ", line 3: 1 value of 'year_of_birth' should be a whole number" in sentence
    assert "1990" not in sentence
