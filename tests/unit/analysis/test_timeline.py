"""A timeline: one person's dated records in order, nobody else's, and nothing of it leaves."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from gecip.airlock import Verdict, request_export
from gecip.analysis.clinical.timeline import timeline
from gecip.cohort import define_cohort, select_cohort
from gecip.errors import AnalysisError, ReleaseError
from gecip.release import Release, open_release
from gecip.reporting import list_rows, plot_timeline
from tests.handmade import person, phenotype
from tests.handmade_cohorts import cohort_of, release_of

ONE, OTHER, ELSEWHERE = 110000011, 110000021, 110000031


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    delivered = {"participant_id": ONE, "platekey": "LP1", "delivery_date": day("2018-03-01")}
    return release_of(
        tmp_path / "own",
        [
            person(ONE, date_of_consent=day("2016-05-01"))
            | {"latest_case_activity_datetime": day("2019-01-01")},
            person(OTHER, date_of_consent=day("2017-05-01")),
            person(ELSEWHERE),
        ],
        hes_apc=[
            {
                "participant_id": one,
                "epistart": day(start),
                "epiend": day(end) if end else None,
                "admidate": day(start),
                "diag_01": code,
                "diag_all": code,
                "opertn_all": None,
            }
            for one, start, end, code in (
                (ONE, "2020-02-03", "2020-02-09", "N185|I10X"),
                (ONE, "2012-01-01", None, "N281"),
                (OTHER, "2011-01-01", "2011-01-02", "C349"),
            )
        ],
        genome_file_paths_and_types=[
            delivered
            | {"type": "rare disease germline", "file_path": path, "genome_build": "GRCh38"}
            for path in ("/a.bam", "/a.vcf.gz")
        ],
        rare_diseases_participant_phenotype=[
            phenotype(ONE, "HP:0000107") | {"phenotype_report_date": day("2016-06-01")},
            phenotype(OTHER, "HP:0001250") | {"phenotype_report_date": day("2016-06-02")},
        ],
        mortality=[{"participant_id": ONE, "date_of_death": day("2021-01-01")}],
        tiering_data=[{"participant_id": ONE, "genotype": "heterozygous"}],
    )


def test_events_of_all_tables_stand_in_the_order_of_their_days(release: Release) -> None:
    events = timeline(cohort_of(release, [], "Everybody"), ONE).events
    assert events["source"].tolist() == [
        "hes_apc",
        "participant",
        "rare_diseases_participant_phenotype",
        "genome_file_paths_and_types",
        "hes_apc",
        "mortality",
    ]
    assert events["date"].is_monotonic_increasing
    assert events["detail"].tolist()[0] == "N281"
    assert events["detail"].tolist()[4] == "N185, I10X"
    assert events["event"].tolist()[1] == "Participant consented"
    assert events["until"].notna().tolist() == [False, False, False, False, True, False]


def test_the_files_of_one_genome_are_one_event_without_their_paths(release: Release) -> None:
    events = timeline(cohort_of(release, [], "Everybody"), ONE).events
    genomes = events[events["source"] == "genome_file_paths_and_types"]
    assert genomes["detail"].tolist() == ["rare disease germline · GRCh38"]


def test_what_has_no_day_is_counted_and_the_year_of_birth_told(release: Release) -> None:
    found = timeline(cohort_of(release, [], "Everybody"), ONE)
    assert found.undated == {"aggregate_gvcf_sample_stats": 1, "tiering_data": 1}
    assert found.born == 1980
    assert "tiering_data (1)" in list_rows(found).notes[-1]


def test_a_person_of_whom_nothing_is_dated_has_an_empty_timeline(release: Release) -> None:
    found = timeline(cohort_of(release, [], "Everybody"), ELSEWHERE)
    assert found.events.empty
    figure = plot_timeline(list_rows(found))
    assert figure.png().startswith(b"\x89PNG")
    assert "none" in figure.alt_text


def test_who_is_not_in_the_cohort_is_refused_in_one_sentence_without_the_number(
    release: Release,
) -> None:
    with pytest.raises(AnalysisError) as error:
        timeline(cohort_of(release, [OTHER], "Other"), ONE)
    words = str(error.value)
    assert str(ONE) not in words
    assert words.count(".") == 2  # the dot of cohort.participants, and the end
    assert "cohort.participants" in words


def test_a_table_that_names_no_participant_in_this_release_is_passed_over(tmp_path: Path) -> None:
    release = release_of(
        tmp_path / "own",
        [person(ONE, date_of_consent=day("2016-05-01"))],
        cancer_analysis=[{"participant_id": ONE, "tumour_sample_platekey": "LP9"}],
        cancer_100K_genomes_realigned_on_pipeline_2=[{"tumour_sample_platekey": "LP9"}],
    )
    events = timeline(cohort_of(release, [], "Everybody"), ONE).events
    assert events["source"].tolist() == ["participant"]


REALIGNED, PLATEKEY = "cancer_100K_genomes_realigned_on_pipeline_2", "tumour_sample_platekey"


@pytest.mark.parametrize(
    ("realigned", "analyses", "sentence"),
    [
        (["participant_id"], ["participant_id", PLATEKEY], f"has no column '{PLATEKEY}'"),
        ([PLATEKEY], ["participant_id"], f"the column '{PLATEKEY}' is missing"),
        ([PLATEKEY], None, "has no table 'cancer_analysis'"),
    ],
    ids=["its own key", "the other table's key", "the other table"],
)
def test_a_table_whose_rows_nobody_can_be_told_to_own_stops_with_what_is_missing(
    tmp_path: Path, realigned: list[str], analyses: list[str] | None, sentence: str
) -> None:
    row = {"participant_id": ONE, PLATEKEY: "LP9"}
    release = release_of(
        tmp_path / "own",
        [person(ONE)],
        **{REALIGNED: [{name: row[name] for name in realigned}]},
        **({"cancer_analysis": [{name: row[name] for name in analyses}]} if analyses else {}),
    )
    cohort = cohort_of(release, [], "Everybody")
    with pytest.raises(ReleaseError, match=sentence) as refused:
        timeline(cohort, ONE)
    assert "consent cannot be checked" in str(refused.value)
    assert str(ONE) not in str(refused.value)


def test_a_timeline_stays_inside_and_names_nobody(release: Release) -> None:
    found = timeline(cohort_of(release, [], "Everybody"), ONE)
    listing = list_rows(found)
    figure = plot_timeline(listing)
    request = request_export([listing, figure], project="RR1", purpose="To try the door")
    assert [item.verdict for item in request.items] == [Verdict.FAIL, Verdict.FAIL]
    texts = [repr(found), repr(listing), listing._repr_html_(), figure.alt_text, figure.caption]
    texts.append(json.dumps(found.provenance.as_document()))
    texts += [item.title for item in request.items]
    for text in texts:
        assert str(ONE) not in text
        assert str(OTHER) not in text


def test_everybody_of_a_synthetic_release_has_a_timeline_within_what_they_lived(
    small_release_folder: Path,
) -> None:
    release = open_release(small_release_folder)
    cohort = select_cohort(define_cohort("Everybody"), release)
    for participant in cohort.participants[:12]:
        found = timeline(cohort, participant)
        assert len(found.events) >= 2
        if found.born is not None:
            assert found.events["date"].dt.year.min() >= found.born
        ends = found.events["until"].dropna()
        assert (ends >= found.events.loc[ends.index, "date"]).all()
        words = " ".join(found.events["detail"]) + " ".join(found.events["event"])
        assert str(participant) not in words
