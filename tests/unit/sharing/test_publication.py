"""What is published: for whom, with what beside it, and what stops it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from gecip.errors import InputError, NotebookError
from gecip.release import open_release
from gecip.sharing.audience import may_see_rows
from gecip.sharing.gallery import build_gallery
from gecip.sharing.publication import ForOutside, Publication, publications, publish
from tests.handmade import person, write_release
from tests.unit.sharing.conftest import Shared
from tests.unit.sharing.shared_notebook import (
    ALWAYS,
    COUNT,
    LIST,
    ONLY_18,
    SAY,
    SELECT,
    write_notebook,
)

pytestmark = pytest.mark.slow

OUTSIDE = ForOutside("RR91", "To show how many people have cysts")
TITLE = "People with cysts by year of birth"


def text_of(folder: Path) -> str:
    """Return all text of a folder, pages and notebooks alike."""
    files = [path for path in folder.rglob("*") if path.suffix in (".html", ".ipynb", ".json")]
    assert files
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def names_somebody(text: str) -> bool:
    return any(str(number) in text for number in (*ALWAYS, ONLY_18))


# -- inside -------------------------------------------------------------------------------------------


def test_a_publication_says_what_it_asks_and_where_it_comes_from(shared: Shared) -> None:
    facts = publish(shared.executed, domain="renal").facts
    release = open_release("v18")
    assert facts["title"] == "How many people have cysts?"
    assert facts["card"]["For whom"] == "Everybody of the renal domain"
    assert facts["domain"] == "renal"
    assert facts["notebook"] == "01-how-many.ipynb"
    assert facts["parameters"] == {"release_name": "v18", "sex": "Female"}
    assert facts["seeds"] == [11]
    assert facts["software"]["duckdb"]
    (told,) = facts["releases"]
    assert told["name"] == "v18"
    assert told["consent_date"] == release.consent.date.isoformat()
    assert told["consent_digest"] == release.consent.digest
    (cohort,) = facts["cohorts"]
    assert (cohort["title"], cohort["people"]) == ("People with cysts", 51)
    steps = facts["products"][0]["provenance"]
    assert [step["operation"] for step in steps][:2] == ["open_release", "select_cohort"]
    assert steps[1]["parameters"]["definition"] == cohort["definition"]


def test_a_publication_has_a_picture_of_a_summary(shared: Shared) -> None:
    publication = publish(shared.executed)
    assert publication.thumbnail.read_bytes().startswith(b"\x89PNG")
    assert publication.facts["domain"] == shared.executed.parent.name


def test_each_role_is_shown_what_it_may_read(shared: Shared, tmp_path: Path) -> None:
    publish(shared.executed, domain="renal")
    pages = {
        reader: text_of(build_gallery(tmp_path / reader, reader=reader).folder)
        for reader in ("academic", "commercial", "trainee")
    }
    assert all(TITLE in page for page in pages.values())
    assert {reader: names_somebody(page) for reader, page in pages.items()} == {
        "academic": True,
        "commercial": False,
        "trainee": False,
    }
    assert "is shown to those who may read rows" in pages["trainee"]
    assert "dataframe" not in pages["trainee"]


@pytest.mark.parametrize(
    ("reader", "published_as", "origins", "sees"),
    [
        ("academic", "academic", ["programme"], True),
        ("academic", "commercial", ["programme"], True),
        ("commercial", "commercial", ["programme"], True),
        ("commercial", "academic", ["synthetic"], False),
        ("trainee", "academic", ["programme"], False),
        ("trainee", "academic", ["synthetic", "programme"], False),
        ("trainee", "academic", ["synthetic", "import"], True),
        ("trainee", "trainee", [], True),
    ],
)
def test_who_may_see_the_rows_of_whom(
    reader: str, published_as: str, origins: list[str], sees: bool
) -> None:
    from gecip.configuration import policy_document
    from gecip.governance.policy import parse_policy

    policy = parse_policy(policy_document())
    assert may_see_rows(reader, published_as=published_as, origins=origins, policy=policy) is sees


def test_whom_a_run_touched_is_in_no_gallery_and_nobody_is_named_in_the_records(
    shared: Shared, ran_once: Path, tmp_path: Path
) -> None:
    publication = publish(shared.executed, domain="renal")
    build_gallery(tmp_path / "site")
    touched = text_of(ran_once / "records")
    ids = [
        one
        for path in (ran_once / "records" / "touched").iterdir()
        for people in json.loads(path.read_text(encoding="utf-8"))["releases"].values()
        for one in people
    ]
    assert len(ids) >= 51
    assert not names_somebody(touched)
    gallery = text_of(tmp_path)
    assert publication.facts["run"] in gallery
    assert not any(one in gallery for one in ids)


def test_a_notebook_without_outputs_is_run_with_what_it_is_told(
    shared: Shared, tmp_path: Path
) -> None:
    bare = write_notebook(tmp_path / "02-men.ipynb", "print(release_name, sex)")
    publication = publish(bare, release="v19", parameters={"sex": "Male"})
    assert publication.facts["parameters"] == {"release_name": "v19", "sex": "Male"}
    assert publication.facts["releases"] == []
    assert publication.notebook.cells[3].outputs[0].text == "v19 Male\n"


def test_what_has_no_card_or_was_changed_since_it_ran_is_not_published(
    shared: Shared, tmp_path: Path
) -> None:
    document = nbformat.read(shared.executed, as_version=4)
    document.cells[3].outputs[0].data["text/html"] += "<p>much better</p>"
    nbformat.write(document, tmp_path / "changed.ipynb")
    with pytest.raises(NotebookError, match="changed after it ran"):
        publish(tmp_path / "changed.ipynb")
    del document.metadata["gecip"]
    nbformat.write(document, tmp_path / "bare.ipynb")
    with pytest.raises(NotebookError, match="no record of how they came about"):
        publish(tmp_path / "bare.ipynb")
    with pytest.raises(NotebookError, match=r"no whole card.*does not say 'Takes'"):
        publish(
            write_notebook(tmp_path / "card.ipynb", "1", card="# Why?\n| **Question** | Why? |")
        )
    with pytest.raises(NotebookError, match="has run already"):
        publish(shared.executed, release="v19")
    assert publications() == []


def test_the_same_run_is_published_once(shared: Shared) -> None:
    publish(shared.executed)
    with pytest.raises(InputError, match="already exists"):
        publish(shared.executed)
    assert len(publications()) == 1


PUBLISHER = """
import sys
from gecip.errors import InputError
from gecip.sharing.publication import publish
for path in sys.argv[1:]:
    try:
        publish(path, domain="renal")
    except InputError:
        print("refused")
