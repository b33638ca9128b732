"""From which day to which a patient is followed, by the rules and by hand."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from domains.cancer.sequenced_tumours import load_tumours
from domains.cancer.tumour_survival import AGE, SITES, diagnosis_days, follow_by_gene
from gecip.cohort import Cohort
from gecip.errors import AnalysisError, UnknownTableError
from gecip.model.cancer import DISEASE_TYPES
from tests.handmade import Rows
from tests.unit.domains.handmade_tumours import (
    DIAGNOSED,
    SAMPLED,
    cohort_of,
    diagnosis,
    patient,
    tumour,
    variant,
)

UNTIL = datetime.date(2020, 1, 1)


def death(participant_id: int, day: datetime.date) -> dict[str, Any]:
    return {"participant_id": participant_id, "date_of_death": day}


def two_people(folder: Path, **tables: Rows) -> Cohort:
    """Return a cohort of two, TP53 mutated in the tumour of the second, who has died."""
    given: dict[str, Rows] = {
        "tumours": [tumour(1), tumour(2)],
        "variants": [variant(2, "TP53", 10), variant(1, "TP53", 10, origin="germline")],
        "diagnoses": [diagnosis(1, DIAGNOSED), diagnosis(2, DIAGNOSED)],
        "deaths": [death(2, datetime.date(2017, 3, 1))],
    }
    return cohort_of(folder, **(given | tables))


def test_time_begins_with_the_diagnosis_and_risk_with_the_sampling(tmp_path: Path) -> None:
    cohort = two_people(tmp_path / "r")
    followed = follow_by_gene(cohort, load_tumours(cohort), gene="TP53", followed_until=UNTIL)
    people = followed.people.set_index("participant_id")
    assert followed.groups == ("TP53 not mutated", "TP53 mutated")
    assert people["group"].to_dict() == {1: "TP53 not mutated", 2: "TP53 mutated"}
    assert people["entry"].tolist() == [366.0, 366.0]  # 2016 has a 29 February before March
    assert people["exit"].to_dict() == {1: (UNTIL - DIAGNOSED).days, 2: 731.0}
    assert people["died"].to_dict() == {1: False, 2: True}
    assert people[AGE].tolist() == [6.5, 6.5]


def test_who_joined_the_programme_after_the_sampling_is_observed_from_then(tmp_path: Path) -> None:
    joined = datetime.date(2016, 9, 1)
    cohort = two_people(tmp_path / "r", people=[patient(1, registration_date=joined), patient(2)])
    followed = follow_by_gene(cohort, load_tumours(cohort), gene="TP53", followed_until=UNTIL)
    entries = followed.people.set_index("participant_id")["entry"]
    assert entries.to_dict() == {1: float((joined - DIAGNOSED).days), 2: 366.0}


def test_deaths_of_release_v19_are_seen_to_the_end_of_what_is_linked(tmp_path: Path) -> None:
    cohort = two_people(tmp_path / "r")
    followed = follow_by_gene(cohort, load_tumours(cohort), gene="TP53")
    assert followed.followed_until == datetime.date(2024, 2, 25)


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        ([("C341", DIAGNOSED)], DIAGNOSED),
        # an earlier cancer of another site, with and without the day of the one that was sequenced
        ([("C449", datetime.date(2010, 1, 1)), ("C349", DIAGNOSED)], DIAGNOSED),
        ([("C449", datetime.date(2010, 1, 1)), ("C349", None)], None),
        # two of the site: the last before the sampling
        ([("C341", datetime.date(2012, 1, 1)), ("C342", DIAGNOSED)], DIAGNOSED),
        ([("C341", DIAGNOSED), ("C342", datetime.date(2018, 1, 1))], DIAGNOSED),
        # the pathologist's word after the operation
        ([("C341", SAMPLED + datetime.timedelta(days=60))], SAMPLED + datetime.timedelta(days=60)),
        ([("C341", SAMPLED + datetime.timedelta(days=61))], None),
    ],
)
def test_the_diagnosis_is_matched_by_site_and_date(
    tmp_path: Path,
    registered: list[tuple[str, datetime.date | None]],
    expected: datetime.date | None,
) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1)],
        variants=[variant(1, "TP53", 10)],
        diagnoses=[diagnosis(1, day, code) for code, day in registered],
    )
    days = diagnosis_days(cohort, load_tumours(cohort))
    assert [day.date() for day in days] == ([] if expected is None else [expected])


def test_a_kind_without_a_site_of_its_own_is_matched_by_date(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1, disease_type="OTHER")],
        variants=[variant(1, "TP53", 10)],
        diagnoses=[diagnosis(1, DIAGNOSED, "C800")],
    )
    assert len(diagnosis_days(cohort, load_tumours(cohort))) == 1


def test_every_site_belongs_to_a_kind_of_the_programme() -> None:
    assert set(SITES) <= set(DISEASE_TYPES)


def test_who_lacks_a_date_is_left_out_and_counted(tmp_path: Path) -> None:
    cohort = two_people(
        tmp_path / "r",
        tumours=[tumour(1), tumour(2), tumour(3), tumour(4, tumour_clinical_sample_time=None)],
        diagnoses=[diagnosis(1, DIAGNOSED), diagnosis(2, DIAGNOSED), diagnosis(4, DIAGNOSED)],
    )
    followed = follow_by_gene(cohort, load_tumours(cohort), gene="TP53", followed_until=UNTIL)
    assert len(followed.people) == 2
    assert sum(followed.left_out.values()) == 2


def test_a_gene_that_is_mutated_in_nobody_is_refused_with_the_groups_name(tmp_path: Path) -> None:
    cohort = two_people(tmp_path / "r")
    with pytest.raises(AnalysisError, match="'EGFR mutated'"):
        follow_by_gene(cohort, load_tumours(cohort), gene="EGFR")


@pytest.mark.parametrize(
    ("missing", "table"), [("deaths", "mortality"), ("diagnoses", "cancer_participant_tumour")]
)
def test_a_release_without_deaths_or_diagnoses_says_so(
    tmp_path: Path, missing: str, table: str
) -> None:
    cohort = two_people(tmp_path / "r", **{missing: []})
    with pytest.raises(UnknownTableError, match=table):
        follow_by_gene(cohort, load_tumours(cohort), gene="TP53")
