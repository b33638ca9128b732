"""The contract of every domain, wherever it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import domains
from gecip.cli import main
from gecip.domain import Discovery, Domain, Question, discover
from gecip.domain_starter import NOTEBOOK, start_domain
from gecip.errors import DomainError, InputError
from gecip.release import open_release
from tests.contract.judging import (
    POOR_RELEASES,
    complaints_of_answer,
    complaints_of_cohorts,
    complaints_of_files,
    complaints_of_notebooks,
    complaints_of_poor_release,
    complaints_of_runs,
    complaints_of_words,
    poor_release,
)
from tests.notebooks.test_shape import ALL, NOTEBOOKS

ROOT = Path(__file__).parents[2]
DISCOVERY = discover()
EVERY_DOMAIN = pytest.mark.parametrize("domain", DISCOVERY.domains, ids=lambda domain: domain.name)
QUESTIONS = {
    f"{domain.name}-{number}": question
    for domain in DISCOVERY
    for number, question in enumerate(domain.questions, start=1)
}


def test_no_installed_domain_fails_to_import() -> None:
    assert DISCOVERY.failures == ()
    assert "rare_disease" in [domain.name for domain in DISCOVERY]


@EVERY_DOMAIN
def test_a_domain_says_what_it_is_and_who_leads_it_by_role(domain: Domain) -> None:
    assert complaints_of_words(domain) == []


@EVERY_DOMAIN
def test_a_domain_brings_its_five_things(domain: Domain) -> None:
    assert complaints_of_files(domain) == []


@pytest.mark.jvm
@pytest.mark.usefixtures("demo_catalogue")
@EVERY_DOMAIN
def test_a_domains_notebooks_run(domain: Domain) -> None:
    if domain.notebooks.is_relative_to(NOTEBOOKS):
        # These run with all others of this tree, in tests/notebooks/test_run.py.
        assert {domain.notebooks / one.notebook for one in domain.questions} <= set(ALL)
    else:
        assert complaints_of_runs(domain) == []


@EVERY_DOMAIN
def test_a_domains_notebooks_are_there_and_curated(domain: Domain) -> None:
    assert complaints_of_notebooks(domain) == []


@pytest.mark.slow
@pytest.mark.usefixtures("demo_catalogue")
@EVERY_DOMAIN
def test_a_domains_cohorts_select_people_on_the_demo_release(domain: Domain) -> None:
    assert complaints_of_cohorts(domain, open_release("demo")) == []


@pytest.mark.jvm
@pytest.mark.usefixtures("demo_catalogue", "hail")
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_is_what_its_question_declares_and_the_airlock_agrees(
    question: Question, tmp_path: Path
) -> None:
    assert complaints_of_answer(question, open_release("demo"), tmp_path / "out") == []


@pytest.mark.jvm
@pytest.mark.usefixtures("hail")
@pytest.mark.parametrize("kind", POOR_RELEASES)
def test_every_question_takes_a_poor_release_with_an_answer_or_a_sentence(
    kind: str, demo_release_folder: Path, tmp_path: Path
) -> None:
    folder = poor_release(demo_release_folder, tmp_path / "poor", kind)
    complaints = {
        name: found
        for name, question in QUESTIONS.items()
        if (found := complaints_of_poor_release(question, folder))
    }
    assert complaints == {}


@pytest.mark.slow
def test_a_domain_that_was_just_started_keeps_the_contract_at_once(
    demo_release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = start_domain("eye_disease", title="Eyes", folder=tmp_path)
    install(tmp_path, "eye_disease = gecip_eye_disease:DOMAIN")
    # The notebook's kernel finds the package as this process does.
    monkeypatch.setenv("PYTHONPATH", str(started.package.parent))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(started.package.parent)
    domain = discover()["eye_disease"]
    assert domain.title == "Eyes"
    assert complaints_at_sight(domain) == []
    assert complaints_on_releases(domain, demo_release_folder, tmp_path / "scratch") == []
    # And what is taken away from it is missed.
    (started.notebooks / domain.questions[0].notebook).unlink()
    (started.package / "README.md").unlink()
    (started.package / "code_lists" / "diagnoses.csv").unlink()
    assert complaints_of_notebooks(domain) == [f"{NOTEBOOK} is not there"] * 2
    assert complaints_of_files(domain) == [
        "it has no README with its questions",
        "it has no code list",
        "it has no notebook",
    ]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of what of a clone a new domain is written into, which Python takes for the clone itself."""
    folder = tmp_path / "clone"
    for name in ("domains", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "gecip").symlink_to(ROOT / "gecip")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(domains, "__path__", [str(folder / "domains")])
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        if name.startswith("domains."):
            del sys.modules[name]


