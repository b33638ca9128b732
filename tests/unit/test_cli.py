from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gecip import __version__
from gecip.cli import main
from gecip.errors import ReleaseError
from gecip.release import open_release
from gecip.synthetic.programme import DEMO_CANCER_PATIENTS, DEMO_PARTICIPANTS, DEMO_SEED
from tests.callsets import vcf_text, write_people, write_vcf
from tests.handmade import person, write_release


@pytest.fixture
def imported(tmp_path: Path) -> list[str]:
    """The words of an import that works."""
    vcf, people = write_vcf(tmp_path / "c.vcf.gz"), write_people(tmp_path / "p.tsv")
    out = str(tmp_path / "mine")
    return [
        "import", out, "--vcf", str(vcf), "--participants", str(people), "--assembly", "GRCh38"
    ]  # fmt: skip


def in_a_process(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gecip.cli", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# -- how it speaks ------------------------------------------------------------------------------------


def test_help_names_every_command_and_needs_no_heavy_library(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"], {}) == 0
    said = capsys.readouterr().out
    for command in (
        "demo",
        "synthesise",
        "import",
        "validate",
        "answers",
        "dictionary",
        "load",
        "domains",
        "audit",
        "run",
        "publish",
        "gallery",
        "unpublish",
        "compare",
        "stale",
        "domain",
    ):
        assert f"\n    {command} " in said or f"\n    {command}\n" in said
    looked = "import sys, gecip.cli; gecip.cli.main(['--help'], {}); print(sorted(sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", looked], capture_output=True, text=True, check=True
    )
    loaded = set(modules.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    assert "gecip.cli" in loaded
    assert loaded.isdisjoint({"pandas", "numpy", "hail", "pyarrow", "duckdb", "nbclient", "tqdm"})


def test_help_is_instant() -> None:
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        assert in_a_process("--help").returncode == 0
        seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.5


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"], {}) == 0
    assert capsys.readouterr().out == f"gecip {__version__}\n"


@pytest.mark.parametrize("args", [[], ["improt"], ["import", "there"], ["load"]])
def test_words_that_make_no_command_end_with_2(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args, {}) == 2
    assert "usage: gecip" in capsys.readouterr().err


def test_an_error_is_one_sentence_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "nowhere"], {}) == ReleaseError.exit_code == 2
    said = capsys.readouterr()
    assert said.err.startswith("gecip: There is no release called 'nowhere'")
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_developer_can_see_where_an_error_arose() -> None:
    with pytest.raises(ReleaseError):
        main(["load", "nowhere"], {"GECIP_TRACEBACK": "1"})


