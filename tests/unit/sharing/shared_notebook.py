"""A notebook as somebody would share it, small, and two releases to run it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from gecip.release.layout import read_manifest
from tests.handmade import person, write_release

CARD = """# How many people have cysts?

| | |
|---|---|
| **Question** | How many people have kidney cysts, and who are they? |
| **For whom** | Everybody of the renal domain |
| **Reads** | Participants and *phenotypes* |
| **Gives** | A table and a figure that may leave, and a list that may not |
| **Takes** | Seconds |
| **Read first** | `start-here.ipynb` |
"""
PARAMETERS = 'release_name = "v18"\nsex = "Female"'
SELECT = """
from gecip import define_cohort, open_release, select_cohort
from gecip.tables import participants, phenotypes

release = open_release(release_name)
cysts = phenotypes.where(phenotypes.term.is_a("HP:0000107") & (phenotypes.present == "Yes"))
people = (
    define_cohort("People with cysts")
    .include(cysts.exists_for_participant(), because="a renal cyst was found")
    .include(participants.sex == sex, because="of the sex that was asked for")
)
cohort = select_cohort(people, release)
cohort
"""
COUNT = """
from gecip.cohort import clinical_columns
from gecip.reporting import Listing, count_people

rows = clinical_columns(cohort)
# The airlock lets years of birth go in tens only.
rows["born"] = [f"{year // 10 * 10}-{year // 10 * 10 + 9}" for year in rows["year_of_birth"]]
by_birth = count_people(
    rows, by="born", title="People with cysts by year of birth", phenotypic=True,
    provenance=cohort.provenance.then("draw_sample", seed=11),
)
by_birth
"""
LIST = """
Listing(
    title="Who has cysts",
    rows=rows[["participant_id", "family_id", "year_of_birth"]],
    provenance=cohort.provenance,
)
"""
FRAME = "rows.groupby('sex').size().to_frame('people')"
SAY = "print(len(cohort), 'people')"

# Who has cysts in both; below, who differs between them.
ALWAYS = range(111000010, 111000490, 10)
ONLY_18, ONLY_19, WITHDREW = 111001010, 111001020, 111001030
CONSENTED_LATER, NEW_CYSTS, NO_CYSTS_ANY_MORE = 111001040, 111001050, 111001060
MAN = 111001070


def write_notebook(path: Path, *cells: str | tuple[str, str], card: str = CARD) -> Path:
    """Write a notebook with the card, the parameters and these code cells; a pair is a cell with its tag."""
    made = [
        nbformat.v4.new_markdown_cell(card),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
    ]
    for cell in cells:
        source, tags = (cell, []) if isinstance(cell, str) else (cell[0], [cell[1]])
        made.append(nbformat.v4.new_code_cell(source.strip(), metadata={"tags": tags}))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def write_releases(folder: Path) -> Path:
    """Write the releases v18 and v19 into a folder of releases."""
    write_release(
        folder / "v18",
        participant=[
            *_people([*ALWAYS, ONLY_18, WITHDREW, NEW_CYSTS, NO_CYSTS_ANY_MORE]),
            person(CONSENTED_LATER, programme_consent_status="Withdrawn (Partial)"),
            person(MAN, participant_phenotypic_sex="Male"),
        ],
        rare_diseases_participant_phenotype=_cysts(
            [*ALWAYS, ONLY_18, WITHDREW, CONSENTED_LATER, NO_CYSTS_ANY_MORE, MAN]
        ),
    )
    write_release(
        folder / "v19",
        participant=[
            *_people([*ALWAYS, ONLY_19, CONSENTED_LATER, NEW_CYSTS, NO_CYSTS_ANY_MORE]),
            person(WITHDREW, programme_consent_status="Withdrawn (Full)"),
            person(MAN, participant_phenotypic_sex="Male"),
        ],
        rare_diseases_participant_phenotype=_cysts(
            [*ALWAYS, ONLY_19, WITHDREW, CONSENTED_LATER, NEW_CYSTS, MAN]
        ),
    )
    assert read_manifest(folder / "v19").name == "v19"
    return folder


def _people(numbers: list[int]) -> list[dict[str, Any]]:
    """Return people of three decades of birth, and one of another decade who is in one release only."""
    return [
        person(one, year_of_birth=1990 if one == ONLY_18 else 1960 + one // 10 % 3 * 10)
        for one in numbers
    ]


def _cysts(numbers: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "participant_id": one,
            "hpo_id": "HP:0000107",
            "normalised_hpo_id": "HP:0000107",
            "hpo_present": "Yes",
        }
        for one in numbers
    ]