def started_in(clone: Path) -> Domain:
    """Start a domain in a clone by the command, and install the clone's `pyproject.toml` as make does."""
    assert main(["domain", "new", "ear_disease", "--title", "Ears"], os.environ) == 0
    project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = project["entry-points"]["gecip.domains"]
    install(clone, *(f"{name} = {where}" for name, where in entries.items()), project="gecip")
    discovery = discover()
    assert discovery.failures == ()
    assert {domain.name for domain in discovery} == {
        "ear_disease",
        *(domain.name for domain in DISCOVERY),
    }
    return discovery["ear_disease"]


def test_a_domain_started_in_a_clone_lies_there_with_its_five_things(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))
    domain = started_in(clone)
    after = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))
    assert after["project"]["entry-points"]["gecip.domains"].pop("ear_disease") == (
        "domains.ear_disease:DOMAIN"
    )
    assert after == before
    assert (domain.title, domain.notebooks) == ("Ears", clone / "notebooks" / "ear_disease")
    assert {
        str(path.relative_to(clone))
        for path in clone.glob("*/ear_disease/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    } == {
        "domains/ear_disease/README.md",
        "domains/ear_disease/__init__.py",
        "domains/ear_disease/code_lists/diagnoses.csv",
        "domains/ear_disease/people.py",
        f"notebooks/ear_disease/{NOTEBOOK}",
    }
    assert complaints_at_sight(domain) == []
    assert "make test TEST_ARGS=tests/contract" in capsys.readouterr().out
    # Whoever commits it is not sent back by `make check`.
    for command in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "domains/ear_disease",
                "notebooks/ear_disease",
            ],
            cwd=clone,
            check=False,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout


@pytest.mark.slow
def test_a_domain_started_in_a_clone_keeps_the_contract_at_once(
    clone: Path, demo_release_folder: Path, tmp_path: Path
) -> None:
    domain = started_in(clone)
    assert complaints_on_releases(domain, demo_release_folder, tmp_path / "scratch") == []


@pytest.mark.parametrize("taken", ["domains/ear_disease", "notebooks/ear_disease"])
def test_a_domain_whose_place_is_taken_leaves_the_clone_as_it_was(clone: Path, taken: str) -> None:
    (clone / taken).mkdir()
    before = (clone / "pyproject.toml").read_bytes()
    with pytest.raises(InputError, match="already exists"):
        start_domain("ear_disease", folder=clone)
    assert (clone / "pyproject.toml").read_bytes() == before
    assert [str(path.relative_to(clone)) for path in clone.glob("*/*ear_disease*")] == [taken]


def test_a_domain_that_fails_to_import_is_reported_and_the_others_still_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path,
        "absent = no_such_module:DOMAIN",
        "broken = broken_domain:DOMAIN",
        "other = pathlib:Path",
    )
    (tmp_path / "broken_domain.py").write_text(
        "raise RuntimeError('out of order')", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    discovery = discover()
    assert [domain.name for domain in discovery] == [domain.name for domain in DISCOVERY]
    failures = dict(discovery.failures)
    assert set(failures) == {"absent", "broken", "other"}
    assert "out of order" in failures["broken"]
    assert "not a gecip.domain.Domain" in failures["other"]


def test_an_unknown_domain_is_answered_with_those_there_are() -> None:
    with pytest.raises(DomainError, match="installed are"):
        Discovery(DISCOVERY.domains, ())["renal"]


def complaints_at_sight(domain: Domain) -> list[str]:
    """Return what the contract says against a domain before any release is opened."""
    return [
        *complaints_of_words(domain),
        *complaints_of_files(domain),
        *complaints_of_notebooks(domain),
    ]


def complaints_on_releases(domain: Domain, demo: Path, scratch: Path) -> list[str]:
    """Return what the contract says against a domain that runs on the demo release and on a poor one."""
    release = open_release(demo)
    found = [*complaints_of_cohorts(domain, release), *complaints_of_runs(domain)]
    poor = poor_release(demo, scratch / "poor", "with empty tables")
    for number, question in enumerate(domain.questions):
        found += complaints_of_answer(question, release, scratch / f"out{number}")
        found += complaints_of_poor_release(question, poor)
    return found


def install(folder: Path, *entries: str, project: str = "somebodys-domains") -> None:
    """Write what pip would leave of a package with these entry points."""
    metadata = folder / f"{project.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    lines = ["[gecip.domains]", *entries, ""]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
