from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from domains.rare_disease.clinical_significance import (
    Significance,
    known_significance,
    read_clinvar,
    significance_of,
)
from gecip.errors import InputError

DAY = datetime.date(2024, 10, 27)
HEADER = """\
##fileformat=VCFv4.1
{date}##contig=<ID=1>
##contig=<ID=MT>
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Significance">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t100\t.\tCAT\tCT\t.\t.\tCLNSIG=Pathogenic/Likely_pathogenic
1\t200\t.\tC\tT\t.\t.\tCLNSIG=Benign
1\t300\t.\tC\tT\t.\t.\tCLNSIG=Pathogenic
1\t400\t.\tC\tT\t.\t.\t.
MT\t50\t.\tA\tG\t.\t.\tCLNSIG=Likely_pathogenic
"""


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("Pathogenic", Significance.PATHOGENIC),
        ("Likely pathogenic", Significance.PATHOGENIC),
        ("Pathogenic/Likely_pathogenic|risk_factor", Significance.PATHOGENIC),
        ("Likely_benign", Significance.BENIGN),
        ("Benign/Likely_benign", Significance.BENIGN),
        ("Conflicting_classifications_of_pathogenicity", Significance.UNCERTAIN),
        ("Conflicting_interpretations_of_pathogenicity|other", Significance.UNCERTAIN),
        ("Uncertain_significance", Significance.UNCERTAIN),
        ("Pathogenic,Benign", Significance.UNCERTAIN),
        ("drug_response", Significance.UNCERTAIN),
        ("", Significance.UNCERTAIN),
    ],
)
def test_clinvars_words_amount_to_three_verdicts(words: str, verdict: Significance) -> None:
    assert significance_of(words) is verdict


def test_what_is_known_is_found_under_any_padding_and_the_rest_is_uncertain() -> None:
    known = known_significance(DAY, {"1-100-CAT-CT": "Pathogenic"})
    assert known.of("chr1:100:CA:C") is Significance.PATHOGENIC
    assert known.of("chr1:101:C:T") is Significance.UNCERTAIN


def write(folder: Path, date: str = "##fileDate=2024-10-27\n") -> Path:
    path = folder / "clinvar.vcf"
    path.write_text(HEADER.format(date=date), encoding="utf-8")
    return path


def test_clinvars_file_is_read_for_the_variants_asked_for(tmp_path: Path) -> None:
    asked = ["chr1:100:CA:C", "chr1:200:C:T", "chr1:400:C:T", "chrM:50:A:G"]
    known = read_clinvar(write(tmp_path), asked)
    assert known.date == DAY
    assert [known.of(one) for one in asked] == [
        Significance.PATHOGENIC,
        Significance.BENIGN,
        Significance.UNCERTAIN,
        Significance.PATHOGENIC,
    ]
    assert len(known.known) == 3


def test_files_that_are_not_clinvars_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no fileDate"):
        read_clinvar(write(tmp_path, date=""), [])
    assert read_clinvar(write(tmp_path, date=""), [], date=DAY).date == DAY
    other = tmp_path / "other.vcf"
    other.write_text(write(tmp_path).read_text(encoding="utf-8").replace("CLNSIG", "SIG"), "utf-8")
    with pytest.raises(InputError, match="no INFO field CLNSIG"):
        read_clinvar(other, [])
    (tmp_path / "text.vcf").write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as a VCF"):
        read_clinvar(tmp_path / "text.vcf", [])
