from __future__ import annotations

import datetime
import gc
import weakref
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gecip.analysis.clinical.timeline import timeline
from gecip.cohort import define_cohort, select_cohort
from gecip.cohort.labkey_sql import query_to_df
from gecip.configuration import policy_document
from gecip.errors import AccessError, ConfigurationError
from gecip.genotypes.callset import germline_callset
from gecip.genotypes.consent_today import require_newest_consent
from gecip.genotypes.somatic import somatic_callset
from gecip.governance.policy import parse_policy
from gecip.provenance import Provenance
from gecip.release import Release, open_release
from gecip.release.layout import Manifest
from gecip.release.moratoria import moratorium_of
from gecip.reporting import Listing
from tests.handmade import person, write_release

POLICY = parse_policy(policy_document())
ADULT, TRACERX, SCOTTISH, CHILD, WITHDRAWN = (
    111000011, 211000021, 125000031, 111000041, 111000051,
)  # fmt: skip
SAMPLES = {ADULT: "LP1000001-DNA_A01", TRACERX: "LP1000001-DNA_A02", SCOTTISH: "LP1000001-DNA_A03"}
STAYS = [
    {"participant_id": ADULT, "epistart": datetime.date(2022, 3, 1)},
    {"participant_id": CHILD, "epistart": datetime.date(2019, 12, 31)},
    {"participant_id": CHILD, "epistart": datetime.date(2020, 1, 1)},
    {"participant_id": CHILD, "epistart": None},
]


def people(*numbers: int) -> list[dict[str, Any]]:
    known = {
        ADULT: person(ADULT, normalised_consent_form="rd-adult-v3"),
        TRACERX: person(TRACERX, programme="Cancer", normalised_consent_form="Cohort-TracerX"),
        SCOTTISH: person(SCOTTISH, rare_diseases_family_id=777000001),
        CHILD: person(CHILD, year_of_birth=2003, secondary_data_received_until_year=2019),
        WITHDRAWN: person(WITHDRAWN, programme_consent_status="Withdrawn (Full)"),
    }
    return [known[number] for number in numbers or known]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    stats = [{"participant_id": one, "platekey": sample} for one, sample in SAMPLES.items()]
    return write_release(
        tmp_path / "r", participant=people(), aggregate_gvcf_sample_stats=stats, hes_apc=STAYS
    )


def as_role(monkeypatch: pytest.MonkeyPatch, role: str, folder: Path) -> Release:
    monkeypatch.setenv("GECIP_ROLE", role)
    return open_release(folder)


def with_manifest(folder: Path, *, version: str, origin: str) -> Path:
    Manifest(
        name=folder.name,
        version=version,
        date=datetime.date(2023, 3, 30),
        assembly="GRCh38",
        origin=origin,
        folder=f"/main-programme/main-programme_{version}_2023-03-30",
    ).write(folder)
    return folder


# -- roles ----------------------------------------------------------------------------------------------


