"""Files of polygenic scores as the PGS Catalog has them: formatted, harmonised, gzipped, and wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gecip.errors import InputError
from gecip.release.score_files import read_score_file

HEADER = (
    "###PGS CATALOG SCORING FILE\n#format_version=2.0\n#pgs_id=PGS000001\n#genome_build={build}\n"
)
COLUMNS = "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"


def write(folder: Path, text: str, name: str = "score.txt") -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["score.txt", "score.txt.gz"])
@pytest.mark.parametrize(("build", "assembly"), [("GRCh38", "GRCh38"), ("hg19", "GRCh37")])
def test_a_formatted_file_is_read_with_its_header(
    tmp_path: Path, name: str, build: str, assembly: str
) -> None:
    text = (
        HEADER.format(build=build) + f"{COLUMNS}\nrs1\t1\t100\ta\tG\t-0.5\nrs2\tX\t7\tC\t\t1e-3\n"
    )
    found = read_score_file(write(tmp_path, text, name))
    assert (found.name, found.assembly) == ("PGS000001", assembly)
    assert found.rows["contig"].tolist() == ["chr1", "chrX"]
    assert found.rows["effect_allele"].tolist() == ["A", "C"]
    assert found.rows["weight"].tolist() == [-0.5, 0.001]
    assert found.rows["other_allele"].isna().tolist() == [False, True]
    assert found.rows["effect_frequency"].isna().all()


def test_the_catalogs_own_positions_are_taken_where_it_has_harmonised_them(tmp_path: Path) -> None:
    header = HEADER.format(build="GRCh37") + "#HmPOS_build=GRCh38\n"
    columns = f"{COLUMNS}\tallelefrequency_effect\tis_dominant\thm_source\thm_chr\thm_pos"
    text = f"{header}{columns}\nrs1\t1\t100\tA\tG\t1\t0.3\tTrue\tENSEMBL\t2\t222\nrs2\t1\t101\tA\tG\t1\t0.4\tFalse\tUnknown\t\t\n"
    found = read_score_file(write(tmp_path, text))
    assert found.assembly == "GRCh38"
    assert found.rows.loc[0, ["contig", "position"]].tolist() == ["chr2", 222]
    assert found.rows["position"].isna().tolist() == [False, True]
    assert found.rows["is_additive"].tolist() == [False, True]
    assert found.rows["effect_frequency"].tolist() == [0.3, 0.4]


def test_what_the_header_does_not_say_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER.format(build="NR") + f"{COLUMNS}\nrs1\t1\t100\tA\tG\t1\n")
    with pytest.raises(InputError, match="on which assembly"):
        read_score_file(path)
    assert read_score_file(path, assembly="GRCh37").assembly == "GRCh37"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("#pgs_id=x\n", "nothing in it but a header"),
        ("rsID\teffect_allele\teffect_weight\nrs1\tA\t1\n", "no column chr_name, chr_position"),
        (
            f"#genome_build=GRCh38\n{COLUMNS}\nrs1\t1\tten\tA\tG\t1\n",
            "row 1: chr_position is not a number",
        ),
        (f"#genome_build=GRCh38\n{COLUMNS}\nrs1\t1\t10\tA\tG\t\n", "row 1 has no effect_weight"),
        (f"#genome_build=GRCh99\n{COLUMNS}\nrs1\t1\t10\tA\tG\t1\n", "'GRCh99' is no assembly"),
        (f"#genome_build=GRCh38\n{COLUMNS}\nrs1\t1\t10\tA\tG\t1\t9\n", "row 1 has more values"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_row(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        read_score_file(write(tmp_path, text))


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_score_file(tmp_path / "none.txt")
    with pytest.raises(InputError, match="cannot be read as text"):
        read_score_file(write(tmp_path, "plain", "score.txt").rename(tmp_path / "score.txt.gz"))
