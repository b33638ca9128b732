"""The contract of every domain, wherever it is installed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from gecip.domain import Discovery, Domain, Question, discover
from gecip.errors import DomainError
from gecip.release import open_release
from tests.contract.judging import (
    POOR_RELEASES,
    complaints_of_answer,
    complaints_of_cohorts,
    complaints_of_notebooks,
    complaints_of_poor_release,
    complaints_of_words,
    poor_release,
)

DISCOVERY = discover()
EVERY_DOMAIN = pytest.mark.parametrize("domain", DISCOVERY.domains, ids=lambda domain: domain.name)
QUESTIONS = {
    f"{domain.name}-{number}": question
    for domain in DISCOVERY
    for number, question in enumerate(domain.questions, start=1)
}

A_FRESH_DOMAIN = """
from pathlib import Path

from gecip.cohort import clinical_columns, define_cohort, select_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Summary, count_people

EVERYONE = define_cohort("Everyone who may be used")


def how_many(release):
    cohort = select_cohort(EVERYONE, release)
    return count_people(
        clinical_columns(cohort), by="participant_type", title="People by type", phenotypic=True,
        provenance=cohort.provenance,
    )


DOMAIN = Domain(
    name="fresh", title="Fresh", lead="The lead of a fresh domain", description="One question of its own.",
    notebooks=Path(__file__).parent, cohorts=(EVERYONE,),
    questions=(Question(asks="How many are there?", answer=how_many, gives=Summary, notebook="01-how-many.ipynb"),),
)
"""
ITS_CARD = """# How many are there?

| | |
|---|---|
| **Question** | How many people may be used? |
| **For whom** | Everybody |
| **Reads** | Participants |
| **Gives** | A count |
| **Takes** | Seconds |
| **Read first** | Nothing |
"""


def test_no_installed_domain_fails_to_import() -> None:
    assert DISCOVERY.failures == ()
    assert "rare_disease" in [domain.name for domain in DISCOVERY]


@EVERY_DOMAIN
def test_a_domain_says_what_it_is_and_who_leads_it_by_role(domain: Domain) -> None:
    assert complaints_of_words(domain) == []


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
@pytest.mark.usefixtures("demo_catalogue")
def test_a_domain_of_a_fresh_folder_is_found_and_judged_by_the_same_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "fresh = fresh_domain:DOMAIN")
    (tmp_path / "fresh_domain.py").write_text(A_FRESH_DOMAIN, encoding="utf-8")
    release_cell = nbformat.v4.new_code_cell(
        'release_name = "demo"', metadata={"tags": ["parameters"]}
    )
    cells = [
        nbformat.v4.new_markdown_cell(ITS_CARD),
        release_cell,
        nbformat.v4.new_markdown_cell("That is the release."),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01-how-many.ipynb")
    monkeypatch.syspath_prepend(tmp_path)
    domain = discover()["fresh"]
    release = open_release("demo")
    assert complaints_of_words(domain) == []
    assert complaints_of_notebooks(domain) == []
    assert complaints_of_cohorts(domain, release) == []
    assert complaints_of_answer(domain.questions[0], release, tmp_path / "out") == []
    (tmp_path / "01-how-many.ipynb").unlink()
    assert complaints_of_notebooks(domain) == ["01-how-many.ipynb is not there"]


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