"""


def test_two_who_publish_at_once_lose_nothing_and_double_nothing(
    shared: Shared, tmp_path: Path
) -> None:
    document = nbformat.read(shared.executed, as_version=4)
    copies = []
    for number in range(8):
        document.metadata["gecip"]["run"] = f"{number:032x}"[::-1]
        copies.append(str(tmp_path / f"{number}.ipynb"))
        nbformat.write(document, copies[-1])
    # Both publish two of the runs: each of these is won by one.
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, *mine], stdout=subprocess.PIPE, text=True
        )
        for mine in (copies[:5], copies[3:])
    ]
    refused = sum(one.communicate(timeout=120)[0].count("refused") for one in both)
    assert [one.returncode for one in both] == [0, 0]
    found = publications()
    assert sorted(one.facts["run"] for one in found) == sorted(
        f"{number:032x}"[::-1] for number in range(8)
    )
    assert refused == 2
    assert all(one.notebook.cells and one.thumbnail.is_file() for one in found)


# -- for outside --------------------------------------------------------------------------------------


def test_row_level_stops_what_goes_outside_and_each_cell_is_named(
    shared: Shared, tmp_path: Path
) -> None:
    # What has run already is run again: only products that are alive can be checked and masked.
    with pytest.raises(InputError) as refused:
        publish(shared.executed, outside=OUTSIDE)
    cells = [problem.partition(":")[2].strip() for problem in refused.value.problems]
    assert [cell[:11] for cell in cells] == ["Cell 4 of 6", "Cell 5 of 6"]
    assert "shows a Listing" in cells[0]
    assert "no Summary" in cells[1]
    assert publications() == []
    assert not (tmp_path / "exports").exists()


@pytest.fixture(scope="session")
def went_outside(ran_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery with one publication for outside, whose notebook shows rows in a cell that is inside only."""
    folder = tmp_path_factory.mktemp("outside")
    notebook = write_notebook(folder / "02-out.ipynb", SELECT, COUNT, (LIST, "inside-only"), SAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_RELEASES", str(ran_once / "releases"))
        patch.setenv("GECIP_RECORDS", str(ran_once / "records"))
        patch.setenv("GECIP_GALLERY", str(folder / "gallery"))
        patch.setenv("GECIP_EXPORTS", str(folder / "exports"))
        publish(notebook, domain="renal", outside=OUTSIDE)
        build_gallery(folder / "site", outside=True)
        build_gallery(folder / "inside")
    return folder


def test_outside_goes_what_the_airlock_lets_go_and_nothing_else(went_outside: Path) -> None:
    text = text_of(went_outside / "site") + text_of(went_outside / "gallery")
    assert TITLE in text
    assert not names_somebody(text)
    # One person was born in the nineties; how the cohort came about and what was printed is told inside only.
    assert "&lt;5" in text
    assert "Everyone in release" not in text
    assert "print(len(cohort)" in text
    (publication,) = publications(went_outside / "gallery")
    assert publication.facts["audience"] == "outside"
    assert (went_outside / "exports" / publication.facts["bundle"] / "manifest.json").is_file()
    for told_inside in ("by", "products"):
        assert told_inside not in publication.facts
    assert set(publication.facts["cohorts"][0]) == {"title", "definition", "release"}
    assert "gecip" not in publication.notebook.metadata
    outputs = [one for cell in publication.notebook.cells for one in cell.get("outputs", ())]
    assert {one.output_type for one in outputs} == {"display_data", "execute_result"}
    assert len(outputs) == 4


def test_what_is_for_outside_is_in_no_gallery_inside_and_the_other_way_round(
    went_outside: Path, shared: Shared, tmp_path: Path
) -> None:
    assert TITLE not in (went_outside / "inside" / "index.html").read_text(encoding="utf-8")
    publish(shared.executed)
    assert build_gallery(tmp_path / "site", outside=True).published == 0


def test_an_identifier_in_the_text_or_what_the_airlock_refuses_stops_it_too(
    shared: Shared, tmp_path: Path
) -> None:
    # This release's own numbers have no shape by which they could be known.
    write_release(
        tmp_path / "releases" / "odd", participant=[person(77001, rare_diseases_family_id=3)]
    )
    bare = write_notebook(
        tmp_path / "03-named.ipynb",
        "from gecip import open_release\nrelease = open_release('odd')  # as 77001 in it",
        "print('111000010 was seen')",
        "print('77002 was not')",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_RELEASES", str(tmp_path / "releases"))
        with pytest.raises(InputError) as refused:
            publish(bare, outside=OUTSIDE)
    assert [problem.partition(":")[2][1:12] for problem in refused.value.problems] == [
        "Cell 2 of 4",
        "Cell 3 of 4",
        "Cell 3 of 4",
    ]
    undeclared = COUNT.replace("phenotypic=True", "phenotypic=False")
    undeclared = undeclared.replace('by="born"', 'by="sex"')
    notebook = write_notebook(tmp_path / "04-undeclared.ipynb", SELECT, undeclared)
    with pytest.raises(InputError, match=r"Cell 3 of 3 shows what the airlock refuses.*phenotypes"):
        publish(notebook, outside=OUTSIDE)
    with pytest.raises(InputError, match="purpose has fewer than"):
        publish(notebook, outside=ForOutside("RR91", "why"))
    assert publications() == []


def test_the_facts_are_plain_data(shared: Shared) -> None:
    publication: Publication = publish(shared.executed)
    written = (publication.folder / "publication.json").read_text(encoding="utf-8")
    assert json.loads(written) == publication.facts