def test_several_problems_are_listed(
    imported: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(imported[1]).mkdir()
    Path(imported[3]).write_bytes(b"")
    assert main(imported, {}) == 2
    said = capsys.readouterr().err
    assert "gecip: 2 things are wrong:\n  - " in said
    assert "already exists" in said
    assert "this file is empty" in said


def test_a_warning_is_one_line(imported: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    write_people(Path(imported[5]), "sample\tage\nS1\t1\n")
    assert main(imported, {}) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert len(lines) == 1
    assert lines[0].startswith("gecip: warning: ")
    assert lines[0].endswith(
        "2 of the 3 samples of the VCF belong to nobody in the table: their genomes will not be used."
    )


def test_an_interrupted_command_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gecip.domain.discover", interrupted)
    assert main(["domains"], {}) == 130
    assert capsys.readouterr().err == "gecip: interrupted; nothing half-made was left behind.\n"


@pytest.mark.slow
def test_a_reader_who_stops_reading_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    folder = write_release(tmp_path / "r", participant=[person(110000011)])
    process = subprocess.run(
        [sys.executable, "-m", "gecip.cli", "validate", str(folder)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")


# -- what the commands do -----------------------------------------------------------------------------


def test_import_makes_a_release_and_says_what_it_holds(
    imported: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*imported, "--name", "ours"], {}) == 0
    said = capsys.readouterr().out
    assert "Imported 3 variants of 3 samples, and 3 people." in said
    assert "everyone counts as consenting" in said
    assert open_release(imported[1]).name == "ours"


def test_import_takes_several_files_and_another_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        str(write_vcf(tmp_path / f"{contig}.vcf.gz", vcf_text([f"{contig} 5 A G 0/0 0/1 1/1"])))
        for contig in ("chr1", "chr2")
    ]
    people = write_people(tmp_path / "p.csv", "who,age\nS1,1\nS2,2\nS3,3\n")
    args = ["import", str(tmp_path / "two"), "--vcf", *files, "--participants", str(people)]
    assert main([*args, "--assembly", "GRCh38", "--id-column", "who", "--link"], {}) == 0
    assert len(open_release(tmp_path / "two").chunks) == 2


def test_validate_lists_every_deviation_and_ends_with_1(
    tmp_path: Path, imported: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_release(tmp_path / "r", participant=[person(110000011, programme="Other")])
    assert main(["validate", str(folder)], {}) == 1
    assert capsys.readouterr().out.endswith("2 deviations found.\n")
    assert main(imported, {}) == 0
    assert main(["validate", imported[1]], {}) == 0
    assert capsys.readouterr().out.endswith("no deviations found.\n")


@pytest.fixture
def without_hail(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put stand-ins where Hail and the synthetic release would start, and give what was asked of them."""
    asked: list[str] = []

    def load_release(release: Any) -> int:
        asked.append(f"load {release.name}")
        return 1

    def ensure_demo() -> Path:
        asked.append("demo")
        return Path(os.environ["GECIP_RELEASES"]) / "stand-in"

    monkeypatch.setattr("gecip.genotypes.load_release", load_release)
    monkeypatch.setattr("gecip.synthetic.ensure_demo", ensure_demo)
    return asked


def test_synthesise_passes_on_what_it_was_told_and_follows_the_demos_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "gecip.synthetic.synthesise_release",
        lambda folder, **options: asked.append((folder, options)) or folder,
    )
    assert main(["synthesise", "there"], {}) == 0
    assert main(["synthesise", "there", "--participants", "50", "--seed", "7"], {}) == 0
    defaults = {
        "participants": DEMO_PARTICIPANTS,
        "cancer_patients": DEMO_CANCER_PATIENTS,
        "seed": DEMO_SEED,
        "version": "v19",
    }
    assert [folder for folder, _ in asked] == [Path("there"), Path("there")]
    assert defaults.items() <= asked[0][1].items()
    assert asked[1][1] == asked[0][1] | {"participants": 50, "seed": 7}
    assert main(["synthesise", "there", "--without-genomes"], {}) == 0
    assert asked[2][1] == asked[0][1] | {"genomes": False, "cancer_patients": 0}


def test_demo_makes_the_release_then_loads_it(
    without_hail: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    write_release(tmp_path / "stand-in", participant=[person(110000011)])
    assert main(["demo"], {}) == 0
    assert without_hail == ["demo", "load stand-in"]
    assert 'open_release("demo")' in capsys.readouterr().out


def test_load_loads_the_release_that_is_named(
    without_hail: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_release(tmp_path / "named", participant=[person(110000011)])
    assert main(["load", str(folder)], {}) == 0
    assert without_hail == ["load named"]


def test_domains_lists_questions_and_says_what_hinders_a_domain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    question = SimpleNamespace(asks="Which genes?", notebook="renal/01-which-genes.ipynb")
    domain = SimpleNamespace(name="renal", title="Renal", questions=(question,))

    class Found(list[Any]):
        failures = (("broken", "ImportError: no module"),)

    monkeypatch.setattr("gecip.domain.discover", lambda: Found([domain]))
    assert main(["domains"], {}) == 0
    said = capsys.readouterr()
    assert said.out == "renal: Renal\n  Which genes?  (renal/01-which-genes.ipynb)\n"
    assert said.err == "gecip: the domain broken cannot be used: ImportError: no module\n"


def test_run_passes_the_notebook_and_what_it_is_told_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "gecip.sharing.notebooks.run_notebook",
        lambda notebook, **options: asked.append((notebook, options)),
    )
    words = ["run", "a.ipynb", "--html", "a.html", "--release", "mine", "-p", "sex=Male"]
    assert main([*words, "-p", "fewest=3", "--save", "b.ipynb"], {}) == 0
    told = {
        "html": Path("a.html"),
        "save": Path("b.ipynb"),
        "release": "mine",
        "parameters": {"sex": "Male", "fewest": "3"},
    }
    assert asked == [(Path("a.ipynb"), told)]
    assert capsys.readouterr().out == "Wrote a.html.\nWrote b.ipynb.\n"
