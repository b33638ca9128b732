from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from gecip.airlock import Verdict, check_files, filter_variants
from gecip.cli import main
from gecip.errors import ExportError, InputError
from gecip.release import open_release
from tests.handmade import person, write_release
from tests.unit.airlock.handmade_exports import content_of, lines, scan, zipped

SMALL = lines(("group", "people"), ("Renal", 12), ("Skin", 3))
LARGE = lines(("group", "people"), ("Renal", 12), ("Skin", 30))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "code"), [(LARGE, 0), (SMALL, 1)])
def test_the_exit_code_says_whether_a_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    path = written(tmp_path, "table.csv", text)
    assert main(["airlock", "check", str(path)], {}) == code
    said = capsys.readouterr().out
    assert said.startswith(f"{'PASS' if code == 0 else 'FAIL':6}  {path}")
    assert ("write <5 for each count" in said) is bool(code)


@pytest.mark.parametrize(
    "words", [["airlock"], ["airlock", "check"], ["airlock", "check", "no-such-file.csv"]]
)
def test_what_cannot_be_checked_is_another_exit_code(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words, {}) == 2
    assert capsys.readouterr().err


def test_every_missing_file_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        check_files([tmp_path / "a.csv", tmp_path / "b.csv"], releases=[])
    assert len(error.value.problems) == 2
    with pytest.raises(InputError, match="No files are named"):
        check_files([], releases=[])


def test_the_report_for_a_program_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["airlock", "check", "--json", str(written(tmp_path, "table.csv", SMALL))], {})
    report = json.loads(capsys.readouterr().out)
    (finding,) = report["files"][0]["findings"]
    assert (report["verdict"], finding["rule"], finding["source"][:18]) == (
        "FAIL",
        "small_counts",
        "RD:airlock_rules, ",
    )


def test_a_folder_is_checked_file_by_file_and_a_store_as_a_whole(tmp_path: Path) -> None:
    written(tmp_path, "out/a.csv", LARGE)
    written(tmp_path, "out/deeper/b.csv", SMALL)
    written(tmp_path, "out/calls.mt/rows/part-0", "x")
    report = check_files([tmp_path / "out"], releases=[])
    assert {Path(file.name).name: file.verdict for file in report.files} == {
        "a.csv": Verdict.PASS,
        "b.csv": Verdict.FAIL,
        "calls.mt": Verdict.FAIL,
    }
    assert (report.refused, report.verdict) == (2, Verdict.FAIL)


def test_a_releases_own_names_are_found_and_those_of_another_are_not(tmp_path: Path) -> None:
    folder = write_release(
        tmp_path / "release",
        participant=[person(110000011)],
        aggregate_gvcf_sample_stats=[{"participant_id": 110000011, "platekey": "HG00096"}],
    )
    path = written(tmp_path, "samples.csv", lines(("run", "n"), ("HG00096", 12)))
    own = check_files([path], releases=[open_release(folder)])
    assert [finding.rule.name for finding in own.files[0].findings] == ["identifiers"]
    assert own.releases == ("release",)
    assert check_files([path], releases=[]).verdict is Verdict.PASS


def test_releases_of_the_catalogue_are_taken_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_release(tmp_path / "releases" / "mine", participant=[person(110000011)])
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path / "releases"))
    path = written(tmp_path, "parts.csv", lines(("key", "n"), ("00011", 12)))
    assert check_files([path]).verdict is Verdict.FAIL
    assert check_files([path], releases=[]).verdict is Verdict.PASS


def test_a_count_that_happens_to_be_somebodys_number_is_a_count(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release", participant=[person(77001)])
    for head, verdict in (("people", Verdict.PASS), ("key", Verdict.FAIL)):
        path = written(
            tmp_path, f"{head}.csv", lines(("group", head), ("Renal", 77001), ("Skin", 80123))
        )
        assert check_files([path], releases=[folder]).verdict is verdict


def test_no_report_repeats_an_identifier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path, "111000012.csv", lines(("LP3000204-DNA_B11", "note"), (111000012, "HX98765432"))
    )
    assert main(["airlock", "check", str(path)], {}) == 1
    said = capsys.readouterr()
    report = check_files([path], releases=[])
    for word in ("111000012", "LP3000204", "HX98765432"):
        assert word not in f"{said.out}{said.err}{report!r}{report.files!r}{report.as_document()}"
    assert "file 1 (its name holds an identifier)" in said.out


