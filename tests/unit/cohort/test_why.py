"""Why somebody is in a cohort or not, and what an author is told of a definition before any data are met."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from gecip.cohort import (
    assure,
    define_cohort,
    define_cohort_from_terms,
    load_definition,
    select_cohort,
)
from gecip.cohort.code_lists import code_lists, read_code_list
from gecip.cohort.nodes import Exists
from gecip.errors import CohortError, DefinitionError, InputError
from gecip.release import Release, open_release
from gecip.tables import diseases, episodes, participants, phenotypes
from tests.handmade import person, phenotype, write_release

OTHERS = range(120_000_000, 120_001_000)
SOMEBODY = 110_000_011


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("why") / "handmade"
    return open_release(
        write_release(
            folder,
            participant=[
                person(SOMEBODY, year_of_birth=2010),
                person(110_000_012, programme_consent_status="Withdrawn (Full)"),
                *(person(number) for number in OTHERS),
            ],
            rare_diseases_participant_phenotype=[
                phenotype(SOMEBODY, "HP:0000113"),
                phenotype(SOMEBODY, "HP:0001250", "No"),
                *(phenotype(number, "HP:0000107") for number in OTHERS),
            ],
            hes_apc=[
                {
                    "participant_id": SOMEBODY,
                    "epistart": datetime.date(2015, 3, 1),
                    "diag_all": "N181|I10",
                },
                {
                    "participant_id": SOMEBODY,
                    "epistart": datetime.date(2018, 3, 1),
                    "diag_all": "J45",
                },
            ],
        )
    )


@pytest.fixture
def adults_with_cysts():
    cyst = phenotypes.where(phenotypes.term.is_a("HP:0000107") & (phenotypes.present == "Yes"))
    return (
        define_cohort("Adults with cysts")
        .include(cyst.exists_for_participant(), because="renal cyst recorded")
        .include(participants.sex == "Female", because="women only")
        .exclude(participants.age_on("2024-06-01") < 18, because="children are a separate study")
    )


def test_the_third_criterion_is_named_with_the_value_seen_and_the_threshold(
    release: Release, adults_with_cysts
) -> None:
    why = select_cohort(adults_with_cysts, release).why(SOMEBODY)
    assert not why.is_member
    assert why.first_failed == why.judgements[2]
    assert why.first_failed.reason == "children are a separate study"
    assert why.first_failed.seen == ("age on 2024-06-01 is 14; asked: less than 18",)
    assert "3. FAILED: exclude 'children are a separate study'" in str(why)


def test_nobody_elses_number_is_in_the_answer(release: Release, adults_with_cysts) -> None:
    why = select_cohort(adults_with_cysts, release).why(str(SOMEBODY))
    text = str(why) + repr(why) + why._repr_html_()
    assert not [number for number in OTHERS if str(number) in text]
    assert str(SOMEBODY) not in text


def test_a_missing_row_is_shown_by_how_near_the_rows_came(release: Release) -> None:
    seizure = phenotypes.where(phenotypes.term.is_a("HP:0001250") & (phenotypes.present == "Yes"))
    definition = define_cohort("Seizures").include(
        seizure.exists_for_participant(), because="seizures"
    )
    seen = select_cohort(definition, release).why(SOMEBODY).judgements[0].seen
    assert seen[0].startswith("0 of 2 rows of rare_diseases_participant_phenotype where")
    assert "1 of 2 where normalised_hpo_id is HP:0001250 (Seizure) or narrower" in seen
    assert "1 of 2 where hpo_present is Yes" in seen
    assert "normalised_hpo_id in these rows: HP:0000113, HP:0001250" in seen


@pytest.mark.parametrize("number", [110_000_012, 999, "somebody"])
def test_who_is_not_here_or_has_withdrawn_gets_one_sentence_without_the_number(
    release: Release, adults_with_cysts, number
) -> None:
    with pytest.raises(CohortError, match="Nobody who consents") as caught:
        select_cohort(adults_with_cysts, release).why(number)
    assert str(number) not in str(caught.value)


def test_a_near_miss_says_what_one_criterion_costs(release: Release) -> None:
    definition = (
        define_cohort("Nobody")
        .include(participants.year_of_birth < 1900, because="born long ago")
        .include(participants.sex == "Female", because="women only")
    )
    cohort = select_cohort(definition, release)
    assert len(cohort) == 0
    assert [miss.brought_back for miss in cohort.near_misses] == [1_001, 0]
    assert "Without &#x27;born long ago&#x27; there would be 1,001 more." in cohort._repr_html_()


def test_whom_the_rule_of_ages_decides_is_counted(release: Release) -> None:
    definition = define_cohort("From 44 on").include(
        participants.age_on("2024-06-01") >= 44, because="from 44 on"
    )
    step = select_cohort(definition, release).attrition.steps[-1]
    assert (step.people, step.uncertain_age) == (1_000, 1_000)


# -- first rows, days apart, features, families ---------------------------------------------------------


def kept(release: Release, condition) -> bool:
    definition = define_cohort("One").include(condition, because="asked")
    return SOMEBODY in select_cohort(definition, release).participants


def test_the_first_row_and_days_between_tables(release: Release) -> None:
    first = episodes.first_for_participant(by=episodes.epistart)
    last = episodes.last_for_participant(by=episodes.epistart)
    assert kept(release, first.diag_all.has_code("N18.1"))
    assert not kept(release, last.diag_all.has_code("N18.1"))
    assert kept(release, last.epistart.days_since(first.epistart) == 1_096)
    assert kept(release, last.epistart.is_within_days_after(first.epistart, 1_096))
    assert not kept(release, last.epistart.is_within_days_of(first.epistart, 1_095))
    later = episodes.where(episodes.epistart.is_after(first.epistart))
    assert kept(release, later.count_for_participant() == 1)
    assert kept(release, participants.age_on(first.epistart) == 5)


def test_code_lists_stand_where_codes_and_terms_do(release: Release) -> None:
    for name in code_lists():
        listed = read_code_list(name)
        if listed.system == "HPO":
            assert phenotypes.term.is_a(listed) == phenotypes.term.is_a([*listed])
        elif listed.system == "ICD-10":
            assert episodes.diag_all.has_code(listed) == episodes.diag_all.has_code([*listed])
    assert kept(release, phenotypes.where(phenotypes.term.is_a(["HP:0000107", "HP:0000365"])).exists_for_participant())  # fmt: skip
    with pytest.raises(DefinitionError, match="ICD-10 codes, and the list is of OPCS-4"):
        episodes.diag_all.has_code(CodesOf("OPCS-4", ["M01"]))


class CodesOf(list[str]):
    def __init__(self, system: str, codes: list[str]) -> None:
        super().__init__(codes)
        self.system = system


def test_a_feature_is_present_absent_or_not_assessed(release: Release) -> None:
    for term, status in {
        "HP:0000107": "present",  # a narrower term is there
        "HP:0001250": "absent",
        "HP:0007359": "absent",  # focal-onset seizure: the broader term is not there
        "HP:0000365": "not assessed",
    }.items():
        assert kept(release, phenotypes.status_of(term) == status), term


# -- definitions before they meet data ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda: phenotypes.term.is_a("HP:0000489"), "withdrawn without a successor"),
        (lambda: phenotypes.term.is_a("HP:0002192"), "merged into another term"),
        (lambda: phenotypes.term.is_a("HP:0000006"), "no phenotype"),
        (lambda: phenotypes.status_of("HP:0000107") == "yes", "never 'yes'"),
        (lambda: episodes.diag_all.has_code("kidney"), "no ICD-10 code"),
        (lambda: episodes.diag_all.has_code([]), "no code"),
        (lambda: diseases.disease.has_code("N18") & (diseases.group == "x"), "never 'x'"),
        (episodes.first_for_participant, "order them by one of"),
        (lambda: episodes.lowest_for_participant(phenotypes.term), "no column of its own"),
        (lambda: episodes.epistart.is_after(phenotypes.term), "cannot be compared with rows"),
        (lambda: episodes.epistart.is_within_days_of("2020-01-01", -1), "no number of days"),
        (lambda: participants.sex.is_before("2020-01-01"), "is for columns of dates"),
        (
            lambda: episodes.where(participants.sex == "Male"),
            "only be judged by its own columns",
        ),
        (lambda: define_cohort_from_terms({"hop": ["HP:0000107"]}), "did you mean 'hpo'"),
        (lambda: define_cohort_from_terms({"hpo": []}), "given no term"),
        (
            lambda: define_cohort_from_terms({"icd10": ["N18"]}, limit=["hse"]),
            "did you mean 'hes'",
        ),
    ],
)
def test_what_cannot_mean_anything_is_refused_at_once(write, sentence: str) -> None:
    with pytest.raises(DefinitionError, match=sentence):
        write()


def test_a_saved_definition_comes_back_equal(tmp_path: Path, adults_with_cysts) -> None:
    first = episodes.where(episodes.diag_all.has_code(["N18", "I10"])).first_for_participant(
        by=episodes.epistart
    )
    definition = adults_with_cysts.exclude(
        first.epistart.is_between("2010-01-01", "2012-12-31")
        | (participants.age_on(first.epistart) < 18),
        because="too early",
    ).include(phenotypes.status_of("HP:0000107") == "present", because="still there")
    path = definition.save(tmp_path / "cysts.json")
    assert load_definition(path) == definition
    assert load_definition(path).digest == definition.digest


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1, "title": "x", "criteria": [{}]}', "[1]"])
def test_a_damaged_definition_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "cysts.json").write_text(text)
    with pytest.raises(DefinitionError, match=r"damaged"):
        load_definition(tmp_path / "cysts.json")


def test_a_definition_of_another_format_or_of_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_definition(tmp_path / "none.json")
    (tmp_path / "newer.json").write_text('{"format": 2, "title": "x", "criteria": []}')
    with pytest.raises(DefinitionError, match="in format 2"):
        load_definition(tmp_path / "newer.json")


def test_an_author_tries_a_definition_on_people_made_by_hand(adults_with_cysts) -> None:
    people = {
        "a woman with a cyst": {
            participants: {"sex": "Female", "birth_year": 1980},
            phenotypes: [{"term": "HP:0000113", "present": "Yes"}],
            "in_cohort": True,
        },
        "a girl with a cyst": {
            participants: {"sex": "Female", "birth_year": 2015},
            phenotypes: [{"term": "HP:0000107", "present": "Yes"}],
            "in_cohort": False,
        },
    }
    assure(adults_with_cysts, people=people)
    people["a girl with a cyst"]["in_cohort"] = True
    with pytest.raises(
        DefinitionError, match=r"judges 1 of 2(.|\n)*'a girl with a cyst'(.|\n)*is 9"
    ):
        assure(adults_with_cysts, people=people)


def test_a_dictionary_of_terms_means_whoever_has_any(release: Release) -> None:
    definition = define_cohort_from_terms(
        {"hpo": ["HP:0000113"], "icd10": ["J45.0", "E11"]}, limit=["hes"]
    )
    asked = definition.criteria[0].condition.node
    tables = {node.table for node in asked.walk() if isinstance(node, Exists)}
    assert tables == {"rare_diseases_participant_phenotype", "hes_apc", "hes_op"}
    narrow = define_cohort_from_terms({"hpo": ["HP:0000113"]})
    assert select_cohort(narrow, release).participants == (SOMEBODY,)


def test_a_definition_is_told_in_words(adults_with_cysts) -> None:
    assert adults_with_cysts.in_words().splitlines() == [
        "Adults with cysts: everyone who consents to research",
        (
            "1. keep who has it that there are rows of rare_diseases_participant_phenotype where normalised_hpo_id is "
            "HP:0000107 (Renal cyst) or narrower and hpo_present is Yes (renal cyst recorded)"
        ),
        "2. keep who has it that participant_phenotypic_sex is Female (women only)",
        "3. leave out who has it that age on 2024-06-01 is less than 18 (children are a separate study)",
    ]


def test_the_cohorts_table_takes_values_of_the_language(release: Release) -> None:
    cohort = select_cohort(define_cohort("Everyone"), release)
    first = episodes.first_for_participant(by=episodes.epistart)
    frame = cohort.table(
        {
            "stays": episodes.count_for_participant(),
            "first stay": first.epistart,
            "kidney": first.diag_all.has_code("N18"),
        }
    )
    assert len(frame) == len(cohort)
    row = frame[frame["participant_id"] == SOMEBODY].iloc[0]
    assert (row["stays"], str(row["first stay"])[:10], bool(row["kidney"])) == (
        2,
        "2015-03-01",
        True,
    )
    with pytest.raises(CohortError, match="one row per participant"):
        cohort.table({"codes": episodes.diag_all})
