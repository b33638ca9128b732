from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from domains.infectious_disease.resistance_catalogue import (
    joined,
    known_catalogue,
    read_catalogue,
)
from gecip.errors import InputError

HEADER = "drug\tgene\tmutation\tvariant\ttier\tgrade\n"
ROW = "Rifampicin\trpoB\tp.Ser450Leu\trpoB_p.Ser450Leu\t1\t1) Assoc w R\n"


def write(folder: Path, text: str, name: str = "catalogue.tsv") -> Path:
    path = folder / name
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["catalogue.tsv", "catalogue.tsv.gz"])
def test_a_graded_table_is_read_packed_or_plain(tmp_path: Path, name: str) -> None:
    catalogue = read_catalogue(write(tmp_path, HEADER + ROW, name))
    assert catalogue.drugs == ("Rifampicin",)
    assert catalogue.mutations[0].variant == "rpoB_p.Ser450Leu"
    assert catalogue.mutations[0].group == 1


def test_commas_do_as_well_as_tabs(tmp_path: Path) -> None:
    text = "drug,variant,grade\nAmikacin,rrs_n.1401A>G,1) Assoc w R\n"
    assert read_catalogue(write(tmp_path, text, "mine.csv")).places("Amikacin") == [
        (1_473_246, 1_473_246)
    ]


def test_an_empty_gene_beside_the_variants_name_does_no_harm(tmp_path: Path) -> None:
    row = "Capreomycin\t \tn.1000G>A\trrs_n.1000G>A\t1\t3) Uncertain significance\n"
    assert read_catalogue(write(tmp_path, HEADER + row)).mutations[0].gene == "rrs"


def test_every_row_that_cannot_be_used_is_named_with_its_line(tmp_path: Path) -> None:
    text = HEADER + ROW + ROW.replace("1) Assoc", "6) Assoc") + ROW.replace("_p.Ser450Leu", "")
    with pytest.raises(InputError) as caught:
        read_catalogue(write(tmp_path, text))
    assert [problem.split(":")[0].split("line ")[1] for problem in caught.value.problems] == [
        "3",
        "4",
    ]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'grade' is missing"):
        read_catalogue(write(tmp_path, "drug\tvariant\nRifampicin\trpoB_p.Ser450Leu\n"))


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="grades no mutation"):
        read_catalogue(write(tmp_path, HEADER))


def test_a_file_that_is_not_there_or_broken_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_catalogue(tmp_path / "absent.tsv")
    broken = tmp_path / "broken.tsv.gz"
    broken.write_bytes(gzip.compress((HEADER + ROW).encode())[:-9])
    with pytest.raises(InputError, match="damaged"):
        read_catalogue(broken)


def test_the_digest_tells_one_grading_from_another(tmp_path: Path) -> None:
    one = read_catalogue(write(tmp_path, HEADER + ROW))
    other = read_catalogue(write(tmp_path, HEADER + ROW.replace("1) Assoc w R", "2) Assoc")))
    assert one.digest != other.digest


def test_no_mutation_is_graded_twice_for_a_drug() -> None:
    mutations = known_catalogue().mutations
    assert len({(one.drug, one.variant) for one in mutations}) == len(mutations)


def test_stretches_that_touch_become_one() -> None:
    assert joined([(10, 20), (21, 25), (1, 3), (12, 15)]) == [(1, 3), (10, 25)]
