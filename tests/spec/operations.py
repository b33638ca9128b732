"""Every word of the cohort language with a drawn example: what goes in, what is written, and what comes out.

Both evaluators are held to these, and the manual's page is printed from them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One example: `written` is Python over `gecip.tables`; `gives` has one value for each row of `participants`."""

    title: str
    says: str
    written: str
    participants: Sequence[Row]
    gives: Sequence[Any]
    others: Mapping[str, Sequence[Row]] = ()  # type: ignore[assignment]


@dataclass(frozen=True)
class Chapter:
    """Operations that belong together."""

    title: str
    says: str
    operations: Sequence[Operation]


def day(text: str) -> datetime.date:
    """Return a day written as `YYYY-MM-DD`."""
    return datetime.date.fromisoformat(text)


def people(*rows: Row) -> tuple[Row, ...]:
    """Return rows of participants, numbered from 1."""
    return tuple({"participant_id": number, **row} for number, row in enumerate(rows, start=1))


_TWO = people({}, {})
_SEX, _BORN = "participant_phenotypic_sex", "year_of_birth"
_FAMILY, _TYPE, _RELATION = (
    "rare_diseases_family_id",
    "participant_type",
    "biological_relationship_to_proband",
)
_STAYS = (
    {"participant_id": 1, "epistart": day("2019-05-01"), "diag_all": "N18.1|I10"},
    {"participant_id": 1, "epistart": day("2020-02-01"), "diag_all": "J45"},
    {"participant_id": 1, "epistart": None, "diag_all": "N185"},
)
_TIES = (
    {"participant_id": 1, "epistart": day("2019-05-01"), "diag_all": "J45"},
    {"participant_id": 1, "epistart": day("2019-05-01"), "diag_all": "I10"},
    {"participant_id": 1, "epistart": day("2019-05-01"), "diag_all": None},
    {"participant_id": 1, "epistart": None, "diag_all": "A00"},
)
_STAYED = {"hes_apc": _STAYS}


def _features(*rows: tuple[int, str | None, str]) -> Mapping[str, Sequence[Row]]:
    return {
        "rare_diseases_participant_phenotype": [
            {"participant_id": number, "normalised_hpo_id": term, "hpo_present": present}
            for number, term, present in rows
        ]
    }


