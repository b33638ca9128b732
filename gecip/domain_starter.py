"""Start a domain: a folder with the five things that each brings, which keep the contract from the first minute.

They are its questions (`__init__.py`), its methods, its codes, its README and its notebooks. What they say
of the field is an example, to be written anew; what they do is whole.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from gecip.domain import ENTRY_POINT_GROUP, discover
from gecip.errors import DomainError
from gecip.writing import new_file, new_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTEBOOK = "01-how-many-people-are-there.ipynb"
_TABLE = f'[project.entry-points."{ENTRY_POINT_GROUP}"]'

_INIT = Template('''"""$title: who is in the domain, and what it asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from $package.people import PEOPLE, count_by_sex
from gecip.cohort import select_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Summary, plot_attrition, summarise

if TYPE_CHECKING:
    from gecip.release import Release


def how_they_are_chosen(release: Release) -> Summary:
    """Return how many people of a release are left at each step on the way into the domain's cohort."""
    return summarise(select_cohort(PEOPLE, release))


def how_many_people(release: Release) -> Summary:
    """Return how many people of a release are in the domain, by sex."""
    return count_by_sex(select_cohort(PEOPLE, release))


DOMAIN = Domain(
    name="$name",
    title="$title",
    lead="The lead of the $words domain",
    description="People with one of the domain's diagnoses: how many there are.",
    notebooks=$notebooks,
    cohorts=(PEOPLE,),
    questions=(
        Question(
            asks="How many people with our diagnoses are there?",
            answer=how_many_people,
            gives=Summary,
            notebook="$notebook",
        ),
        Question(
            asks="How were they chosen?",
            answer=how_they_are_chosen,
            gives=Summary,
            notebook="$notebook",
            draws=(plot_attrition,),
        ),
    ),
)

__all__ = ["DOMAIN", "PEOPLE", "count_by_sex", "how_many_people", "how_they_are_chosen"]
''')
_METHODS = Template('''"""The people of the domain, by the codes of its list, and how they are counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gecip.cohort import clinical_columns, define_cohort
from gecip.cohort.code_lists import read_code_list
from gecip.reporting import Summary, count_people
from gecip.tables import episodes

if TYPE_CHECKING:
    from gecip.cohort import Cohort

DIAGNOSES = read_code_list(Path(__file__).parent / "code_lists" / "diagnoses.csv")
PEOPLE = define_cohort("People of the $words domain").include(
    episodes.where(episodes.diag_all.has_code(list(DIAGNOSES))).exists_for_participant(),
    because="one of the domain's diagnoses is in a hospital record",
)


def count_by_sex(cohort: Cohort) -> Summary:
    """Return how many people and families of a cohort there are, by sex."""
    return count_people(
        clinical_columns(cohort),
        by="sex",
        title="People of the $words domain, by sex",
        phenotypic=True,
        provenance=cohort.provenance,
    )
''')
_CODES = Template("""# title: Diagnoses of the $words domain
# system: ICD-10
# source: ICD-10 (WHO 2016), block J40-J47; an example, to be replaced by the domain's own
# version: 1
# author: The lead of the $words domain
# licence: Apache-2.0
code,meaning
J45,asthma
J46,an attack of asthma that does not end
""")
_README = Template("""# $title

Who is in the domain, and what it asks. **For whom**: researchers of the $words domain.

## Questions

| question | answer | notebook |
|---|---|---|
| How many people with our diagnoses are there? | a Summary by sex | `$notebook` |
| How were they chosen? | a Summary of who is left at each step, and its Figure | the same |

## Methods

- **People** (`people.py`): whoever has one of the codes of `code_lists/diagnoses.csv` in a hospital record, as main or
  other diagnosis. The codes are an example: replace them, and say where yours come from.

## Limits

Hospital records are as the hospitals coded them; whoever was never admitted is not found.
""")
_CARD = Template("""# How many people with our diagnoses are there?

| | |
|---|---|
| **Question** | How many people of the programme are in the $words domain, and how were they chosen? |
| **For whom** | Researchers of the $words domain |
| **Reads** | Participants and hospital records; no genomes |
| **Gives** | The cohort with its reasons, and people by sex, which may ask to leave |
| **Takes** | Some seconds on the demo release |
| **Read first** | `start-here.ipynb` |
""")
_SELECT = """
from $package import PEOPLE, count_by_sex
from gecip import open_release, select_cohort, summarise
from gecip.reporting import plot_attrition

cohort = select_cohort(PEOPLE, open_release(release_name))
plot_attrition(summarise(cohort))
"""
# Text and code by turns.
_CELLS = (
    "This names the release; on real data, name that one.",
    'release_name = "demo"',
    "The domain's people are whoever has one of its codes in a hospital record.",
    _SELECT.strip(),
    "Everybody else has none of these codes on record. Of those who are left, this tells how many are men and women.",
    "count_by_sex(cohort)",
    "A person counts once, however often the codes were recorded.",
)
_PROJECT = Template("""[build-system]
requires = ["setuptools>=77,<82"]
build-backend = "setuptools.build_meta"