def test_commercial_users_find_nobody_of_tracerx_in_any_table_cohort_or_genome(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = as_role(monkeypatch, "commercial", folder)
    cohort = select_cohort(define_cohort("Everyone"), release)
    asked = query_to_df("SELECT participant_id FROM lists.participant", str(folder))
    readable = {ADULT, SCOTTISH, CHILD}
    assert set(release.read("participant")["participant_id"]) == readable
    assert set(cohort.participants) == readable
    assert set(asked["participant_id"]) == readable
    assert set(release.consent.samples) == {SAMPLES[ADULT], SAMPLES[SCOTTISH]}
    assert set(release.read("aggregate_gvcf_sample_stats")["participant_id"]) == {ADULT, SCOTTISH}
    assert cohort.attrition.steps[1].people == len(readable)
    assert "1 more consent on forms that are not for commercial users" in release._repr_html_()
    assert (
        "without 1 on forms that are not for commercial users" in cohort.attrition.steps[1].reason
    )


def test_a_role_decides_whose_genomes_and_tumours_a_callset_may_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tumours = {ADULT: "LP2000001-DNA_A01", TRACERX: "LP2000001-DNA_A02"}
    place = write_release(
        tmp_path / "r",
        participant=people(ADULT, TRACERX),
        aggregate_gvcf_sample_stats=[
            {"participant_id": one, "platekey": SAMPLES[one]} for one in (ADULT, TRACERX)
        ],
        cancer_analysis=[
            {"participant_id": one, "tumour_sample_platekey": tumour}
            for one, tumour in tumours.items()
        ],
    )
    for role, readable in (("academic", {ADULT, TRACERX}), ("commercial", {ADULT})):
        release = as_role(monkeypatch, role, place)
        for callset in (germline_callset(release), somatic_callset(release)):
            assert set(callset.samples.values()) == readable
    academic, commercial = (
        germline_callset(as_role(monkeypatch, role, place)).consent
        for role in ("academic", "commercial")
    )
    assert academic != commercial, "one role's store is not another's"


def test_academic_users_read_everybody_who_consents(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = as_role(monkeypatch, "academic", folder)
    assert release.consent.participants == {ADULT, TRACERX, SCOTTISH, CHILD}
    assert release.consent.kept_from_role == 0


def test_a_release_without_forms_keeps_nobody_from_commercial_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = write_release(tmp_path / "r", participant=[person(ADULT), person(TRACERX)])
    assert as_role(monkeypatch, "commercial", plain).consent.participants == {ADULT, TRACERX}


@pytest.mark.parametrize("origin", ["LabKey", "programme", "by hand"])
def test_a_trainee_opens_no_release_of_the_programme(
    folder: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    with_manifest(folder, version="v17", origin=origin)
    with pytest.raises(AccessError, match=r"not open to a trainee.*demo release"):
        as_role(monkeypatch, "trainee", folder)


@pytest.mark.parametrize("origin", ["synthetic", "import"])
def test_a_trainee_works_on_synthetic_releases_and_on_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    with_manifest(folder, version="v17", origin=origin)
    assert len(as_role(monkeypatch, "trainee", folder).read("participant")) == 4


def test_who_becomes_a_trainee_after_opening_still_reads_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = as_role(monkeypatch, "academic", folder)
    monkeypatch.setenv("GECIP_ROLE", "trainee")
    with pytest.raises(AccessError, match="not open to a trainee"):
        release.read("participant")


def test_what_was_opened_in_one_role_gives_nothing_in_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = as_role(monkeypatch, "academic", folder)
    cohort = select_cohort(define_cohort("Everyone"), release)
    monkeypatch.setenv("GECIP_ROLE", "commercial")
    for ask in (
        lambda: release.read("participant"),
        lambda: release.cursor_over(["participant"]),
        lambda: select_cohort(cohort.definition, release),
        lambda: require_newest_consent(cohort),
    ):
        with pytest.raises(AccessError, match="was opened as academic, and the role is commercial"):
            ask()


def test_an_unknown_role_opens_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no role 'visitor': set GECIP_ROLE to one of"):
        as_role(monkeypatch, "visitor", folder)


# -- a child's consent ----------------------------------------------------------------------------------


def test_linked_records_after_the_year_of_an_expired_consent_are_not_read_by_any_way(
    folder: Path,
) -> None:
    release = open_release(folder)
    sql = "SELECT participant_id, epistart FROM lists.hes_apc"
    counted = release.cursor_over(["hes_apc"]).execute("SELECT count(*) FROM hes_apc").fetchone()
    for rows in (release.read("hes_apc"), query_to_df(sql, str(folder))):
        theirs = rows[rows["participant_id"] == CHILD]
        days = pd.to_datetime(theirs["epistart"])
        assert len(theirs) == 2, "the day in time and the one without a date"
        assert days.max() == pd.Timestamp("2019-12-31")
        assert len(rows) == 3
    assert counted == (3,)
    assert release.dataset("hes_apc").count_rows() == 3


def test_a_table_without_late_records_is_not_filtered_and_neither_is_one_that_is_not_linked(
    tmp_path: Path,
) -> None:
    tidy = write_release(
        tmp_path / "r",
        participant=people(ADULT, CHILD),
        hes_apc=STAYS[:2],
        rare_diseases_participant_disease=[
            {"participant_id": CHILD, "diagnosis_date": datetime.date(2021, 1, 1)}
        ],
    )
    release = open_release(tidy)
    assert len(release.read("hes_apc")) == 2
    assert len(release.read("rare_diseases_participant_disease")) == 1
    assert release._late == {"hes_apc": None, "rare_diseases_participant_disease": None}


# -- summary level --------------------------------------------------------------------------------------


def listing_of(release: Release, **columns: list[Any]) -> Listing:
    rows = pd.DataFrame(columns)
    return Listing(title="Rows", rows=rows, provenance=release.provenance.then("list_rows"))


def test_a_listing_leaves_out_who_is_at_summary_level_by_whatever_name(folder: Path) -> None:
    release = open_release(folder)
    by_number = listing_of(release, participant_id=[ADULT, SCOTTISH], score=[0.5, 0.7])
    by_sample = listing_of(release, tumour=[SAMPLES[SCOTTISH], SAMPLES[ADULT]])
    by_family = listing_of(release, family_id=[777000001, ADULT // 10], partner=["a", "b"])
    for listing in (by_number, by_sample, by_family):
        assert len(listing) == 1
        assert listing.notes[-1].startswith("1 row is left out")
        assert str(SCOTTISH) not in listing._repr_html_()
    assert by_number.rows["participant_id"].tolist() == [ADULT]
    assert SCOTTISH in release.consent.participants, "read and counted all the same"


def test_a_listing_leaves_them_out_though_nobody_holds_the_release_any_more(folder: Path) -> None:
    release = open_release(folder)
    provenance, forgotten = release.provenance, weakref.ref(release)
    del release
    gc.collect()
    assert forgotten() is None
    for _ in range(2):
        rows = pd.DataFrame({"participant_id": [ADULT, SCOTTISH]})
        assert len(Listing(title="Rows", rows=rows, provenance=provenance.then("list_rows"))) == 1


def test_a_place_in_the_genome_is_taken_for_nobody(folder: Path) -> None:
    listing = listing_of(open_release(folder), position=[SCOTTISH], gene=["BRCA2"])
    assert len(listing) == 1
    assert listing.notes == ()


def test_a_listing_of_no_release_at_hand_stays_as_it_is() -> None:
    rows = pd.DataFrame({"participant_id": [SCOTTISH]})
    assert len(Listing(title="Rows", rows=rows, provenance=Provenance("by hand"))) == 1


def test_rows_of_one_person_at_summary_level_are_refused_without_naming_them(folder: Path) -> None:
    cohort = select_cohort(define_cohort("Everyone"), open_release(folder))
    for ask in (lambda: timeline(cohort, SCOTTISH), lambda: cohort.why(SCOTTISH)):
        with pytest.raises(AccessError, match="reported at summary level only") as refused:
            ask()
        assert str(SCOTTISH) not in str(refused.value)
    assert len(timeline(cohort, ADULT).events) > 0


# -- moratoria ------------------------------------------------------------------------------------------


@pytest.fixture
def in_moratorium(tmp_path: Path) -> Path:
    assigned = [
        {"participant_id": ADULT, "domain": "Renal", "moratorium_end_date": datetime.date(2023, 9, 1)},
        {"participant_id": CHILD, "domain": "Skin", "moratorium_end_date": datetime.date(2023, 7, 1)},
        {"participant_id": WITHDRAWN, "domain": "Skin", "moratorium_end_date": datetime.date(2024, 1, 1)},
    ]  # fmt: skip
    folder = write_release(tmp_path / "r", participant=people(), domain_assignment=assigned)
    return with_manifest(folder, version="v17", origin="programme")


def asked(folder: Path, today: datetime.date, *domains: str, **options: Any) -> Any:
    return moratorium_of(
        open_release(folder), today=today, domains=domains, policy=POLICY, **options
    )


def test_a_moratorium_is_counted_for_consenting_people_of_other_domains(
    in_moratorium: Path,
) -> None:
    june = datetime.date(2023, 6, 1)
    found = asked(in_moratorium, june)
    assert (found.people, found.domains) == (2, {"Renal": 1, "Skin": 1})
    assert found.until == datetime.date(2023, 9, 1)
    assert asked(in_moratorium, june, "Renal").domains == {"Skin": 1}
    assert asked(in_moratorium, june, "Renal", "skin") is None
    assert asked(in_moratorium, june, people=[SCOTTISH]) is None
    assert asked(in_moratorium, datetime.date(2023, 9, 1)) is None


def test_releases_from_v18_on_know_no_moratorium(in_moratorium: Path) -> None:
    with_manifest(in_moratorium, version="v18", origin="programme")
    assert asked(in_moratorium, datetime.date(2023, 6, 1)) is None


def test_nobody_is_kept_from_seeing_who_is_in_a_moratorium(in_moratorium: Path) -> None:
    release = open_release(in_moratorium)
    assert {ADULT, CHILD} <= set(release.read("participant")["participant_id"])
