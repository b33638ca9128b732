"""The exercises of the course, lesson by lesson."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gecip.learn.exercise import (
    Exercise,
    judge_count,
    judge_definition,
    judge_share,
    judge_word,
)

if TYPE_CHECKING:
    from gecip.cohort import CohortDefinition
    from gecip.genotypes import Genotypes
    from gecip.release import Release

SEIZURE = "HP:0001250"
LESSON_GENES = ("PKD1", "PKD2")


def _consenting(release: Release) -> int:
    return len(release.consent.participants)


def _withdrawn(release: Release) -> int:
    return sum(release.consent.counts.values()) - len(release.consent.participants)


def _women(release: Release) -> int:
    sex = release.read("participant", ["participant_phenotypic_sex"])["participant_phenotypic_sex"]
    return int((sex == "Female").sum())


def _people(definition: CohortDefinition, release: Release) -> tuple[Release, frozenset[Any]]:
    from gecip.cohort import select_cohort

    return release, frozenset(select_cohort(definition, release).participants)


def _with_seizures(release: Release) -> tuple[Release, frozenset[Any]]:
    from gecip.cohort import define_cohort
    from gecip.tables import phenotypes

    seizures = phenotypes.where(phenotypes.term.is_a(SEIZURE) & (phenotypes.present == "Yes"))
    return _people(
        define_cohort("Seizures").include(
            seizures.exists_for_participant(), because="seizures were found"
        ),
        release,
    )


def _probands_with_seizures_born_since_2000(release: Release) -> tuple[Release, frozenset[Any]]:
    from gecip.cohort import define_cohort
    from gecip.tables import participants, phenotypes

    seizures = phenotypes.where(phenotypes.term.is_a(SEIZURE) & (phenotypes.present == "Yes"))
    definition = (
        define_cohort("Young probands with seizures")
        .include(seizures.exists_for_participant(), because="seizures were found")
        .include(participants.type == "Proband", because="one person a family")
        .exclude(participants.year_of_birth < 2000, because="born before 2000")
    )
    return _people(definition, release)


def _families_with_seizures(release: Release) -> int:
    _, people = _with_seizures(release)
    frame = release.read("participant", ["participant_id", "rare_diseases_family_id"])
    return int(frame[frame["participant_id"].isin(people)]["rare_diseases_family_id"].nunique())


def _lesson_genotypes(release: Release) -> Genotypes:
    from gecip.cohort import define_cohort, select_cohort
    from gecip.genotypes import load_genotypes

    return load_genotypes(select_cohort(define_cohort("Everyone"), release), genes=LESSON_GENES)


def _variants(release: Release) -> int:
    return _lesson_genotypes(release).count()[0]


def _rare_variants(release: Release) -> int:
    return _lesson_genotypes(release).rare(below=0.01).count()[0]


def _share_of_carriers(release: Release) -> float:
    from gecip.analysis.genetic.carriers import count_carriers

    genotypes = _lesson_genotypes(release).rare(below=0.01).in_genes(["PKD1"])
    counted = count_carriers(genotypes, genes=["PKD1"])
    return counted.carriers["participant_id"].nunique() / int(counted.denominators["people"].sum())


_ALL = (
    Exercise(
        "01.1",
        "How many people of this release may be used?",
        (
            "The release takes a consent snapshot when it is first read: release.consent.",
            "The snapshot holds the people who may be used: release.consent.participants.",
            "len() counts them.",
        ),
        _consenting,
        judge_count,
    ),
    Exercise(
        "01.2",
        "How many people are in the release and may not be used?",
        (
            "release.consent.counts has everybody, by consent status.",
            "Some of those whose status is Consenting have withdrawn since: they are off the newest list of samples.",
            "Everybody less those who may be used: sum(release.consent.counts.values()) and the answer before.",
        ),
        _withdrawn,
        judge_count,
    ),
    Exercise(
        "01.3",
        "In which table are the HPO terms on which participants were assessed?",
        (
            "release.tables lists the tables by their real names.",
            "A term of the Human Phenotype Ontology describes a phenotype.",
        ),
        lambda _: "rare_diseases_participant_phenotype",
        judge_word,
    ),
    Exercise(
        "01.4",
        "How many consenting participants are recorded as female?",
        (
            "release.read('participant') gives consenting people only.",
            "The column is participant_phenotypic_sex, its words are Male, Female and Indeterminate.",
            "(frame['participant_phenotypic_sex'] == 'Female').sum() counts; int() makes it a plain number.",
        ),
        _women,
        judge_count,
    ),
    Exercise(
        "02.1",
        "Select the people in whom seizures (HP:0001250), or any kind of seizure, were found.",
        (
            "phenotypes.term.is_a('HP:0001250') takes the descendants along.",
            "The table holds negatives too: phenotypes.present == 'Yes'.",
            "Join both with & inside phenotypes.where(…), put each comparison in parentheses, and end with .exists_for_participant().",
        ),
        _with_seizures,
        judge_definition,
    ),
    Exercise(
        "02.2",
        "Of these, keep the probands, and leave out who was born before 2000.",
        (
            "participants.type is Proband or Relative.",
            "Leaving out is .exclude(…): who has no year of birth then stays.",
            "The year is a number: participants.year_of_birth < 2000.",
        ),
        _probands_with_seizures_born_since_2000,
        judge_definition,
    ),
    Exercise(
        "02.3",
        "From how many families are the people of 02.1?",
        (
            "A cohort knows its families: cohort.families.",
            "len() counts them; relatives of one family count once.",
        ),
        _families_with_seizures,
        judge_count,
    ),
    Exercise(
        "03.1",
        "How many variants do PKD1 and PKD2 have in everyone's genotypes?",
        (
            "load_genotypes(cohort, genes=['PKD1', 'PKD2']) loads both.",
            "genotypes.count() gives variants and people.",
            "The first of the two: genotypes.count()[0].",
        ),
        _variants,
        judge_count,
    ),
    Exercise(
        "03.2",
        "How many of them are below 1 % in every reference population?",
        (
            "genotypes.rare(below=…) returns genotypes again.",
            "1 % is 0.01.",
        ),
        _rare_variants,
        judge_count,
    ),
    Exercise(
        "03.3",
        "What share of the people carries a rare variant of PKD1?",
        (
            "Keep PKD1 alone: .in_genes(['PKD1']).",
            "count_carriers(…).carriers has one row for each carrier and gene.",
            "Carriers divided by everybody who was looked at: people of count_carriers(…).denominators.",
        ),
        _share_of_carriers,
        judge_share,
    ),
)

EXERCISES: Mapping[str, Exercise] = {exercise.number: exercise for exercise in _ALL}