[project]
name = "gecip-$dashed"
version = "0.1.0"
description = "$title: a domain for gecip."
requires-python = ">=3.11,<3.13"
dependencies = ["gecip"]

[project.entry-points."gecip.domains"]
$name = "$package:DOMAIN"

[tool.setuptools]
packages = ["$package"]

[tool.setuptools.package-data]
"*" = ["*.csv", "*.md", "*.ipynb"]
""")


@dataclass(frozen=True)
class StartedDomain:
    """A domain that was started: its package, its notebooks, and what makes it known."""

    name: str
    package: Path
    notebooks: Path
    next_step: str


def start_domain(name: str, *, title: str | None = None, folder: str | Path = ".") -> StartedDomain:
    """Write a new domain that keeps the contract, and return where it lies.

    In a clone of gecip it is laid beside the other domains and entered in `pyproject.toml`; anywhere
    else it becomes a package of its own, in a folder of its name.

    Parameters
    ----------
    name
        A word of small letters, digits and underscores, as `renal`.
    title
        The domain's name as people say it; made of `name` if not given.
    folder
        The clone, or where to make the package.

    Raises
    ------
    DomainError
        When the name is none, or is taken.
    InputError
        When something is there already.
    """
    _check_name(name)
    words = name.replace("_", " ")
    place = Path(folder).expanduser().absolute()
    project = place / "pyproject.toml"
    facts = {
        "name": name, "words": words, "title": title or words.capitalize(), "dashed": name.replace("_", "-"),
        "notebook": NOTEBOOK,
    }  # fmt: skip
    if project.is_file() and _TABLE in project.read_text(encoding="utf-8"):
        return _in_clone(place, facts)
    return _of_its_own(place / name, facts)


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise DomainError(
            f"{name!r} cannot be a domain's name, which Python reads too: use small letters, digits and underscores, as "
            "renal or eye_disease."
        )
    if name in [domain.name for domain in discover()]:
        raise DomainError(f"There is a domain {name!r} already: choose another name.")


def _in_clone(clone: Path, facts: Mapping[str, str]) -> StartedDomain:
    name = facts["name"]
    package, notebooks = clone / "domains" / name, clone / "notebooks" / name
    facts = {
        **facts,
        "package": f"domains.{name}",
        "notebooks": f'Path(__file__).parents[2] / "notebooks" / "{name}"',
    }
    project = clone / "pyproject.toml"
    entry = f'{name} = "domains.{name}:DOMAIN"'
    text = project.read_text(encoding="utf-8").replace(_TABLE, f"{_TABLE}\n{entry}", 1)
    # All three or none: where one of the folders is taken, the other and the entry are not made either.
    with new_folder(package) as code, new_folder(notebooks) as essays, new_file(project) as partial:
        _write_package(code, facts)
        _write_notebook(essays, facts)
        partial.write_text(text, encoding="utf-8")
    return StartedDomain(name, package, notebooks, "make test TEST_ARGS=tests/contract")


def _of_its_own(root: Path, facts: Mapping[str, str]) -> StartedDomain:
    package = f"gecip_{facts['name']}"
    facts = {
        **facts, "package": package, "notebooks": 'Path(__file__).parent / "notebooks"',
    }  # fmt: skip
    with new_folder(root) as here:
        (here / "pyproject.toml").write_text(_PROJECT.substitute(facts), encoding="utf-8")
        _write_package(here / package, facts)
        _write_notebook(here / package / "notebooks", facts)
    return StartedDomain(
        facts["name"],
        root / package,
        root / package / "notebooks",
        f"python -m pip install --no-deps --no-build-isolation --editable {root}",
    )


def _write_package(folder: Path, facts: Mapping[str, str]) -> None:
    (folder / "code_lists").mkdir(parents=True)
    for name, template in (
        ("__init__.py", _INIT),
        ("people.py", _METHODS),
        ("code_lists/diagnoses.csv", _CODES),
        ("README.md", _README),
    ):
        (folder / name).write_text(template.substitute(facts), encoding="utf-8")


def _write_notebook(folder: Path, facts: Mapping[str, str]) -> None:
    import nbformat

    folder.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell(_CARD.substitute(facts).strip())]  # type: ignore[no-untyped-call]
    for place, source in enumerate(_CELLS):
        make = nbformat.v4.new_code_cell if place % 2 else nbformat.v4.new_markdown_cell
        cells.append(make(Template(source).substitute(facts)))  # type: ignore[no-untyped-call]
    cells[2].metadata["tags"] = ["parameters"]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.write(notebook, folder / facts["notebook"])  # type: ignore[no-untyped-call]
