"""regenie's results read back, by its columns and conventions."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.errors import InputError
from gecip.genotypes.regenie_files import import_from_regenie

HEADER = "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA\n"


def test_results_become_a_table_of_association(tmp_path: Path) -> None:
    path = tmp_path / "step2_Y1.regenie"
    path.write_text(
        f"##MASKS=<LoF>\n{HEADER}1 100 a C T 0.9 1 50 ADD -0.5 0.1 25 6.24 NA\n23 7 b A G 0.25 1 40 ADD NA NA NA NA TEST_FAIL\n",
        encoding="utf-8",
    )
    found = import_from_regenie(path)
    first = found.iloc[0]
    assert first[["contig", "position", "reference", "alternate"]].tolist() == [
        "chr1",
        100,
        "C",
        "T",
    ]
    assert (first["n"], first["minor_allele_count"], first["beta"]) == (50, 10, -0.5)
    assert first["p_value"] == pytest.approx(10**-6.24)
    assert first["log10_p"] == -6.24
    assert found.loc[1, "contig"] == "chrX"
    assert found.loc[1, ["beta", "p_value"]].isna().all()


def test_what_is_no_result_of_regenies_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("a b\n1 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column CHROM"):
        import_from_regenie(path)
    with pytest.raises(InputError, match="no such file"):
        import_from_regenie(tmp_path / "none")