def test_a_broken_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for name, content in (
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("a.pdf", b"%PDF-1.7 nothing"),
        ("a.xlsx", b"PK\x03\x04nothing"),
        ("a.ipynb", b"{nothing"),
        ("a.svg", b"<svg><g></svg>"),
        ("a.docx", b"PK\x03\x04nothing"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        (file,) = check_files([path], releases=[]).files
        assert {finding.rule.name for finding in file.findings} == {"unreadable"}, name
        assert file.verdict is Verdict.FAIL


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert check_files([written(tmp_path, "empty.csv", "")], releases=[]).verdict is Verdict.PASS


def test_archives_within_archives_are_looked_through(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(content_of(zipped(inner__zip=lambda: content_of(zipped(table__csv=SMALL)))))
    (file,) = check_files([path], releases=[]).files
    assert [finding.rule.name for finding in file.findings] == ["small_counts"]


# -- long tables ------------------------------------------------------------------------------------------------------


def long_scan(rows: int, **changes: str) -> str:
    """Return a table of so many variants that it is read batch by batch; `changes` stand in its last row."""
    row = {
        "chrom": "1",
        "pos": "155239934",
        "id": "rs111000012",
        "ref": "A",
        "alt": "G",
        "a1freq": "0.2",
        "n": "61279",
        "p": "0.4",
    }
    plain = "\t".join(row.values()) + "\n"
    last = "\t".join((row | changes).values()) + "\n"
    return "\t".join(row) + "\n" + plain * (rows - 1) + last


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"a1freq": "0.0049"}, {"bulk_variants"}),
        ({"a1freq": "0.9951"}, {"bulk_variants"}),
        ({"a1freq": "<5"}, {"bulk_variants"}),
        ({"n": "40"}, {"bulk_variants"}),
        ({"id": "LP3000204-DNA_B11"}, {"identifiers"}),
        ({"id": "seen in 226000031"}, {"identifiers"}),
        ({"p": "111000012"}, set()),
        ({"p": "of 111000012"}, {"identifiers"}),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_long_result_is_read_to_its_last_row(
    tmp_path: Path, changes: dict[str, str], rules: set[str], packed: bool
) -> None:
    text = long_scan(30_000, **changes).encode()
    path = tmp_path / ("gwas.tsv.gz" if packed else "gwas.tsv")
    path.write_bytes(gzip.compress(text) if packed else text)
    (file,) = check_files([path], releases=[]).files
    assert {
        finding.rule.name for finding in file.findings if finding.verdict is Verdict.FAIL
    } == rules


def test_a_long_result_parted_by_blanks_is_read_as_one_parted_by_tabs(tmp_path: Path) -> None:
    text = "".join(
        "  " + line.replace("\t", "   ") + "\n"
        for line in long_scan(30_000, a1freq="0.001").splitlines()
    )
    (file,) = check_files([written(tmp_path, "plink.assoc", text)], releases=[]).files
    assert [finding.rule.name for finding in file.findings] == ["bulk_variants"]
    assert "30,000 variants" in file.findings[0].sentence
    assert ", and 1 of them" in file.findings[0].sentence


@pytest.mark.slow
def test_long_tables_of_people_are_judged_in_pieces(tmp_path: Path) -> None:
    rows = [(f"gene {number}", 12 if number != 59_999 else 3, "Renal") for number in range(60_000)]
    path = written(tmp_path, "counts.csv", lines(("name", "people", "disease"), *rows))
    (file,) = check_files([path], releases=[]).files
    assert [finding.rule.name for finding in file.findings] == ["small_counts"]
    assert "row 60,000" in file.findings[0].sentence


def test_lines_that_fit_no_head_are_read_for_identifiers_and_shown_to_a_person(
    tmp_path: Path,
) -> None:
    text = long_scan(30_000) + "1\tLP3000204-DNA_B11\n"
    (file,) = check_files([written(tmp_path, "gwas.tsv", text)], releases=[]).files
    assert {finding.rule.name for finding in file.findings} == {"identifiers", "unreadable"}


# -- cutting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", ["cut.tsv", "cut.tsv.gz"])
def test_a_result_is_cut_to_what_then_passes(
    tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, "gwas.tsv", scan(400, odd=7, frequency=0.001))
    assert check_files([source], releases=[]).verdict is Verdict.FAIL
    assert main(["airlock", "filter", str(source), str(tmp_path / out)], {}) == 0
    assert "393 of 400 variants" in capsys.readouterr().out
    assert check_files([tmp_path / out], releases=[]).verdict is Verdict.PASS
    opened = gzip.open if out.endswith("gz") else open
    with opened(tmp_path / out, "rt", encoding="utf-8") as file:
        kept = file.read().splitlines()
    assert kept == [
        line for number, line in enumerate(source.read_text().splitlines()) if not 1 <= number <= 7
    ]


@pytest.mark.parametrize(
    ("header", "row", "kept"),
    [
        ("rsid AF AC", "rs1 0.005 20", 1),
        ("rsid AF AC", "rs1 0.005 19", 0),
        ("rsid MAF N", "rs1 0.005 2000", 1),
        ("rsid MAF N", "rs1 0.005 1999", 0),
        ("rsid AC AN", "rs1 3990 4000", 0),
        ("rsid AC AN", "rs1 3980 4000", 1),
        ("rsid MAC AN", "rs1 20 4000", 1),
        ("rsid AF n_cases n_controls", "rs1 0.996 500 2000", 0),
        ("rsid AF n_cases n_controls", "rs1 0.994 500 2000", 1),
        ("rsid AF AC", "rs1 . 20", 0),
    ],
)
def test_frequency_and_count_are_those_of_the_rarer_allele(
    tmp_path: Path, header: str, row: str, kept: int
) -> None:
    source = written(
        tmp_path, "gwas.tsv", "\t".join(header.split()) + "\n" + "\t".join(row.split()) + "\n"
    )
    assert filter_variants(source, tmp_path / "cut.tsv").kept == kept


def test_a_result_that_does_not_tell_is_not_cut(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not tell the frequency and the count"):
        filter_variants(written(tmp_path, "gwas.tsv", "rsid\tAF\nrs1\t0.2\n"), tmp_path / "cut.tsv")
    with pytest.raises(InputError, match="no such file"):
        filter_variants(tmp_path / "none.tsv", tmp_path / "cut.tsv")
    assert not (tmp_path / "cut.tsv").exists()
