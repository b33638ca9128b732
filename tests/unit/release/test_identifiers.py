from __future__ import annotations

from pathlib import Path

import pytest

from gecip.provenance import Provenance
from gecip.release import Release, open_release, release_behind
from tests.handmade import person, write_release

WITHDRAWN = {"programme_consent_status": "Withdrawn (Full)"}


@pytest.fixture
def release(tmp_path: Path) -> Release:
    folder = write_release(
        tmp_path / "handmade",
        participant=[person(110000011), person(110000021, **WITHDRAWN)],
        aggregate_gvcf_sample_stats=[
            {"participant_id": 110000011, "platekey": "LP1000001-DNA_A01"},
            {"participant_id": 110000021, "platekey": "HG00096"},
        ],
    )
    return open_release(folder)


@pytest.mark.parametrize(
    "word", ["110000011", "110000021", "11000001", "LP1000001-DNA_A01", "HG00096"]
)
def test_a_release_knows_its_identifiers_also_of_those_who_have_withdrawn(
    release: Release, word: str
) -> None:
    assert release.knows_identifier(word)


@pytest.mark.parametrize("word", ["110000012", "Female", "1980", "HG0009", "Rare Diseases"])
def test_other_words_are_no_identifiers(release: Release, word: str) -> None:
    assert not release.knows_identifier(word)


def test_the_end_of_a_number_is_a_part_of_an_identifier(release: Release) -> None:
    assert release.knows_part_of_identifier("00011")
    assert not release.knows_part_of_identifier("54321")
    assert not release.knows_part_of_identifier("110000011")
    assert not release.knows_part_of_identifier("DNA_A01")


def test_a_product_finds_the_release_that_is_open(release: Release) -> None:
    assert release_behind(release.provenance.then("count_people")) is release


def test_a_product_finds_its_release_in_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    earlier = Provenance(
        "open_release", {"release": "handmade", "release_digest": "", "consent_digest": "earlier"}
    )
    found = release_behind(earlier)
    assert found is not None
    assert found.folder == release.folder


@pytest.mark.parametrize(
    "first",
    [
        Provenance("by hand"),
        Provenance("open_release", {"release": "handmade", "release_digest": "another making"}),
        Provenance("open_release", {"release": "nowhere", "release_digest": ""}),
    ],
)
def test_a_product_of_no_release_or_another_finds_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Release, first: Provenance
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    assert release_behind(first) is None