CHAPTERS = (
    Chapter(
        "Values and conditions",
        "A column of `participants` is a value of the participant. Comparing it gives a condition, which is true, "
        "false or unknown: unknown wherever a value is missing. `include` keeps who is true; `exclude` drops who is "
        "true and keeps the unknown.",
        (
            Operation(
                "== and !=",
                "Equal and not equal. Codings are checked while you write.",
                'participants.sex == "Female"',
                people({_SEX: "Female"}, {_SEX: "Male"}, {_SEX: None}),
                (True, False, None),
            ),
            Operation(
                "<, <=, > and >=",
                "Numbers and days by size.",
                "participants.year_of_birth >= 1980",
                people({_BORN: 1980}, {_BORN: 1979}, {_BORN: None}),
                (True, False, None),
            ),
            Operation(
                "is_in",
                "One of several.",
                "participants.year_of_birth.is_in([1980, 1990])",
                people({_BORN: 1990}, {_BORN: 1985}, {_BORN: None}),
                (True, False, None),
            ),
            Operation(
                "is_between",
                "Both ends included.",
                "participants.year_of_birth.is_between(1980, 1990)",
                people({_BORN: 1990}, {_BORN: 1991}, {_BORN: None}),
                (True, False, None),
            ),
            Operation(
                "is_missing",
                "Never unknown.",
                "participants.year_of_birth.is_missing()",
                people({_BORN: 1990}, {_BORN: None}),
                (False, True),
            ),
            Operation(
                "&",
                "Both: false if one is false, else unknown if one is unknown.",
                '(participants.sex == "Female") & (participants.year_of_birth > 1980)',
                people(
                    {_SEX: "Female", _BORN: 1990},
                    {_SEX: "Female", _BORN: None},
                    {_SEX: "Male", _BORN: None},
                ),
                (True, None, False),
            ),
            Operation(
                "|",
                "Either: true if one is true, else unknown if one is unknown.",
                '(participants.sex == "Female") | (participants.year_of_birth > 1980)',
                people(
                    {_SEX: "Female", _BORN: None},
                    {_SEX: "Male", _BORN: None},
                    {_SEX: "Male", _BORN: 1970},
                ),
                (True, None, False),
            ),
            Operation(
                "~",
                "Not; what is unknown stays unknown.",
                '~(participants.sex == "Female")',
                people({_SEX: "Female"}, {_SEX: "Male"}, {_SEX: None}),
                (False, True, None),
            ),
        ),
    ),
    Chapter(
        "Ages and days",
        "Only the year of birth is released. The age on a day is the year of that day less the year of birth: the age "
        "reached by the end of that year. The attrition counts for whom a year less would decide otherwise.",
        (
            Operation(
                "age_on",
                "The age on a day, in whole years.",
                'participants.age_on("2024-06-01")',
                people({_BORN: 2006}, {_BORN: 1950}, {_BORN: None}),
                (18, 74, None),
            ),
            Operation(
                "is_before, is_on_or_before, is_after, is_on_or_after",
                "Days against a day, or against another column of days.",
                'participants.registration_date.is_on_or_after("2016-01-01")',
                people(
                    {"registration_date": day("2016-01-01")},
                    {"registration_date": day("2015-12-31")},
                    {"registration_date": None},
                ),
                (True, False, None),
            ),
            Operation(
                "days_since",
                "How many days a day comes after another; negative before it.",
                "participants.date_of_consent.days_since(participants.registration_date)",
                people(
                    {"registration_date": day("2016-01-01"), "date_of_consent": day("2016-01-11")},
                    {"registration_date": day("2016-01-11"), "date_of_consent": day("2016-01-01")},
                    {"registration_date": None, "date_of_consent": day("2016-01-01")},
                ),
                (10, -10, None),
            ),
            Operation(
                "is_within_days_of",
                "At most so many days apart, before or after; `is_within_days_after` and `is_within_days_before` look "
                "one way.",
                "participants.date_of_consent.is_within_days_of(participants.registration_date, 10)",
                people(
                    {"registration_date": day("2016-01-01"), "date_of_consent": day("2016-01-11")},
                    {"registration_date": day("2016-01-01"), "date_of_consent": day("2016-01-12")},
                ),
                (True, False),
            ),
        ),
    ),
    Chapter(
        "Rows of other tables",
        "A participant has any number of rows in every other table. A condition on such rows must end in a value of "
        "the participant, so that nobody is ever doubled.",
        (
            Operation(
                "exists_for_participant",
                "Whether there is a row. Rows for which the condition is unknown do not count.",
                'episodes.where(episodes.epistart.is_after("2020-01-01")).exists_for_participant()',
                _TWO,
                (True, False),
                _STAYED,
            ),
            Operation(
                "count_for_participant",
                "How many rows; 0 for none.",
                "episodes.count_for_participant()",
                _TWO,
                (3, 0),
                _STAYED,
            ),
            Operation(
                "count_distinct_for_participant",
                "How many different values of a column; missing ones do not count.",
                "episodes.count_distinct_for_participant(episodes.epistart)",
                _TWO,
                (2, 0),
                _STAYED,
            ),
            Operation(
                "lowest_for_participant and highest_for_participant",
                "The lowest and the highest value of a column, or the earliest and the latest day.",
                "episodes.highest_for_participant(episodes.epistart)",
                _TWO,
                (day("2020-02-01"), None),
                _STAYED,
            ),
            Operation(
                "first_for_participant",
                "The first row by a column; its columns are values of the participant. Rows without a value to order by "
                "are passed over. Of several first rows the lowest value counts.",
                "episodes.first_for_participant(by=episodes.epistart).diag_all",
                _TWO,
                ("I10", None),
                {"hes_apc": _TIES},
            ),
            Operation(
                "last_for_participant",
                "The last row by a column. Of several last rows the highest value counts.",
                "episodes.last_for_participant(by=episodes.epistart).diag_all",
                _TWO,
                ("J45", None),
                {"hes_apc": _TIES},
            ),
            Operation(
                "a row against the participant",
                "A condition on rows may compare them with a value of the participant, also with one that was picked "
                "from another table.",
                "episodes.where(\n"
                "    episodes.epistart.is_after(episodes.first_for_participant(by=episodes.epistart).epistart)\n"
                ").count_for_participant()",
                _TWO,
                (1, 0),
                _STAYED,
            ),
            Operation(
                "the age at a row",
                "The day of an age may be that of a row.",
                "episodes.where(participants.age_on(episodes.epistart) < 18).count_for_participant()",
                people({_BORN: 2002}, {_BORN: None}),
                (1, 0),
                _STAYED,
            ),
        ),
    ),
    Chapter(
        "Codes and terms",
        "Codes of hierarchies stand for all below them.",
        (
            Operation(
                "has_code",
                "ICD-10 and OPCS-4 codes hold all that begin with them, with or without a dot, also within a column "
                "of several. SNOMED codes stand for themselves only.",
                'episodes.where(episodes.diag_all.has_code(["N18", "J45.0"])).count_for_participant()',
                _TWO,
                (2, 0),
                _STAYED,
            ),
            Operation(
                "is_a",
                "An HPO term or any narrower one, by all parents of the ontology: polycystic kidney dysplasia "
                "(HP:0000113) is a renal cyst (HP:0000107).",
                'phenotypes.where(phenotypes.term.is_a("HP:0000107")).exists_for_participant()',
                people({}, {}, {}),
                (True, False, False),
                _features((1, "HP:0000113", "Yes"), (2, "HP:0001250", "Yes"), (3, None, "Yes")),
            ),
            Operation(
                "status_of",
                "The table of features records absence too. Present if the term or a narrower one is there; else absent "
                "if the term or a broader one is not; else not assessed.",
                'phenotypes.status_of("HP:0000107")',
                people({}, {}, {}, {}),
                ("present", "absent", "not assessed", "present"),
                _features(
                    (1, "HP:0000113", "Yes"),
                    (2, "HP:0012210", "No"),
                    (3, "HP:0000107", "Unknown"),
                    (4, "HP:0000107", "Yes"),
                    (4, "HP:0000107", "No"),
                ),
            ),
        ),
    ),
    Chapter(
        "Families",
        "Only people who took part and consent are seen.",
        (
            Operation(
                "any_family_member",
                "Whether it is true of anybody in the family, the participant included. Who has no family is judged "
                "alone.",
                'any_family_member(participants.sex == "Male")',
                people(
                    {_FAMILY: 1, _SEX: "Male"},
                    {_FAMILY: 1, _SEX: "Female"},
                    {_FAMILY: 2, _SEX: "Female"},
                    {_FAMILY: 2, _SEX: None},
                    {_FAMILY: None, _SEX: "Female"},
                ),
                (True, True, None, None, False),
            ),
            Operation(
                "proband_of",
                "Whether it is true of the family's proband; unknown without one.",
                'proband_of(participants.sex == "Male")',
                people(
                    {_FAMILY: 1, _SEX: "Male", _TYPE: "Proband"},
                    {_FAMILY: 1, _SEX: "Female", _TYPE: "Relative"},
                    {_FAMILY: 2, _SEX: "Male", _TYPE: "Relative"},
                    {_FAMILY: None, _SEX: "Male", _TYPE: None},
                ),
                (True, True, None, None),
            ),
            Operation(
                "in_whole_trio",
                "Whether somebody is proband, father or mother where all three are there.",
                "in_whole_trio()",
                people(
                    {_FAMILY: 1, _TYPE: "Proband"},
                    {_FAMILY: 1, _TYPE: "Relative", _RELATION: "Father"},
                    {_FAMILY: 1, _TYPE: "Relative", _RELATION: "Mother"},
                    {_FAMILY: 1, _TYPE: "Relative", _RELATION: "Full Sibling"},
                    {_FAMILY: 2, _TYPE: "Proband"},
                ),
                (True, True, True, False, False),
            ),
        ),
    ),
)
OPERATIONS = tuple(operation for chapter in CHAPTERS for operation in chapter.operations)
