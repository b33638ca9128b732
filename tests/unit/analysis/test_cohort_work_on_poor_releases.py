"""What is done with a cohort, asked of releases that lack nearly everything: an answer, or one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gecip.analysis.clinical.cohort_comparison import compare_cohorts
from gecip.analysis.clinical.enrichment import enrichment
from gecip.analysis.clinical.matching import matched_controls
from gecip.analysis.clinical.timeline import timeline
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.errors import GecipError
from gecip.release import open_release
from gecip.reporting import (
    list_rows,
    plot_differences,
    plot_enrichment,
    plot_overlap,
    plot_timeline,
    summarise,
)
from gecip.tables import participants
from tests.contract.judging import POOR_RELEASES, poor_release

WORK: dict[str, Callable[[Cohort, Cohort], Any]] = {
    "side by side": lambda women, everybody: plot_differences(
        summarise(compare_cohorts(women, everybody))
    ).png(),
    "overlap": lambda women, everybody: plot_overlap(
        summarise(compare_cohorts(women, everybody).overlap)
    ).png(),
    "controls": lambda women, everybody: summarise(
        matched_controls(women, everybody, on=["age_band"], needs_genome=False)
    ),
    "controls with genomes": lambda women, everybody: list_rows(
        matched_controls(women, everybody, on=["age_band"])
    ),
    "terms": lambda women, everybody: plot_enrichment(
        summarise(enrichment(women, everybody))
    ).png(),
    "diagnoses": lambda women, everybody: plot_enrichment(
        summarise(enrichment(women, everybody, of="icd10"))
    ).png(),
    "timeline": lambda women, everybody: plot_timeline(
        list_rows(timeline(everybody, everybody.participants[0] if len(everybody) else 1))
    ).png(),
}


def complaint_of(work: Callable[[Cohort, Cohort], Any], women: Cohort, everybody: Cohort) -> str:
    """Return what is wrong with an answer; an answer, or one sentence without an identifier, is right."""
    try:
        return "" if work(women, everybody) is not None else "no answer"
    except GecipError as error:
        words = str(error)
    if re.search(r"\d{9}|LP\d{7}", words):
        return f"an identifier: {words}"
    return "" if re.search(r"[.:?]( |$)", words) else f"no sentence: {words}"


@pytest.mark.parametrize("kind", POOR_RELEASES)
def test_a_poor_release_gives_an_answer_or_a_sentence(
    kind: str, small_release_folder: Path, tmp_path: Path
) -> None:
    release = open_release(poor_release(small_release_folder, tmp_path / "poor", kind))
    women = select_cohort(
        define_cohort("Women").include(participants.sex == "Female", because="women"), release
    )
    everybody = select_cohort(define_cohort("Everybody"), release)
    complaints = {name: complaint_of(work, women, everybody) for name, work in WORK.items()}
    assert complaints == dict.fromkeys(WORK, "")
