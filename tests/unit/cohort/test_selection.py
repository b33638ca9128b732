from __future__ import annotations

from pathlib import Path

import pytest

from gecip.cohort import define_cohort, select_cohort
from gecip.cohort.clinical_columns import clinical_columns
from gecip.errors import CohortError, UnknownTableError
from gecip.release import Release, open_release
from gecip.tables import diseases, participants, phenotypes
from tests.handmade import person, phenotype, write_release


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return open_release(
        write_release(
            tmp_path / "handmade",
            participant=[
                person(110000011),
                person(110000012, participant_type="Relative", participant_phenotypic_sex="Male"),
                person(110000021, year_of_birth=2010),
                person(110000031, year_of_birth=None, participant_phenotypic_sex=None),
                person(110000041, programme_consent_status="Withdrawn (Full)"),
                person(210000051, programme="Cancer", rare_diseases_family_id=None),
            ],
            rare_diseases_participant_phenotype=[
                phenotype(110000011, "HP:0000107"),
                phenotype(110000011, "HP:0000107"),
                phenotype(110000011, "HP:0001250", "No"),
                phenotype(110000021, "HP:0000113"),
                phenotype(110000031, "HP:0000107", "No"),
                phenotype(110000041, "HP:0000107"),
            ],
            rare_diseases_participant_disease=[
                {"participant_id": 110000011, "normalised_disease_group": "Ciliopathies"},
                {"participant_id": 110000011, "normalised_disease_group": "Skeletal disorders"},
                {"participant_id": 110000021, "normalised_disease_group": "Ciliopathies"},
            ],
            aggregate_gvcf_sample_stats=[
                {"participant_id": 110000011, "platekey": "LP1000001-DNA_A01"},
                {"participant_id": 110000041, "platekey": "LP1000001-DNA_A02"},
            ],
        )
    )


def members(release: Release, *conditions, exclude=()) -> list[int]:
    definition = define_cohort("Those of the test")
    for condition in conditions:
        definition = definition.include(condition, because="the test asks")
    for condition in exclude:
        definition = definition.exclude(condition, because="the test asks")
    return [one % 1000 for one in select_cohort(definition, release).participants]


def test_a_definition_without_criteria_means_everyone_who_consents(release: Release) -> None:
    assert members(release) == [11, 12, 21, 31, 51]


def test_rows_of_another_table_never_double_a_participant(release: Release) -> None:
    cysts = phenotypes.where((phenotypes.term.is_a("HP:0000107")) & (phenotypes.present == "Yes"))
    assert members(release, cysts.exists_for_participant()) == [11, 21]
    assert members(release, cysts.count_for_participant() == 2) == [11]
    assert members(release, cysts.count_for_participant() == 0) == [12, 31, 51]


def test_a_descendant_counts_as_its_ancestor_by_any_parent(release: Release) -> None:
    # Polycystic kidney dysplasia (HP:0000113) is a renal cyst and an abnormal kidney morphology.
    for ancestor in ("HP:0000107", "HP:0012210", "HP:0000118"):
        kidney = phenotypes.where(phenotypes.term.is_a(ancestor)).exists_for_participant()
        assert 21 in members(release, kidney)


def test_an_inclusion_drops_the_unknown_and_an_exclusion_keeps_them(release: Release) -> None:
    child = participants.age_on("2024-06-01") < 18
    assert members(release, child) == [21]
    assert members(release, exclude=[child]) == [11, 12, 31, 51]
    definition = define_cohort("Adults").exclude(child, because="children are a separate study")
    step = select_cohort(definition, release).attrition.steps[-1]
    assert (step.people, step.people_dropped, step.unknown) == (4, 1, 1)


def test_and_or_and_not_follow_three_valued_logic(release: Release) -> None:
    female, old = participants.sex == "Female", participants.year_of_birth < 2000
    assert members(release, female & old) == [11, 51]
    assert members(release, female | old) == [11, 12, 21, 51]
    assert members(release, ~female) == [12]
    assert members(release, participants.sex.is_missing()) == [31]
    assert members(release, participants.sex.is_in(["Male", "Indeterminate"])) == [12]


def test_attrition_counts_people_and_families_with_consent_first(release: Release) -> None:
    definition = (
        define_cohort("Women of the rare-disease arm")
        .include(participants.programme == "Rare Diseases", because="cancer is another study")
        .include(participants.sex == "Female", because="women only")
    )
    cohort = select_cohort(definition, release)
    frame = cohort.attrition.as_frame()
    assert frame["people"].tolist() == [6, 5, 4, 2]
    assert frame["families"].tolist() == [4, 3, 3, 2]
    assert frame["people dropped"].tolist() == [0, 1, 1, 2]
    assert frame["step"].tolist()[2:] == ["cancer is another study", "women only"]
    assert len(cohort) == 2
    assert cohort.samples == {"LP1000001-DNA_A01": 110000011}


def test_an_empty_cohort_is_an_answer(release: Release) -> None:
    assert members(release, participants.year_of_birth < 1900) == []


def test_a_column_that_the_model_does_not_know_can_be_asked_for(tmp_path: Path) -> None:
    release = open_release(
        write_release(tmp_path / "own", participant=[person(1, region="north"), person(2)])
    )
    assert members(release, participants["region"] == "north") == [1]
    with pytest.raises(CohortError, match=r"participant\.regoin.*did you mean 'region'"):
        members(release, participants["regoin"] == "north")


def test_a_table_that_the_release_lacks_is_named(tmp_path: Path) -> None:
    release = open_release(write_release(tmp_path / "own", participant=[person(1)]))
    with pytest.raises(UnknownTableError, match="rare_diseases_participant_disease"):
        members(release, diseases.exists_for_participant())


def test_the_cohorts_table_has_one_row_per_participant_under_the_names_asked(
    release: Release,
) -> None:
    cohort = select_cohort(define_cohort("Everyone"), release)
    frame = cohort.table(["sex", "birth_year"])
    assert frame.columns.tolist() == ["participant_id", "sex", "birth_year"]
    assert frame["participant_id"].tolist() == list(cohort.participants)


def test_clinical_columns_have_one_row_per_participant_and_say_several_once(
    release: Release,
) -> None:
    frame = clinical_columns(select_cohort(define_cohort("Everyone"), release))
    assert frame["participant_id"].is_unique
    groups = dict(zip(frame["participant_id"] % 1000, frame["disease_group"], strict=True))
    assert groups[11] == "Multi"
    assert groups[21] == "Ciliopathies"


def test_no_text_of_a_cohort_names_anybody(release: Release) -> None:
    cohort = select_cohort(define_cohort("Everyone"), release)
    assert "11000" not in repr(cohort) + cohort._repr_html_() + repr(cohort.attrition)


def test_definitions_are_equal_and_hash_alike_when_written_alike() -> None:
    def written():
        return define_cohort("Cysts").include(
            phenotypes.where(phenotypes.term.is_a("HP:0000107")).exists_for_participant(),
            because="renal cyst",
        )

    assert written() == written()
    assert hash(written()) == hash(written())
    assert written().digest == written().digest
    other = written().exclude(participants.sex == "Male", because="women only")
    assert other != written()
    assert other.digest != written().digest
