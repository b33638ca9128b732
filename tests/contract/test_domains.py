"""The contract of every domain, wherever it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.domain import Discovery, Domain, Question, discover
from gecip.domain_starter import NOTEBOOK, start_domain
from gecip.errors import DomainError
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
    release = open_release("demo")
    assert domain.title == "Eyes"
    assert complaints_of_words(domain) == []
    assert complaints_of_files(domain) == []
    assert complaints_of_notebooks(domain) == []
    assert complaints_of_cohorts(domain, release) == []
    for number, question in enumerate(domain.questions):
        assert complaints_of_answer(question, release, tmp_path / f"out{number}") == []
    assert complaints_of_runs(domain) == []
    poor = poor_release(demo_release_folder, tmp_path / "poor", "with empty tables")
    assert [complaints_of_poor_release(one, poor) for one in domain.questions] == [[], []]
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


def install(folder: Path, *entries: str) -> None:
    """Write what pip would leave of a package with these entry points."""
    metadata = folder / "somebodys_domains-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: somebodys-domains\nVersion: 1.0\n"
    )
    lines = ["[gecip.domains]", *entries, ""]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
