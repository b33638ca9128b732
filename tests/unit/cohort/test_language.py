from __future__ import annotations

import pytest

from gecip.cohort import define_cohort
from gecip.errors import DefinitionError
from gecip.tables import diseases, participants, phenotypes


def is_cyst():
    return phenotypes.term.is_a("HP:0000107")


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda: participants.yeer_of_birth, "did you mean 'year_of_birth'"),
        (lambda: participants.sex == "female", "never 'female': did you mean 'Female'"),
        (lambda: participants.year_of_birth == "1980", "holds integer"),
        (lambda: participants.sex == None, r"write \.is_missing\(\)"),  # noqa: E711
        (lambda: participants.sex.is_in("Male"), r"takes a list"),
        (lambda: participants.sex.is_in([]), "an empty list"),
        (lambda: participants.registration_date >= "31/10/2024", "write it as YYYY-MM-DD"),
        (lambda: participants.age_on("2024-13-01"), "write it as YYYY-MM-DD"),
        (lambda: phenotypes.term.is_a("HP:0000057"), "obsolete: write 'HP:0008665'"),
        (lambda: phenotypes.term.is_a("renal cyst"), "has no term 'renal cyst'"),
        (lambda: diseases.disease.is_a("HP:0000107"), "does not hold HPO terms"),
        (lambda: is_cyst() and is_cyst(), "write & for and"),
        (lambda: is_cyst() & (participants.sex == "Male"), "cannot be joined"),
        (lambda: phenotypes.where(participants.sex == "Male"), "only be judged by its own columns"),
        (
            lambda: define_cohort("Cysts").include(is_cyst(), because="cyst"),
            r"\.exists_for_participant\(\)",
        ),
        (
            lambda: define_cohort("Women").include(participants.sex == "Female", because=" "),
            "needs because",
        ),
        (lambda: define_cohort(" "), "needs a title"),
    ],
)
def test_what_cannot_mean_anything_is_refused_while_it_is_written(write, sentence: str) -> None:
    with pytest.raises(DefinitionError, match=sentence):
        write()


def test_a_column_goes_by_its_real_name_and_by_its_alias() -> None:
    assert (participants.sex == "Male") == (participants.participant_phenotypic_sex == "Male")


def test_columns_complete_in_an_editor() -> None:
    assert {"term", "hpo_present", "where"} <= set(dir(phenotypes))
