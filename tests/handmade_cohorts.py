"""Releases for what is done with a selected cohort: people with a genome, features and records, all by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.release import Release, open_release
from gecip.tables import participants
from tests.handmade import write_release

EUROPEAN, SOUTH_ASIAN = "pred_european_ancestries", "pred_south_asian_ancestries"
PROBABILITIES = (
    EUROPEAN,
    SOUTH_ASIAN,
    "pred_african_ancestries",
    "pred_american_ancestries",
    "pred_east_asian_ancestries",
)


def genome(participant_id: int, sex: str = "Female", **facts: Any) -> dict[str, Any]:
    """Return a row of the aggregate's samples for a genome that the recipe wants, European if not told otherwise."""
    chromosomes = {"Female": "XX", "Male": "XY"}.get(sex, "other")
    return {
        "participant_id": participant_id,
        "platekey": f"LP{participant_id:07d}-DNA_A01",
        "karyotype": chromosomes,
        "illumina_ploidy": chromosomes,
        "sample_source": "BLOOD",
        "sample_preparation_method": "EDTA",
        "sample_library_type": "TruSeq PCR-Free High Throughput",
        **dict.fromkeys(PROBABILITIES, 0.0),
        EUROPEAN: 0.99,
    } | facts


def release_of(folder: Path, people: Sequence[dict[str, Any]], **tables: Any) -> Release:
    """Return an open release of these people, everybody with a genome if no genomes are given."""
    tables.setdefault(
        "aggregate_gvcf_sample_stats",
        [genome(one["participant_id"], one["participant_phenotypic_sex"]) for one in people],
    )
    return open_release(write_release(folder, participant=people, **tables))


def cohort_of(release: Release, people: Sequence[int], title: str) -> Cohort:
    """Return the cohort of these participants; everybody if there are none."""
    definition = define_cohort(title)
    if people:
        definition = definition.include(
            participants.participant_id.is_in(list(people)), because="by hand"
        )
    return select_cohort(definition, release)
