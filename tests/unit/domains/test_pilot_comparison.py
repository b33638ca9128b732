from __future__ import annotations

from pathlib import Path

import pytest

from domains.rare_disease import RARE_DISEASE_FAMILIES
from domains.rare_disease.pilot_comparison import (
    ALL,
    HIGHEST,
    LARGER,
    OTHER,
    PILOT,
    SMALLER,
    compare_with_pilot,
)
from gecip.airlock import request_export
from gecip.analysis.clinical.diagnostic_yield import wilson_interval
from gecip.cohort import select_cohort
from gecip.release import open_release
from gecip.reporting import Summary, summarise
from tests.handmade import person, write_release
from tests.known_people import ids_of, unknown_numbers, whole_of

# Family structure, disease group, specific disease, solved.
FAMILIES = [
    ("Trio with Mother and Father", "Neurology", "Intellectual disability", "yes"),
    ("Trio with Mother and Father", "Neurology", "Hereditary ataxia", "no"),
    ("Families with more than three Participants", "Hearing and ear disorders", "Deafness", "yes"),
    ("Singleton", "Ophthalmological disorders", "Rod-cone dystrophy", "no"),
    ("Duo with Mother or Father", "Skeletal disorders", "Dysplasia", "partially"),
    ("Singleton", "Skeletal disorders", "Dysplasia", "unknown"),
]


@pytest.fixture
def summary(tmp_path: Path) -> Summary:
    people = [110000011 + 10 * place for place in range(len(FAMILIES))]
    told = list(zip(people, FAMILIES, strict=True))
    folder = write_release(
        tmp_path / "own",
        participant=[person(one) for one in people],
        rare_diseases_participant_disease=[
            {
                "participant_id": one,
                "normalised_disease_group": group,
                "normalised_specific_disease": disease,
            }
            for one, (_, group, disease, _) in told
        ],
        rare_diseases_family=[
            {"rare_diseases_family_id": one // 10, "family_group_type": structure}
            for one, (structure, *_) in told
        ],
        gmc_exit_questionnaire=[
            {"participant_id": one, "case_solved_family": solved} for one, (*_, solved) in told
        ],
    )
    return summarise(compare_with_pilot(select_cohort(RARE_DISEASE_FAMILIES, open_release(folder))))


def test_probands_are_counted_in_the_pilots_groups(summary: Summary) -> None:
    counts = summary.table[["probands", "diagnosed"]]
    assert {
        name: tuple(row) for name, row in zip(counts.index, counts.to_numpy(), strict=True)
    } == {
        ALL: (6, 3),
        HIGHEST: (3, 2),
        OTHER: (3, 1),
        LARGER: (3, 2),
        SMALLER: (3, 1),
    }
    low, high = wilson_interval(3, 6)
    assert summary.table.loc[ALL, "95 % from"] == pytest.approx(low, abs=1e-4)
    assert summary.table.loc[ALL, "95 % to"] == pytest.approx(high, abs=1e-4)


def test_published_figures_stand_beside_and_none_is_made_up(summary: Summary) -> None:
    """Of the abstract: 25 % of the probands, 40 to 55 % in three groups of disorders, no figure by structure."""
    told = summary.table[PILOT]
    assert told[ALL] == "25 %"
    assert told[HIGHEST] == "40 to 55 %"
    assert not any(digit.isdigit() for digit in told[LARGER] + told[SMALLER] + told[OTHER])


def test_small_counts_are_masked_on_the_way_out(summary: Summary) -> None:
    request = request_export([summary], project="Yield", purpose="Table 1 of a paper")
    (item,) = request.items
    assert isinstance(item.product, Summary)
    assert item.product.is_masked(HIGHEST, "diagnosed")
    assert item.product.text(ALL, PILOT) == "25 %"


def test_probands_stand_behind_their_number_and_the_diagnosed_behind_the_yield(
    summary: Summary,
) -> None:
    people = [110000011 + 10 * place for place in range(len(FAMILIES))]
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, LARGER, "probands") == set(people[:3])
    assert ids_of(summary, LARGER, "yield") == {people[0], people[2]}
    assert ids_of(summary, ALL, "95 % to") == {people[0], people[2], people[4]}
    assert whole_of(summary) == set(people)
